"""rho.js, sphere.js and the seeds against the library; the figure of the harmonics, without a browser."""

import numpy as np
import pytest
from front_end import Scripts, run_copied

import mfdepth as mf
from mfdepth.chapters.discretization.decay import remaining
from mfdepth.chapters.discretization.harmonics import relu_energies
from mfdepth.live import Harmonics

# d, alpha, w2, b2, end: the standard start, R below 1, a small start, a steep one
STARTS = [
    (2, 1.0, -0.1, 0.5, 60.0),
    (10, 1.0, -0.5, 0.2, 30.0),
    (100, 0.3, -0.5, 0.8, 100.0),
    (1000, 1.0, -0.1, 0.5, 400.0),
]


@pytest.fixture(scope="module")
def js():
    return Scripts("harmonics/harmonics.js", "harmonics/seeds.js")


def array(x):
    return f"Float64Array.from({np.ravel(x).tolist()})"


@pytest.mark.parametrize("d", [2, 3, 10, 101, 1000])
def test_constants_of_the_harmonics(js, d):
    np.testing.assert_allclose(js(f"reluEigenvalues({d}, 40)"), mf.relu_eigenvalues(d, 40), rtol=1e-12, atol=1e-300)
    np.testing.assert_allclose(js(f"reluEnergies({d}, 40)"), relu_energies(d, 40), rtol=1e-12, atol=1e-300)
    cosines = np.linspace(-1, 1, 81)
    found = js(f"{cosines.tolist()}.map((c) => reluKernel(c, {d}))")
    np.testing.assert_allclose(found, mf.relu_kernel(cosines, d), rtol=1e-12, atol=1e-18)
    assert js("reluEnergies(3, 0)") == [pytest.approx(1 / 16)]


@pytest.mark.parametrize(("d", "m1"), [(2, 1), (2, 7), (3, 20), (40, 30)])
def test_rho_and_its_parts_of_given_neurons(js, rng, d, m1):
    w1 = rng.standard_normal((m1, d)) * rng.uniform(0.2, 2, (m1, 1))
    w1[0] *= m1 == 1  # a neuron of length zero
    w1[0, 0] += m1 == 1
    found = js(f"errorsOf({array(w1)}, {d}, 30)")
    assert found["rho"] == pytest.approx(float(mf.discretization_error(w1)), rel=1e-9)
    np.testing.assert_allclose(found["parts"], mf.harmonic_errors(w1, 30), rtol=1e-9, atol=1e-12)
    assert js(f"firstLayerAlpha({array(w1)}, {d})") == pytest.approx(float(mf.first_layer_alpha(w1)), rel=1e-12)


@pytest.mark.parametrize("d", [2, 3, 10, 100, 1000])
def test_density_and_curvature(js, d):
    law = mf.BesselLaw(d)
    radii = [0.05, 0.3, 0.4, 0.55, 0.7, 0.99]
    peak = np.max(law.pdf(np.linspace(0.05, 1, 400)))
    np.testing.assert_allclose(js(f"{radii}.map(besselLaw({d}).density)"), law.pdf(np.array(radii)), atol=1e-9 * peak)
    for alpha, w2, b2 in ((1.0, -0.1, 0.5), (1.3, -0.5, 0.3), (0.7, -2.0, 0.9), (1.0, -1.0, 1.0)):
        found = js(f"stability(besselLaw({d}), {alpha}, {w2}, {b2})")
        assert found == pytest.approx(float(mf.stability(law, alpha, w2, b2)), rel=1e-8, abs=1e-12)


@pytest.mark.parametrize("start", STARTS)
def test_decay_and_rho_along_the_flow(js, start):
    d, alpha, w2, b2, end = start
    found = js(
        f"(({{ exponent }}) => ({{ t: cubicTimes({end}, 80), decay: exponent.map((e) => harmonicDecay({d}, e, 40)),"
        f" rho: exponent.map((e) => remainingError(expectedErrors({d}, 96, 40), harmonicDecay({d}, e, 40))) }}))"
        f"(sharedExponent(besselLaw({d}), {{ alpha: {alpha}, w2: {w2}, b2: {b2} }}, cubicTimes({end}, 80), [1, 1]))"
    )
    t, some = np.array(found["t"]), [0, 20, 50, 80]
    assert len(t) == 81 and t[-1] == end
    decay = mf.harmonic_decay(mf.BesselLaw(d), alpha, w2, b2, t[some], degree=40, tolerance=1e-6)
    np.testing.assert_allclose(np.array(found["decay"])[some], decay, atol=2e-4)
    c, factor = mf.relu_mean(d) ** 2, (d + 2) / (d * 96 + 2)
    parts, total = factor * relu_energies(d, 40)[1:] / c, factor * (1 / (2 * d * c) - 1)
    np.testing.assert_allclose(np.array(found["rho"])[some], remaining(total, parts, decay), rtol=3e-4)


