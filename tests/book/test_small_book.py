"""A small book, built with the configuration of the real one: what our extension does for every page."""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup
from docutils import nodes
from live_pages import STATE
from page_chrome import exercise_minutes, repository
from playwright.sync_api import expect
from serve import server
from sphinx.errors import ConfigError

ROOT = Path(__file__).parents[2]
FIGURE = """import mfdepth as mf
import numpy as np
import plotly.graph_objects as go

def chart(d, law, logarithmic):
    figure = go.Figure(go.Scatter(x=np.linspace(0.1, 2, 40), y=law.pdf(np.linspace(0.1, 2, 40)) * d, name="</script>"))
    if d == 7 and logarithmic:
        raise ValueError("d must not be 7 on a logarithmic axis; got 7")
    figure.update_yaxes(type="log" if logarithmic else "linear")
    return figure.update_layout(height=400, meta={"alt": f"At d = {d}."})

LAWS = {"Bessel": mf.BesselLaw(3), "Gauss": mf.GaussianLaw(3)}
unseen = mf.explore(chart, d=[3, 5], law=LAWS, logarithmic=False)"""
CELLS = {
    "all": "mf.explore(chart, d=[3, 5, 7], law=LAWS, logarithmic=[False, True], start={'d': 5})",
    "each": "mf.explore(chart, d=[3, 5, 7], law=LAWS, logarithmic=[False, True], start={'d': 5}, frames='each')",
    "none": "mf.explore(chart, d=[3, 5, 7], law=LAWS, logarithmic=False, frames='none')",
}
HEAT = """go.Figure([
    go.Scatter(x=np.array([0.5, 1.5]), y=np.array([1.0, 2.0]), name='a, "b"', line_color="#0072B2"),
    go.Heatmap(z=np.array([[1, 2], [3, 4]]), x=[10, 20], y=[5, 6]),
])"""
ADDRESS = "https://github.com/someone/a-book"
TOC = "format: jb-book\nroot: book/index\nchapters:\n  - file: book/figures\n  - file: book/later\n"


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """The folder of the built pages."""
    root = tmp_path_factory.mktemp("book")
    shutil.copytree(ROOT / "book" / "_ext", root / "book" / "_ext", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "book" / "references.bib", root / "book")
    shutil.copy(ROOT / "_config.yml", root)
    (root / "_toc.yml").write_text(TOC)
    (root / "book" / "index.md").write_text(
        "# A small book\n\nIts chapters are [figures](figures.ipynb) and [later](later.ipynb).\n"
    )
    far = '<div style="height: 3000px"></div>'  # from the first screen
    text = f"# Figures\n\nAt $x$, ($z$), $w$ and\n\n$$y.$$\n\n{'Three that move. ' * 200}\n\n{far}"
    markdown = nbformat.v4.new_markdown_cell(text)
    code = [nbformat.v4.new_code_cell(text) for text in (FIGURE, *CELLS.values(), HEAT)]
    code.append(nbformat.v4.new_code_cell("print('folded')", metadata={"tags": ["hide-cell"]}))
    fold = f":::{{admonition}} A proof\n:class: dropdown\n\n{'Three that move. ' * 66}\n:::"
    later = f"## Later\n\nFor a second reading. {'Three that move. ' * 132}\n\n## After that\n\n{fold}"
    notebook = nbformat.v4.new_notebook(cells=[markdown, *code, nbformat.v4.new_markdown_cell(later)])
    tasks = "\n\n".join(
        f":::{{exercise}}\n:label: ex-{level}\n\n*{level}, {time}.* Why?\n:::"
        for level, time in (("Easy", "a quarter of an hour; for later"), ("Hard", "half an hour"))
    )
    second = (
        f"# Later\n\n*For a second reading.* {'Three that move. ' * 99}\n\n## More\n\nFor a second reading.\n\n{tasks}"
    )
    cells = [nbformat.v4.new_markdown_cell(second), nbformat.v4.new_code_cell("1")]
    for name, written in (("figures", notebook), ("later", nbformat.v4.new_notebook(cells=cells))):
        written.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(written, root / "book" / f"{name}.ipynb")
    command = [Path(sys.executable).with_name("jupyter-book"), "build", root, "-W", "-n", "--keep-going"]
    environment = os.environ | {
        "PYTHONWARNINGS": "",
        "BOOK_REPOSITORY": ADDRESS,
    }  # the warnings of other libraries are not ours
    shown = subprocess.run(command, check=False, env=environment, capture_output=True, text=True)
    assert shown.returncode == 0, shown.stdout[-3000:] + shown.stderr[-3000:]
    return root / "_build" / "html"


