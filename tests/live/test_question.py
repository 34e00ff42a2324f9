"""Questions that the page checks: choices and numbers, right and wrong, with the reason; by keyboard too."""

from contextlib import ExitStack

import pytest
from bare_page import shown
from front_end import Scripts

import mfdepth as mf

CHOICES = {"a matrix": "That is the finite layer.", "one number": "Symmetry keeps the mean of |w|² alone."}


@pytest.fixture(scope="module")
def js():
    return Scripts("question/question.js")


@pytest.mark.parametrize(
    ("text", "value"), [("0.25", 0.25), ("1/4", 0.25), ("0,25", 0.25), (" 1e-3 ", 1e-3), ("−2", -2), ("1/8/2", None)]
)
def test_numbers_are_read_as_people_write_them(js, text, value):
    assert js(f"readNumber({text!r}) ?? null") == value


@pytest.mark.parametrize("text", ["", "  ", "abc", "1/0", "/", "1e999"])
def test_what_is_no_number_is_not_judged(js, text):
    assert js(f"readNumber({text!r}) ?? null") is None


@pytest.fixture
def opened(browser):
    with ExitStack() as pages:
        yield lambda figure: pages.enter_context(shown(browser, figure))


def test_a_choice_is_told_right_or_wrong_with_its_reason(opened):
    page = opened(mf.explorables.Question("What is left of the first layer?", CHOICES, right="one number"))
    said, check = page.get_by_role("status"), page.get_by_role("button", name="Check")
    check.click()
    assert said.text_content() == "Choose one first."
    page.get_by_label("a matrix").check()
    check.click()
    assert said.text_content() == "Not yet. That is the finite layer."
    page.keyboard.press("Tab")  # the group of choices is one stop, and arrows move in it
    page.get_by_label("a matrix").press("ArrowDown")
    page.keyboard.press("Enter")
    assert said.text_content() == "Right. Symmetry keeps the mean of |w|² alone."
    assert page.evaluate("state.given") == 1


def test_a_number_within_the_tolerance_is_right(opened):
    figure = mf.explorables.Question(
        "C_2?", right=0.31831, within=0.01, because="1/π.", wrong="Integrate cos over a half."
    )
    page = opened(figure)
    field = page.get_by_label("Your number:")
    for text, told in (
        ("1/3", "Not yet. Integrate cos over a half."),
        ("0.32", "Right. 1/π."),
        ("x", "Type a number first"),
    ):
        field.fill(text)
        field.press("Enter")
        assert page.get_by_role("status").text_content().startswith(told)
    page.evaluate("() => { models[0].set('given', 0.5); }")  # as Python would
    assert page.get_by_role("status").text_content().startswith("Not yet.")


def test_python_judges_alike():
    figure = mf.explorables.Question("?", right=2.0, within=0.1, because="so", wrong="no")
    assert not figure.correct
    for given, correct in ((1.81, True), (2.21, False)):
        figure.given = given
        assert figure.correct == correct


def test_an_answer_that_is_no_choice_is_refused():
    with pytest.raises(ValueError, match="right must be one of the choices"):
        mf.explorables.Question("?", CHOICES, right="two numbers")
    with pytest.raises(ValueError, match="because and wrong"):
        mf.explorables.Question("?", right=1.0)
