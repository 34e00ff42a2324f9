"""The book as one document: what it holds, where its links lead, and that it can be printed."""

import re
import zipfile

import pytest
import whole_book
from bs4 import BeautifulSoup


@pytest.fixture(scope="module")
def pages(html):
    return {
        name: BeautifulSoup((html / f"{name}.html").read_text(encoding="utf-8"), "html.parser")
        for name in whole_book.chapters()
    }


@pytest.fixture(scope="module")
def joined(html):
    return BeautifulSoup(whole_book.joined(html, whole_book.chapters()), "html.parser")


def count(page, selector):
    return len(page.select(f"article {selector}"))


@pytest.mark.parametrize("selector", ["h1", ".proof", ".exercise", ".solution", ".math", "div.cell", "table"])
def test_nothing_is_lost_and_nothing_is_twice(pages, joined, selector):
    extra = {"h1": 1}.get(selector, 0)  # "Answers and solutions"
    assert count(joined, selector) == sum(count(page, selector) for page in pages.values()) + extra > extra


def test_numbers_are_those_of_the_pages(pages, joined):
    def numbers(page):
        return sorted(tag.get_text() for tag in page.select("article .proof-number, article .caption-number"))

    assert numbers(joined) == sorted(number for page in pages.values() for number in numbers(page))


def test_every_link_within_finds_its_place_and_every_place_is_one(joined):
    places = [tag["id"] for tag in joined.select("article [id]")]
    repeated = {place for place in places if places.count(place) > 1}
    assert {place for place in repeated if "-content" not in place} == set()  # the extensions repeat these on each page
    links = [tag["href"] for tag in joined.select("article a[href]")]
    inner = {link[1:] for link in links if link.startswith("#")}
    assert len(inner) > 50
    assert inner <= set(places), inner - set(places)
    assert not [link for link in links if re.match(r"(\.\./)*[\w/]+\.html", link) and "_modules" not in link]


def test_solutions_stand_at_the_end_with_their_cells(joined):
    assert not joined.select(".mf-page .solution")
    assert joined.select_one("#solutions .solution") and joined.select_one("#solutions div.cell")
    assert joined.select_one("article.bd-article").find_all(recursive=False)[-1]["id"] == "solutions"


def test_no_answer_to_a_guess_stands_beside_it(pages, joined):
    def answers(page, within):
        return [
            title for title in page.select(f"{within} .admonition-title") if title.text.startswith("After your guess")
        ]

    assert not answers(joined, ".mf-page")
    assert len(answers(joined, "#solutions")) == sum(len(answers(page, "article")) for page in pages.values()) > 10


def test_what_makes_the_pages_live_is_loaded_once_and_in_order(joined):
    scripts = [tag["src"].split("/")[-1].split("?")[0] for tag in joined.head.select("script[src]")]
    assert [name for name in scripts if name in ("live.js", "take_home.js")] == ["take_home.js", "live.js"]


def test_two_chapters_are_printed(html, tmp_path, browser):
    (tmp_path / "toc.yml").write_text("root: book/index\nparts: [{chapters: [{file: book/bibliography}]}]\n")
    before = {path.name for path in html.iterdir()}
    pdf = whole_book.printed(browser, html, tmp_path / "toc.yml", tmp_path / "book.pdf")
    assert pdf.read_bytes().startswith(b"%PDF-") and pdf.stat().st_size > 50_000
    assert {path.name for path in html.iterdir()} == before


def test_the_front_page_offers_what_was_made(tmp_path):
    front = '<p>before</p><div class="mf-take-along">\n</div><p>after</p>'
    (tmp_path / "book").mkdir()
    (tmp_path / "book" / "index.html").write_text(front)
    (tmp_path / whole_book.PDF).write_bytes(bytes(2_340_000))
    for _ in range(2):  # a second time it is still one offer
        whole_book.offer(tmp_path)
    page = BeautifulSoup((tmp_path / "book" / "index.html").read_text(), "html.parser")
    links = {tag["href"]: tag.get_text() for tag in page.select(".mf-take-along a")}
    assert set(links) == {f"../{whole_book.PDF}", f"../{whole_book.ZIP}"}
    assert "2.3 MB" in page.select_one(".mf-take-along").get_text()
    with zipfile.ZipFile(tmp_path / whole_book.ZIP) as archive:
        assert sorted(archive.namelist()) == ["book/index.html", whole_book.PDF]
        assert archive.read("book/index.html").decode() == (tmp_path / "book" / "index.html").read_text()
