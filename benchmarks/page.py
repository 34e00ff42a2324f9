"""What the page costs a reader: bytes to fetch, time until the figure is ready, until a control answers, to redraw.

Writes page.json. Needs the built book (`make html`) and Chromium.
"""

import gzip
import shutil
import sys
import threading
from pathlib import Path

import numpy as np
from keep import keep
from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1] / "book" / "_ext"))
from serve import HTML, server

PAGE = "book/infinite_width.html"
# Moves a control and waits for the figure's next revision: from the reader's hand to the finished drawing.
MOVE = """([trait, share]) => new Promise(done => {
  const section = document.querySelector('section.mf-explorable');
  const control = section.querySelector(`[data-trait="${trait}"]`);
  const before = section.dataset.revision, started = performance.now();
  new MutationObserver((_, watch) => {
    if (section.dataset.revision === before) return;
    watch.disconnect();
    done(performance.now() - started);
  }).observe(section, {attributes: true, attributeFilter: ['data-revision']});
  control.value = Number(control.min) + share * (control.max - control.min);
  control.dispatchEvent(new Event('input', {bubbles: true}));
})"""


# The part of it that computes and draws; the rest is waiting for the next frame.
REDRAW = "document.querySelector('section.mf-explorable').dataset.redrawMs"


def gzipped(path):
    return len(gzip.compress(path.read_bytes()))


def measure(browser, address):
    """Bytes fetched by kind, and milliseconds."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    fetched = []
    page.on("requestfinished", lambda request: fetched.append(request.url.split("?")[0].split("#")[0]))
    page.goto(f"{address}/{PAGE}")
    page.wait_for_selector('section.mf-explorable[data-ready="true"]')
    ready = page.evaluate("performance.now()")
    answers, redraws = {}, []
    for trait in ("d", "alpha", "w2", "b2", "eta_1", "t_end", "t_fraction"):
        shares = np.random.default_rng(0).uniform(0.1, 0.6, 15)
        moves = [(page.evaluate(MOVE, [trait, float(share)]), page.evaluate(REDRAW)) for share in shares]
        answers[trait] = float(np.median([answer for answer, _ in moves]))
        redraws += [float(redraw) for _, redraw in moves]
    files = {HTML / url.removeprefix(address).lstrip("/") for url in fetched if url.startswith(address)}
    size = {path.relative_to(HTML).as_posix(): gzipped(path) for path in files if path.is_file()}
    page.close()
    return size, ready, answers, float(np.median(redraws))


if __name__ == "__main__":
    with server() as book, sync_playwright() as playwright:
        threading.Thread(target=book.serve_forever, daemon=True).start()
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        runs = [measure(browser, f"http://127.0.0.1:{book.server_port}") for _ in range(3)]
        browser.close()
        book.shutdown()
    size = runs[0][0]
    plotly = sum(bytes for name, bytes in size.items() if "plotly" in name)
    keep(
        "page",
        {
            "gzipped kB": {
                "the page itself": size[PAGE] / 1000,
                "plotly.js, shared by all pages": plotly / 1000,
                "all the rest (theme, fonts, mathematics)": (sum(size.values()) - size[PAGE] - plotly) / 1000,
            },
            "ready after ms": float(np.median([ready for _, ready, _, _ in runs])),
            "redraw in ms": float(np.median([redraw for *_, redraw in runs])),
            "answer in ms": {trait: float(np.median([run[2][trait] for run in runs])) for trait in runs[0][2]},
        },
    )
