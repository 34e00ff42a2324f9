"""The content security policy: every page has one, it names what the page runs, and a browser holds the page to it."""

import re
from base64 import b64encode
from hashlib import sha256

import pytest
from bs4 import BeautifulSoup
from safe_pages import guard

META = {"http-equiv": "Content-Security-Policy"}
DATA = re.compile(r"json|thebe-config|text/later")  # types of scripts that no browser runs
ATTACKS = """() => {
    globalThis.ran = [];
    const script = (properties) => Object.assign(document.createElement("script"), properties);
    document.head.append(script({ src: "https://elsewhere.example/script.js" }));
    document.head.append(script({ textContent: "ran.push('in the page')" }));
    document.body.insertAdjacentHTML("beforeend", `<img src="data:," onerror="ran.push('a handler')">
        <a id=attack href="javascript:void ran.push('an address')">x</a>`);
    document.querySelector("#attack").click();
    setTimeout(() => eval("ran.push('eval')")); // by itself: what a test evaluates is free to
    const object = Object.assign(document.createElement("object"), { data: "https://elsewhere.example/film" });
    const base = Object.assign(document.createElement("base"), { href: "https://elsewhere.example/" });
    document.head.append(base);
    document.body.append(object);
}"""


def rules(page):
    """The policy of a page, read from its text: the sources of each directive."""
    [meta] = page.find_all("meta", META)
    return {name: sources for name, *sources in map(str.split, meta["content"].split(";"))}


@pytest.fixture(scope="module")
def pages(html):
    paths = [path for path in html.rglob("*.html") if "_static" not in path.parts]
    return {
        str(path.relative_to(html)): BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser") for path in paths
    }


def test_every_page_has_a_policy_ahead_of_its_scripts(pages):
    assert len(pages) > 20
    for name, page in pages.items():
        allowed = rules(page)["script-src"]
        assert not {"'unsafe-inline'", "'unsafe-eval'", "data:", "*", "http:", "https:"}.intersection(allowed), name
        assert not page.find("meta", META).find_previous(["script", "link", "style"]), name


def test_what_stands_in_a_page_is_named_by_its_hash(pages):
    seen = 0
    for name, page in pages.items():
        allowed = rules(page)["script-src"]
        for script in page.find_all("script", src=False):
            if not DATA.search(script.get("type", "")):
                assert f"'sha256-{b64encode(sha256(script.string.encode()).digest()).decode()}'" in allowed, name
                seen += 1
    assert seen > 100


def test_no_page_has_an_inline_handler(pages):
    for name, page in pages.items():
        found = [tag for tag in page.find_all(True) if any(key.startswith("on") for key in tag.attrs)]
        found += page.select("[href^='javascript:']")
        assert not found, name


def test_a_page_runs_nothing_else(browser, site):
    page = browser.new_page()
    page.route("https://elsewhere.example/*", lambda route: route.fulfill(body="ran.push('from elsewhere')"))
    page.goto(f"{site}/book/infinite_width.html")
    page.evaluate(
        "addEventListener('securitypolicyviolation', (e) => (globalThis.blocked ??= []).push(e.effectiveDirective))"
    )
    page.evaluate(ATTACKS)
    page.wait_for_function("() => globalThis.blocked?.length >= 7")
    assert page.evaluate("ran") == []
    blocked = page.evaluate("blocked.sort()")
    assert blocked == [
        "base-uri",
        "object-src",
        "script-src",  # eval
        "script-src-attr",
        *["script-src-elem"] * 3,
    ]
    page.close()


def test_a_page_opened_from_a_folder_lives(page, html):
    page.goto((html / "book" / "finite_width.html").as_uri())  # as from the zip of the site, with no server
    figure = page.locator("[data-explorable=Training]")
    figure.scroll_into_view_if_needed()
    page.wait_for_selector("[data-explorable=Training][data-ready=true]")
    figure.get_by_role("button", name="Play").click()  # by a worker, whose script is a blob
    moved = "() => !document.querySelector('[data-explorable=Training] [data-readout]').textContent.startsWith('t = 0')"
    page.wait_for_function(moved)
    plot = page.locator(".mf-figure:not(details *)").first
    plot.scroll_into_view_if_needed()
    plot.locator(".main-svg").first.wait_for()
    page.locator("mjx-container").first.wait_for()


def test_the_button_that_prints_prints(page, site):
    page.add_init_script("globalThis.print = () => (globalThis.printed = true)")
    page.goto(f"{site}/book/infinite_width.html")
    page.locator(".dropdown-download-buttons > button").click()
    page.locator("button[data-print]").click()
    assert page.evaluate("globalThis.printed")


def test_a_page_is_guarded_once_whatever_its_head():
    page = '<!DOCTYPE html>\n<html>\n  <head>\n    <meta charset="utf-8" />\n<script>1</script></head></html>'
    text = guard(page, "'sha256-plotly'")
    assert text.index("utf-8") < text.index("Content-Security-Policy") < text.index("<script>")
    assert "Content-Security-Policy" in guard('<meta http-equiv="Refresh" content="0; url=a.html" />', "")
