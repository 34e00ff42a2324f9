"""The book's extension: a page made by hand, with what a build would put there."""

import base64
import json

import pytest
from bare_page import swipe
from live_pages import PLOTLY, WIDGET, PlotlyFigure
from myst_nb.core.render import MimeData

MODULE = """
export default {
    initialize({ model }) { model.set("met", true); },
    render({ model, el }) {
        const show = () => { el.textContent = `${model.get("n")} ${model.get("table").getUint8(1)} ${model.get("met")}`; };
        const button = document.createElement("button");
        button.onclick = () => { model.set("n", model.get("n") + 1); model.save_changes(); };
        model.on("change:n", show);
        button.addEventListener("dblclick", () => model.off("change:n", show));
        el.after(button);
        show();
    },
};
"""


@pytest.fixture
def open_page(page, site):
    """A function that opens a page with this content, as the theme would frame it."""

    def open_page(content):
        body = f"""<!doctype html><html data-content_root="./" data-theme="light"><head>
            <style>[data-theme=dark] body {{ color: rgb(255, 255, 255); }}</style>
            <link rel="icon" href="_static/favicon.svg">
            <script defer src="_static/take_home.js"></script>
            <script defer src="_static/live.js"></script></head><body>{content}</body></html>"""
        page.route(f"{site}/try.html", lambda route: route.fulfill(body=body, content_type="text/html"))
        page.goto(f"{site}/try.html")
        return page

    return open_page


def test_a_widget_lives_without_a_kernel(open_page):
    state = {
        "state": {"_esm": MODULE, "n": 1},
        "buffers": [{"path": ["table"], "data": base64.b64encode(b"\x05\x07").decode()}],
    }
    view = f'<p><script type="{WIDGET}">{{"model_id": "a"}}</script></p>'
    page = open_page(
        '<script type="application/vnd.jupyter.widget-state+json">'
        f"{json.dumps({'state': {'a': state}})}</script>{view}{view}"
    )
    page.get_by_text("1 7 true").nth(1).wait_for()
    page.locator("button").first.click()
    assert page.get_by_text("2 7 true").count() == 2  # two views, one model
    page.locator("button").first.dispatch_event("dblclick")
    page.locator("button").first.click()
    assert page.get_by_text("2 7 true").count() == 1
    assert page.get_by_text("3 7 true").count() == 1


MATHJAX = """
globalThis.told = { typeset: MathJax.startup.typeset, figure: document.body.textContent.includes("1 7 true"), pieces: [] };
globalThis.MathJax = {
    startup: { promise: Promise.resolve() },
    typeset: () => void told.pieces.push("at once"),
    typesetPromise: async (blocks) => void told.pieces.push(blocks ? blocks.map((block) => block.id) : "the rest"),
};
"""


def test_numbers_that_json_lacks_stop_no_page(open_page):
    state = {"state": {"_esm": MODULE, "n": 1, "met": '-Infinity \\ " NaN'}, "buffers": []}
    state["state"] |= {"none": [float("nan"), -float("inf")], "table": "x"}
    module = MODULE.replace('${model.get("table").getUint8(1)}', "${model.get('none')}").replace(
        'model.set("met", true);', ""
    )
    state["state"]["_esm"] = module
    text = json.dumps({"state": {"a": state}})
    assert "[NaN, -Infinity]" in text
    figure = json.dumps({"data": [{"y": [1.0, float("nan"), 2.0]}], "layout": {}})
    page = open_page(
        f'<script type="application/vnd.jupyter.widget-state+json">{text}</script>'
        f'<p><script type="{WIDGET}">{{"model_id": "a"}}</script></p>'
        f'<div class="mf-figure"><script type="{PLOTLY}">{figure}</script></div>'
    )
    page.get_by_text('1 , -Infinity \\ " NaN').wait_for()
    page.locator(".mf-figure .main-svg").first.wait_for()


