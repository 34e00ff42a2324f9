"""Each page with every live figure drawn: it fits a phone, and axe-core finds nothing. And no id stands twice.

The pages of source code are many and of one kind: one of them stands for all.
"""

from collections import Counter

import pytest
import whole_book
from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup

CHAPTERS = whole_book.chapters()
PAGES = [*CHAPTERS, "search", "genindex", "_modules/index", "_modules/mfdepth/laws"]
AXE = Axe()
DARK_TOO = ["color-contrast", "link-in-text-block"]  # the rules that look at colours

WIDE = """() => document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll("article *")]
    .filter(element => element.getBoundingClientRect().right > innerWidth)
    .map(element => element.outerHTML.slice(0, 80))"""

# formulas are most of a long page, and all made by MathJax: a few stay as they are
FEW_FORMULAS = """() => [...document.querySelectorAll("mjx-container")].slice(20)
    .forEach((formula) => formula.replaceChildren())"""

# thousands of words of code have a dozen looks: of those of one class, alike on like grounds, the first stands for all
ONE_OF_A_LOOK = """() => {
    const CLEAR = /[/]rgba[(]0, 0, 0, 0[)] none 1$/;
    const grounds = new Map([[null, ""]]), looks = new Set();
    const ground = (node) => {
        if (!grounds.has(node)) {
            const { backgroundColor, backgroundImage, opacity } = getComputedStyle(node);
            const above = ground(node.parentElement);
            grounds.set(node, `${above}/${backgroundColor} ${backgroundImage} ${opacity}`.replace(CLEAR, ""));
        }
        return grounds.get(node);
    };
    const stands_for_others = (word) => {
        if (word.textContent.trim().length < 2) return false; // axe decides nothing on one character
        if (!word.checkVisibility({ opacityProperty: true, visibilityProperty: true })) return false;
        const { color, fontSize, fontWeight } = getComputedStyle(word);
        const look = [word.className, color, fontSize, fontWeight, ground(word)].join();
        return looks.size < looks.add(look).size;
    };
    const words = [...document.querySelectorAll("pre span, code span, .sig span, .sig em")];
    for (const word of words.filter((word) => !stands_for_others(word)).reverse()) { // the innermost first
        if (!word.firstElementChild) word.replaceWith(word.textContent);
    }
}"""


def found(page, rules):
    """What breaks a rule of axe-core, in words."""
    options = {"resultTypes": ["violations"], "preload": False} | rules
    answer = page.evaluate("options => axe.run(options)", options)
    return [f"{rule['id']}: {node['html'][:160]}" for rule in answer["violations"] for node in rule["nodes"]]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_a_phone_and_axe_finds_nothing_in_either_theme(page, site, name):
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.goto(f"{site}/{name}.html")
    page.wait_for_function("() => !document.querySelector('script[type*=\"widget-view\"]')")
    page.evaluate("globalThis.MathJax?.startup?.promise")
    for figure in page.locator("section.mf-explorable").all():
        figure.scroll_into_view_if_needed()
        page.wait_for_function("figure => figure.dataset.ready === 'true'", arg=figure.element_handle())
    assert not page.evaluate(WIDE)
    page.set_viewport_size({"width": 1280, "height": 800})
    page.evaluate(FEW_FORMULAS)
    page.evaluate(ONE_OF_A_LOOK)
    page.evaluate(AXE.axe_script)
    assert not found(page, {})
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.wait_for_timeout(400)  # until the theme's transitions are over
    assert not found(page, {"runOnly": DARK_TOO})


@pytest.mark.parametrize("name", PAGES)
def test_no_id_stands_twice(html, name):
    page = BeautifulSoup((html / f"{name}.html").read_text(encoding="utf-8"), "html.parser")
    ids = Counter(tag["id"] for tag in page.find_all(id=True))
    assert not [name for name, count in ids.items() if count > 1]
