"""Guess: what a pen and the sliders draw, how a guess is judged, and that nothing shows the answer before it is asked for."""

import json
import re

import numpy as np
import pytest
from bare_page import shown, swipe
from front_end import Scripts

import mfdepth as mf

T = np.linspace(0, 60, 61)
ANSWERS = {"up": T / 60, "down": 2 - T / 60}
CALL = "mf.infinite_width(law, 1.0, -0.1, 0.5, t)"


def guess(**more):
    axes = {"x_title": "time t", "y_title": "height", "y_range": (0, 2), "call": CALL}
    return mf.explorables.Guess("Where do they go?", T, ANSWERS, **axes | more)


@pytest.fixture(scope="module")
def js():
    return Scripts("guess/guess.js")


def empty(**given):
    return [given.get(f"at{i}") for i in range(33)]


def test_a_stroke_sets_every_place_that_it_passes(js):
    drawn = js(f"stroke({json.dumps(empty(at0=5))}, [1.5, 1], [4.5, 4])")
    assert drawn[:7] == [5, None, 1.5, 2.5, 3.5, 4, None]  # the last one is the nearest to the pen
    back = js(f"stroke({json.dumps(empty())}, [4, 0], [2, 2])")
    assert back[1:6] == [None, 2, 1, 0, None]
    assert js(f"stroke({json.dumps(empty())}, [-3, 1], [-2, 1])")[0] == 1  # beyond the axis, its end


def test_a_place_set_alone_is_joined_to_its_neighbours(js):
    drawn = js(f"setPlace(setPlace({json.dumps(empty())}, 0, 1), 4, 3)")
    assert drawn[:6] == [1, 1.5, 2, 2.5, 3, None]
    assert js(f"setPlace({json.dumps(drawn)}, 2, 9)")[:5] == [1, 1.5, 9, 2.5, 3]  # drawn places stay as they are


@pytest.mark.parametrize("log_y", [False, True])
def test_a_guess_is_judged_by_its_distance_from_the_answer(js, log_y, rng):
    places = np.linspace(0, 60, 33)
    values = rng.uniform(0.2, 1, 33)
    answer = np.exp(-T / 20)
    goal = np.interp(places, T, answer)
    gaps = np.abs(values - (np.log10(goal) if log_y else goal))[4:]
    own = [None] * 4 + values[4:].tolist()
    problem = {"answers": {"a": answer.tolist()}, "x": T.tolist(), "labels": ["a"], "y_range": [-2, 2], "log_y": log_y}
    call = f"score({{ ...{json.dumps(problem)}, place: (i) => (i * 60) / 32 }}, {json.dumps([own])})"
    [found] = js(call)
    assert found["share"] == pytest.approx(gaps.mean() / 4, abs=1e-9)
    means = [float(word.strip("%,")) for word in found["text"].split() if word[0].isdigit()]
    assert means == pytest.approx([10**g if log_y else g for g in (gaps.mean(), gaps.max())], rel=0.05)  # two digits


def test_guesses_come_back_from_an_address(js):
    drawn = [[0.1234, *[None] * 31, -2], [None] * 33]
    text = js(f"writeGuesses({json.dumps(drawn)})")
    assert js(f"readGuesses({json.dumps(text)}, 2)") == [[0.123, *[None] * 31, -2], [None] * 33]
    for bad in ("", "1,2", text.replace("-2", "x"), text + "_1"):
        assert js(f"readGuesses({json.dumps(bad)}, 2) ?? null") is None


@pytest.fixture
def page(browser):
    options = {"has_touch": True, "viewport": {"width": 900, "height": 900}}
    with shown(browser, guess(), figures=2, permissions=["clipboard-read", "clipboard-write"], **options) as page:
        yield page


def answers_shown(page):
    return page.locator("section").first.locator(f'path[stroke="{mf.figures.style.INFINITE}"][fill="none"]').count()


def pixels(page, *points):
    box = page.locator("[data-plot=guess] .mf-drawing").first.bounding_box()
    return [(box["x"] + 58 + x * (box["width"] - 74), box["y"] + 8 + (1 - y) * (box["height"] - 52)) for x, y in points]


def drag(page, start, end):
    points = pixels(page, start, end)
    page.mouse.move(*points[0])
    page.mouse.down()
    page.mouse.move(*points[1], steps=7)
    page.mouse.up()


def press(page, name):
    page.locator("section").first.get_by_role("button", name=name).click()


def test_a_pen_draws_and_reveal_tells(page):
    before = answers_shown(page)  # the legend's lines alone
    drag(page, (0, 0.25), (1, 0.25))
    drawn = page.evaluate("state.guesses[0]")
    assert len(drawn) == 33 and drawn == pytest.approx([0.5] * 33, abs=0.02)
    assert page.evaluate("state.guesses[1]").count(None) == 33 and answers_shown(page) == before
    press(page, "Reveal")
    page.wait_for_function("() => document.querySelector('[data-readout]').textContent.includes('off by')")
    assert answers_shown(page) == before + 1  # the other one is still to be guessed
    told = page.locator("[data-readout]").first.text_content()
    assert re.search(r"up: off by 0\.2[456] on average, 0\.(49|50|51) at most ", told)


