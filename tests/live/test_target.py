"""Target: the reader's own target by mouse, finger, keys and link, and what is said of the flow towards it."""

import json
import re

import numpy as np
import pytest
from bare_page import shown
from front_end import Scripts, run_copied

from mfdepth.chapters import beyond
from mfdepth.live import Target

STEP = [1, 1, 1, 0.5, 0, 0, 0]
START = {name: getattr(Target(), name) for name in Target.settings}


@pytest.fixture(scope="module")
def js():
    return Scripts("target/target.js")


def draw(js, **changes):
    drawing = js(f"TARGET.draw({json.dumps(START | changes)})")
    drawing["traces"] = {trace["meta"]: trace for plot in drawing["plots"].values() for trace in plot["data"]}
    return drawing


@pytest.mark.parametrize("changes", [{}, {"m2": 1, "heights": STEP, "d": 5, "seed": 7, "t_end": 30.0}])
def test_copied_python_gives_the_plotted_numbers(js, changes):
    run, names = run_copied(js.copied("TARGET", Target(), START | changes))
    traces = draw(js, **changes)["traces"]
    for name, value in (("loss", run.loss), ("K", run.stability)):
        np.testing.assert_allclose(traces[name]["x"], run.t, rtol=1e-9)
        # 1e-4 a step in the page; K turns where a kink passes a radius, and is held to a hundredth of its range
        np.testing.assert_allclose(traces[name]["y"], value, atol=0.01 * np.ptp(value))
    np.testing.assert_allclose(traces["f"]["y"], run.profile(-1, np.array(traces["f"]["x"])), atol=0.01)
    np.testing.assert_array_equal(names["start"], Target(**changes).start())


def test_the_profile_at_the_time_shown(js):
    traces = draw(js, t_fraction=0.0, seed=3)["traces"]
    a, w, b = beyond.spread_neurons(3, 3).T
    r = np.array(traces["f"]["x"])[:, None]
    np.testing.assert_allclose(traces["f"]["y"], np.mean(a * np.maximum(w * r + b, 0), axis=1), atol=1e-12)
    density = traces["density"]
    assert np.trapezoid(density["y"], density["x"]) == pytest.approx(1, rel=1e-3)


@pytest.mark.parametrize(
    ("heights", "m2", "said"), [(STEP, 1, "stuck"), (STEP, 3, "learned"), (START["heights"], 1, "stuck")]
)
def test_it_says_what_was_learned(js, heights, m2, said):
    law_run, _ = run_copied(js.copied("TARGET", Target(), START | {"heights": heights, "m2": m2}))
    words = dict(draw(js, heights=heights, m2=m2)["readout"])["at the end:"]
    assert words.startswith(said)
    gap = float(re.search(r"of ([\d.]+)", words)[1])
    assert gap == pytest.approx(np.sqrt(2 * law_run.loss[-1]), rel=0.05)  # two digits


def test_a_loss_that_still_falls_is_called_so(js):
    t, falling, resting = [0, 1, 2, 3, 4], [1, 0.8, 0.6, 0.5, 0.45], [1, 0.6, 0.41, 0.41, 0.4]
    assert js(f"fitInWords({{ t: {t}, loss: {falling} }})").startswith("not there yet")
    assert js(f"fitInWords({{ t: {t}, loss: {resting} }})").startswith("stuck")
    assert js(f"fitInWords({{ t: {t}, loss: [1, 1e-1, 1e-2, 1e-3, 1e-3] }})").startswith("learned")


def test_it_says_what_the_sign_of_k_says(js):
    t = [0, 1, 2, 3]
    assert js(f"rhoInWords({{ t: {t}, stability: [1, 0, 1, 2] }})").startswith("K ≥ 0 at all times")
    assert "between t = 1 and 2," in js(f"rhoInWords({{ t: {t}, stability: [1, -1, -2, 0] }})")
    assert "at t = 3," in js(f"rhoInWords({{ t: {t}, stability: [1, 1, 2, -1] }})")


def test_heights_come_back_from_an_address(js):
    text = js(f"TARGET.controls.heights.write({json.dumps(STEP)})")
    assert js(f"readHeights({json.dumps(text)})") == STEP
    for bad in ("", "1_1", text + "_0", text.replace("0.5", "9"), text.replace("0.5", "x"), text.replace("0.5", "")):
        assert js(f"readHeights({json.dumps(bad)}) ?? null") is None


@pytest.mark.parametrize("m2", [1, 8])
def test_the_roughest_targets_do_not_hold_it_up(js, m2, rng):
    for heights in ([1.5, -0.5] * 3 + [1.5], rng.uniform(-0.5, 1.5, 7).tolist()):
        drawing = draw(js, heights=heights, m2=m2, d=10, t_end=300.0, seed=4)
        reached = drawing["traces"]["loss"]["x"][-1]
        assert (reached == 300) == (drawing["message"] == "")  # it stops after so many evaluations, and says so


