"""The figure of the plane (s, b): its Python class, what it draws, and a start that is dragged, in a browser."""

import numpy as np
import pytest
from bare_page import shown
from front_end import Scripts, run_copied

import mfdepth as mf
from mfdepth.chapters.convergence.plane import nullclines, plane_of
from mfdepth.live import PhasePortrait

START = {"d": 10, "alpha": 1.0, "w2": -0.1, "b2": 0.5, "t_end": 150.0}


@pytest.fixture(scope="module")
def portrait():
    return Scripts("phase_portrait/phase_portrait.js")


def draw(portrait, **changes):
    drawing = portrait(f"PHASE_PORTRAIT.draw({START | changes})")
    drawing["traces"] = {trace["meta"]: trace for plot in drawing["plots"].values() for trace in plot["data"]}
    drawing["numbers"] = dict(drawing["readout"])
    return drawing


def points(trace):
    """The finite points of a trace; where the pen is lifted JSON has null."""
    pairs = zip(trace["x"], trace["y"], strict=True)
    return np.array([pair for pair in pairs if None not in pair])


def test_defaults_and_bad_settings():
    assert {name: getattr(PhasePortrait(), name) for name in START} == START
    for name, value in (("d", 1), ("alpha", 0.0), ("w2", 0.0), ("b2", -0.1), ("t_end", 0.0)):
        with pytest.raises(ValueError, match=f"{name} must be"):
            PhasePortrait(**{name: value})


def test_every_slider_can_stand_on_its_default(portrait):
    for name, control in portrait.controls("PHASE_PORTRAIT", PhasePortrait()).items():
        assert START[name] in control["values"] and control["values"] == sorted(set(control["values"]))


@pytest.mark.parametrize("changes", [{}, {"d": 100, "alpha": 0.4, "w2": -1.2, "b2": 1.5, "t_end": 30.0}])
def test_the_copied_call_gives_the_plotted_numbers(portrait, changes):
    _, names = run_copied(portrait.copied("PHASE_PORTRAIT", PhasePortrait(), START | changes))
    run, found, drawing = names["run"], names["found"], draw(portrait, **changes)
    traces, numbers = drawing["traces"], drawing["numbers"]
    np.testing.assert_allclose(points(traces["loss"]), np.transpose([run.t, np.maximum(run.loss, 1e-14)]), atol=1e-6)
    np.testing.assert_allclose(points(traces["orbit"]), np.transpose([-run.w2 * run.alpha, run.b2]), atol=1e-6)
    assert (numbers["in the triangle:"] == "yes") == bool(found.proved)
    assert float(numbers["V(0) ="]) == pytest.approx(found.lyapunov, rel=5e-3)
    assert float(numbers["κ ="]) == pytest.approx(found.kappa, rel=5e-3)
    assert float(numbers["2λ ="]) == pytest.approx(found.rate, rel=5e-3)
    assert ("exponential" in traces) == bool(found.proved)
    if found.proved:
        drawn = np.minimum(traces["V(0)/(2t)"]["y"], traces["exponential"]["y"])
        np.testing.assert_allclose(np.minimum(drawn, found.loss), found.bound(run.t[1:]), rtol=2e-2)


def test_the_landscape_is_that_of_the_library(portrait):
    traces, law = draw(portrait)["traces"], mf.BesselLaw(10)
    plane = plane_of(law, 1.0, -0.1)
    for name, k in (("b' = 0", 0), ("s' = 0", 1)):
        curve = points(traces[name])
        np.testing.assert_allclose(curve[:, 1], nullclines(law, curve[:, 1] / curve[:, 0])[k], rtol=1e-8)
    for level in ("0.001", "0.01"):
        curve = points(traces[f"loss {level}"])
        assert len(curve) > 50
        np.testing.assert_allclose(plane.residual(*curve.T)[0], float(level), rtol=1e-9)
    assert law.cdf(traces["blind"]["y"][1] / 2.2) == pytest.approx(1e-3, rel=1e-6)
    strokes = np.array(traces["flow"]["x"][:2]), np.array(traces["flow"]["y"][:2])
    middle = [x.mean() for x in strokes]
    direction = np.array([np.diff(x)[0] for x in strokes])
    velocity = np.array(plane.velocity(*middle))
    assert direction @ velocity == pytest.approx(np.linalg.norm(direction) * np.linalg.norm(velocity), rel=1e-9)