def test_a_finger_draws_and_leaves_the_page_where_it_is(page):
    page.evaluate("document.body.style.height = '3000px'")
    swipe(page, *pixels(page, (0, 0.75), (1, 0.75)))
    page.wait_for_function("() => !state.guesses[0].includes(null)")
    assert page.evaluate("state.guesses[0]") == pytest.approx([1.5] * 33, abs=0.02)
    assert page.evaluate("scrollY") == 0


def test_a_second_finger_draws_nothing(page):
    hand = page.context.new_cdp_session(page)
    first, _, second = *pixels(page, (0, 0.75), (0.5, 0.75)), pixels(page, (1, 0.25), (1, 0.25))[0]
    fingers = [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate((first, second))]
    hand.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": fingers[:1]})
    hand.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": fingers})
    page.wait_for_timeout(200)
    assert page.evaluate("state.guesses[0]").count(None) == 32
    hand.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_reveal_without_a_guess_asks_for_one_first(page):
    before = answers_shown(page)
    press(page, "Reveal")
    page.get_by_text("Draw a guess first").wait_for()
    assert answers_shown(page) == before
    drag(page, (0, 0.25), (0.5, 0.25))
    page.get_by_text("Draw a guess first").wait_for(state="hidden")
    press(page, "Reset")
    press(page, "Reveal")
    press(page, "Reveal")
    page.wait_for_function("() => state.revealed")
    press(page, "Reset")
    page.wait_for_function("() => !state.revealed && !state.asked")


def test_reveal_again_shows_what_was_not_drawn(page):
    before = answers_shown(page)
    drag(page, (0, 0.25), (1, 0.25))
    press(page, "Reveal")
    page.get_by_text("Draw the others too").wait_for()
    press(page, "Reveal")
    page.get_by_text("Draw the others too").wait_for(state="hidden")
    assert answers_shown(page) == before + 2


def test_starts_and_the_place_at_hand_are_marked(js):
    answers = {"up": [0.5, 1], "down": [2.0, 0.25]}
    problem = {"answers": answers, "x": [0, 60], "labels": ["up", "down"], "shown": {}, "colour": "red", "start": True}
    drawn = js(f"traces({{ ...{json.dumps(problem)}, place: (i) => i }}, {json.dumps([empty(), empty()])}, ['down'])")
    assert [trace["meta"] for trace in drawn] == ["guess up", "guess down", "down", "start"]
    assert (drawn[-1]["x"], drawn[-1]["y"]) == ([0, 0], [0.5, 2.0])


def test_curves_keep_their_order_where_a_page_is_saved_with_sorted_keys(js):
    figure = guess()
    problem = json.dumps(figure.problem, sort_keys=True)
    assert list(json.loads(problem)["answers"]) == ["down", "up"]
    plots = js(f"guessFigure({{ get: () => ({problem}) }}).plots")
    assert [key["label"] for key in plots[0]["keys"]][:2] == ["up", "down"]
    [choices] = [control["choices"] for control in figure.controls if "choices" in control]
    assert [choice["label"] for choice in choices] == ["up", "down"]


def test_the_keyboard_draws_too(page):
    at, height = page.get_by_label("at", exact=True).first, page.get_by_label("your guess", exact=True).first
    page.get_by_label("you draw").first.select_option("1")
    height.press("ArrowRight")
    at.press("End")
    height.press("Home")
    drawn = page.evaluate("state.guesses[1]")
    assert drawn[0] == pytest.approx(1.02) and drawn[-1] == 0
    assert drawn == pytest.approx(np.linspace(1.02, 0, 33).tolist())
    assert at.get_attribute("aria-valuetext") == "time t = 60" and height.get_attribute("aria-valuetext") == "0"


def test_a_finger_moving_up_scrolls_the_page(page):
    assert (
        page.locator("[data-plot=guess] .mf-drawing")
        .first.evaluate("(node) => node.style.touchAction")
        .startswith("pan-y")
    )


def test_the_page_keeps_count(page):
    for section in page.locator("section").all():
        section.get_by_label("your guess", exact=True).press("End")
        section.get_by_role("button", name="Reveal").click()
    page.wait_for_function("() => document.body.textContent.includes('this page')")
    assert "2 guesses, off by" in page.locator("[data-readout]").last.text_content()


def test_copy_gives_the_call_that_computes_the_answer(page):
    press(page, "Copy as Python")
    assert page.evaluate("navigator.clipboard.readText()") == CALL


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"y_range": (2, 0)}, "y_range must be"),
        ({"log_y": True}, r"answers\['up'\] must be positive"),
        ({"shown": {"f": [1, 2]}}, r"shown\['f'\] must have shape"),
    ],
)
def test_what_does_not_fit_is_refused(more, told):
    with pytest.raises(ValueError, match=told):
        guess(**more)


def test_what_the_reader_did_reaches_python():
    figure = guess()
    figure.guesses = [[1.0] * 33, [None] * 33]
    figure.revealed = True
    assert figure.guesses[0][0] == 1.0 and figure.problem["answers"]["up"][30] == 0.5