def test_formulas_come_after_the_first_figure_and_piece_by_piece(page, site, open_page):
    page.route(f"{site}/later.js", lambda route: route.fulfill(body=MATHJAX, content_type="text/javascript"))
    state = {"state": {"_esm": MODULE, "n": 1}, "buffers": [{"path": ["table"], "data": "BQc="}]}
    text = "".join(f"<p id={i}></p>" for i in range(30))
    theorem = "<div id=theorem><section><p id=inside></p></section></div>"
    open_page(
        '<script type="text/later" src="later.js"></script><script type="application/vnd.jupyter.widget-state+json">'
        f"{json.dumps({'state': {'a': state}})}</script><article><section>{theorem}<section>{text}</section></section>"
        f'<p><script type="{WIDGET}">{{"model_id": "a"}}</script></p></article>'
    )
    page.wait_for_function("() => globalThis.told?.pieces.at(-1) === 'the rest'")
    told = page.evaluate("told")
    assert (told["typeset"], told["figure"]) == (False, True)
    *pieces, _ = told["pieces"]
    assert [formula for piece in pieces for formula in piece] == ["theorem", *map(str, range(30))] and len(pieces) > 1


def test_paper_does_not_wait_for_the_formulas(page, site, open_page):
    page.route(f"{site}/later.js", lambda route: route.fulfill(body=MATHJAX, content_type="text/javascript"))
    text = "".join(f"<p id={i}></p>" for i in range(30))
    open_page(f'<script type="text/later" src="later.js"></script><article><section>{text}</section></article>')
    page.wait_for_function("() => globalThis.told")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert "at once" in page.evaluate("told.pieces")


def figure(**layout):
    data = [{"type": "scatter", "x": [0, 1], "y": [0, 1], "name": "</script><b>", "line": {"color": "#0072B2"}}]
    return MimeData(PLOTLY, {"data": data, "layout": layout})


def test_a_plotly_figure_follows_the_theme(open_page):
    [node] = PlotlyFigure.handle_mime(None, figure(title={"text": "A title"}), False)
    page = open_page(node.astext())
    drawn = "() => document.querySelector('.js-plotly-plot')?._fullLayout?.font.color"
    page.wait_for_function(drawn)
    light, blue = page.evaluate(drawn), "document.querySelector('.scatterlayer .js-line').style.stroke"
    assert page.evaluate(blue) == "rgb(0, 114, 178)"
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.wait_for_function(f"light => ({drawn})() !== light", arg=light)
    assert page.evaluate("document.querySelector('.js-plotly-plot').data[0].name") == "</script><b>"
    page.wait_for_function(f"() => {blue} === 'rgb(86, 180, 233)'")  # seen on black


@pytest.mark.parametrize(
    ("layout", "alt"),
    [
        ({"title": {"text": "a < b"}}, "a &lt; b"),
        ({"title": {"text": "no"}, "meta": {"alt": 'the "first"'}}, "the &quot;first&quot;"),
        ({}, ""),
    ],
)
def test_a_plotly_figure_is_said_in_words(layout, alt):
    [node] = PlotlyFigure.handle_mime(None, figure(template={"layout": {}}, **layout), False)
    assert f'<p class="visually-hidden">{alt}</p>' in node.astext()
    assert "template" not in node.astext()


def test_other_outputs_are_left_alone():
    assert PlotlyFigure.handle_mime(None, MimeData("text/plain", "1"), False) is None


@pytest.mark.parametrize("size", [(390, 844), (844, 390)], ids=["upright", "on its side"])
def test_a_finger_scrolls_past_a_plotly_figure(browser, site, size):
    [node] = PlotlyFigure.handle_mime(None, figure(height=300), False)
    body = f"""<!doctype html><html data-content_root="./" data-theme="light"><head>
        <meta name="viewport" content="width=device-width"><script defer src="_static/take_home.js"></script>
        <script defer src="_static/live.js"></script></head>
        <body style="height: 4000px; padding-top: 40px">{node.astext()}</body></html>"""
    viewport = dict(zip(("width", "height"), size, strict=True))
    context = browser.new_context(viewport=viewport, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.route(f"{site}/try.html", lambda route: route.fulfill(body=body, content_type="text/html"))
    page.goto(f"{site}/try.html")
    page.wait_for_function("() => document.querySelector('.js-plotly-plot .nsewdrag')")
    assert not page.locator(".modebar-btn").count()  # they would lie over the legend
    swipe(page, (size[0] / 2, 240), (size[0] / 2, 40))
    page.wait_for_function("() => scrollY > 50", timeout=5_000)
    context.close()
