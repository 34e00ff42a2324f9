"""The harmonics and the circle in a real browser: every control, the worker, a hand that drags, the address."""

import pytest
from bare_page import ADDRESS, serve, state_of

from mfdepth.live import Circle, Harmonics

FIGURES = {"Harmonics": (Harmonics, {"d": 4, "m1": 16}), "Circle": (Circle, {})}


@pytest.fixture
def open_figure(browser):
    errors, contexts = [], []

    def open_at(name, anchor="", **changes):
        figure, settings = FIGURES[name]
        context = browser.new_context(viewport={"width": 900, "height": 1100})
        contexts.append(context)
        context.set_default_timeout(20_000)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        serve(page, figure._esm, figure._css, state_of(figure(**settings | changes)), style="width: 860px")
        page.goto(ADDRESS + anchor)
        page.wait_for_function("() => document.querySelector('[data-ready=true]')")
        return page

    yield open_at
    for context in contexts:
        context.close()
    assert not errors


def shown(page):
    return page.locator("[data-readout]").text_content()


def told(page, name):
    """What the slider of that name says of where it stands."""
    return page.locator(f"[data-trait={name}]").get_attribute("aria-valuetext")


def assert_drawn(page):
    paths = page.evaluate("() => [...document.querySelectorAll('path')].map((p) => p.getAttribute('d')).join()")
    assert "NaN" not in paths and "L" in paths
    assert "NaN" not in shown(page) and "undefined" not in shown(page)


@pytest.mark.parametrize("name", FIGURES)
def test_every_control_answers_at_both_ends(open_figure, name):
    page = open_figure(name)
    for control in page.locator("[data-trait]").all():
        if control.evaluate("control => control.type") != "range":
            continue
        for key in ("End", "Home"):
            value, revision = control.input_value(), page.locator("section").get_attribute("data-revision")
            control.press(key)
            if control.input_value() != value:
                page.wait_for_function("r => document.querySelector('section').dataset.revision !== r", arg=revision)
            assert_drawn(page)
        page.locator("[data-action=reset]").click()


def test_the_worker_trains_three_seeds_and_ends_with_the_figure(open_figure):
    page = open_figure("Harmonics")
    page.wait_for_function("() => document.querySelector('[data-readout]').textContent.includes('3 of 3 trained')")
    seeds = page.evaluate("() => document.querySelector('[data-plot=total] .mf-drawing').data.slice(1).map((s) => s.y)")
    assert [len(y) for y in seeds] == [21, 21, 21] and all(y[-1] < y[0] for y in seeds)
    page.locator("[data-trait=seed]").press("ArrowRight")  # other seeds: the old dots go
    page.wait_for_function(
        "y => { const [, first] = document.querySelector('[data-plot=total] .mf-drawing').data;"
        " return first && first.y.length === 21 && first.y[0] !== y; }",
        arg=seeds[0][0],
    )
    page.locator("[data-trait=d]").press("End")
    page.wait_for_function("() => document.querySelector('[data-readout]').textContent.includes('too large')")
    page.wait_for_function("() => alive === 0")
    page.locator("[data-action=reset]").click()
    page.wait_for_function("() => alive === 1")
    page.evaluate("end()")
    assert page.evaluate("[alive, models[0].heard()]") == [0, 0]


def tip(page, k):
    """Where the tip of arrow k is on the screen."""
    return page.evaluate(
        """k => {
            const node = document.querySelector("[data-plot=plane] .mf-drawing");
            const [[x0, y0], box, [x, y]] = [node.toPlane(0, 0), node.getBoundingClientRect(), state.neurons[k]];
            return [box.left + (x - x0) * node.unit, box.top + (y0 - y) * node.unit];
        }""",
        k,
    )


def test_a_hand_drags_a_neuron(open_figure):
    page = open_figure("Circle", w2=-2.0)
    before, (x, y) = shown(page), tip(page, 2)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 30, y - 20, steps=3)
    page.mouse.up()
    page.wait_for_function("before => document.querySelector('[data-readout]').textContent !== before", arg=before)
    assert page.evaluate("state.selected") == 3
    assert tip(page, 2) == pytest.approx([x + 30, y - 20], abs=1)
    page.wait_for_function("() => location.hash.includes('Circle.neurons=')")
    a, b = page.evaluate("state.neurons[2]")
    assert float(told(page, "length")) == pytest.approx((a * a + b * b) ** 0.5, abs=2e-3)
    page.mouse.move(x, y)  # released: it stays
    assert page.evaluate("state.neurons[2]") == [a, b]
    assert_drawn(page)
    page.mouse.move(*tip(page, 0))
    page.mouse.down()
    page.mouse.move(5, 5)  # far outside: held at the edge
    page.mouse.up()
    assert all(abs(v) <= 1.6 for v in page.evaluate("state.neurons[0]"))


def test_the_keyboard_does_what_the_hand_does(open_figure):
    page = open_figure("Circle", neurons=[[1, 0], [0, 1]])
    page.locator("[data-trait=selected]").press("ArrowRight")
    page.wait_for_function(
        "() => document.querySelector('[data-trait=angle]').getAttribute('aria-valuetext') === '90°'"
    )
    page.locator("[data-trait=angle]").press("ArrowRight")
    page.locator("[data-trait=length]").press("ArrowLeft")
    assert page.evaluate("state.neurons") == [[1, 0], [-0.083, 0.946]]
    page.wait_for_function(
        "() => document.querySelector('[data-trait=length]').getAttribute('aria-valuetext') === '0.95'"
    )
    assert told(page, "angle") == "95°"
    page.locator("[data-action=add]").click()
    assert page.evaluate("[state.neurons.length, state.selected]") == [3, 3]
    for _ in range(4):  # the last neuron cannot go
        page.locator("[data-action=remove]").click()
    assert page.evaluate("[state.neurons.length, state.selected]") == [1, 1]
    page.locator("[data-trait=length]").press("Home")  # nor can its length
    assert_drawn(page)
    for _ in range(15):
        page.locator("[data-action=add]").click()
    assert page.evaluate("state.neurons.length") == 12
    assert_drawn(page)


def test_a_link_brings_the_neurons_back(open_figure):
    anchor = "#~Circle.neurons=1,0.5_-0.25,0.75&Circle.selected=2&Circle.reading=mean+of+f"
    page = open_figure("Circle", anchor)
    page.wait_for_function("() => state.neurons.length === 2")
    assert page.evaluate("state.neurons") == [[1, 0.5], [-0.25, 0.75]]
    assert page.evaluate("[state.reading, state.selected]") == ["mean of f", 2]
    assert told(page, "length") == "0.791"
    page = open_figure("Circle", "#~Circle.neurons=1,2,3&Circle.w2=7")
    assert page.evaluate("[state.neurons.length, state.w2]") == [5, -1.5]