@pytest.fixture(scope="module")
def site(book):
    with server(folder=book) as served:
        threading.Thread(target=served.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{served.server_port}"
        served.shutdown()


# --- any figure, movable, where no Python runs ----------------------------------------------------------------------

DRAWN = """section => {
    const node = section.querySelector(".mf-drawing");
    const readout = section.querySelector("[data-readout]").textContent.trim();
    return node.data ? [node.data[0]?.y[9] ?? null, node._fullLayout.yaxis.type, readout].join(" | ") : "";
}"""


@pytest.fixture
def figures(page, site):
    """The movable figures of the page, each drawn, by name; and a function that waits until one shows something else."""
    page.goto(f"{site}/book/figures.html")
    page.wait_for_function("() => document.querySelectorAll('section.mf-explorable').length === 3")
    sections = dict(zip(CELLS, page.locator("section.mf-explorable").all(), strict=True))
    for section in sections.values():
        scroll_to(page, section)
    return sections


def scroll_to(page, section):
    """Scroll to a figure, as a reader would, and wait until it is drawn."""
    section.scroll_into_view_if_needed()
    page.wait_for_function(f"section => ({DRAWN})(section)", arg=section.element_handle())


def moved(page, section, move):
    """What a figure shows after a move that changes it."""
    before = section.evaluate(DRAWN)
    move()
    handle = section.element_handle()
    page.wait_for_function(f"([section, before]) => ({DRAWN})(section) !== before", arg=[handle, before])
    page.wait_for_timeout(100)
    return section.evaluate(DRAWN)


def test_frames_step_under_native_controls(page, figures):
    from mfdepth import BesselLaw, GaussianLaw

    section = figures["all"]
    r = 0.1 + 9 * 1.9 / 39
    d, law = section.get_by_label("d", exact=True), section.get_by_label("law")
    y, kind, readout = moved(page, section, lambda: d.press("ArrowLeft")).split(" | ")
    assert float(y) == pytest.approx(3 * BesselLaw(3).pdf(r), rel=1e-4)
    assert (kind, readout) == ("linear", "d = 3 law = Bessel logarithmic = no")
    assert d.get_attribute("aria-valuetext") == "3"
    y, *_ = moved(page, section, lambda: law.select_option("Gauss")).split(" | ")
    assert float(y) == pytest.approx(3 * GaussianLaw(3).pdf(r), rel=1e-4)
    box = section.get_by_label("logarithmic")
    assert moved(page, section, lambda: box.press("Space")).split(" | ")[1] == "log"
    assert section.locator(".mf-drawing").get_attribute("aria-label") == "At d = 3."


def test_a_refusal_is_read_where_the_picture_was(page, figures):
    section = figures["all"]
    moved(page, section, lambda: section.get_by_label("logarithmic").press("Space"))
    moved(page, section, lambda: section.get_by_label("d", exact=True).press("End"))
    assert section.locator(".mf-message[role=status]").text_content() == "d must not be 7 on a logarithmic axis; got 7"
    moved(page, section, lambda: section.locator("[data-action=reset]").click())
    assert section.locator(".mf-message[role=status]").text_content() == ""


def test_one_control_at_a_time_where_the_product_was_too_much(page, figures):
    section = figures["each"]
    moved(page, section, lambda: section.get_by_label("d", exact=True).press("Home"))
    shown = moved(page, section, lambda: section.get_by_label("law").select_option("Gauss"))
    assert shown.endswith("d = 5 law = Gauss logarithmic = no")
    assert section.get_by_label("d", exact=True).get_attribute("aria-valuetext") == "5"
    assert "one control moves at a time" in section.text_content()


def test_without_frames_the_figure_stays_and_says_why(page, figures):
    section = figures["none"]
    before = section.evaluate(DRAWN)
    section.get_by_label("d", exact=True).press("End")
    page.wait_for_timeout(300)
    assert section.evaluate(DRAWN) == before
    assert section.get_by_label("d", exact=True).get_attribute("aria-valuetext") == "3"
    assert "This figure moves where Python runs" in section.text_content()


def test_an_address_asks_for_a_frame(page, site, figures):
    page.goto(f"{site}/book/index.html")
    page.goto(f"{site}/book/figures.html#~chart.d=7&chart.law=Gauss&chart-2.d=3&chart-2.law=Gauss&chart.law=Cauchy")
    section = page.locator("section.mf-explorable").first
    scroll_to(page, section)
    assert section.evaluate(DRAWN).endswith("d = 7 law = Gauss logarithmic = no")
    each = page.locator("section.mf-explorable").nth(1)  # holds no such frame: starts from its start
    scroll_to(page, each)
    assert each.evaluate(DRAWN).endswith("d = 5 law = Bessel logarithmic = no")


def test_the_figure_fits_its_box_at_any_width(page, figures):
    fits = """section => {
        const [box, svg] = [".mf-drawing", ".main-svg"].map((name) => section.querySelector(name).getBoundingClientRect());
        return Math.abs(box.width - svg.width) < 1 && Math.abs(box.height - svg.height) < 1;
    }"""
    for width in (390, 1280, 800):
        page.set_viewport_size({"width": width, "height": 800})
        page.wait_for_function(fits, arg=figures["all"].element_handle())
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize(
    ("action", "name", "holds"),
    [
        ("save-data", "chart.csv", "figure,</script>,0.1,"),
        ("save-picture", "chart.svg", "<svg"),
    ],
)
def test_numbers_and_picture_are_taken_home(page, figures, action, name, holds):
    with page.expect_download() as download:
        figures["all"].locator(f"[data-action={action}]").click()
    assert download.value.suggested_filename == name
    assert holds in download.value.path().read_text(encoding="utf-8")


def test_the_page_stays_light(book):
    html = book / "book" / "figures.html"
    assert html.stat().st_size < 300_000
    state = BeautifulSoup(html.read_text(encoding="utf-8"), "html.parser").find(type=STATE)
    assert len(json.loads(state.text)["state"]) == len(CELLS)  # neither the layouts nor what is not shown


def test_plotly_is_loaded_when_a_figure_comes_near(page, site):
    asked = []
    page.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
    page.goto(f"{site}/book/figures.html")
    page.wait_for_function("() => document.querySelectorAll('section.mf-explorable').length === 3")
    page.wait_for_function("() => MathJax.startup.promise")
    page.evaluate("() => MathJax.startup.promise")
    page.wait_for_timeout(300)
    section = page.locator("section.mf-explorable").first
    assert "plotly.min.js" not in asked and section.get_attribute("data-ready") == "false"
    height = section.bounding_box()["height"]
    scroll_to(page, section)
    page.wait_for_function("section => section.dataset.ready === 'true'", arg=section.element_handle())
    assert asked.count("plotly.min.js") == 1
    assert section.bounding_box()["height"] == height  # nothing jumps when the picture comes


def test_the_first_live_figure_comes_before_the_formulas(page, site):
    page.add_init_script(
        """new MutationObserver(() => {
            if (!globalThis.first && document.querySelector("mjx-container, section.mf-explorable"))
                globalThis.first = document.querySelector("mjx-container") ? "formulas" : "figure";
        }).observe(document, { subtree: true, childList: true })"""
    )
    page.goto(f"{site}/book/figures.html")
    page.wait_for_function("() => document.querySelectorAll('article mjx-container').length === 4")
    assert page.evaluate("first") == "figure"


# --- what stands around the text ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("https://github.com/someone/book", "https://github.com/someone/book"),
        ("https://github.com/someone/book/\n", "https://github.com/someone/book"),
        ("https://github.com/someone/book.git", "https://github.com/someone/book"),
        ("https://gitlab.com/group/part/book.git/", "https://gitlab.com/group/part/book"),
        ("https://github.example.org:8443/someone/book.py", "https://github.example.org:8443/someone/book.py"),
        ("", ""),
        (" ", ""),
    ],
)
def test_the_web_page_of_the_repository(written, address):
    assert repository(written) == address


