"""What a reader does: open, move, search, change the theme, hold a phone, download."""

import json
from pathlib import Path

import nbformat
import pytest
import whole_book
from bare_page import drawn_figures
from playwright.sync_api import TimeoutError

ROOT = Path(__file__).parents[2]
PAGES = whole_book.chapters()
NOTEBOOKS = [name for name in PAGES if (ROOT / f"{name}.ipynb").exists()]
MAKERS = "explorables.", "mf.explore("


def code_of(name):
    """The code of a notebook: its prose may name a live figure that stands elsewhere."""
    cells = json.loads((ROOT / f"{name}.ipynb").read_text(encoding="utf-8"))["cells"]
    return "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")


LIVE = [name for name in NOTEBOOKS if any(maker in code_of(name) for maker in MAKERS)]

# what an explorable shows: the numbers plotted, the lines drawn, and the read-out
FIGURES = "section.mf-explorable:not([data-explorable=Question])"  # a question has no picture
PICTURE = """section => ({
    plots: JSON.stringify([...section.querySelectorAll(".mf-drawing")].map(
        plot => [plot.querySelector("svg")?.innerHTML,
            ...(plot.data ?? []).map(({x, y}) => [x, y].map(values => Array.from(values ?? [])))])),
    readout: section.querySelector("[data-readout]").textContent,
})"""
CHANGED = f"""section => {{
    const now = ({PICTURE})(section), {{ before }} = section;
    return now.plots !== before.plots && now.readout !== before.readout;
}}"""
VALUE = "control => control.type === 'checkbox' ? control.checked : control.value"
# the value of a control; the picture, when the last reset is drawn, is kept in the page, where it is compared
BEFORE = f"""async control => {{
    await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
    const section = control.closest("section");
    section.before = ({PICTURE})(section);
    return ({VALUE})(control);
}}"""
# what is asked of the page around the figure is asked by other tests: without it, each frame is drawn sooner
NO_MATHJAX = "window.MathJax = { startup: { promise: Promise.resolve() }, typesetPromise: async () => {} };"
ALONE = "pre:not(section *) { display: none !important }"


def positions(control):
    """The two ends of a control, each as a function that goes there the way a reader does."""
    match control.evaluate("control => control.type"):
        case "range":
            return [lambda: control.press("End"), lambda: control.press("Home")]
        case "checkbox":
            return [control.click, control.click]
        case "select-one":
            last = control.evaluate("control => control.options.length - 1")
            return [lambda i=i: control.select_option(index=i) for i in (last, 0)]
        case other:
            pytest.fail(f"a control of an unknown kind: {other}")


@pytest.mark.parametrize("name", LIVE)
def test_every_control_changes_the_picture_at_both_ends(page, site, name):
    page.route("**/tex-chtml.js", lambda route: route.fulfill(body=NO_MATHJAX, content_type="text/javascript"))
    page.goto(f"{site}/{name}.html")
    assert drawn_figures(page)
    page.add_style_tag(content=ALONE)
    for figure in page.locator(FIGURES).element_handles():
        figure.evaluate("figure => figure.querySelectorAll('details').forEach((fold) => (fold.open = true))")
        controls, reset = figure.query_selector_all("[data-trait]"), figure.query_selector("[data-action=reset]")
        assert controls, "a live figure without a control"
        for control in controls:
            trait, named, still = control.evaluate(
                "c => [c.dataset.trait, c.labels.length > 0, 'noRedraw' in c.dataset]"
            )
            assert named, f"{trait} has no label"
            seen = set()
            for move in positions(control):
                old = control.evaluate(BEFORE)
                move()
                new = control.evaluate(VALUE)
                seen |= {old, new}
                if new == old or still:
                    continue
                try:
                    page.wait_for_function(CHANGED, arg=figure, timeout=15_000, polling=50)
                except TimeoutError:
                    pytest.fail(f"{name}: {trait} from {old} to {new} does not change both picture and read-out")
            assert len(seen) > 1, f"{trait} does not move"
            reset.click()


def test_the_first_screen_has_something_to_move(page, site):
    page.goto(f"{site}/{PAGES[0]}.html")
    figure = drawn_figures(page)[0]
    page.evaluate("scrollTo(0, 0)")
    control = figure.locator("[data-trait]").first.bounding_box()
    plot = figure.locator(".mf-drawing").first.bounding_box()
    assert control["y"] + control["height"] < 800
    assert plot["y"] + plot["height"] / 2 < 800


def test_the_mark_of_a_heading_starts_no_line_and_numbers_of_equations_are_whole(page, site):
    page.goto(f"{site}/book/discretization.html")
    alone, cut = page.evaluate(
        """() => {
            const below = (heading) => {
                const text = document.createRange();
                text.selectNode(heading.firstChild);
                const mark = heading.querySelector(".headerlink").getBoundingClientRect();
                return mark.top > text.getBoundingClientRect().bottom;
            };
            const right = (node) => node.getBoundingClientRect().right;
            const headings = [...document.querySelectorAll("article h2")], numbers = [...document.querySelectorAll(".eqno")];
            const outside = (number) => right(number) > right(number.closest("div.math")) || !number.textContent;
            return [headings.filter(below), numbers.filter(outside)].map((found) => found.map((node) => node.textContent));
        }"""
    )
    assert not alone and not cut


def test_the_theme_changes_and_is_remembered(page, site):
    background = "getComputedStyle(document.body).backgroundColor"
    page.emulate_media(color_scheme="light")
    page.goto(f"{site}/{PAGES[0]}.html")
    seen = {page.evaluate(background)}
    for _ in range(2):  # light, dark, automatic
        page.locator("button.theme-switch-button").first.click()
        seen.add(page.evaluate(background))
    assert len(seen) == 2
    theme = page.evaluate("document.documentElement.dataset.theme")
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == theme


def test_search_finds_the_landing_page(page, site):
    page.goto(f"{site}/{PAGES[0]}.html")
    page.locator("button.search-button__button:visible").first.click()
    page.keyboard.type("gradient flow")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=*")
    page.locator(f"#search-results a[href*='{PAGES[0]}.html']").first.wait_for()


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_chapter_can_be_downloaded_as_a_notebook(page, site, name):
    page.goto(f"{site}/{name}.html", wait_until="commit")
    link = page.locator("a.btn-download-source-button").get_attribute("href")
    assert link.endswith(".ipynb")
    answer = page.request.get(f"{site}/{name.rpartition('/')[0]}/{link}")
    nbformat.validate(nbformat.from_dict(json.loads(answer.text())))
