"""A walk over the built pages: nothing inside is dead, nothing is asked of another host."""

import re
from functools import cache
from urllib.parse import unquote, urldefrag, urlsplit

import pytest
from bs4 import BeautifulSoup
from serve import HTML

ASSETS = "script[src], img[src], iframe[src], source[src], link[rel~=stylesheet], link[rel~=preload]"
ELSEWHERE = ("http:", "https:", "//")


@cache
def soup(path):
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


@cache
def anchors(path):
    return {tag.get(key) for tag in soup(path).find_all(True) for key in ("id", "name")}


@pytest.fixture(scope="module")
def pages(html):
    return sorted(path for path in html.rglob("*.html") if "_static" not in path.parts)


def test_internal_links_and_anchors_exist(pages):
    dead = []
    for page in pages:
        for tag in soup(page).select("[href], [src]"):
            link = tag.get("href") or tag.get("src") or ""
            if urlsplit(link).scheme or link.startswith("//"):
                continue
            address, anchor = urldefrag(link)
            path = unquote(urlsplit(address).path)
            target = (page.parent / path).resolve() if path else page
            target = target / "index.html" if target.is_dir() else target
            if not target.exists() or (anchor and target.suffix == ".html" and unquote(anchor) not in anchors(target)):
                dead.append(f"{page.relative_to(HTML)}: {link}")
    assert not dead


def test_no_asset_comes_from_another_host(pages):
    foreign = [
        f"{page.relative_to(HTML)}: {link}"
        for page in pages
        for tag in soup(page).select(ASSETS)
        if (link := tag.get("src") or tag.get("href") or "").startswith(ELSEWHERE)
    ]
    assert not foreign


def test_no_style_sheet_reaches_another_host(pages):
    styles = {path: path.read_text(encoding="utf-8") for path in HTML.rglob("*.css")}
    styles |= {page: " ".join(tag.text for tag in soup(page).find_all("style")) for page in pages}
    reaches = re.compile(r"""(url\(|@import)\s*['"]?(https?:)?//""")
    assert not [path.name for path, text in styles.items() if reaches.search(text)]


def test_the_front_page_adds_up_the_times_that_chapters_say(html):
    front = soup(html / "book" / "index.html").article
    lines = {path.stem: soup(path).select_one("p.mf-time") for path in (html / "book").glob("*.html")}
    said = {name: line.text for name, line in lines.items() if line}
    everything = sum(int(m) for text in said.values() for m in re.findall(r"(\d+) (?:minutes? to|more)", text))
    claimed = re.search(r"all of them take about (\d+) hours", front.get_text(" "))
    assert everything / 60 == pytest.approx(int(claimed[1]), abs=0.5)
    begin = next(p for p in front.find_all("p") if p.text.startswith("A first reading takes"))
    path = {link["href"].removesuffix(".html") for link in begin.find_next("ol").select("a[href]")}
    first = sum(int((re.search(r"(\d+) at a first", said[name]) or re.match(r"(\d+)", said[name]))[1]) for name in path)
    assert first / 60 == pytest.approx(int(re.search(r"about (\d+) hours", begin.text)[1]), abs=0.5)
