"""Readers on other screens: colours of their own, a finger, a page enlarged by two fingers."""

from base64 import b64encode

import pytest
from bare_page import ADDRESS, serve, state_of

from mfdepth.live import InfiniteWidth

COLOURS = """async (png) => {
    const image = new Image();
    image.src = `data:image/png;base64,${png}`;
    await image.decode();
    const canvas = Object.assign(document.createElement("canvas"), { width: image.width, height: image.height });
    canvas.getContext("2d").drawImage(image, 0, 0);
    const { data } = canvas.getContext("2d").getImageData(0, 0, image.width, image.height);
    return new Set(Array.from({ length: data.length / 4 }, (_, i) => data.slice(4 * i, 4 * i + 3).join())).size;
}"""


@pytest.fixture
def page(browser):
    widget = InfiniteWidth(d=10)
    context = browser.new_context()
    context.set_default_timeout(30_000)
    serve(context, widget._esm, widget._css, state_of(widget))
    page = context.new_page()
    yield page
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_control_is_seen_in_the_colours_of_the_reader(page, scheme):
    page.emulate_media(forced_colors="active", color_scheme=scheme)
    page.goto(ADDRESS)
    page.wait_for_function("() => document.querySelector('[data-ready=true]')")
    controls = page.locator("[data-trait], [data-action]").all()
    assert len(controls) > 5
    for control in controls:
        seen = page.evaluate(COLOURS, b64encode(control.screenshot()).decode())
        assert seen > 1, control.evaluate("control => control.outerHTML.slice(0, 120)")
    slider = page.locator("input[type=range]").first
    slider.focus()
    assert slider.evaluate("slider => getComputedStyle(slider).outlineStyle") != "none"


def test_two_fingers_enlarge_the_page_over_a_slider(page):
    page.goto(ADDRESS)
    page.wait_for_function("() => document.querySelector('[data-ready=true]')")
    actions = page.locator("input[type=range]").evaluate_all("all => all.map((s) => getComputedStyle(s).touchAction)")
    assert set(actions) == {"pan-y pinch-zoom"}
