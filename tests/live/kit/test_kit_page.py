"""The kit in a browser: every kind of control, painted canvases, what moves by itself, workers, saved files."""

import pytest
from bare_page import ADDRESS, serve

from mfdepth.live.kit.bundle import LIVE
from mfdepth.live.kit.widget import Explorable, module

FIGURE = """
import { explorable } from "KIT/figure.js";
import { paintCanvas } from "KIT/plot.js";
import { startWorker } from "KIT/worker.js";
import WORKER from "./double.js" with { type: "text" };

const log = (globalThis.log = []);
const FIGURE = {
  name: "Kit", title: "A figure for tests",
  controls: { points: { read: (text) => text.split("_").map(Number), write: (points) => points.join("_") } },
  actions: [{ action: "add", label: "Add a point", run: ({ change, settings }) => change({ points: [...settings().points, 7] }) }],
  plots: [
    { name: "lines", alt: "lines", caption: "Lines.", keys: [{ label: "a & b", colour: "red" }] },
    { name: "canvas", alt: "a canvas", caption: "Painted.", show: paintCanvas },
  ],
  python: (settings) => JSON.stringify(settings),
  draw: ({ n, kind, loud, points }) => ({
    message: n === 3 ? "three" : "",
    readout: [["n =", String(n)], ["kind =", kind], ["loud =", String(loud)], ["points =", points.join(" ")]],
    plots: {
      lines: { data: [{ meta: "l", x: [0, 1, 2], y: [0, n, NaN] }], layout: { xaxis: { title: "x" }, yaxis: { title: "y" } } },
      canvas: {
        data: [{ x: points, y: points }],
        paint: (context, width, height, colours) => { context.fillStyle = colours.text; context.fillRect(0, 0, width, height); },
      },
    },
  }),
  live: ({ root }) => {
    const worker = startWorker(WORKER);
    worker.onmessage = ({ data }) => (root.dataset.answer = data);
    worker.postMessage(20);
    log.push("started");
    return () => { worker.terminate(); log.push("ended"); };
  },
};
export function render(context) { return explorable(FIGURE, context); }
"""
START = {"n": 1, "kind": "sine", "loud": False, "points": [1, 2]}
CONTROLS = [
    {"name": "n", "label": "number", "linear": [0, 3, 1], "whole": True},
    {"name": "kind", "label": "kind", "choices": [{"value": v, "label": v} for v in ("sine", "line")]},
    {"name": "loud", "label": "loud", "toggle": True, "more": True},
    {"name": "points", "hidden": True},
]
SETTINGS = "(({ controls, ...settings }) => settings)(state)"


@pytest.fixture(scope="module")
def context(browser, tmp_path_factory):
    folder = tmp_path_factory.mktemp("kit")
    (folder / "double.js").write_text("onmessage = ({ data }) => postMessage(2 * data);")
    script = folder / "kit.js"
    script.write_text(FIGURE.replace("KIT", str(LIVE / "kit")))
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    context.set_default_timeout(10_000)
    serve(context, module(script), Explorable._css, START | {"controls": CONTROLS})
    yield context
    context.close()


@pytest.fixture
def page(context):
    page, errors = context.new_page(), []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(ADDRESS)
    page.wait_for_function("() => document.querySelector('[data-ready=true]')")
    yield page
    page.close()
    assert not errors


def shown(page):
    return [value.text_content() for value in page.locator("[data-readout] b").all()]


def test_every_kind_of_control_moves_the_model_and_the_picture(page):
    assert shown(page) == ["1", "sine", "false", "1 2"]
    page.locator("[data-trait=n]").press("End")
    page.locator("[data-trait=kind]").select_option("line")
    page.locator("[data-trait=loud]").press("Space")
    page.locator("[data-action=add]").click()
    page.wait_for_function("() => document.querySelector('[data-readout]').textContent.includes('1 2 7')")
    assert shown(page) == ["3", "line", "true", "1 2 7"]
    assert page.evaluate(SETTINGS) == {"n": 3, "kind": "line", "loud": True, "points": [1, 2, 7]}
    assert page.locator(".mf-message").text_content() == "three"
    page.wait_for_function("() => location.hash === '#~Kit.n=3&Kit.kind=line&Kit.loud=true&Kit.points=1_2_7'")
    page.locator("[data-action=reset]").click()
    page.wait_for_function("() => location.hash === ''")
    assert page.evaluate(SETTINGS) == START
    assert page.locator("[data-trait=kind]").input_value() == "sine"