SETTINGS = {"d": 10, "m1": 128, "alpha": 1.0, "w2": -0.1, "b2": 0.5, "t_end": 100.0, "seed": 0, "t_fraction": 0.5}


def test_what_is_drawn_is_what_the_copied_call_gives(js):
    small = SETTINGS | {"m1": 12, "t_end": 20.0, "seed": 4}
    _, copied = run_copied(js.copied("HARMONICS", Harmonics(), small))
    js.v8.eval(f"var rows = [[], [], []], task = seedTask({small});")
    js.v8.eval("rows.forEach((row, i) => trainSeed(task.settings, task.times, 12 + i, 12, (found) => row.push(found)))")
    curve, *dots = js(f"drawHarmonics({small}, rows)")["plots"]["total"]["data"]
    np.testing.assert_allclose(curve["y"], copied["rho"], rtol=3e-4)
    for dot, rho in zip(dots, copied["dots"], strict=True):
        np.testing.assert_allclose(dot["y"], rho, rtol=1e-7)
    drawing = js(f"drawHarmonics({SETTINGS}, [])")
    [curve] = drawing["plots"]["total"]["data"]
    np.testing.assert_allclose(curve["x"], 100 * np.linspace(0, 1, 81) ** 3, rtol=1e-12)
    now = {trace["meta"]: trace for trace in drawing["plots"]["spectrum"]["data"]}["now"]
    parts = 12 / (10 * 128 + 2) * relu_energies(10, 30)[1:] / mf.relu_mean(10) ** 2
    decay = mf.harmonic_decay(mf.BesselLaw(10), 1.0, -0.1, 0.5, [12.5], tolerance=1e-6)[0]
    tops = dict(zip(now["x"][::3], now["y"][1::3], strict=True))
    assert list(tops) == [1, 2, *range(4, 31, 2)]
    for order, top in tops.items():
        assert top == pytest.approx((parts * decay)[int(order) - 1], rel=1e-3, abs=2e-10)
    assert dict(drawing["readout"])["seeds"] == "0 of 3 trained"


def test_seeds_stand_at_the_times_that_the_worker_saves(js):
    row = "{ rho: 0.01, parts: Array.from({ length: 12 }, () => 1e-4) }"
    drawing = js(f"drawHarmonics({SETTINGS}, [[{row}, {row}], Array(21).fill({row})])")
    _, first, second = drawing["plots"]["total"]["data"]
    times = js(f"seedTask({SETTINGS}).times")
    assert first["x"] == times[:2] and second["x"] == times and times[0] == 0 and times[-1] == 100
    assert dict(drawing["readout"])["seeds"] == "1 of 3 trained"
    dots = {trace["meta"]: trace for trace in drawing["plots"]["spectrum"]["data"]}["seeds"]
    assert len(dots["x"]) == 7  # only one of the seeds has come to the time shown


def test_what_cannot_be_shown_is_said(js):
    assert "heavy a tail" in js(f"drawHarmonics({SETTINGS | {'w2': 0.5}}, []).message")
    assert "dead" in js(f"drawHarmonics({SETTINGS | {'b2': -0.5}}, []).message")
    growing = js(f"drawHarmonics({SETTINGS | {'w2': -0.5, 'b2': 0.2, 't_fraction': 0.0}}, [])")
    assert growing["message"].startswith("K < 0")
    assert js(f"[{SETTINGS | {'d': 1000}}, {SETTINGS | {'b2': -1}}].map(seedTask)") == [None, None]
    assert js(f"seedTask({SETTINGS | {'d': 100}})")["seeds"] == 3


def test_a_seed_of_the_page_follows_its_own_prediction(js):
    rows = js(
        "(() => { const rows = []; trainSeed({ d: 6, m1: 64, alpha: 1, w2: -0.1, b2: 0.5 }, [0, 20, 60], 1, 12,"
        " (row) => rows.push(row)); return rows; })()"
    )
    decay = mf.harmonic_decay(mf.BesselLaw(6), 1.0, -0.1, 0.5, [0, 20, 60], degree=12, tolerance=1e-6)
    parts = np.array(rows[0]["parts"])
    predicted = remaining(rows[0]["rho"], parts, decay)
    measured = [row["rho"] for row in rows]
    assert sum(parts) == pytest.approx(measured[0], rel=0.02)
    np.testing.assert_allclose(measured, predicted, rtol=0.15)
    assert measured[2] < 0.4 * measured[0]


@pytest.mark.parametrize(
    ("name", "value"), [("d", 1), ("d", 1001), ("m1", 0), ("alpha", 0), ("t_end", -1), ("t_fraction", 2), ("seed", 0.5)]
)
def test_bad_settings_are_refused(name, value):
    with pytest.raises(ValueError, match=rf"{name} must be .*; got {value}"):
        Harmonics(**{name: value})


def test_every_default_is_a_stop_of_its_slider(js):
    figure = Harmonics()
    for name, control in js.controls("HARMONICS", figure).items():
        assert getattr(figure, name) in control["values"], name