@pytest.mark.parametrize(
    "written",
    [
        "https://name:secret@github.com/someone/book",
        "https://secret@github.com/someone/book",
        "https://github.com/someone/book?token=secret",
        "git@github.com:someone/book.git",
        "ssh://git@bitbucket.org/someone/book",
        "git+https://github.com/someone/book",
        "http://github.com/someone/book",
        "github.com/someone/book",
        "gh:someone/book",
        "https://github.com/someone",
        "https://github.com//book",
        "https://example.org/github.com/book",
        "/srv/git/github.com/book.git",
        "file:///srv/git/book",
        "../book",
        "https://github.com/someone/book\nhttps://github.com/someone/book",
    ],
)
def test_what_is_no_such_page_is_refused_and_not_repeated(written):
    with pytest.raises(ConfigError, match="must be the web page of a repository") as refusal:
        repository(written)
    assert written not in str(refusal.value) and "secret" not in str(refusal.value)


@pytest.mark.parametrize(("name", "suffix"), [("figures", ".ipynb"), ("index", ".md")])
def test_every_button_leads_to_a_file_that_exists(book, name, suffix):
    page = BeautifulSoup((book / "book" / f"{name}.html").read_text(encoding="utf-8"), "html.parser")
    links = {a.text.strip(): a["href"] for a in page.select(".article-header-buttons a[href]")}
    source = book.parents[1] / "book" / f"{name}{suffix}"
    assert links.pop("Repository") == ADDRESS
    assert links.pop("Suggest edit") == f"{ADDRESS}/edit/main/book/{name}{suffix}" and source.exists()
    download = book / "book" / links.pop(suffix)
    assert download.exists()
    if suffix == ".ipynb":
        assert links.pop("Binder") == (
            f"https://mybinder.org/v2/gh/someone/a-book/main?urlpath=lab/tree/book/{name}.ipynb"
        )
        assert links.pop("Colab") == (
            f"https://colab.research.google.com/github/someone/a-book/blob/colab/book/{name}.ipynb"
        )
        copy = json.loads((book.parent / "colab" / "book" / f"{name}.ipynb").read_text())["cells"]
        held, written = (json.loads(path.read_text())["cells"] for path in (download, source))
        assert f"git clone --quiet --depth 1 {ADDRESS} " in "".join(copy[0]["source"])
        assert [cell["source"] for cell in copy[1:]] == [cell["source"] for cell in written]
        assert [cell["source"] for cell in held] == [cell["source"] for cell in written]
    assert not links


