"""Readers on other screens and on paper, with their own keys: a finger, forced colours, a folded figure, a heading."""

from base64 import b64encode
from pathlib import Path

import plotly.graph_objects as go
import pytest
from bare_page import ADDRESS, serve, state_of, swipe

from mfdepth.live import Bend, Circle, Explore, InfiniteWidth, Particles, Spheres

COLOURS = """async (png) => {
    const image = new Image();
    image.src = `data:image/png;base64,${png}`;
    await image.decode();
    const canvas = Object.assign(document.createElement("canvas"), { width: image.width, height: image.height });
    canvas.getContext("2d").drawImage(image, 0, 0);
    const { data } = canvas.getContext("2d").getImageData(0, 0, image.width, image.height);
    return new Set(Array.from({ length: data.length / 4 }, (_, i) => data.slice(4 * i, 4 * i + 3).join())).size;
}"""
READY = "() => document.querySelector('[data-ready=true]')"
DARK = "[data-theme=dark] .mf-explorable { color: rgb(250, 250, 250); }"
WHITE = """() => {
    const canvas = document.querySelector("canvas");
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    let white = 0;
    for (let i = 0; i < data.length; i += 4) white += data[i + 3] > 60 && data[i] + data[i + 1] + data[i + 2] > 600;
    return white;
}"""
AT_REST = """async () => {
    const start = scrollY;
    for (let frame = 0; frame < 20; frame++) {
        await new Promise(requestAnimationFrame);
        if (scrollY !== start) return false;
    }
    return true;
}"""
OVER = """() => [...document.querySelectorAll("[data-readout] span")]
    .map((span) => [span.getBoundingClientRect().top, span.offsetLeft, span.scrollWidth])
    .filter(([top, left, width], i, all) => i && all[i - 1][0] === top && all[i - 1][1] + all[i - 1][2] > left)"""
CUT = """() => [...document.querySelectorAll("select")].filter((select) => {
    const shown = select.offsetWidth;
    select.style.maxWidth = "none";
    return select.offsetWidth > shown;
}).map((select) => select.name || select.id)"""
PRINT = Path(__file__).parents[3] / "book/_ext/static/print.js"
PAPER = "document.documentElement.dataset.theme = 'light'; dispatchEvent(new Event('beforeprint'));"


@pytest.fixture
def opened(browser):
    """A function that opens the page of a widget, as the book hosts it or, without `book`, as a notebook does."""
    contexts = []

    def opened(widget, *, book=True, style="", figures=1, wait=True, **context):
        contexts.append(browser.new_context(**context))
        contexts[-1].set_default_timeout(30_000)
        serve(contexts[-1], widget._esm, widget._css + DARK, state_of(widget), style=style, figures=figures)
        page = contexts[-1].new_page()
        if not book:
            page.add_init_script(
                """new MutationObserver(() => document.documentElement?.removeAttribute("data-content_root"))
                .observe(document, { childList: true })"""
            )
        page.goto(ADDRESS)
        if wait:
            page.wait_for_function(READY)
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_control_is_seen_in_the_colours_of_the_reader(opened, scheme):
    page = opened(InfiniteWidth(d=10), forced_colors="active", color_scheme=scheme)
    controls = page.locator("[data-trait], [data-action]").all()
    assert len(controls) > 5
    for control in controls:
        seen = page.evaluate(COLOURS, b64encode(control.screenshot()).decode())
        assert seen > 1, control.evaluate("control => control.outerHTML.slice(0, 120)")
    slider = page.locator("input[type=range]").first
    slider.focus()
    assert slider.evaluate("slider => getComputedStyle(slider).outlineStyle") != "none"


def test_two_fingers_enlarge_the_page_over_a_slider(opened):
    page = opened(InfiniteWidth(d=10))
    actions = page.locator("input[type=range]").evaluate_all("all => all.map((s) => getComputedStyle(s).touchAction)")
    assert set(actions) == {"pan-y pinch-zoom"}


