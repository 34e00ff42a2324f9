"""What the pages cost a reader: bytes to fetch, time until a figure is ready, until a control answers, to redraw.

Bytes: gzipped as a web server would send them, all that a page with an empty cache fetches while its reader stays at the
top. What comes only when a figure is scrolled to, plotly.js, is counted apart. Ready: from the opening of a page, with an
empty cache, until its first live figure has its picture and the page is free to hear a hand; the reader scrolls to the
figure as soon as there is one. Formulas: until the last one in the text is typeset, on the same visit.

Writes page.json. Needs the built book (`make html`) and Chromium, and a quiet machine.
"""

import gzip
import shutil
import sys
import threading
from pathlib import Path

import numpy as np
from keep import keep
from playwright.sync_api import sync_playwright
from tqdm import tqdm

sys.path.insert(0, str(Path(__file__).parents[1] / "book" / "_ext"))
from serve import HTML, server

FIRST = "book/index.html"  # whoever opens another page after it has its files already
ROUNDS, MOVES = 5, 41
READY = "section.mf-explorable[data-ready=true]"
ALL_HERE = """() => !document.querySelector('script[type*="widget-view"]')"""
VISIT = """(() => {
  const visit = (globalThis.visit = {});
  new MutationObserver(() => {
    const figure = document.querySelector("section.mf-explorable");
    if (figure && !visit.scrolled) {
      visit.scrolled = true;
      figure.scrollIntoView({ block: "center" });
    }
    if (figure?.dataset.ready === "true" && !visit.drawn) {
      visit.drawn = true;
      setTimeout(() => (visit.ready = performance.now()));
    }
    if (document.querySelector("article mjx-container")) visit.formulas = performance.now();
  }).observe(document, { subtree: true, childList: true, attributeFilter: ["data-ready"] });
})()"""
TYPESET = "() => !document.querySelector('article .math:not(:has(mjx-container))')"
# Moves a control and waits for the figure's next revision: from the reader's hand to the finished drawing; with it the
# part that computes and draws, for the rest is waiting for the next frame.
MOVE = """([control, share]) => new Promise(done => {
  const section = control.closest("section"), from = control.value;
  control.value = Number(control.min) + Math.round(share * (control.max - control.min));
  if (control.value === from) return done(null);
  const before = section.dataset.revision, started = performance.now();
  new MutationObserver((_, watch) => {
    if (section.dataset.revision === before) return;
    watch.disconnect();
    done([performance.now() - started, Number(section.dataset.redrawMs)]);
  }).observe(section, {attributes: true, attributeFilter: ["data-revision"]});
  control.dispatchEvent(new Event("input", {bubbles: true}));
})"""


def live_pages():
    """The built chapters that hold a live figure."""
    pages = sorted((HTML / "book").glob("*.html"))
    return [page.relative_to(HTML).as_posix() for page in pages if "widget-view" in page.read_text(encoding="utf-8")]


def gzipped(files):
    """Kilobytes of some files as a web server would send them."""
    return sum(len(gzip.compress((HTML / name).read_bytes())) for name in files) / 1000


def fetched_at_the_top(browser, address, name):
    """The files that a fresh page fetches while its reader stays at the top."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    fetched = set()

    def note(request):
        path = request.url.split("?")[0].split("#")[0].removeprefix(address).lstrip("/")
        if request.url.startswith(address) and (HTML / path).is_file():
            fetched.add(path)

    page.on("requestfinished", note)
    page.goto(f"{address}/{name}", wait_until="networkidle")
    page.wait_for_function(ALL_HERE)
    page.wait_for_function(TYPESET)
    page.wait_for_load_state("networkidle")
    page.close()
    return fetched


def visited(browser, address, name):
    """A fresh page, and the milliseconds until its first figure was ready and until its formulas were typeset."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.add_init_script(VISIT)
    page.goto(f"{address}/{name}")
    page.wait_for_function("() => visit.ready")
    page.wait_for_function(TYPESET)
    return page, page.evaluate("[visit.ready, visit.formulas ?? 0]")


def controls(page):
    """For each slider of each live figure: median and 95th percentile of the answer and of the redraw, in milliseconds."""
    found, rng = {}, np.random.default_rng(0)
    page.wait_for_function(ALL_HERE)
    page.evaluate("document.querySelectorAll('details').forEach((fold) => (fold.open = true))")
    for figure in page.locator("section.mf-explorable").all():
        figure.scroll_into_view_if_needed()
        page.wait_for_function("figure => figure.dataset.ready === 'true'", arg=figure.element_handle())
    for control in page.locator(f"{READY} input[type=range][data-trait]:not([data-no-redraw])").all():
        figure = control.evaluate("control => control.closest('section').dataset.explorable")
        handle = control.element_handle()
        start = control.evaluate("control => (control.value - control.min) / Math.max(1, control.max - control.min)")
        moves = [page.evaluate(MOVE, [handle, share]) for share in alternating(start, rng)]
        answer, redraw = np.array([move for move in moves[1:] if move]).T
        found[f"{figure}.{control.get_attribute('data-trait')}"] = {
            "answer": [float(np.quantile(answer, q)) for q in (0.5, 0.95)],
            "redraw": [float(np.quantile(redraw, q)) for q in (0.5, 0.95)],
        }
        page.evaluate(MOVE, [handle, start])
    return found


def training(browser, address):
    """Seconds of the live training at the paper's size: until it is ready to run, and the run to t = 200 at full speed."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(f"{address}/book/finite_width.html")
    figure = 'section[data-explorable="Training"]'
    page.wait_for_selector(f"{figure}[data-ready=true][aria-busy=false]", timeout=120_000)
    ready = page.evaluate("performance.now()")
    page.locator(f"{figure} [data-action=play]").click()
    known = f"document.querySelector('{figure} [data-time]').style.getPropertyValue('--mf-known')"
    page.wait_for_function(f"() => {known} === '100%'", timeout=240_000)
    seconds = (page.evaluate("performance.now()") - ready) / 1000
    page.close()
    return {"ready": ready / 1000, "run": seconds}


def alternating(start, rng):
    """Places along a slider, each a real move from the last; all near where it starts, as a hand moves it."""
    steps = rng.uniform(0.15, 0.3, MOVES) * np.where(np.arange(MOVES) % 2, 1, -1)
    return np.clip(start + steps, 0, 1).tolist()


if __name__ == "__main__":
    with server() as book, sync_playwright() as playwright:
        threading.Thread(target=book.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{book.server_port}"
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        kept = fetched_at_the_top(browser, address, FIRST)
        pages, moves = {}, {}
        for name in tqdm(live_pages()):
            fetched = fetched_at_the_top(browser, address, name)
            visits = []
            for _ in range(ROUNDS):
                page, milliseconds = visited(browser, address, name)
                visits.append(milliseconds)
                if len(visits) == ROUNDS:
                    moves |= controls(page)
                page.close()
            ready, formulas = np.median(visits, axis=0)
            pages[Path(name).stem] = {
                "the page itself, kB": gzipped([name]),
                "cold, kB": gzipped(fetched),
                "after the landing page, kB": gzipped(fetched - kept),
                "ready after, ms": float(ready),
                "formulas after, ms": float(formulas),
            }
        trained = training(browser, address)
        browser.close()
        book.shutdown()
    shared = gzipped(["_static/plotly.min.js"])
    measured = {"pages": pages, "plotly.js where a figure needs it, kB": shared, "training, s": trained}
    keep("page", measured | {"controls, ms": moves})
