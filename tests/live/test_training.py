"""Training in V8 against the library, the class in Python, and the backend that trains there."""

import json
import time

import numpy as np
import pytest
import torch
import traitlets
from front_end import Scripts

import mfdepth as mf
from mfdepth.live import Training
from mfdepth.live.training.course import (
    Course,
    ideal_course,
    training_rays,
    training_rows,
    training_start,
)

# the start at the middle of the sliders, one neuron, unequal rates, kinks inside the target, a start that is rejected often
CASES = [
    {"d": 10, "m1": 33, "m2": 7, "t_end": 30, "seed": 3},
    {"d": 3, "m1": 5, "m2": 1, "t_end": 12, "alpha": 0.3, "w2": -0.7, "b2": 0.9},
    {"d": 100, "m1": 18, "m2": 3, "t_end": 10, "eta_1": 3.0, "eta_2": 0.3},
    {"d": 7, "m1": 12, "m2": 4, "t_end": 20, "alpha": 1.0, "w2": -0.5, "b2": 0.2, "spread": 0.05},
    {"d": 110, "m1": 15, "m2": 12, "t_end": 8, "seed": 1},  # axes that turn, the second layer seen at few slopes
    {"d": 2, "m1": 9, "m2": 2, "t_end": 10, "alpha": 2.0, "w2": -0.05, "b2": 0.3, "spread": 0.002, "seed": 2**32 - 1},
]


@pytest.fixture(scope="module")
def js():
    return Scripts("training/loop.js", "training/training.js")


def starting(figure):
    return {name: getattr(figure, name) for name in Training.settings if name != "speed"}


def settings(**given):
    return starting(Training(**given))


def run_in_v8(js, given):
    js.v8.eval(f"var t = createTraining({json.dumps(settings(**given))}); followIdeal(t);")
    js.v8.eval("while (!isOver(t)) trainInterval(t);")
    return js("{ ...frameOf(t), w1: Array.from(weightsOf(t).w1), rejected: t.rejected }")


# --- one step of the flow, at random ----------------------------------------------------------------------------------


def random_network(rng, d, m1, m2):
    return rng.standard_normal((m1, d)), -rng.uniform(0.05, 2, m2), rng.uniform(-0.3, 1.5, m2)


def as_state(w1, w2, b2):
    return f"{{ w1: Float64Array.from({w1.ravel().tolist()}), w2: {w2.tolist()}, b2: {b2.tolist()} }}"


@pytest.mark.parametrize(("d", "m1", "m2", "n"), [(2, 1, 1, 2), (3, 6, 2, 5), (10, 33, 9, 20), (40, 14, 4, 40)])
def test_velocity_and_loss_against_the_library(js, rng, d, m1, m2, n):
    law, state = mf.BesselLaw(d), random_network(rng, d, m1, m2)
    half = mf.random_directions(n, d, rng)
    found = js(
        f"(() => {{ const v = velocity(momentTable(besselLaw({d})), {as_state(*state)}, viewOf(Float64Array.from({half.ravel().tolist()})));"
        "return { ...v, dw1: Array.from(v.dw1), dw2: Array.from(v.dw2), db2: Array.from(v.db2) }; })()"
    )
    both = np.concatenate([half, -half])
    expected = mf.velocity(law, *state, both)
    for name, value in zip(("dw1", "dw2", "db2"), expected, strict=True):
        np.testing.assert_allclose(found[name], value.ravel(), rtol=1e-9, atol=1e-11, err_msg=name)
    loss = js(
        f"lossOf(momentTable(besselLaw({d})), {as_state(*state)}, {{ Q: Float64Array.from({half.ravel().tolist()}) }})"
    )
    assert loss == pytest.approx(float(mf.loss(law, *state, both)), rel=1e-9)