@pytest.mark.parametrize("width", [390, 1280])
def test_a_message_moves_no_control_and_covers_no_plot(page, width):
    page.set_viewport_size({"width": width, "height": 800})
    slider, message = page.locator("[data-trait=n]"), page.locator(".mf-message")
    before = slider.bounding_box()
    slider.press("End")
    message.wait_for(state="visible")
    assert slider.bounding_box() == before
    box, plots = message.bounding_box(), page.locator(".mf-plots").bounding_box()
    assert box["y"] + box["height"] <= plots["y"]


def test_the_fold_opens_by_key_and_for_what_the_address_changes(page):
    fold = page.locator("details.mf-more")
    assert fold.locator("[data-trait]").count() == 1 and fold.locator("[data-trait=loud]").count() == 1
    page.evaluate("document.querySelector('details').open = false")
    assert not page.locator("[data-trait=loud]").is_visible()
    page.locator("[data-trait=n]").press("End")  # what is not folded does not open it
    page.wait_for_function("() => document.querySelector('.mf-message').textContent === 'three'")
    assert not fold.evaluate("fold => fold.open")
    page.locator("summary").focus()
    page.keyboard.press("Enter")
    page.locator("[data-trait=loud]").press("Space")
    page.wait_for_function("() => location.hash.includes('loud=true')")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    page.locator("[data-trait=n]").press("Home")  # and it stays closed when its own setting stays
    page.wait_for_function("() => document.querySelector('.mf-message').textContent === ''")
    assert not fold.evaluate("fold => fold.open")
    page.evaluate("location.hash = '#~Kit.n=2'")
    page.wait_for_function("() => !document.querySelector('[data-trait=loud]').checked")
    page.evaluate("location.hash = '#~Kit.loud=true'")
    page.wait_for_function("() => document.querySelector('details').open")


def test_the_full_window_opens_by_key_or_link_and_escape_closes_it(page):
    page.set_viewport_size({"width": 1280, "height": 1000})
    button, section = page.locator("[data-action=window]"), page.locator("section.mf-explorable")
    before, places = section.bounding_box(), page.locator("[data-place]").bounding_box()
    plot = page.locator(".mf-drawing").first.bounding_box()
    button.focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.querySelector('dialog').matches(':modal')")
    assert button.text_content() == "Close window" and button.evaluate("b => b === document.activeElement")
    page.wait_for_function(
        "height => document.querySelector('.mf-drawing').getBoundingClientRect().height > 1.3 * height",
        arg=plot["height"],
    )
    window = page.locator("dialog").bounding_box()
    assert [window["x"], window["y"], window["width"]] == [0, 0, page.viewport_size["width"]]
    assert page.locator("[data-place]").bounding_box()["height"] == pytest.approx(places["height"], abs=1)
    page.locator("[data-trait=n]").press("End")
    page.wait_for_function("() => document.querySelector('[data-readout] b').textContent === '3'")
    page.locator("[data-action=copy-link]").click()
    link = page.evaluate("navigator.clipboard.readText()")
    page.keyboard.press("Escape")
    page.wait_for_function("() => !document.querySelector('dialog')")
    assert button.text_content() == "Full window" and button.evaluate("b => b === document.activeElement")
    assert section.bounding_box()["width"] == before["width"]
    page.goto("about:blank")
    page.goto(link)
    page.wait_for_function("() => document.querySelector('dialog [data-ready=true]')")
    assert page.evaluate("state.n") == 3
    page.keyboard.press("Escape")  # and then a reload does not open it
    page.wait_for_function("() => !document.querySelector('dialog') && !location.hash.includes('window')")
    page.locator("[data-action=window]").click()
    page.evaluate("end()")
    page.wait_for_function("() => !document.querySelector('dialog')")