def test_no_bound_is_drawn_that_is_not_proved(portrait):
    outside = draw(portrait, w2=-0.9)
    assert not {"V(0)/(2t)", "exponential"} & set(outside["traces"]) and outside["message"] == ""
    flat = draw(portrait, d=2, alpha=0.2, w2=-2.0, b2=0.9)  # c_0 < 0: the first bound alone
    assert "V(0)/(2t)" in flat["traces"] and "exponential" not in flat["traces"]


def test_a_blind_start_is_called_blind(portrait):
    drawing = draw(portrait, d=100, w2=-1.9, b2=0.4)
    assert drawing["message"].startswith("Blind: a share 8 × 10⁻¹³")
    assert mf.BesselLaw(100).cdf(0.4 / 1.9) == pytest.approx(8e-13, rel=0.1)


@pytest.fixture
def page(browser):
    with shown(browser, PhasePortrait(), viewport={"width": 1000, "height": 800}) as page:
        yield page


def test_the_start_follows_the_pen(page):
    box = page.locator("[data-plot=plane] .mf-drawing").bounding_box()
    for s, b in ((0.5, 0.5), (1.1, 0.55), (9.0, -3.0)):  # the last is off the plane: held at its edge
        x = box["x"] + 58 + s / 2.2 * (box["width"] - 74)
        y = box["y"] + 8 + (1 - b / 2.2) * (box["height"] - 52)
        page.mouse.move(x, y)
        if (s, b) == (0.5, 0.5):
            page.mouse.down()
        else:
            w2, b2 = page.evaluate("[state.w2, state.b2]")
            assert (w2, b2) == pytest.approx((-min(s, 2.2), max(b, 0.02)), abs=0.02)
    page.mouse.up()
    page.mouse.move(box["x"] + 100, box["y"] + 100)
    assert page.evaluate("state.b2") == 0.02


def test_keys_move_the_start_and_the_orbit(page):
    before = page.locator("[data-readout]").text_content()
    page.locator("[data-trait=b2]").press("ArrowRight")
    page.wait_for_function("before => document.querySelector('[data-readout]').textContent !== before", arg=before)
    assert page.evaluate("state.b2") == 0.52


def test_a_finger_takes_the_start_where_it_is_and_scrolls_elsewhere(page):
    press = """([s, b]) => {
        const node = document.querySelector("[data-plot=plane] .mf-drawing"), box = node.getBoundingClientRect();
        const at = { clientX: box.left + 58 + s / 2.2 * (box.width - 74), clientY: box.top + 8 + (1 - b / 2.2) * (box.height - 52) };
        node.setPointerCapture = () => {};
        const down = new PointerEvent("pointerdown", { ...at, pointerType: "touch", pointerId: 7, cancelable: true });
        node.dispatchEvent(down);
        const move = new Event("touchmove", { cancelable: true });
        node.dispatchEvent(move);
        node.dispatchEvent(new PointerEvent("pointerup", { pointerId: 7 }));
        return [down.defaultPrevented, move.defaultPrevented];
    }"""
    assert page.evaluate(press, [1.5, 1.5]) == [False, False] and page.evaluate("state.b2") == 0.5
    assert page.evaluate(press, [0.12, 0.52]) == [True, True] and page.evaluate("state.b2") == pytest.approx(
        0.52, abs=0.02
    )


def test_a_link_brings_back_a_start_that_was_dragged_beyond_the_slider(page):
    page.evaluate("location.hash = '#~PhasePortrait.alpha=0.21&PhasePortrait.w2=-10'")
    page.wait_for_function("() => state.w2 === -10 && state.alpha === 0.21")
    page.evaluate("location.hash = '#~PhasePortrait.w2=-101'")
    page.wait_for_timeout(200)
    assert page.evaluate("state.w2") == -10
