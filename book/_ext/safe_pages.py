"""Sphinx extension: each page says what it may run and load (a content security policy), and a browser holds it to that.

Scripts come from the book's own files. What stands in a page itself is named by its hash; the theme's one inline handler
is done by `print.js` instead. `blob:` is where a live figure's front end and its workers come from: text in the page,
which only a script that runs already can turn into one. Nothing needs `eval`: of plotly.js only the traces drawn by WebGL
would. Styles may stand in the page: MathJax, Plotly and the live figures write theirs as they draw.
"""

import hashlib
import re
from base64 import b64encode
from html.parser import HTMLParser
from pathlib import Path

from plotly.offline import get_plotlyjs

RUN = "", "text/javascript", "module", "importmap"
HEAD = re.compile(r'(<head>\s*<meta charset="utf-8" ?/?>|\A(?=<meta http-equiv="Refresh"))')


class Scripts(HTMLParser):
    """`texts`: those of the scripts that stand in a page, data left out."""

    def __init__(self, page):
        super().__init__()
        self.texts, self.open = [], False
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.open = tag == "script" and "src" not in given and (given.get("type") or "") in RUN
        if self.open:
            self.texts.append("")

    def handle_data(self, data):
        if self.open:
            self.texts[-1] += data

    def handle_endtag(self, tag):
        self.open = False


def source(text):
    """How a policy names a script that stands in the page.

    >>> source("")
    "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
    """
    return f"'sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def policy(page, plotly):
    """The policy of a page; plotly: the source of plotly.js, which is put into a page that is printed before it was needed."""
    rules = {
        "default-src": ["'self'"],
        "script-src": ["'self'", "blob:", plotly, *dict.fromkeys(map(source, Scripts(page).texts))],
        "worker-src": ["blob:"],
        "style-src": ["'self'", "'unsafe-inline'"],
        "img-src": ["'self'", "data:", "blob:"],
        "font-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
    }
    return "; ".join(" ".join([name, *sources]) for name, sources in rules.items())


def guard(page, plotly):
    """The page with its policy, ahead of all that the policy is about."""
    page = page.replace('onclick="window.print()"', "data-print")
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy(page, plotly)}">'
    return HEAD.sub(lambda found: f"{found[0]}{meta}", page, count=1)


def guard_pages(app, exception):
    if exception is not None or app.builder.format != "html":
        return
    plotly = source(get_plotlyjs())
    for path in Path(app.outdir).rglob("*.html"):
        page = path.read_text(encoding="utf-8")
        if "Content-Security-Policy" not in page and "_static" not in path.parts:
            path.write_text(guard(page, plotly), encoding="utf-8")


def setup(app):
    app.connect("build-finished", guard_pages, priority=900)  # when the last page is written
    return {"parallel_read_safe": True, "parallel_write_safe": True}