def test_an_address_brings_every_kind_of_setting_back(page):
    page.evaluate("location.hash = '#~Kit.n=2&Kit.kind=line&Kit.loud=true&Kit.points=4_5'")
    page.wait_for_function("() => state.points[0] === 4")
    assert page.evaluate(SETTINGS) == {"n": 2, "kind": "line", "loud": True, "points": [4, 5]}
    assert page.locator("[data-trait=loud]").is_checked()


def test_lines_and_canvas_are_drawn_at_the_size_of_their_box(page):
    drawn = page.evaluate(
        """() => [...document.querySelectorAll(".mf-drawing")].map((node) => {
            const [box, inner] = [node, node.firstElementChild].map((n) => n.getBoundingClientRect());
            return [box.width - inner.width, box.height - inner.height].map(Math.abs);
        })"""
    )
    assert all(gap < 1 for gaps in drawn for gap in gaps)
    paths = page.evaluate("() => [...document.querySelectorAll('path')].map((p) => p.getAttribute('d')).join()")
    assert "NaN" not in paths and "L" in paths
    black = page.evaluate("() => document.querySelector('canvas').getContext('2d').getImageData(5, 5, 1, 1).data[3]")
    assert black == 255


def test_a_worker_answers_and_the_end_ends_it(page):
    page.wait_for_function("() => document.querySelector('section').dataset.answer === '40'")
    assert page.evaluate("log") == ["started"]
    page.evaluate("end()")
    assert page.evaluate("log") == ["started", "ended"]


@pytest.mark.parametrize(
    ("action", "name", "holds"),
    [("save-data", "Kit.csv", "lines,l,1,1\n"), ("save-picture", "Kit.svg", "a &amp; b")],
)
def test_a_reader_takes_numbers_and_picture_home(page, action, name, holds):
    with page.expect_download() as download:
        page.locator(f"[data-action={action}]").click()
    assert download.value.suggested_filename == name
    text = download.value.path().read_text(encoding="utf-8")
    assert holds in text
    if name.endswith(".svg"):
        drawn = page.evaluate(
            "text => { const d = new DOMParser().parseFromString(text, 'image/svg+xml');"
            " return [d.querySelectorAll('parsererror').length, d.querySelectorAll('image').length]; }",
            text,
        )
        assert drawn == [0, 1]
        assert '<rect width="100%" height="100%" fill="' in text  # pale words of the dark theme need its ground


def test_the_legend_of_a_picture_is_that_of_the_page(page):
    page.set_viewport_size({"width": 320, "height": 900})
    with page.expect_download() as download:
        page.locator("[data-action=save-picture]").click()
    text = download.value.path().read_text(encoding="utf-8")
    found = page.evaluate(
        """text => {
            const svg = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
            document.body.append(svg);
            const whole = svg.getBoundingClientRect();
            const labels = [...document.querySelectorAll(".mf-legend > span")].map((key) => key.textContent);
            const words = [...svg.querySelectorAll("svg > text")].filter((node) => labels.includes(node.textContent));
            const samples = [...svg.querySelectorAll(":scope > g > path")].map((path) => path.getAttribute("stroke-dasharray"));
            const out = words.filter((node) => node.getBoundingClientRect().right > whole.right);
            svg.remove();
            return [labels.length, words.length, samples.length, out.length];
        }""",
        text,
    )
    assert found[0] == found[1] == found[2] > 0 and found[3] == 0


def test_a_button_that_is_pressed_twice_finds_its_name_again(page):
    button = page.locator("[data-action=copy-python]")
    button.click()
    page.wait_for_function("() => document.querySelector('[data-action=copy-python]').textContent === 'Copied'")
    button.click()
    page.wait_for_function("() => document.querySelector('[data-action=copy-python]').textContent === 'Copy as Python'")