def test_binder_installs_what_the_book_needs():
    lines = (ROOT / ".binder" / "requirements.txt").read_text().splitlines()
    assert "-r ../requirements.txt" in lines and "-e ." in lines
    assert (ROOT / ".binder" / "runtime.txt").read_text().strip() == "python-3.11"


def test_a_formula_keeps_the_signs_around_it(book):
    text = BeautifulSoup((book / "book" / "figures.html").read_text(), "html.parser").article
    assert [held.text for held in text.select(".mf-held")] == [r"\(x\),", r"(\(z\)),"]


def test_an_exercise_of_another_length_is_refused():
    paragraph = nodes.paragraph("", "", nodes.emphasis("", "Easy, five hours."))
    with pytest.raises(ConfigError, match=r"the time of an exercise must be one of five minutes, .*; got 'five hours'"):
        exercise_minutes(paragraph)


def test_a_chapter_says_how_long_it_takes(book):
    pages = {path.stem: path.read_text(encoding="utf-8") for path in (book / "book").glob("*.html")}
    line = BeautifulSoup(pages["figures"], "html.parser").select_one("h1 + p.mf-time").text
    told = re.fullmatch(r"(\d+) minutes to read \((\d+) at a first reading\), (\d+) s to run", line)
    minutes, first, seconds = map(int, told.groups())
    assert (minutes, first) == (20, 10) and seconds >= 1  # 600 words; 400 for later and 200 folded
    whole = BeautifulSoup(pages["later"], "html.parser").select_one("h1 + p.mf-time").text
    assert whole.startswith("5 minutes to read, 45 more for the exercises, ")  # all of it is for a second reading
    assert "mf-time" not in pages["index"]


# --- a Plotly figure is taken home, and printed ---------------------------------------------------------------------


