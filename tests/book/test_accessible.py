"""What axe-core finds on the pages, in both themes, with every live figure drawn: nothing. And no id stands twice.

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


def found(page, rules=None):
    """What breaks a rule of axe-core, in words."""
    options = {"resultTypes": ["violations"], "preload": False} | ({"runOnly": rules} if rules else {})
    answer = AXE.run(page, options=options).response
    return [f"{rule['id']}: {node['html'][:160]}" for rule in answer["violations"] for node in rule["nodes"]]


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_in_either_theme(page, site, name):
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.goto(f"{site}/{name}.html")
    page.wait_for_function("() => !document.querySelector('script[type*=\"widget-view\"]')")
    page.evaluate("globalThis.MathJax?.startup?.promise")
    for figure in page.locator("section.mf-explorable").all():
        figure.scroll_into_view_if_needed()
        page.wait_for_function("figure => figure.dataset.ready === 'true'", arg=figure.element_handle())
    assert not found(page)
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.wait_for_timeout(400)  # until the theme's transitions are over
    assert not found(page, DARK_TOO)


@pytest.mark.parametrize("name", PAGES)
def test_no_id_stands_twice(html, name):
    page = BeautifulSoup((html / f"{name}.html").read_text(encoding="utf-8"), "html.parser")
    ids = Counter(tag["id"] for tag in page.find_all(id=True))
    assert not [name for name, count in ids.items() if count > 1]
