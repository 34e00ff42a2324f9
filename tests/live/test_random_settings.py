"""Every live figure at random combinations of all its controls: nothing that is not a number is drawn, nothing fails."""

import json
import random
import re
from pathlib import Path

import numpy as np
import plotly
import plotly.graph_objects as go
import pytest
from bare_page import ADDRESS, answers, state_of
from py_mini_racer import MiniRacer

import mfdepth as mf
from mfdepth.chapters import general_case

NAMES = sorted({*mf.explorables.__all__} - {"Question", "explore"})  # a question draws nothing, explore makes Explore
PLOTLY = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
HOST = "http://localhost"


def simulation():
    rng = np.random.default_rng(0)
    law, w1, t = mf.BesselLaw(4), mf.init_first_layer(4, 40, 1.0, rng), [0, 2, 10]
    w2, b2 = np.array([-0.2, -0.1]), np.array([0.5, 0.6])
    run = mf.finite_width(law, w1, w2, b2, t, save_w1=True)
    return mf.explorables.Simulation(run, mf.infinite_width(law, 1.0, w2, b2, t), mf.random_directions(3, 4, rng))


def curve(n, sign, dashed):
    line = {"dash": "dash" if dashed else "solid"}
    return go.Figure(go.Scatter(x=[0, 1], y=[0, n if sign == "up" else -n], line=line), {"title": {"text": f"{n}"}})


FIGURES = {
    "Simulation": simulation,
    "Guess": lambda: mf.explorables.Guess(
        "Where?", [0, 1, 2], {"up": [1, 2, 3], "down": [3, 2, 1]}, x_title="x", y_title="y", y_range=(0, 4)
    ),
    "Explore": lambda: mf.explore(curve, n=[1, 2, 5], sign=["up", "down"], dashed=[False, True]),
}


def make(name):
    """A live figure of that class: by its recipe, or as it is without arguments."""
    return FIGURES.get(name, getattr(mf.explorables, name))()


# The figure object is caught on its way to the page, and what it would draw is looked at.
WITHOUT_A_PAGE = r"""
globalThis.document = { createElement: () => ({ style: {}, getContext: () => recorder(() => {}) }) }; // for canvases kept aside
let figure;
explorable = (caught) => { figure = caught; return () => {}; };
const model = { get: (name) => STATE[name], set: (name, value) => { STATE[name] = value; }, on() {}, off() {}, save_changes() {}, send() {} };
const controls = () => controlsOf(figure, model);
const start = () => Object.fromEntries(controls().filter(({ get }) => !get).map(({ name }) => [name, STATE[name]]));
const positions = () => controls().filter((control) => !control.hidden).map((control) => ({
  name: control.name,
  values: control.toggle ? [false, true] : control.choices ? control.choices.map(({ value }) => value) : control.values,
}));
// Controls of the figure's own move other settings.
const settingsAt = (moved) => controls().reduce(
  (now, { name, set }) => (name in moved ? { ...now, ...(set ? set(moved[name], now) : { [name]: moved[name] }) } : now),
  start(),
);
const wrong = /NaN|undefined|Infinity|null/;

function faults(settings) {
  const found = [];
  const say = (where, what) => found.push(`${where}: ${what}`);
  const { message, readout, plots } = figure.draw(settings);
  if (typeof message !== "string" || wrong.test(message)) say("message", message);
  for (const [label, text] of readout) if (typeof text !== "string" || wrong.test(text)) say(label, text);
  const call = figure.python(settings, (...names) => pythonKeywords(controls(), settings, names));
  if (typeof call !== "string" || wrong.test(call)) say("Python", call);
  for (const { name, show } of figure.plots) {
    const drawing = plots[name];
    if (!drawing) say(name, "is not drawn");
    else if (drawing.paint) drawing.paint(recorder((what) => say(name, what)), 400, 300, { text: "rgb(0, 0, 0)", faint: "rgba(0, 0, 0, 0.1)", font: "serif", dark: false });
    else if (!show) plotFaults(drawing, (what) => say(name, what));
  }
  return found;
}

function plotFaults({ data, layout }, say) {
  const axes = axesOf(data, layout);
  const area = plotArea(MARGIN, 500, 400);
  for (const [name, { low, high }] of Object.entries(axes)) {
    if (!(Number.isFinite(low) && Number.isFinite(high) && low < high)) say(`axis ${name} from ${low} to ${high}`);
  }
  for (const { axis, style, text } of [...data.flatMap(traceMarks(axes, area)), ...otherMarks(layout, axes, area)]) {
    for (const [name, value] of Object.entries(style)) if (wrong.test(String(value))) say(`${name} of a mark on ${axis} is ${value}`);
    if (text !== undefined && wrong.test(text)) say(`text ${text}`);
  }
  for (const { meta, x, y } of data) {
    if (x.length !== y.length) say(`${meta} has ${x.length} x and ${y.length} y`);
    const lost = (values) => values.length > 0 && Array.from(values).every((v) => v !== null && !Number.isFinite(v));
    if (lost(x) || lost(y)) say(`${meta} holds no number at all`); // null says: nothing here, on purpose
  }
}

// A canvas that only listens.
function recorder(say) {
  const check = (name, values) => {
    for (const v of values) if (typeof v === "number" && !Number.isFinite(v)) say(`canvas: ${name}(${values.join(", ")})`);
  };
  const nothing = { addColorStop() {}, data: [], width: 1 };
  return new Proxy({}, {
    get: (own, name) => own[name] ?? ((...args) => {
      check(String(name), args);
      if (name === "createImageData" || name === "getImageData") {
        return { width: args[0], height: args[1], data: new Uint8ClampedArray(4 * args[0] * args[1]) };
      }
      return nothing;
    }),
    set: (own, name, value) => {
      check(String(name), [value]);
      own[name] = value;
      return true;
    },
  });
}
"""


