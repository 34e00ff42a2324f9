"""The built book to take along, by `make pdf`: one PDF in the order of _toc.yml, printed by Chromium, and a zip of the site.

The pages are joined into one: ids get the name of their page, links between pages become links within, solutions and the
answers to guesses go to the end with a link back. Numbers of figures and statements stay as they were built. Live
figures are stills at their opening state.
"""

import json
import re
import shutil
import sys
import threading
import zipfile
from pathlib import Path, PurePosixPath

import yaml
from bs4 import BeautifulSoup
from playwright.sync_api import sync_playwright

from serve import HTML, server

ROOT = Path(__file__).parents[2]
PDF = "depth-separation.pdf"
ZIP = "depth-separation-site.zip"
PLACE = re.compile(r'(<div class="mf-take-along">)(.*?)(</div>)', re.DOTALL)
JOINED = "whole-book.html"
STATE = "application/vnd.jupyter.widget-state+json"
OF_A_SCREEN = ".headerlink, button"
AFTER = "After your guess"  # how the title of such a fold begins
REFERS = re.compile(r"^([\w./-]*?)(?:\.html)?(?:#(.*))?$")
NUMBER = '<p style="width: 100%; font-size: 8pt; text-align: center"><span class="pageNumber"></span></p>'
PAPER = {
    "format": "A4",
    "margin": {
        "top": "18mm",
        "bottom": "18mm",
        "left": "16mm",
        "right": "16mm",
    },
    "print_background": True,
    "outline": True,
    "tagged": True,
    "display_header_footer": True,
    "header_template": "<span></span>",
    "footer_template": NUMBER,
}
READY = """async () => {
  const waits = (type) => document.querySelector(`article script[type="application/vnd.${type}+json"]`);
  while (waits("jupyter.widget-view")) await new Promise((resolve) => setTimeout(resolve, 100));
  await globalThis.MathJax?.startup?.promise;
  while (document.querySelector("article .math:not(:has(mjx-container))")) await new Promise((r) => setTimeout(r, 200));
}"""


def chapters(toc=ROOT / "_toc.yml"):
    """The names of the pages in the order of the table of contents, such as "book/index"."""
    content = yaml.safe_load(toc.read_text(encoding="utf-8"))
    return [
        content["root"],
        *(chapter["file"] for part in content["parts"] for chapter in part["chapters"]),
    ]


def joined(html, names):
    """One page that holds the pages `names` of the folder `html`: its text."""
    pages = {
        name: BeautifulSoup(
            (html / f"{name}.html").read_text(encoding="utf-8"),
            "html.parser",
        )
        for name in names
    }
    whole = pages[names[0]]
    whole.html["data-content_root"] = "./"
    for tag in whole.head.select("[href], [src]"):
        attribute = "href" if tag.has_attr("href") else "src"
        tag[attribute] = re.sub(r"^\.\./", "", tag[attribute])
    articles = {name: article_of(page, name, names) for name, page in pages.items()}
    solutions = whole.new_tag("section", id="solutions")
    solutions.append(heading(whole, "h1", "Answers and solutions"))
    for name, article in articles.items():
        answers, found = answers_of(article, name), article.select(".solution.admonition")
        if answers or found:
            solutions.append(heading(whole, "h2", article.h1.get_text().rstrip("#")))
        solutions.extend(answers)
        for solution in found:
            solutions.extend([part.extract() for part in [solution, *folded_after(solution)]])
    states = [json.loads(tag.string)["state"] for page in pages.values() for tag in page.find_all("script", type=STATE)]
    for tag in whole.find_all("script", type=STATE):
        tag.decompose()
    state = whole.new_tag("script", type=STATE)
    merged = {name: model for part in states for name, model in part.items()}
    state.string = json.dumps({"state": merged}).replace("</", "<\\/")
    scripts = scripts_of(pages.values())
    body = whole.new_tag("article", attrs={"class": "bd-article"})
    body.extend([*articles.values(), solutions])
    whole.body.clear()
    whole.body.append(body)
    for tag in whole.head.find_all("script", src=lambda src: src and src in scripts):
        tag.decompose()
    whole.head.append(state)
    whole.head.extend(scripts.values())
    return str(whole)