def test_a_finger_scrolls_past_the_circle_and_holds_an_arrow(opened):
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    page = opened(Circle(), style="padding-bottom: 3000px", **phone)
    plane = page.locator("[data-plot=plane] .mf-drawing")
    plane.evaluate("node => node.scrollIntoView({ block: 'center', behavior: 'instant' })")
    page.wait_for_function(AT_REST)
    box, start, neurons = plane.bounding_box(), page.evaluate("scrollY"), page.evaluate("state.neurons")
    corner = box["x"] + box["width"] - 14, box["y"] + box["height"] - 20
    swipe(page, corner, (corner[0], corner[1] - 200))
    page.wait_for_function("start => scrollY - start > 50", arg=start)
    assert page.evaluate("state.neurons") == neurons

    page.wait_for_function(AT_REST)
    plane.evaluate("node => node.scrollIntoView({ block: 'center', behavior: 'instant' })")
    page.wait_for_function(AT_REST)
    box, start = plane.bounding_box(), page.evaluate("scrollY")
    x, y = plane.evaluate(
        """node => {
            const [[left, top], [x, y]] = [node.toPlane(0, 0), state.neurons[0]];
            return [(x - left) * node.unit, (top - y) * node.unit];
        }"""
    )
    swipe(page, (box["x"] + x, box["y"] + y), (box["x"] + x, box["y"] + y - 60))
    page.wait_for_function("was => JSON.stringify(state.neurons) !== JSON.stringify(was)", arg=neurons)
    assert abs(page.evaluate("scrollY") - start) < 5


def test_the_film_goes_to_paper_in_the_colours_of_paper(opened):
    page = opened(Particles(), reduced_motion="reduce")
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.wait_for_function(f"() => ({WHITE})() > 200")
    assert page.evaluate(f"() => {{ {PAPER} return ({WHITE})(); }}") < 50  # at once: paper waits for no frame
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.wait_for_function(f"() => ({WHITE})() > 200")


def test_a_figure_in_the_full_window_goes_to_paper_in_its_place(opened):
    page = opened(InfiniteWidth(d=10))
    page.locator("[data-action=window]").click()
    page.wait_for_function("() => document.querySelector('dialog section')")
    page.add_script_tag(path=PRINT)
    page.evaluate("dispatchEvent(new Event('beforeprint')); dispatchEvent(new Event('afterprint'))")
    assert page.locator("dialog").count() == 0
    assert page.locator("[data-place] > section").count() == 1
    page.locator("[data-action=window]").click()  # and it opens again
    page.wait_for_function("() => document.querySelector('dialog section')")


def test_a_folded_figure_is_drawn_for_paper(opened):
    page = opened(InfiniteWidth(d=10), style="display: none", wait=False)
    page.wait_for_function("() => document.querySelector('section.mf-explorable')")
    page.wait_for_timeout(300)
    assert page.locator(".mf-drawing path").count() == 0
    lines = "document.querySelectorAll('.mf-drawing path').length"
    assert page.evaluate(f"() => {{ document.querySelector('[data-place]').style = ''; {PAPER} return {lines}; }}") > 3


def test_the_settings_outlive_a_click_on_a_heading(opened):
    page = opened(InfiniteWidth(d=10), figures=2)
    first, second = page.locator("section.mf-explorable").all()
    first.locator("[data-trait=d]").press("End")
    page.wait_for_function("() => location.hash === '#~InfiniteWidth.d=1000'")
    page.evaluate("location.hash = '#heading'")
    page.wait_for_timeout(400)
    assert page.evaluate("location.hash") == "#heading" and page.evaluate("states[0].d") == 1000
    second.locator("[data-trait=d]").press("Home")
    page.wait_for_function("() => location.hash === '#~InfiniteWidth.d=1000&InfiniteWidth-2.d=2'")
    first.locator("[data-action=reset]").click()
    page.wait_for_function("() => location.hash === '#~InfiniteWidth-2.d=2'")