@pytest.mark.parametrize(
    ("heights", "error", "words"),
    [
        ([0] * 6, ValueError, "heights must have shape"),
        ([0] * 6 + [2], ValueError, "heights must be from -0.5 to 1.5"),
        ("high", TypeError, "heights must be a number or an array of numbers; got 'high'"),
    ],
)
def test_python_refuses_other_heights(heights, error, words):
    with pytest.raises(error, match=words):
        Target().heights = heights


# --- in a browser ----------------------------------------------------------------------------------------------------


@pytest.fixture
def page(browser):
    options = {"has_touch": True, "viewport": {"width": 1000, "height": 900}}
    with shown(browser, Target(), permissions=["clipboard-read", "clipboard-write"], **options) as page:
        yield page


def pixel(page, i, height):
    """Where the i-th handle is at that height."""
    box = page.locator("[data-plot=profile] .mf-drawing").bounding_box()
    right, up = (0.25 * i + 0.06) / 1.62, (height + 0.75) / 2.5
    return box["x"] + 58 + right * (box["width"] - 74), box["y"] + 8 + (1 - up) * (box["height"] - 52)


def test_a_handle_follows_the_mouse(page):
    told = page.locator("[data-readout]").text_content()
    page.mouse.move(*pixel(page, 1, 0))
    page.mouse.down()
    page.mouse.move(*pixel(page, 1, 0.4), steps=3)
    assert page.evaluate("state.heights[1]") == pytest.approx(0.4, abs=0.02) and page.evaluate("state.handle") == 1
    page.mouse.move(*pixel(page, 3, 9))  # off the plot: held at its end, and the same handle still
    page.mouse.up()
    page.mouse.move(*pixel(page, 5, 0.7))
    assert page.evaluate("state.heights") == [0, 1.5, 0.5, 1, 0.5, 0, 0]
    page.wait_for_function("told => document.querySelector('[data-readout]').textContent !== told", arg=told)


def test_keys_choose_a_handle_and_its_height(page):
    page.get_by_label("handle", exact=True).press("End")
    page.get_by_label("its height").press("ArrowRight")
    assert page.evaluate("state.heights") == [0, 0, 0.5, 1, 0.5, 0, 0.05]
    assert page.get_by_label("handle", exact=True).get_attribute("aria-valuetext") == "r = 1.5"
    page.wait_for_function("() => document.querySelector('[data-trait=height]').ariaValueText === '0.05'")


def test_a_finger_drags_a_handle_and_scrolls_elsewhere(page):
    touch = """([from, to]) => {
        const node = document.querySelector("[data-plot=profile] .mf-drawing");
        node.setPointerCapture = () => {};
        const fire = (kind, [clientX, clientY]) => {
            const event = new PointerEvent(kind, { clientX, clientY, pointerType: "touch", pointerId: 7, cancelable: true });
            node.dispatchEvent(event);
            return event.defaultPrevented;
        };
        const taken = fire("pointerdown", from);
        const move = new Event("touchmove", { cancelable: true });
        node.dispatchEvent(move);
        fire("pointermove", to);
        fire("pointerup", to);
        return [taken, move.defaultPrevented];
    }"""
    assert page.evaluate(touch, [pixel(page, 3, 0.2), pixel(page, 3, 0.6)]) == [False, False]
    assert page.evaluate("state.heights[3]") == 1
    assert page.evaluate(touch, [pixel(page, 3, 0.95), pixel(page, 3, 0.6)]) == [True, True]
    assert page.evaluate("state.heights[3]") == pytest.approx(0.6, abs=0.02)


def test_a_preset_is_drawn_copied_and_linked(page):
    page.get_by_role("button", name="Step").click()
    assert page.evaluate("state.heights") == STEP
    page.wait_for_function("() => location.hash.includes('Target.heights')")
    page.get_by_role("button", name="Copy as Python").click()
    assert "[1, 1, 1, 0.5, 0, 0, 0]" in page.evaluate("navigator.clipboard.readText()")
    page.get_by_role("button", name="Copy link").click()
    link = page.evaluate("navigator.clipboard.readText()")
    page.goto("about:blank")
    page.goto(link)
    page.wait_for_function(f"() => globalThis.state?.heights.join() === '{','.join(map(str, STEP))}'")
    page.get_by_role("button", name="Reset").click()
    assert page.evaluate("state.heights") == START["heights"]


def test_the_slider_tells_the_last_time_that_was_reached(js):
    heights = [2, -1, 2, -1, 2, -1, 2]
    settings = json.dumps(START | {"heights": heights, "m2": 8, "t_end": 1000.0, "t_fraction": 1.0})
    told = js(f"drawTarget({settings})")
    assert js(f"TARGET.controls.t_fraction.text(1, {settings})") == f"t = {dict(told['readout'])['t =']}"
