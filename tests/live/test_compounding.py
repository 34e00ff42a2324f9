"""The figure on errors that compound: general_case.js and the course of rho against Python, the Python class, what is drawn."""

import math

import numpy as np
import pytest
import traitlets
from front_end import Scripts, run_copied

import mfdepth as mf
from mfdepth.chapters import general_case
from mfdepth.live import Compounding

START = {"m": 64, "horizon": 30.0, "tube": 0.1, "s": 8.0, "seed": 1, "d": 10, "antisymmetric": False}


@pytest.fixture(scope="module")
def scripts():
    return Scripts("compounding/compounding.js")


def js(settings):
    return str(settings).replace("False", "false").replace("True", "true")


def flat(x):
    return f"Float64Array.from({np.asarray(x).ravel().tolist()})"


def drawn(scripts, **changes):
    settings = js(START | changes)
    drawing = scripts(f"drawCompounding({settings}, [0, 1, 2].map((i) => simulate({settings}, i)))")
    drawing["traces"] = {t["meta"]: t for plot in drawing["plots"].values() for t in plot["data"]}
    return drawing


@pytest.fixture(params=[0, 1, 2])
def draw_of_case(request):
    """A case of general.py, s, a and w at random, far from F = 0 too."""
    rng = np.random.default_rng(request.param)
    pairs, m, s = int(rng.integers(5, 40)), int(rng.integers(1, 30)), float(rng.uniform(4, 12))
    case = general_case.general_case(4, pairs, rng, s=s)
    return case, *general_case.general_init(4, m, rng, scale=(0.01, 0.5, 2.0)[request.param])


def test_the_runs_are_those_of_the_library(scripts, draw_of_case):
    # to 1e-9, relative to the largest error of the run
    case, a, w = draw_of_case
    pairs = len(case.y) // 2
    mode = general_case.unstable_mode(case, scale=0.01, step=0.25)
    run = general_case.general_run(case, a, w, np.arange(0, 10.1, 0.5), step=0.25)
    found = scripts(
        f"(() => {{ const c = generalCase({flat(case.x[:pairs])}, {case.s});"
        f"return generalRun(c, unstableMode(c, 0.01, 0.25), {flat(a)}, {flat(w)}, 0.25, 2, 21); }})()"
    )
    np.testing.assert_allclose(found["error"], run.error, rtol=1e-9, atol=1e-9 * run.error.max())
    p = run.F @ mode.dual
    np.testing.assert_allclose(np.abs(found["amplitude"]), np.abs(p), rtol=1e-7, atol=1e-9 * run.error.max())


def test_the_mode_is_that_of_the_library(scripts, draw_of_case):
    case, _, _ = draw_of_case
    pairs = len(case.y) // 2
    for size, step in ((0.01, 0.5), (0.3, 0.1)):
        mode = general_case.unstable_mode(case, scale=size, step=step)
        found = scripts(f"unstableMode(generalCase({flat(case.x[:pairs])}, {case.s}), {size}, {step})")
        assert found["rate"] == pytest.approx(mode.rate, rel=1e-9)
        assert found["eulerRate"] == pytest.approx(mode.euler_rate, rel=1e-9)
        assert found["start"] == pytest.approx(mode.start, rel=1e-9)
        shape = case.x @ np.array(list(found["v"].values()))
        shape /= np.sqrt(np.mean(shape**2))
        assert abs(np.mean(shape * mode.shape)) == pytest.approx(1, rel=1e-9)
        width = scripts(f"widthNeeded({{ start: {mode.start}, eulerRate: {mode.euler_rate} }}, 0.05, 12)")
        assert width == pytest.approx(mode.width_needed(0.05, 12), rel=1e-12)


def test_the_pull_and_the_second_layer_are_those_of_the_library(scripts, draw_of_case):
    case, _, _ = draw_of_case
    pairs = len(case.y) // 2
    found = scripts(f"(({{ y, B, pull }}) => [[...y], B, [...pull]])(generalCase({flat(case.x[:pairs])}, {case.s}))")
    np.testing.assert_allclose(found[0], case.y[:pairs], rtol=1e-15)
    assert found[1] == pytest.approx(case.B, rel=1e-13)
    np.testing.assert_allclose(found[2], -case.curvature()[:pairs], atol=1e-12)


@pytest.mark.parametrize("d", [4, 10])
def test_the_symmetric_error_is_the_librarys_prediction(scripts, d):
    # to 1e-4: both follow 30 degrees; Simpson's steps of 1/4 are long for the first moments
    found = scripts(f"rhoOf({d})")
    expected = mf.predict_rho(mf.BesselLaw(d), 1.0, -0.1, 0.5, 1, np.linspace(0, 40, 11), tolerance=1e-6)
    np.testing.assert_allclose(found[::8], expected, rtol=1e-4)
    kink = scripts(
        f"(({{ alpha, w2, b2 }}) => Math.min(...alpha.map((a, i) => -b2[i] / (w2[i] * a))))"
        f"(infiniteWidth(besselLaw({d}), {{ alpha: 1, w2: -0.1, b2: 0.5 }}, TIMES, [1, 1]))"
    )
    assert kink >= 1  # else K has another term


@pytest.mark.parametrize("changes", [{}, {"m": 128, "s": 11.3, "seed": 7}, {"antisymmetric": True}])
def test_the_copied_call_gives_the_plotted_numbers(scripts, changes):
    runs, _ = run_copied(scripts.copied("COMPOUNDING", Compounding(), START | changes))
    traces = drawn(scripts, **changes)["traces"]
    for i, error in enumerate(runs):
        np.testing.assert_allclose(traces[f"run-{i}"]["y"], error, rtol=1e-6, atol=1e-15)


