"""Each page with every live figure drawn: it fits a phone, and axe-core finds nothing. And no id stands twice.

The pages of source code are many and of one kind: one of them stands for all.
"""

from collections import Counter

import pytest
import whole_book
from axe_playwright_python.sync_playwright import Axe
from bare_page import drawn_figures
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

# a page has thousands of words in a few dozen looks: for a rule about colours the first of each stands for all.
# Alike are those of one kind in one kind of element, of like letters on like grounds. Words of code are merged.
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
    const kind = (node) => `${node.localName} ${node.className}`;
    const stands_for_others = (node) => {
        const text = [...node.childNodes].map((child) => child.nodeType === Node.TEXT_NODE ? child.data.trim() : "").join("");
        if (text.length < 2) return false; // axe decides nothing on one character
        if (!node.checkVisibility({ opacityProperty: true, visibilityProperty: true })) return false;
        const { color, fontSize, fontWeight } = getComputedStyle(node);
        const look = [kind(node), kind(node.parentElement), color, fontSize, fontWeight, ground(node)].join();
        return looks.size < looks.add(look).size;
    };
    const alike = [...document.querySelectorAll("article *:not(section.mf-explorable *)")].filter((node) => !stands_for_others(node));
    for (const node of alike.reverse()) { // the innermost first
        if (node.matches("pre span, code span, .sig span, .sig em") && !node.firstElementChild) node.replaceWith(node.textContent);
        else node.setAttribute("data-alike", "");
    }
    axe.configure({ rules: [
        { id: "color-contrast", selector: ":not([data-alike])" },
        { id: "link-in-text-block", selector: "a[href]:not([data-alike])" },
    ] });
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
    drawn_figures(page)
    page.evaluate("globalThis.MathJax?.startup?.promise")
    assert not page.evaluate(WIDE)
    page.set_viewport_size({"width": 1280, "height": 800})
    page.evaluate(FEW_FORMULAS)
    page.evaluate(AXE.axe_script)
    page.evaluate(ONE_OF_A_LOOK)
    assert not found(page, {})
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.wait_for_timeout(400)  # until the theme's transitions are over
    assert not found(page, {"runOnly": DARK_TOO})


@pytest.mark.parametrize("name", PAGES)
def test_no_id_stands_twice(html, name):
    page = BeautifulSoup((html / f"{name}.html").read_text(encoding="utf-8"), "html.parser")
    ids = Counter(tag["id"] for tag in page.find_all(id=True))
    assert not [name for name, count in ids.items() if count > 1]
