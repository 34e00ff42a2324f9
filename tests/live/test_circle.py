"""decomposition.js against the library; the figure of the circle, without a browser."""

import numpy as np
import pytest
import traitlets
from bare_page import shown
from front_end import Scripts, run_copied

import mfdepth as mf
from mfdepth.live import Circle

ANGLES = np.deg2rad(np.arange(360))
U = np.stack([np.cos(ANGLES), np.sin(ANGLES)], axis=-1)
SETTINGS = {"selected": 1, "w2": -1.5, "b2": 0.8, "reading": "layer 2 on F~"}


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
    settings = SETTINGS | {"neurons": neurons, "reading": reading, "selected": 2}
    parts, _ = run_copied(js.copied("circleFigure()", Circle(), settings))
    drawing = js(f"circleFigure().draw({settings})")
    bars = {bar["meta"]: bar["y"][1] for bar in drawing["plots"]["terms"]["data"]}
    for name, value in terms(parts).items():
        assert bars[name] == pytest.approx(value, rel=1e-8, abs=1e-11)
    w1, shown = np.array(neurons), dict(drawing["readout"])
    assert float(shown["α ="]) == pytest.approx(float(mf.first_layer_alpha(w1)), abs=6e-5)
    assert float(shown["ρ ="]) == pytest.approx(float(mf.discretization_error(w1)), abs=6e-5)
    assert float(shown["degree 2"]) == pytest.approx(float(mf.harmonic_errors(w1, 2)[1]), abs=6e-5)
    plane = {trace["meta"]: trace for trace in drawing["plots"]["plane"]["data"]}
    distance = np.hypot(plane["F"]["x"], plane["F"]["y"])[:-1]
    assert shown["F is drawn"] == "× 3"
    np.testing.assert_allclose(distance, 3 * mf.first_layer(w1, U), atol=1e-12)
    assert [plane["selected"]["x"], plane["selected"]["y"]] == [[-0.5], [0.75]]
    assert len([name for name in plane if name.startswith("arrow")]) == 3


@pytest.mark.parametrize(("length", "times"), [(0.7, 3), (0.8, 2), (1.2, 1), (1.6, 0.5)])
def test_f_is_drawn_as_large_as_fits(js, length, times):
    drawing = js(f"circleFigure().draw({SETTINGS | {'neurons': [[length, 0]]}})")  # at its largest F is length^2
    plane = {trace["meta"]: trace for trace in drawing["plots"]["plane"]["data"]}
    assert max(plane["F"]["x"]) == pytest.approx(times * length**2)
    assert max(plane["F"]["x"]) < 1.75


def test_angle_and_length_are_the_neuron(js):
    for angle, length in ((0, 1), (35, 0.5), (180, 1.25), (355, 0.05)):
        found = js(f"anglesOf(neuronAt({angle}, {length}))")
        assert found["length"] == pytest.approx(length, abs=2e-3)
        assert (found["angle"] - angle + 180) % 360 - 180 == pytest.approx(0, abs=0.6)


def test_the_sliders_show_and_move_the_selected_neuron(js):
    settings = SETTINGS | {"neurons": [[1, 0], [0, 0.5]], "selected": 2}
    js.v8.eval(f"var {{ angle, length }} = circleFigure().controls; var now = {settings};")
    assert js("[angle.get(now), length.get(now)]") == [90, 0.5]
    assert js("angle.set(180, now)") == {"neurons": [[1, 0], [-0.5, 0]]}
    js.v8.eval("Object.assign(now, length.set(0, now))")  # without length a neuron keeps its direction
    assert js("[angle.get(now), now.neurons[1]]") == [90, [0, 0]]
    assert js("length.set(1, now)") == {"neurons": [[1, 0], [0, 1]]}
    assert js("length.set(0, { ...now, neurons: [[1, 0]] })") == {"neurons": [[1, 0]]}  # one must have a length


def test_every_default_is_within_its_control(js):
    figure = Circle()
    controls = js.controls("circleFigure()", figure)
    assert list(controls) == ["selected", "angle", "length", "neurons", "w2", "b2", "reading"]
    for name, control in controls.items():
        if control.get("values"):
            assert control["values"][0] <= getattr(figure, name) <= control["values"][-1]


def test_python_points_the_selected_neuron():
    figure = Circle([[1, 0], [0, -0.5]], selected=2)
    assert (figure.angle, figure.length) == (270.0, 0.5)
    figure.length = 1
    figure.angle = 180
    assert figure.neurons == [[1.0, 0.0], [-1.0, 0.0]]
    figure.selected = 1
    assert (figure.angle, figure.length) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"neurons": [[0, 0]]}, "neurons must be .* not all zero"),
        ({"neurons": [[1, 0, 0]]}, "neurons must be 1 to 12 pairs"),
        ({"neurons": np.ones((13, 2))}, "neurons must be 1 to 12 pairs"),
        ({"neurons": [[3, 0]]}, "neurons must be .* from -2 to 2, not all zero"),
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


def test_the_slider_has_a_stop_for_each_neuron(browser):
    with shown(browser, Circle(neurons=[[1, 0], [0, 1], [-1, 0]])) as page:
        slider = page.locator("[data-trait=selected]")
        slider.press("End")
        assert page.evaluate("state.selected") == 3
        slider.press("ArrowLeft")
        assert page.evaluate("state.selected") == 2
        page.locator("[data-action=add]").click()
        page.wait_for_function("() => document.querySelector('[data-trait=selected]').max === '3'")