def test_the_starts_are_as_announced():
    starts = Compounding(m=4096, seed=5).starts()
    for (case, a, w), m in zip(starts, (256, 1024, 4096), strict=True):
        assert a.shape == (m,) and w.shape == (m, 4) and case.x.shape == (128, 4)
        assert a.std() == pytest.approx(0.01, rel=4 / math.sqrt(2 * m))
        assert np.mean(np.sum(w**2, axis=1)) == pytest.approx(1, abs=4 / math.sqrt(2 * m))
    np.testing.assert_allclose(np.linalg.norm(case.x, axis=1), 2, rtol=1e-14)
    assert abs(np.corrcoef(starts[1][1][:256], starts[0][1])[0, 1]) < 0.3  # other neurons, not the same ones
    _, a, w = Compounding(antisymmetric=True).starts()[0]
    np.testing.assert_array_equal(a[:32], -a[32:])
    np.testing.assert_array_equal(w[:32], w[32:])


def test_exits_lie_where_the_curve_first_leaves(scripts):
    drawing = drawn(scripts, tube=0.05, m=256, seed=15)
    traces, readout = drawing["traces"], dict(drawing["readout"])
    for i, m in enumerate((16, 64, 256)):
        error = np.array(traces[f"run-{i}"]["y"])
        first = np.argmax(error > 0.05)
        assert error.max() > 0.05
        assert float(readout[f"{m} leave at"]) == first * 0.5 == traces["left"]["x"][i] == traces["exits"]["x"][i]
        assert traces["left"]["y"][i] == m and traces["exits"]["y"][i] == error[first]


def test_the_width_needed_grows_only_where_errors_compound(scripts):
    drawing = drawn(scripts, horizon=20.0)
    general, level = drawing["traces"]["general"], drawing["traces"]["symmetric"]
    slope = np.diff(np.log(general["y"])) / 0.5
    rate = scripts(f"modeOf({START['seed']}, {START['s']}).eulerRate")
    np.testing.assert_allclose(slope, 2 * rate, rtol=1e-9)
    np.testing.assert_allclose(level["y"], 1.9886 / 0.1**2, rtol=1e-4)
    readout = dict(drawing["readout"])
    assert int(readout["m, general:"]) == math.ceil(general["y"][40])
    assert int(readout["m, symmetric:"]) == math.ceil(level["y"][40])


def test_before_a_run_is_back_its_place_is_empty(scripts):
    drawing = scripts(f"drawCompounding({js(START)}, [])")
    assert [text for label, text in drawing["readout"] if "leave at" in label] == ["…"] * 3
    traces = {trace["meta"]: trace for trace in drawing["plots"]["error"]["data"]}
    assert set(traces["run-0"]["y"]) == {None} and traces["exits"]["x"] == []
    assert traces["general-prediction-0"]["y"][0] == pytest.approx(scripts("modeOf(1, 8).start") / 2)


def test_pairs_of_neurons_never_leave_and_need_no_width(scripts):
    drawing = drawn(scripts, antisymmetric=True)
    readout = dict(drawing["readout"])
    assert readout["m, general:"] == "any"
    assert [text for label, text in drawing["readout"] if "leave at" in label] == ["never"] * 3
    assert max(drawing["traces"]["run-2"]["y"]) < 1e-14
    assert set(drawing["traces"]["general"]["y"]) == {None}


def test_every_control_can_stand_on_its_default(scripts):
    figure = Compounding()
    for name, control in scripts.controls("COMPOUNDING", figure).items():
        if name == "antisymmetric":
            assert getattr(figure, name) is False and control["toggle"]
            continue
        assert getattr(figure, name) in control["values"] and control["values"] == sorted(set(control["values"]))
        for end in (control["values"][0], control["values"][-1]):
            setattr(figure, name, end)


@pytest.mark.parametrize(
    ("name", "value", "accepted"),
    [
        ("m", 100, "one of .*64, 128"),
        ("m", 8192, "from 64 to 4096"),
        ("horizon", 0, "from 1 to 40"),
        ("horizon", math.nan, "from 1 to 40"),
        ("tube", 0.5, "from 0.01 to 0.3"),
        ("s", 13, "from 4 to 12"),
        ("seed", -1, "from 0 to 99"),
        ("seed", 1.5, "whole"),
        ("d", 1, "from 2 to 1000"),
    ],
)
def test_bad_settings_are_refused(name, value, accepted):
    with pytest.raises(ValueError, match=rf"{name} must be .*{accepted}.*; got {value}"):
        Compounding(**{name: value})
    figure = Compounding()
    before = getattr(figure, name)
    with pytest.raises((ValueError, traitlets.TraitError)):
        setattr(figure, name, value)
    assert getattr(figure, name) == before


def test_a_word_is_no_width():
    with pytest.raises(TypeError, match="m must be a whole number from 64 to 4096; got 'wide'"):
        Compounding(m="wide")


def test_a_run_whose_steps_are_too_long_ends_here_as_in_python(scripts):
    figure = Compounding(64, s=12.0, seed=99)
    told = drawn(scripts, m=64, s=12.0, seed=99)
    start = figure.starts()[0]
    run = general_case.general_run(*start, np.linspace(0, 40, 81), step=0.5)
    assert run.status.startswith("stopped")
    np.testing.assert_allclose(told["traces"]["run-0"]["y"][: len(run.t)], run.error, rtol=1e-6)
    assert set(told["traces"]["run-0"]["y"][len(run.t) :]) == {None}
    assert f"m = 4: the loss rises at t = {len(run.t) * 0.5:g}" in told["message"]