def test_the_data_of_a_plotly_figure_is_a_table(page, site):
    page.goto(f"{site}/book/figures.html")
    figure = page.locator(".mf-figure")
    figure.scroll_into_view_if_needed()
    button = figure.get_by_role("button", name="Download data")
    button.focus()
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    assert download.value.suggested_filename == "figures-1.csv"
    rows = list(csv.reader(download.value.path().read_text().splitlines()))
    assert rows[0] == ["trace", "x", "y", "z"]
    assert rows[1:3] == [['a, "b"', "0.5", "1"], ['a, "b"', "1.5", "2"]]
    assert [row[1:] for row in rows[3:]] == [["10", "5", "1"], ["20", "5", "2"], ["10", "6", "3"], ["20", "6", "4"]]
    page.set_viewport_size({"width": 390, "height": 800})
    with page.expect_download() as download:
        figure.get_by_role("button", name="Download picture").click()
    assert download.value.suggested_filename == "figures-1.svg"
    assert download.value.path().read_text().startswith("<svg")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_plotly_figure_fills_the_window_by_its_button_or_its_address(page, site):
    page.goto(f"{site}/book/figures.html")
    figure, alone = page.locator(".mf-figure"), page.locator("dialog.mf-alone")
    figure.scroll_into_view_if_needed()
    figure.get_by_role("button", name="Full window").click()
    expect(alone.locator(".main-svg .trace").first).to_be_visible()
    assert page.url.endswith("/figures.html#alone-1")
    expect(alone.get_by_role("button", name="Close window")).to_be_focused()
    tall = "() => document.querySelector('.mf-figure .main-svg').getBoundingClientRect().height"
    page.wait_for_function(f"() => ({tall})() > 0.8 * innerHeight")
    link = page.url
    page.keyboard.press("Escape")
    expect(alone).to_have_count(0)
    page.wait_for_function(f"() => ({tall})() === 450")
    assert page.url.endswith("/figures.html")
    expect(figure.get_by_role("button", name="Full window")).to_be_focused()
    page.goto("about:blank")
    page.goto(link)
    expect(alone.locator(".main-svg .trace").first).to_be_visible()
    alone.get_by_role("button", name="Close window").click()
    expect(page.locator("article .mf-figure .main-svg").first).to_be_visible()


def test_the_blue_of_finite_width_is_light_on_black_alone(page, site):
    page.goto(f"{site}/book/figures.html")
    line = page.locator(".mf-figure .js-line").first
    for scheme, colour in (("light", "rgb(0, 114, 178)"), ("dark", "rgb(86, 180, 233)")):
        page.emulate_media(color_scheme=scheme)
        page.locator(".mf-figure").scroll_into_view_if_needed()
        expect(line).to_have_css("stroke", colour)


def test_paper_shows_everything_in_the_light_theme(page, site):
    page.emulate_media(color_scheme="dark")
    page.add_init_script(  # who listens before deferred scripts run, as a figure on the first screen may
        """document.addEventListener("readystatechange", () => addEventListener("beforeprint", () => {
            globalThis.early = document.documentElement.dataset.theme;
        }), { once: true })"""
    )
    page.goto(f"{site}/book/figures.html")
    page.wait_for_function("() => document.querySelectorAll('[data-plotly]').length === 3")
    page.evaluate(
        """() => addEventListener("beforeprint", () => {
            const theme = document.documentElement.dataset.theme;
            const plots = [...document.querySelectorAll(".mf-figure, .mf-drawing")];
            globalThis.onPaper = { theme };
            queueMicrotask(() => (onPaper.drawn = plots.map((plot) => plot.querySelectorAll(".main-svg .trace").length > 0)));
        })"""
    )
    page.pdf()
    assert page.evaluate("onPaper") == {"theme": "light", "drawn": [True] * 4}
    assert page.evaluate("early") == "light"
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.emulate_media(media="print")
    opened = "node => { node.open = true; return node.getAnimations({ subtree: true }).length; }"
    assert page.locator("details", has_text="folded").evaluate(opened) == 0  # else paper shows what has only begun
    page.locator("details", has_text="folded").evaluate("node => (node.open = false)")
    folded = page.get_by_text("folded", exact=True)
    assert folded.bounding_box()["height"] > 0
    assert not page.locator(".mf-actions, .bd-sidebar-primary, .bd-header-article").filter(visible=True).count()