def test_the_settings_outlive_a_reload_at_a_heading_and_no_other_visit(opened):
    page = opened(InfiniteWidth(d=10))
    page.locator("[data-trait=d]").press("End")
    page.wait_for_function("() => location.hash === '#~InfiniteWidth.d=1000'")
    page.evaluate("location.hash = '#heading'")
    for address, d in (("#heading", 1000), ("", 10)):
        page.evaluate(f"history.replaceState(null, '', location.pathname + '{address}')")
        page.reload()
        page.wait_for_function(READY)
        assert page.evaluate("states[0].d") == d
    page.goto("about:blank")
    page.goto(f"{ADDRESS}#heading")
    page.wait_for_function(READY)
    assert page.evaluate("states[0].d") == 10


def test_reset_goes_back_to_what_the_figure_was_made_with(opened):
    page = opened(InfiniteWidth(d=10), book=False)
    page.locator("[data-trait=d]").press("End")
    page.evaluate(
        """async () => (await import("./figure.js")).default.render(
            { model: models[0], el: document.body.appendChild(document.createElement("div")) })"""
    )
    page.locator("[data-action=reset]").nth(1).click()
    assert page.evaluate("state.d") == 10


@pytest.mark.parametrize(
    ("key", "reaches"),
    [
        ("ArrowRight", False),
        ("Home", False),
        ("PageUp", False),
        ("Control+s", True),
        ("Meta+s", True),
        ("Control+Shift+c", True),
        ("Shift+Enter", True),
        ("Escape", True),
        ("Control+ArrowDown", True),
    ],
)
def test_the_notebook_hears_the_keys_that_a_slider_does_not_use(opened, key, reaches):
    page = opened(InfiniteWidth(d=10), book=False)
    page.evaluate("addEventListener('keydown', (e) => (globalThis.heard = [...(globalThis.heard ?? []), e.key]))")
    page.locator("[data-trait=d]").press(key)
    last = key.rpartition("+")[2].lower()
    assert (last in [heard.lower() for heard in page.evaluate("globalThis.heard ?? []")]) == reaches


def test_a_figure_that_waits_in_vain_says_so_and_keeps_its_picture(opened):
    def curve(a, b):
        return go.Figure(go.Scatter(x=[0, 1, 2, 3], y=[a, b, a + b, a * b]))

    widget = Explore(curve, {"a": [1, 2, 3], "b": [1, 2, 3]}, frames="each")
    page = opened(widget, book=False)
    page.evaluate("models[0].hear({ reply: 'python' })")  # it was there; then the kernel was restarted
    picture = "document.querySelector('.mf-drawing path:last-of-type').getAttribute('d')"
    page.get_by_label("a", exact=True).press("End")
    page.wait_for_timeout(200)
    before = page.evaluate(picture)
    page.get_by_label("b", exact=True).press("End")
    page.wait_for_timeout(200)
    assert page.locator(".mf-drawing").get_attribute("aria-busy") == "true"
    page.wait_for_function("() => document.querySelector('.mf-message').textContent.includes('has not answered')")
    assert page.locator(".mf-drawing").get_attribute("aria-busy") == "false"
    assert page.evaluate(picture) == before
    page.evaluate("models[0].set('drawn', { at: [2, 2], figure: { data: [], layout: {} } })")  # it was only slow
    page.wait_for_function("() => document.querySelector('.mf-message').textContent === ''")


@pytest.mark.parametrize("kind", [Bend, Circle, Particles, Spheres])
@pytest.mark.parametrize("width", [374, 726])  # a phone, a page of the book
def test_no_number_lies_over_the_next_and_no_choice_is_cut(opened, kind, width):
    page = opened(kind(), viewport={"width": width, "height": 900})
    assert not page.evaluate(OVER)
    assert not page.evaluate(CUT)