def without_a_page(widget):
    v8 = MiniRacer()
    v8.eval(str(widget._esm).removesuffix("export default { render };\n"))
    v8.eval(f"const STATE = {json.dumps(state_of(widget))};")
    v8.eval(WITHOUT_A_PAGE)
    v8.eval("render({ model, el: null })")
    return v8


def draw_of(positions, rng, corner):
    """A setting of all controls at once: each anywhere, or each at one of its ends."""
    pick = (lambda values: rng.choice([values[0], values[-1]])) if corner else rng.choice
    return {position["name"]: pick(position["values"]) for position in positions}


@pytest.mark.parametrize("name", NAMES)
def test_no_combination_draws_what_is_not_a_number(name):
    v8, rng = without_a_page(make(name)), random.Random(name)
    positions = json.loads(v8.eval("JSON.stringify(positions())"))
    assert positions, "a live figure without a control"
    for i in range(40):
        moved = draw_of(positions, rng, corner=i % 2 == 0)
        settings = json.loads(v8.eval(f"JSON.stringify(settingsAt({json.dumps(moved)}))"))
        found = json.loads(v8.eval(f"JSON.stringify(faults({json.dumps(settings)}))"))
        assert not found, (settings, found[:5])


def test_the_checks_see_what_they_look_for():
    # a figure with one fault of each kind, so that silence above means something
    v8 = without_a_page(mf.explorables.InfiniteWidth())
    drawing = "{ message: '', readout: [['a', 'NaN']], plots: { p: { data: [DATA], layout: { yaxis: {} } } } }"
    for data, fault in (
        ("{ x: [0, 1], y: [NaN, NaN] }", "p: undefined holds no number at all"),
        ("{ x: [0], y: [1], opacity: NaN }", "p: opacity of a mark on y is NaN"),
        ("{ x: [0, 1], y: [1] }", "p: undefined has 2 x and 1 y"),
    ):
        plot = drawing.replace("DATA", data)
        v8.eval(
            f"figure = {{ controls: {{}}, plots: [{{ name: 'p' }}], python: () => 'f()', draw: () => ({plot}) }}; 1"
        )
        found = json.loads(v8.eval("JSON.stringify(faults({}))"))
        assert found[0] == "a: NaN" and fault in found
    v8.eval(
        "figure.plots = [{ name: 'p', show: 1 }]; figure.draw = () => ({ message: '', readout: [], plots: { p: PAINTED } })".replace(
            "PAINTED", "{ paint: (context) => { context.lineWidth = NaN; context.arc(0, 0 / 0, 1); } }"
        )
    )
    assert len(json.loads(v8.eval("JSON.stringify(faults({}))"))) == 2


# --- in a browser ------------------------------------------------------------------------------------------------------


