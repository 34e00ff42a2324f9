"""For tests in a browser: a bare page that hosts live figures as the book does, and the figures of a page of the book."""

import json
from contextlib import contextmanager

ADDRESS = "http://localhost/page.html"  # answered by the tests themselves; localhost may use the clipboard

# What the tests look at: models, states and ends, one a figure; state and end of the first; alive, ended: workers.
PAGE = """<!doctype html><html data-content_root="./" data-theme="light"><meta charset="utf-8"><style>%(css)s</style>
<h2 id="heading">A heading</h2>%(places)s<script type="module">
const Native = Worker;
Object.assign(globalThis, { alive: 0, ended: 0, models: [], ends: [] });
globalThis.Worker = class extends Native {
  constructor(url) { super(url); alive += 1; }
  terminate() { super.terminate(); alive -= 1; ended += 1; }
};
const figure = (await import("./figure.js")).default;
function createModel(state) {
  let listeners = [];
  const emit = (event, ...args) => listeners.filter((l) => l[0] === event).forEach((l) => l[1](...args));
  return {
    get: (name) => state[name],
    set(name, value) {
      if (JSON.stringify(state[name]) === JSON.stringify(value)) return;
      state[name] = value;
      emit(`change:${name}`);
    },
    on: (event, callback) => listeners.push([event, callback]),
    off: (event, callback) => (listeners = listeners.filter((l) => l[0] !== event || (callback && l[1] !== callback))),
    save_changes() {}, send() {},
    hear: (message) => emit("msg:custom", message),
    heard: () => listeners.length,
  };
}
globalThis.states = [...document.querySelectorAll("[data-place]")].map((el) => {
  const state = %(state)s, model = createModel(state);
  models.push(model);
  ends.push(figure.render({ model, el }));
  return state;
});
globalThis.state = states[0];
for (const fold of document.querySelectorAll("details")) fold.open = %(unfolded)s;
globalThis.end = () => ends[0]?.();
</script></html>"""


def state_of(widget):
    """What the front end is given: every trait that is shared with it, but for those of all widgets."""
    names = [name for name in widget.traits(sync=True) if not name.startswith("_")]
    return {name: getattr(widget, name) for name in names if name not in ("layout", "tabbable", "tooltip", "comm")}


def answers(script, css, state, figures=1, style="", unfolded=True):
    """The files of a page with some figures of one module, each starting from the state: {name: (text, type)}.

    style: of each figure's place. unfolded: whether the controls behind the fold are seen.
    """
    places = "".join(f'<div data-place style="{style}"></div>' for _ in range(figures))
    page = PAGE % {"css": css, "places": places, "state": json.dumps(state), "unfolded": json.dumps(unfolded)}
    return {"page.html": (page, "text/html"), "figure.js": (str(script), "text/javascript")}


def serve(context, *args, **more):
    """Let a browser's context, or a page, find the files of `answers(...)`."""

    def find(name, text, kind):
        context.route(f"**/{name}", lambda route: route.fulfill(body=text, content_type=kind))

    for name, (text, kind) in answers(*args, **more).items():
        find(name, text, kind)


def swipe(page, start, end, steps=10):
    """A finger goes from one point of the window to another: (x, y) each. The browser's context must have touch."""
    hand = page.context.new_cdp_session(page)
    for i in range(steps + 1):
        x, y = (a + (b - a) * i / steps for a, b in zip(start, end, strict=True))
        kind = "touchMove" if i else "touchStart"
        hand.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
    page.wait_for_timeout(200)  # a finger that rests before it leaves does not fling the page
    hand.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


@contextmanager
def shown(browser, figure, *, figures=1, **options):
    """A page with a figure, once it is drawn; at its end no script may have failed. options: of the browser's context."""
    context, errors = browser.new_context(**options), []
    context.set_default_timeout(20_000)
    serve(context, figure._esm, figure._css, state_of(figure), figures=figures)
    page = context.new_page()
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(ADDRESS)
    page.wait_for_function("n => document.querySelectorAll('[data-ready=true]').length === n", arg=figures)
    yield page
    context.close()
    assert not errors


UNFOLD = """() => document.querySelectorAll("details").forEach((fold) => {
    fold.open ||= fold.querySelector("section.mf-explorable") !== null;
})"""


def drawn_figures(page):
    """The live figures of a page of the book, once each is unfolded and has drawn."""
    page.wait_for_function("() => !document.querySelector('script[type*=\"widget-view\"]')")
    page.evaluate(UNFOLD)
    figures = page.locator("section.mf-explorable").all()
    for figure in figures:
        figure.scroll_into_view_if_needed()
        page.wait_for_function("figure => figure.dataset.ready === 'true'", arg=figure.element_handle())
    return figures
