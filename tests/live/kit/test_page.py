"""A live figure on a bare page in a real browser: what the shared controls promise to every figure."""

import pytest
from bare_page import ADDRESS, serve, state_of

from mfdepth.live import InfiniteWidth

THEMES = """html { --pst-color-text-base: rgb(30, 30, 30) }
html[data-theme=dark] { --pst-color-text-base: rgb(220, 220, 220) }
"""


@pytest.fixture(scope="module")
def context(browser):
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    context.set_default_timeout(10_000)
    serve(context, InfiniteWidth._esm, THEMES + InfiniteWidth._css, state_of(InfiniteWidth(d=10)), figures=2)
    yield context
    context.close()


@pytest.fixture
def open_page(context):
    """Opens the page at an anchor and waits for both figures; fails at the end on any error in the page."""
    errors, pages = [], []

    def open_at(anchor=""):
        page = context.new_page()
        pages.append(page)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(ADDRESS + anchor)
        page.wait_for_function("() => document.querySelectorAll('[data-ready=true]').length === 2")
        return page, page.locator("section.mf-explorable").first

    yield open_at
    for page in pages:
        page.close()
    assert not errors


def wait_for_anchor(page, anchor):
    page.wait_for_function("anchor => location.hash === anchor", arg=anchor)


def test_the_address_holds_what_was_changed(open_page):
    page, figure = open_page()
    assert page.evaluate("location.hash") == ""
    figure.locator("[data-trait=w2]").press("ArrowLeft")
    wait_for_anchor(page, "#~InfiniteWidth.w2=-0.12")
    page.locator("section.mf-explorable").nth(1).locator("[data-trait=d]").press("End")
    wait_for_anchor(page, "#~InfiniteWidth.w2=-0.12&InfiniteWidth-2.d=1000")
    figure.locator("[data-action=reset]").click()
    wait_for_anchor(page, "#~InfiniteWidth-2.d=1000")


def test_a_copied_link_brings_the_settings_back(open_page):
    page, figure = open_page()
    figure.locator("[data-trait=b2]").press("End")
    figure.locator("[data-action=copy-link]").click()
    link = page.evaluate("navigator.clipboard.readText()")
    assert link == f"{ADDRESS}#~InfiniteWidth.b2=2"
    other, _ = open_page(link.removeprefix(ADDRESS))
    assert other.evaluate("models.map((m) => m.get('b2'))") == [2, 0.5]


def test_what_an_address_may_not_ask_for_is_left_alone(open_page):
    page, _ = open_page("#~InfiniteWidth.d=1e9&InfiniteWidth.w2=text&InfiniteWidth.alpha=-1&InfiniteWidth.unknown=3")
    assert page.evaluate("['d', 'w2', 'alpha'].map((name) => models[0].get(name))") == [10, -0.1, 1]


def test_an_ordinary_anchor_stays_ordinary(open_page):
    page, figure = open_page("#heading")
    assert page.evaluate("location.hash") == "#heading"
    figure.locator("[data-trait=w2]").press("ArrowLeft")
    wait_for_anchor(page, "#~InfiniteWidth.w2=-0.12")
    page.evaluate("location.hash = '#heading'")
    page.wait_for_timeout(300)
    assert page.evaluate("[location.hash, models[0].get('w2')]") == ["#heading", -0.12]


def test_a_heading_that_is_clicked_at_once_keeps_its_address(open_page):
    page, figure = open_page()
    figure.locator("[data-trait=w2]").press("ArrowLeft")
    page.evaluate("location.hash = '#heading'")
    page.wait_for_timeout(300)
    assert page.evaluate("location.hash") == "#heading"


def test_copied_python(open_page):
    page, figure = open_page()
    figure.locator("[data-action=copy-python]").click()
    assert page.evaluate("navigator.clipboard.readText()") == (
        "mf.infinite_width(mf.BesselLaw(10), alpha=1.0, w2=-0.1, b2=0.5, t=np.linspace(0, 60, 161), rates=(1.0, 1.0))"
    )


def test_a_value_beyond_the_slider_is_shown_as_it_is(open_page):
    page, figure = open_page()
    before = figure.locator("[data-readout]").text_content()
    page.evaluate("models[0].set('alpha', 7.25)")
    page.wait_for_function("before => document.querySelector('[data-readout]').textContent !== before", arg=before)
    control = figure.locator("[data-trait=alpha]")
    assert control.get_attribute("aria-valuetext") == "7.25"
    assert control.input_value() == control.get_attribute("max")


def test_colours_follow_the_theme(open_page):
    page, _ = open_page()
    colour = "() => getComputedStyle(document.querySelector('.mf-drawing [stroke=currentColor]')).stroke"
    assert page.evaluate(colour) == "rgb(30, 30, 30)"
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.wait_for_function(f"({colour})() === 'rgb(220, 220, 220)'")


def test_many_moves_in_a_frame_are_one_redraw(open_page):
    page, figure = open_page()
    page.wait_for_timeout(200)
    before = int(figure.get_attribute("data-revision"))
    page.evaluate("for (let i = 1; i <= 20; i++) models[0].set('w2', -0.1 - 0.01 * i)")
    page.wait_for_timeout(300)
    assert int(figure.get_attribute("data-revision")) == before + 1