def test_axes_need_no_matrix(js, rng):
    """In the coordinates of a basis its directions are the axes; weights at right angles to one count for neither side."""
    w1, w2, b2 = random_network(rng, 4, 6, 3)
    w1[0, 1:] = 0
    found = js(
        f"((v) => [...v.dw1, ...v.dw2, ...v.db2])(velocity(momentTable(besselLaw(4)), {as_state(w1, w2, b2)}, viewOf(null)))"
    )
    axes = np.concatenate([np.eye(4), -np.eye(4)])
    expected = mf.velocity(mf.BesselLaw(4), w1, w2, b2, axes)
    np.testing.assert_allclose(found, np.concatenate([v.ravel() for v in expected]), rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("tolerance", [0.01, 1e-4])  # the second halves its steps
def test_several_steps_against_finite_width_with_the_same_directions(js, rng, tolerance):
    d, law = 6, mf.BesselLaw(6)
    state = mf.init_first_layer(d, 21, 1.0, rng), np.array([-0.1, -0.3]), np.array([0.5, 0.6])
    half = training_rows(d, 5, 0, None)[: 17 * d]
    found = js(
        f"(() => {{ const r = advance(momentTable(besselLaw({d})), {as_state(*state)}, 4, [1.5, 0.7],"
        f" viewOf(Float64Array.from({half.ravel().tolist()})), {tolerance});"
        "return { ...r, ...Object.fromEntries(['w1', 'w2', 'b2'].map((n) => [n, Array.from(r.state[n])])) }; })()"
    )
    both = np.concatenate([half, -half])
    run = mf.finite_width(law, *state, [4], (1.5, 0.7), directions=both, step=4.0, tolerance=tolerance, save_w1=True)
    for name in ("w1", "w2", "b2"):
        np.testing.assert_allclose(found[name], getattr(run, name)[0].ravel(), rtol=1e-9, atol=1e-12)
    assert found["rejected"] > 0 and found["problem"] == ""


@pytest.mark.parametrize("d", [2, 10, 100])
def test_the_table_of_moments(js, d):
    radii = [0.0, 0.1, 0.33, 0.5, 0.9999, 1.0, 1.3, 2.0, 12.0, 50.0, 1e4]
    expected = np.stack([mf.BesselLaw(d).partial_moment(k, np.array(radii)) for k in range(3)], axis=-1)
    read = f"(() => {{ const t = momentTable(besselLaw({d})), out = [0, 0, 0]; return {radii}.map((r) => {{ t.read(r, out); return [...out]; }}); }})()"
    np.testing.assert_allclose(js(read), expected, rtol=1e-10, atol=1e-12)


# --- the whole course --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("given", CASES)
def test_the_same_run_in_the_page_and_in_the_library(js, given):
    found, run = run_in_v8(js, given), Training(**given).run()
    for name in ("t", "loss", "alpha", "rho"):
        np.testing.assert_allclose(found["history"][name], getattr(run, name), rtol=1e-7, atol=1e-10, err_msg=name)
    np.testing.assert_allclose(found["w1"], run.w1[-1].ravel(), atol=1e-8)
    np.testing.assert_allclose(found["w2"], run.w2[-1], atol=1e-8)
    np.testing.assert_allclose(found["b2"], run.b2[-1], atol=1e-8)
    slopes = mf.first_layer(run.w1[-1], training_rays(found_d := run.w1.shape[-1], given.get("seed", 0)))
    np.testing.assert_allclose(found["slopes"], slopes, atol=1e-8, err_msg=str(found_d))


@pytest.mark.parametrize("given", [CASES[i] for i in (0, 1, 3, 4)])
def test_the_infinite_course_in_the_page_and_in_the_library(js, given):
    ideal = run_in_v8(js, given | {"t_end": 10})["ideal"]
    course = Course(settings(**given | {"t_end": 10}))
    course.follow()
    for name in ("t", "alpha", "w2", "b2", "loss", "rho"):
        np.testing.assert_allclose(ideal[name], course.ideal[name], rtol=1e-5, atol=1e-6, err_msg=name)


@pytest.mark.parametrize("given", [CASES[1], {"d": 4, "m1": 10, "m2": 2, "t_end": 10, "b2": 0.3, "w2": -0.5}])
def test_the_infinite_course_against_infinite_width_and_predict_rho(given):
    made = settings(**given)
    course = Course(made)
    course.follow()
    w1, w2, b2 = course.state
    start, t = (course.law, mf.first_layer_alpha(w1), w2, b2), course.ideal["t"]
    flow = mf.infinite_width(*start, t, course.rates)
    expected = {"alpha": flow.alpha, "w2": flow.w2.mean(axis=1), "b2": flow.b2.mean(axis=1), "loss": flow.loss}
    expected["rho"] = mf.predict_rho(*start, made["m1"], t, course.rates, w1=w1, tolerance=1e-7)
    for name, value in expected.items():
        np.testing.assert_allclose(course.ideal[name], value, rtol=2e-4, atol=2e-6, err_msg=name)


def test_a_course_that_cannot_be_followed_ends_early(js, monkeypatch):
    """alpha = 3, w2 = -.02, b2 = .02 in the plane: w2 is driven to the edge at 0."""
    given = {"d": 2, "m1": 8, "m2": 1, "alpha": 3.0, "w2": -0.02, "b2": 0.02}
    assert len(run_in_v8(js, given)["ideal"]["t"]) < 41
    monkeypatch.setattr("mfdepth.live.training.course.MOST_EVALUATIONS", 40)
    course = ideal_course(mf.BesselLaw(2), 3.0, np.array([-0.02]), np.array([0.02]), np.linspace(0, 200, 51), (1, 1))
    assert len(course["t"]) == len(course["alpha"]) == len(course["loss"]) < 51


def test_every_interval_has_whole_bases_of_its_own():
    for d in (3, 70, 130):
        u = training_rows(d, 4, 2, training_rows(d, 4, 0, None))
        other = training_rows(d, 4, 3, u)
        assert len(u) >= 100 and len(u) % d == 0
        np.testing.assert_allclose(u.T @ u / len(u), np.eye(d) / d, atol=1e-12)
        assert not np.allclose(u, other)


def test_the_start():
    w1, w2, b2 = training_start(**settings(d=50, m1=400, m2=300, alpha=2.0, w2=-0.4, b2=0.3, spread=0.05))
    assert mf.first_layer_alpha(w1) == pytest.approx(2.0, rel=0.02)
    assert [w2.mean(), b2.mean(), w2.std(), b2.std()] == pytest.approx([-0.4, 0.3, 0.05, 0.05], abs=0.01)
    assert abs(np.corrcoef(w2, b2)[0, 1]) < 0.2
    w1, w2, b2 = Training(m2=1, spread=0.3).start()
    assert (w1.shape, w2.tolist(), b2.tolist()) == ((512, 100), [-0.1], [0.5])


# --- words -------------------------------------------------------------------------------------------------------------

BAD = [
    ({"w2": 0.4}, "loss is infinite", "loss is infinite"),
    ({"w2": 0.0, "spread": 0.0}, "velocity of w₂ is infinite", "velocity"),
    ({"b2": -0.4, "spread": 0.0}, "neuron is dead", "neuron is dead"),
    ({"m2": 2, "spread": 0.5}, "1 of 2 second-layer neurons have w₂ > 0", "loss is infinite"),
]


@pytest.mark.parametrize(("given", "in_page", "in_python"), BAD)
def test_bad_starts_are_refused_in_words(js, given, in_page, in_python):
    small = {"d": 3, "m1": 6, "m2": 4, "seed": 1} | given
    problem = js(f"createTraining({json.dumps(settings(**small))}).problem")
    assert in_page in problem
    with pytest.raises(ValueError, match=in_python):
        Training(**small).run()
    figure = Training(**small, backend="python")
    figure.running = True
    assert figure.wait(5) and in_python in figure.frame["problem"] and figure.frame["t"] == 0


def test_a_run_that_leaves_the_domain_says_where(js):
    given = {"d": 2, "m1": 8, "m2": 1, "alpha": 3.0, "w2": -0.02, "b2": 0.02, "t_end": 10}
    assert "The run stops at t = 0" in run_in_v8(js, given)["problem"]
    assert "The run stops at t = 0" in Training(**given).run().status


@pytest.mark.parametrize(
    ("name", "value", "accepted"),
    [
        ("d", 1, "from 2 to 200"),
        ("d", 201, "from 2 to 200"),
        ("m1", 0, "from 1 to 2048"),
        ("m2", 2.5, "whole"),
        ("alpha", 0, "above 0"),
        ("w2", float("nan"), "finite"),
        ("b2", float("inf"), "finite"),
        ("spread", -0.1, "from 0 to 1"),
        ("eta_1", 0, "above 0"),
        ("t_end", -1, "above 0"),
        ("seed", -1, "from 0 to"),
        ("speed", 0, "above 0"),
    ],
)
def test_bad_settings_are_refused(name, value, accepted):
    with pytest.raises(ValueError, match=rf"{name} must be .*{accepted}.*; got {value}"):
        Training(**{name: value})
    figure = Training()
    old = getattr(figure, name)
    with pytest.raises((ValueError, traitlets.TraitError)):
        setattr(figure, name, value)
    assert getattr(figure, name) == old


def test_python_trains_what_a_page_would_not():
    assert Training(d=2, m1=2049, m2=1, t_end=1, backend="python").m1 == 2049
    with pytest.raises(ValueError, match="m1 must be a whole number from 1 to 2048; got 2049"):
        Training(d=2, m1=2049)
    with pytest.raises(ValueError, match=r"backend must be one of \('browser', 'python'\); got 'gpu'"):
        Training(backend="gpu")
    with pytest.raises(traitlets.TraitError, match="chosen when the figure is made"):
        Training().backend = "python"


# --- the backend in Python ---------------------------------------------------------------------------------------------

SMALL = {"d": 5, "m1": 24, "m2": 2, "t_end": 10}


def until(condition, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize("device", ["numpy", "cpu", *(["cuda"] if torch.cuda.is_available() else [])])
def test_a_run_in_python_fills_the_panels_with_the_numbers_of_the_page(js, device):
    figure, seen = Training(**SMALL, backend="python", device=device), []
    assert figure.frame["t"] == 0
    figure.observe(lambda change: seen.append(change["new"]), "progress")
    figure.running = True
    assert figure.wait(60)
    assert (figure.running, figure.progress, figure.frame["t"]) == (False, 1.0, 10.0)
    assert seen == sorted(seen) and seen[-1] == 1
    found = run_in_v8(js, SMALL)
    for name in ("t", "loss", "alpha", "rho"):
        np.testing.assert_allclose(figure.frame["history"][name], found["history"][name], rtol=1e-8)
    assert set(figure.frame) == set(found) - {"w1", "rejected"}
    json.dumps(figure.frame)  # it can travel to a page
    figure.running = True  # once more
    assert figure.wait(60) and figure.progress == 1


def test_pausing_stepping_and_starting_over_in_python():
    figure = Training(**SMALL | {"t_end": 100}, speed=50.0, backend="python")
    figure.running = True
    until(lambda: figure.progress > 0)
    figure.running = False
    assert figure.wait(10)
    rested = figure.progress
    assert 0 < rested < 1 and figure.frame["fraction"] == rested
    figure.step()
    assert figure.wait(10) and figure.frame["t"] == pytest.approx(100 * rested + 1)
    figure.restart()
    assert figure.wait(10) and (figure.frame["t"], figure.progress) == (0, 0)
    figure._handle_custom_msg({"request": "step"}, [])  # what the button in the page sends
    assert figure.wait(10) and figure.frame["t"] == 1
    figure.speed = 1000.0
    figure.running = True
    until(lambda: figure.frame["t"] > 1)
    figure.close()
    assert figure.wait(10) and figure.progress < 1


def test_what_paused_between_two_frames_is_told(monkeypatch):
    figure = Training(**SMALL, backend="python")
    assert figure.wait(30)

    class Clock:  # stands still, and pauses the run when it is asked whether the frame of the third interval is due
        @staticmethod
        def monotonic():
            figure.running = figure._course.k < 3
            return 1.0

    monkeypatch.setattr("mfdepth.live.training.training.time", Clock)
    figure.running = True
    assert figure.wait(30) and figure._course.k == figure.frame["t"] == 3


def test_a_new_setting_starts_anew_in_python():
    figure = Training(**SMALL, backend="python")
    figure.running = True
    assert figure.wait(30)
    figure.alpha = 2.0
    assert figure.wait(30) and figure.frame["t"] == 0
    assert figure.frame["history"]["alpha"] == pytest.approx([float(mf.first_layer_alpha(figure.start()[0]))])
    assert figure.frame["ideal"]["alpha"][0] == figure.frame["history"]["alpha"][0]


def test_what_goes_wrong_in_the_thread_is_told(monkeypatch):
    figure = Training(**SMALL, backend="python")
    assert figure.wait(30)
    monkeypatch.setattr(Course, "advance", lambda course: 1 / 0)
    figure.running = True
    assert figure.wait(30) and not figure.running
    assert figure.frame["problem"] == "The training stopped: division by zero."


def test_in_the_browser_python_only_tells_the_page(monkeypatch):
    figure, sent = Training(**SMALL), []
    monkeypatch.setattr(figure, "send", lambda content, buffers=None: sent.append(content))
    figure.step()
    figure.restart()
    figure.running = True
    assert sent == [{"do": "step"}, {"do": "restart"}]
    assert figure.frame == {} and figure.wait()


# --- the drawing and the loop, without a browser -----------------------------------------------------------------------


def draw(js, given, frame):
    return js(f"drawTraining({json.dumps(frame)}, {json.dumps(settings(**given))})")


def test_what_is_drawn_is_what_the_frame_holds(js):
    frame = run_in_v8(js, SMALL)
    drawn = draw(js, SMALL, frame)
    traces = {trace["meta"]: trace for plot in drawn["plots"].values() for trace in plot["data"]}
    run = Training(**SMALL).run()
    np.testing.assert_allclose(traces["loss"]["y"], run.loss, rtol=1e-7)
    np.testing.assert_allclose(traces["error"]["y"], np.sqrt(run.rho), rtol=1e-7)
    u = training_rays(5, 0)
    network = mf.learner(run.w1[-1], run.w2[-1], run.b2[-1])
    r = np.array(traces["ray-3"]["x"])
    np.testing.assert_allclose(traces["ray-3"]["y"], network(r[:, None] * u[3]), atol=1e-8)
    np.testing.assert_allclose(traces["cloud"]["x"], run.w2[-1], atol=1e-8)
    assert traces["ideal-loss"]["y"][0] == pytest.approx(frame["ideal"]["loss"][0])
    assert dict(drawn["readout"])["t ="] == "10"
    assert drawn["message"] == ""


def test_between_saved_times_the_readout_lies_between_their_values(js):
    frame = run_in_v8(js, SMALL)
    times, halfway = frame["history"]["t"], 4.25
    assert halfway not in times
    shown = dict(draw(js, SMALL, frame | {"t": halfway, "marked": True})["readout"])
    for label, values in (("loss =", frame["history"]["loss"]), ("limit =", frame["ideal"]["loss"])):
        assert float(shown[label].replace(" × 10⁻", "e-").translate(str.maketrans("¹²³⁴", "1234"))) == pytest.approx(
            np.interp(halfway, times, values), rel=5e-3
        )


def test_an_empty_frame_and_one_without_a_flow_are_drawn(js):
    for frame in ({}, run_in_v8(js, SMALL) | {"ideal": None, "history": {"t": [], "loss": [], "alpha": [], "rho": []}}):
        drawn = json.dumps(draw(js, SMALL, frame))
        assert "null" not in drawn and "NaN" not in drawn
    blind = {"d": 100, "m1": 64, "m2": 1, "w2": -1.5, "b2": 0.3, "t_end": 10}
    assert "hardly any inputs" in draw(js, blind, run_in_v8(js, blind))["message"]


def test_the_copied_call_holds_every_setting(js):
    given = SMALL | {"alpha": 2.0, "w2": -0.25, "spread": 0.0, "seed": 7, "eta_1": 0.5}
    call = js.copied("trainingFigure({ get: () => ({}) })", Training(), settings(**given) | {"speed": 5})
    assert call.startswith("mf.explorables.Training(d=5, m1=24, m2=2, alpha=2.0, w2=-0.25,") and call.endswith(
        ").run()"
    )
    figure = eval(call.removesuffix(".run()"), {"mf": mf})
    assert starting(figure) == settings(**given)


def test_every_slider_can_stand_on_its_default(js):
    controls = js.controls("trainingFigure({ get: () => ({}) })", Training())
    assert list(controls) == list(Training.settings)
    for name, control in controls.items():
        assert control["values"] == sorted(set(control["values"]))
        assert getattr(Training(), name) in control["values"]


def test_the_loop_takes_the_last_start_runs_pauses_and_steps(js):
    """loop.js with its clock and its messages in the test's hands."""
    small = json.dumps(settings(**SMALL))
    js.v8.eval(
        f"""
        var told = [], queue = [], time = 0, tick = 100;
        var hear = trainingLoop((m) => told.push(m), (turn, delay) => queue.push([turn, delay]), () => (time += tick));
        var drain = (most = 1000) => {{ while (queue.length && most-- > 0) queue.shift()[0](); }};
        var small = {small};
        """
    )
    seen = "told.map((m) => [m.generation, m.frame.t, m.over])"
    js.v8.eval("hear({ running: false }); hear({ generation: 1, settings: small });")
    js.v8.eval("hear({ generation: 2, settings: { ...small, seed: 5 } }); drain();")
    assert js(seen) == [[2, 0, False], [2, 0, False]]  # the start, then the course beside it
    js.v8.eval("told = []; hear({ step: true }); drain();")
    assert js(seen) == [[2, 1, False]]
    js.v8.eval("told = []; hear({ running: true }); drain(3); hear({ running: false }); drain();")
    assert js(seen)[-1] == [2, 4, False]
    js.v8.eval("told = []; hear({ running: true, speed: 10 }); drain(1);")
    assert js("queue.map(([, delay]) => delay)") == [0]  # the test's clock runs 100 ms a look: the interval is over
    js.v8.eval("drain();")
    assert js(seen)[-1] == [2, 10, True]
    js.v8.eval("told = []; hear({ step: true }); drain();")
    assert js(seen) == [[2, 10, True]]
    js.v8.eval(
        "tick = 5; hear({ running: false, speed: 1000 }); hear({ generation: 3, settings: small }); drain(); told = [];"
    )
    js.v8.eval("hear({ running: true }); drain(1); hear({ running: false }); drain();")
    assert js(seen)[-1] == [3, 4, False]  # 20 ms of 5 ms an interval, then it hears of the pause


def test_one_figure_trains_in_python_at_a_time():
    first, again = (Training(d=20, m1=64, m2=8, t_end=400, speed=1, backend="python", device="numpy") for _ in "ab")
    try:
        first.running = True
        again.running = True  # the cell is run again
        assert (first.running, again.running) == (False, True)
        assert first.wait(30)
        again.running = False
        again.running = True  # itself it does not pause
        assert again.running
    finally:
        for figure in (first, again):
            figure.close()
