"""decomposition.js against the library; the figure of the circle, without a browser."""

import numpy as np
import pytest
import traitlets
from front_end import Scripts

import mfdepth as mf
from mfdepth.live import Circle

ANGLES = np.deg2rad(np.arange(360))
U = np.stack([np.cos(ANGLES), np.sin(ANGLES)], axis=-1)
SETTINGS = {"selected": 1, "angle": 0, "length": 1, "w2": -1.5, "b2": 0.8, "reading": "layer 2 on F~"}


@pytest.fixture(scope="module")
def js():
    return Scripts("circle/circle.js")


def terms(parts):
    return {name: float(value) for name, value in vars(parts).items()}


@pytest.mark.parametrize("reading", ["layer 2 on F~", "mean of f"])
def test_terms_of_random_neurons_against_the_library(js, rng, reading):
    for case in range(6):
        m = (1, 2, 3, 5, 8, 12)[case]  # one or two neurons leave directions that none sees
        w1, w2, b2 = np.round(rng.uniform(-1.5, 1.5, (m, 2)), 3), -rng.uniform(0.1, 3), rng.uniform(0.05, 1.5)
        found = js(f"decomposeOnCircle(besselLaw(2), {w1.tolist()}, {w2}, {b2}, '{reading}')")
        expected = mf.decompose(mf.BesselLaw(2), w1, np.array([w2]), np.array([b2]), U, symmetrize=reading)
        scale = max(abs(x) for x in terms(expected).values())
        for name, value in terms(expected).items():
            assert found[name] == pytest.approx(value, rel=1e-8, abs=1e-10 * scale), (m, name)
        np.testing.assert_allclose(js(f"firstLayerOnCircle({w1.tolist()})"), mf.first_layer(w1, U), atol=1e-14)


def test_the_terms_sum_to_the_loss_and_symmetry_leaves_one(js):
    angles = np.arange(12) * np.pi / 6
    w1 = np.round(np.stack([np.cos(angles), np.sin(angles)], axis=-1), 6).tolist()
    for reading in ("layer 2 on F~", "mean of f"):
        found = js(f"decomposeOnCircle(besselLaw(2), {w1}, -0.4, 0.9, '{reading}')")
        total = found["infinite_width_loss"] + found["discretization_loss"] - found["cross"]
        assert found["loss"] == pytest.approx(total, rel=1e-10)
        assert found["discretization_loss"] < 1e-4 * found["loss"]


@pytest.mark.parametrize("reading", ["layer 2 on F~", "mean of f"])
def test_what_is_drawn_is_what_the_copied_call_gives(js, reading):
    neurons = [[1.0, 0.25], [-0.5, 0.75], [0, -1]]
    settings = str(SETTINGS | {"neurons": neurons, "reading": reading, "selected": 2})
    parts = eval(js(f"CIRCLE_FIGURE.python({settings})"), {"mf": mf, "np": np})
    drawing = js(f"drawCircle({settings})")
    bars = {bar["meta"]: bar["y"][1] for bar in drawing["plots"]["terms"]["data"]}
    for name, value in terms(parts).items():
        assert bars[name] == pytest.approx(value, rel=1e-8, abs=1e-11)
    w1, shown = np.array(neurons), dict(drawing["readout"])
    assert float(shown["α ="]) == pytest.approx(float(mf.first_layer_alpha(w1)), abs=6e-5)
    assert float(shown["ρ ="]) == pytest.approx(float(mf.discretization_error(w1)), abs=6e-5)
    assert float(shown["degree 2"]) == pytest.approx(float(mf.harmonic_errors(w1, 2)[1]), abs=6e-5)
    plane = {trace["meta"]: trace for trace in drawing["plots"]["plane"]["data"]}
    distance = np.hypot(plane["F"]["x"], plane["F"]["y"])[:-1]
    np.testing.assert_allclose(distance, mf.first_layer(w1, U), atol=1e-12)
    assert [plane["selected"]["x"], plane["selected"]["y"]] == [[-0.5], [0.75]]
    assert len([name for name in plane if name.startswith("arrow")]) == 3


def test_the_address_keeps_the_neurons_and_refuses_nonsense(js):
    [control] = [
        c for c in js("CIRCLE_FIGURE.controls.map(({ trait, hidden }) => ({ trait, hidden }))") if c.get("hidden")
    ]
    assert control["trait"] == "neurons"
    neurons = [[1, 0.25], [-0.5, 0]]
    text = js(f"CIRCLE_FIGURE.controls.at(-1).write({neurons})")
    assert text == "1,0.25_-0.5,0"
    assert js(f"readNeurons('{text}')") == neurons
    for bad in ("", "1", "1,2,3", "a,b", "0,0", "9,0", "_".join(["1,0"] * 13)):
        assert js(f"readNeurons('{bad}') ?? null") is None, bad


def test_angle_and_length_are_the_neuron(js):
    for angle, length in ((0, 1), (35, 0.5), (180, 1.25), (355, 0.05)):
        found = js(f"anglesOf(neuronAt({angle}, {length}))")
        assert found["length"] == pytest.approx(length, abs=2e-3)
        assert (found["angle"] - angle + 180) % 360 - 180 == pytest.approx(0, abs=0.6)


def test_every_default_is_within_its_control(js):
    figure = Circle()
    for control in js("CIRCLE_FIGURE.controls.map(({ trait, values }) => ({ trait, values }))"):
        if "values" in control:
            assert control["values"][0] <= getattr(figure, control["trait"]) <= control["values"][-1]
    assert js(f"readNeurons(CIRCLE_FIGURE.controls.at(-1).write({figure.neurons}))") == figure.neurons


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"neurons": [[0, 0]]}, "neurons must have one that is not zero"),
        ({"neurons": [[1, 0, 0]]}, "neurons must be 1 to 12 pairs"),
        ({"neurons": np.ones((13, 2))}, "neurons must be 1 to 12 pairs"),
        ({"neurons": [[3, 0]]}, "neurons must be from -2 to 2; got 3.0"),
        ({"w2": 0.5}, "w2 must be a finite number from -100 to -0.001; got 0.5"),
        ({"b2": 0}, "b2 must be"),
        ({"reading": "both"}, "reading must be one of"),
        ({"selected": 0}, "selected must be a whole number from 1 to 12"),
    ],
)
def test_bad_settings_are_refused(change, words):
    with pytest.raises(ValueError, match=words):
        Circle(**change)
    figure, [(name, value)] = Circle(), change.items()
    before = getattr(figure, name)
    with pytest.raises((ValueError, traitlets.TraitError)):
        setattr(figure, name, value)
    assert getattr(figure, name) == before


def test_a_neuron_picked_at_the_start_gives_the_sliders_their_place():
    figure = Circle([[1, 0], [0, -0.5]], selected=2)
    assert (figure.angle, figure.length) == (270.0, 0.5)