# all controls at once, as a hand with many fingers; each place is a share of the control's way
MOVE = """(places) => {
    const controls = [...document.querySelectorAll("[data-trait]")];
    const revision = Number(document.querySelector("section.mf-explorable").dataset.revision);
    const values = () => JSON.stringify(controls.map((control) => [control.value, control.checked]));
    const before = values();
    controls.forEach((control, i) => {
        const share = places[i % places.length];
        if (control.type === "range") {
            control.value = Math.round(share * control.max);
            control.dispatchEvent(new Event("input", { bubbles: true }));
        } else if (control.type === "checkbox") {
            if (control.checked !== share >= 0.5) control.click();
        } else {
            control.selectedIndex = Math.round(share * (control.options.length - 1));
            control.dispatchEvent(new Event("change", { bubbles: true }));
        }
    });
    return values() === before ? -1 : revision; // -1: nothing to wait for
}"""
REDRAWN = "before => Number(document.querySelector('section.mf-explorable').dataset.revision) > before"
FAULTS = """() => {
    const words = document.querySelector("[data-readout]").textContent + document.querySelector(".mf-message").textContent;
    const drawn = [...document.querySelectorAll(".mf-drawing svg *")].flatMap((node) =>
        [...node.attributes].filter(({ value }) => /NaN|undefined|Infinity/.test(value)).map(({ name, value }) => `${name}=${value}`));
    const wide = [...document.querySelectorAll("[data-readout] > *")].filter((node) => node.scrollWidth > node.clientWidth + 1);
    const over = wide.map((node) => `beyond its column: ${node.textContent}`);
    return [...(/NaN|undefined|Infinity|could not be drawn/.test(words) ? [words] : []), ...drawn, ...over];
}"""


@pytest.fixture
def open_figure(browser):
    """Opens a live figure on a bare page; at the end the page has raised nothing and asked no other host."""
    context, complaints = browser.new_context(), []
    context.set_default_timeout(20_000)

    def open_figure(widget):
        files = answers(widget._esm, widget._css, state_of(widget))
        files["plotly.min.js"] = PLOTLY.read_text(encoding="utf-8"), "text/javascript"

        def answer(route):
            file = route.request.url.rpartition("/")[2]
            if route.request.url.startswith(HOST) and file in files:
                return route.fulfill(body=files[file][0], content_type=files[file][1])
            if not route.request.url.startswith("blob:") and file != "favicon.ico":
                complaints.append(route.request.url)
            return route.abort() if file != "favicon.ico" else route.fulfill(body="")

        page = context.new_page()
        page.route("**/*", answer)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.goto(ADDRESS)
        page.wait_for_function("() => document.querySelector('section.mf-explorable[data-ready=true]')")
        return page

    yield open_figure
    context.close()
    assert not complaints


@pytest.mark.parametrize("name", NAMES)
def test_every_combination_answers_in_a_browser_and_nothing_goes_on_after_the_end(name, open_figure):
    page, rng = open_figure(make(name)), random.Random(name)
    section, controls = page.locator("section.mf-explorable"), page.locator("[data-trait]").count()
    own = page.locator(
        ".mf-actions button:not([data-action=copy-python], [data-action=copy-link], [data-action^=save])"
    )
    assert own.count() >= 1  # "Reset", and what runs or pauses
    seen = set()
    for i in range(12):
        places = [float(rng.random() < 0.5) if i % 2 else rng.random() for _ in range(controls)]
        page.wait_for_function(REDRAWN, arg=page.evaluate(MOVE, places))
        if i % 3 == 0:
            own.nth(rng.randrange(own.count())).dispatch_event("click")
            page.wait_for_timeout(50)
        assert page.evaluate(FAULTS) == [], places
        seen.add(page.locator("[data-readout]").text_content())
    assert len(seen) > 1
    page.locator("[data-action=reset]").dispatch_event("click")
    for action in page.locator("[data-action]").all():
        if re.fullmatch("run|play|start|step", action.get_attribute("data-action")):
            action.dispatch_event("click")
    page.wait_for_timeout(100)
    page.evaluate("end()")
    page.wait_for_timeout(60)  # a frame that was under way may still be drawn
    before = section.get_attribute("data-revision")
    page.evaluate(MOVE, [0.0, 1.0, 0.3])
    page.wait_for_timeout(200)
    assert section.get_attribute("data-revision") == before
    page.goto("about:blank")  # and the page can be left


def test_the_runs_of_compounding_come_from_their_worker(open_figure):
    widget = mf.explorables.Compounding(m=256, tube=0.05)
    page = open_figure(widget)
    arrived = "() => !document.querySelector('[data-readout]').textContent.includes('…')"
    page.wait_for_function(arrived)
    t = np.linspace(0, 40, 81)
    for case, a, w in widget.starts():
        error = general_case.general_run(case, a, w, t, step=0.5).error
        expected = f"{len(a)} leave at {t[np.argmax(error > 0.05)]:g} "
        assert expected in page.locator("[data-readout]").text_content()
    page.locator("[data-trait=antisymmetric]").click()
    page.wait_for_function("() => document.querySelector('[data-readout]').textContent.match(/never/g)?.length === 3")
    page.locator("[data-trait=seed]").press("End")  # many wishes at once: the newest is answered in the end
    page.locator("[data-trait=antisymmetric]").click()
    page.locator("[data-trait=seed]").press("Home")
    page.wait_for_function(arrived)
