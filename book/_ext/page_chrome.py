"""Sphinx extension: what stands around a page's text: buttons that lead to the repository, the time that a page takes."""

import os
import re
from pathlib import Path

from docutils import nodes
from myst_nb.sphinx_ import NbMetadataCollector
from sphinx.errors import ConfigError

# of a kind that the theme knows how to link, with no name or password in it
WEB_PAGE = re.compile(r"https://[\w.-]*(github|gitlab|bitbucket)[\w.-]*(:\d+)?(/[\w.-]+){2,}/?")
SYMBOLS = "book/reference"  # the page with the table of symbols
DOCS = re.compile(r'(?P<page>class="viewcode-back" href="[^"#]*)#(?P<name>[^"]+)"')
OPENING, CLOSING = re.compile(r"[^\s\w]+$"), re.compile(r"[^\s\w]+")
WORDS_A_MINUTE = 60  # mathematics, with figures and guesses: what readers of these pages took
LEVEL = re.compile(r"(Easy|Medium|Hard), ([a-z ]+)")  # how an exercise begins
MINUTES = {"five minutes": 5, "ten minutes": 10, "a quarter of an hour": 15, "half an hour": 30}
SECOND = "For a second reading"  # how a section begins that a first reading skips
TEMPLATES = Path(__file__).parent / "templates"
TIDIED = {  # what Sphinx and its extensions write, and screen readers stumble over
    ' role="doc-biblioentry"': "",  # withdrawn from the standard
    '<div role="list" class="citation-list">': '<div class="citation-list">',  # its children are no list items
    '<th class="head"><p></p></th>': "<td></td>",  # an empty corner is the heading of nothing
    ' id="proof-content"': "",  # the same on every statement
    ' id="exercise-content"': "",
    ' id="solution-content"': "",
}


def repository(written):
    """The repository's web page as it was written down; "" for none.

    >>> repository("https://github.com/someone/book.git")
    'https://github.com/someone/book'
    """
    written = written.strip()
    if written and not WEB_PAGE.fullmatch(written):
        raise ConfigError(
            "book_repository (in _config.yml, or BOOK_REPOSITORY in the environment) must be the web page of a repository "
            "on GitHub, GitLab or Bitbucket, as https://github.com/OWNER/NAME; "
            f"got {len(written)} other characters, not shown as they may hold a password"
        )
    return written.removesuffix("/").removesuffix(".git")


def address_of(config):
    """The repository's web page, as the environment or the configuration has it; "" for none."""
    return repository(os.environ.get("BOOK_REPOSITORY") or config.book_repository)


def add_buttons(app, config):
    """Tell the theme where the repository is: it makes the buttons for source, edits and a running copy."""
    address = address_of(config)
    if address:
        config.html_theme_options |= {
            "repository_url": address,
            "repository_branch": "main",
            "use_repository_button": True,
            "use_edit_page_button": True,
            # Binder installs .binder/requirements.txt, and so this package; for Colab see colab.py
            "launch_buttons": {
                "binderhub_url": "https://mybinder.org",
                "notebook_interface": "jupyterlab",
            },
        }


def words(doctree):
    """How many words of prose a page has, and how many of them are for a first reading.

    Code, what it prints and displayed equations are not read like prose. A section that begins with SECOND is not for a
    first reading, nor is what is folded.
    """
    unread = (nodes.literal_block, nodes.math_block, nodes.raw, nodes.comment)
    every = first = 0
    for text in doctree.findall(nodes.Text):
        around, node = [], text.parent
        while node is not None:
            around.append(node)
            node = node.parent
        if not any(isinstance(node, unread) for node in around):
            every += len(text.split())
            first += 0 if any(map(is_for_later, around)) else len(text.split())
    return every, first


def exercise_minutes(doctree):
    """What the exercises of a page say that they take, together. Raises ConfigError for a time that is not in MINUTES."""
    levels = filter(None, (LEVEL.match(node.astext()) for node in doctree.findall(nodes.emphasis)))
    times = [level[2] for level in levels]
    for time in times:
        if time not in MINUTES:
            raise ConfigError(f"the time of an exercise must be one of {', '.join(MINUTES)}; got {time!r}")
    return sum(MINUTES[time] for time in times)