def answers_of(article, name):
    """The folds that answer a guess, taken out of the text: a link leads from each to the place where it stood, and back."""
    titles = [title for title in article.select(".admonition-title") if title.get_text().startswith(AFTER)]
    folds = list({id(fold): fold for fold in (title.find_parent(class_="admonition") for title in titles)}.values())
    for number, fold in enumerate(folds, 1):
        there, here = place(name, f"answer-{number}"), place(name, f"guess-{number}")
        link = '<p id="{}"><a href="#{}">{}</a></p>'
        fold.insert_before(BeautifulSoup(link.format(here, there, "The answer stands at the end."), "html.parser"))
        fold.append(BeautifulSoup(link.format(there, here, "Back to the guess."), "html.parser"))
    return [fold.extract() for fold in folds]


def folded_after(solution):
    """The folded cells that belong to a solution: those that follow it at once."""
    for sibling in solution.find_next_siblings():
        if "tag_hide-cell" not in sibling.get("class", []):
            return
        yield sibling


def article_of(page, name, names):
    """The text of one page, ready to stand among the others."""
    article = page.select_one("article.bd-article").extract()
    article.name, article["class"] = "div", ["mf-page"]
    for tag in article.select(OF_A_SCREEN):
        tag.decompose()
    for tag in article.select("[id]"):
        tag["id"] = place(name, tag["id"])
    article["id"] = place(name, "")
    for tag in article.select("a[href]"):
        tag["href"] = within(tag["href"], name, names)
    for tag in article.select("img[src]"):
        tag["src"] = re.sub(r"^\.\./", "", tag["src"])
    return article


def place(name, fragment):
    return f"{PurePosixPath(name).name}--{fragment}"


def within(href, name, names):
    """Where a link of the page `name` leads in the joined one; a link elsewhere stays.

    >>> within("why_depth.html#ex-dual", "book/index", ["book/index", "book/why_depth"])
    '#why_depth--ex-dual'
    >>> within("#law", "book/index", ["book/index"]), within("https://arxiv.org", "book/index", ["book/index"])
    ('#index--law', 'https://arxiv.org')
    """
    found = REFERS.match(href)
    if found is None:
        return href
    folder = PurePosixPath(name).parent
    target = str(folder / found[1]) if found[1] else name
    return "#" + place(target, found[2] or "") if target in names else href


def heading(page, level, text):
    tag = page.new_tag(level)
    tag.string = text
    return tag


def scripts_of(pages):
    """What makes the pages live and typesets them, each script once: take_home.js, which live.js calls, comes first."""
    found = {}
    for page in pages:
        for tag in page.head.find_all("script", src=re.compile(r"(live|take_home)\.js|mathjax", re.IGNORECASE)):
            tag["src"] = re.sub(r"^\.\./", "", tag["src"])
            found.setdefault(tag["src"], tag.extract())
    return dict(sorted(found.items(), key=lambda script: "take_home" not in script[0]))


def printed(browser, html=HTML, toc=ROOT / "_toc.yml", pdf=HTML / PDF):
    """Print the pages that `toc` names, from the built site in the folder `html`, to the file `pdf`; its path."""
    page_file = html / JOINED
    page_file.write_text(joined(html, chapters(toc)), encoding="utf-8")
    try:
        with server(folder=html) as book:
            threading.Thread(target=book.serve_forever, daemon=True).start()
            page = browser.new_page(
                color_scheme="light",
                viewport={"width": 1000, "height": 1400},
            )
            page.set_default_timeout(300_000)
            page.goto(f"http://127.0.0.1:{book.server_port}/{JOINED}")
            page.evaluate(READY)
            page.pdf(path=pdf, **PAPER)
            page.close()
            book.shutdown()
    finally:
        page_file.unlink()
    return pdf


def offer(html=HTML):
    """Put the site into a zip, which works from a folder without a server, and both files on the front page."""
    front = html / "book" / "index.html"
    sizes = {
        PDF: "the book as one PDF",
        ZIP: "the site as a zip, to open without a network",
    }
    links = [f'<a href="../{name}" download>{what}</a>{size(html / name)}' for name, what in sizes.items()]
    text = PLACE.sub(
        lambda found: f"{found[1]}<p>To take along: {'; '.join(links)}.</p>{found[3]}",
        front.read_text(),
    )
    front.write_text(text, encoding="utf-8")
    with zipfile.ZipFile(html / ZIP, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(html.rglob("*")):
            if path.is_file() and path.name != ZIP:
                archive.write(path, path.relative_to(html))


def size(path):
    return f" ({path.stat().st_size / 1e6:.1f} MB)" if path.name == PDF else ""


if __name__ == "__main__":
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("Chromium is needed to print the book (Debian: apt install chromium)")
    with sync_playwright() as playwright:
        flags = [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
        ]
        print("printing the whole book, a minute or two", flush=True)
        print(printed(playwright.chromium.launch(executable_path=chromium, args=flags)))
    offer()