def has_part_for_later(doctree):
    return any(map(is_for_later, doctree.findall(nodes.section)))


def is_for_later(node):
    if isinstance(node, nodes.section):
        return len(node) > 1 and node[1].astext().startswith(SECOND)
    return "dropdown" in node.get("classes", ()) if isinstance(node, nodes.Element) else False


def add_time(app, doctree, docname):
    """Under the title of a page with mathematics: how long it takes to read, to solve and to run, and where its symbols are."""
    ran = (NbMetadataCollector.get_doc_data(app.env).get(docname, {}).get("exec_data") or {}).get("runtime")
    title = next(doctree.findall(nodes.title), None)
    proves = next(doctree.findall(nodes.math_block), None) is not None
    if (ran is None and not proves) or title is None or docname == app.config.root_doc:
        return
    minutes, first = (max(1, round(count / WORDS_A_MINUTE)) for count in words(doctree))
    unit = "minute" if minutes == 1 else "minutes"
    told = f"{minutes} {unit} to read"
    if has_part_for_later(doctree) and not is_for_later(title.parent):
        told += f" ({first} at a first reading)"
    if solving := exercise_minutes(doctree):
        told += f", {solving} more for the exercises"
    if ran is not None:
        told += f", {max(1, round(ran))} s to run"
    line = nodes.paragraph("", told, classes=["mf-time"])
    if SYMBOLS in app.env.found_docs and docname != SYMBOLS:
        line += nodes.Text(" · ")
        line += nodes.reference("", "symbols", internal=True, refuri=app.builder.get_relative_uri(docname, SYMBOLS))
    title.parent.insert(title.parent.index(title) + 1, line)


def hold_formulas(app, doctree, docname):
    """Formulas in the text keep the comma after them and the bracket before them on their line."""
    for formula in list(doctree.findall(nodes.math)):
        parent, held = formula.parent, [formula]
        at = parent.index(formula)
        before, after = (parent[i] if 0 <= i < len(parent) else None for i in (at - 1, at + 1))
        if isinstance(before, nodes.Text) and (sign := OPENING.search(before)):
            parent[at - 1] = nodes.Text(before[: sign.start()])
            held.insert(0, nodes.Text(sign[0]))
        if isinstance(after, nodes.Text) and (sign := CLOSING.match(after)):
            parent[at + 1] = nodes.Text(after[sign.end() :])
            held.append(nodes.Text(sign[0]))
        if len(held) > 1:
            parent[at] = nodes.inline("", "", *held, classes=["mf-held"])


def tidy(app, pagename, templatename, context, doctree):
    """What stands in the text of a page is said the way that browsers and screen readers understand it."""
    for written, meant in TIDIED.items():
        context["body"] = context.get("body", "").replace(written, meant)
    if pagename == "_modules/index":  # Sphinx puts lists of submodules into lists, not into their items
        context["body"] = re.sub(r"(?<=</li>)\s*<ul>|</ul>(?=\s*(</ul>|<li>))", "", context["body"])
    elif pagename.startswith("_modules/"):
        context["body"] = DOCS.sub(lambda link: documented(app, link), context["body"])


def documented(app, link):
    """A `[docs]` link with the name under which the object is documented: a facade's, where Sphinx guesses another."""
    objects = app.env.get_domain("py").objects
    parts = link["name"].split(".")
    ends = [name for i in range(1, len(parts)) for name in objects if f".{name}".endswith("." + ".".join(parts[i:]))]
    return f'{link["page"]}#{link["name"] if link["name"] in objects else ends[0]}"'


def setup(app):
    app.add_config_value("book_repository", "", "html", str)
    app.connect("config-inited", add_buttons, priority=400)
    app.connect("config-inited", lambda app, config: config.templates_path.append(str(TEMPLATES)))
    app.connect("doctree-resolved", add_time)
    app.connect("doctree-resolved", hold_formulas, priority=600)  # after the words are counted
    app.connect("html-page-context", tidy)
    app.add_css_file("print.css", media="print")
    app.add_js_file("print.js", priority=100)  # first: a browser may call who listens to the window in turn
    return {"parallel_read_safe": True, "parallel_write_safe": True}
