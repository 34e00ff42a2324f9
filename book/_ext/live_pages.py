"""Sphinx extension: live figures and Plotly figures on pages that ask no other host for anything.

The pages themselves are made live by `static/live.js`; here its data and files are put in place.
"""

import json
import re
from html import escape
from pathlib import Path

from docutils import nodes
from myst_nb.core.render import load_mime_renders
from plotly.offline import get_plotlyjs

STATIC = Path(__file__).parent / "static"
PLOTLY = "application/vnd.plotly.v1+json"
WIDGET = "application/vnd.jupyter.widget-view+json"
STATE = "application/vnd.jupyter.widget-state+json"


class PlotlyFigure:
    """Keep a Plotly figure as data in the page; `live.js` draws it when it comes into view.

    What the figure shows is said in words by `figure.layout.meta["alt"]`, else by its title.
    """

    mime_priority_overrides = (("html", PLOTLY, 5),)

    @staticmethod
    def handle_mime(renderer, data, inline):
        if data.mime_type != PLOTLY:
            return None
        figure = data.content if isinstance(data.content, dict) else json.loads(data.content)
        layout = figure.get("layout", {})
        layout.pop("template", None)  # the page brings its own, for the light and the dark theme
        meta, title = layout.get("meta"), layout.get("title")
        alt = (meta.get("alt") if isinstance(meta, dict) else None) or (title or {}).get("text", "")
        height = int(layout.get("height", 450))
        # "</script>" in a label must not end the element
        content = json.dumps({"data": figure["data"], "layout": layout}).replace("</", "<\\/")
        html = (
            f'<div class="mf-figure" style="min-height:{height}px">'
            f'<p class="visually-hidden">{escape(alt)}</p>'
            f'<script type="{PLOTLY}">{content}</script></div>'
        )
        return [nodes.raw("", html, format="html")]


def page_files(app, pagename, templatename, context, doctree):
    """Load `live.js` where it has something to draw, and the scripts of sphinx-thebe nowhere.

    sphinx-thebe declares one constant twice, which is an error on every page, and names a host. Where there is a live
    figure, `live.js` also starts MathJax, which holds a page up for a second.
    """
    scripts = context["script_files"]
    scripts[:] = [script for script in scripts if "thebe" not in script_text(script)]
    body = context.get("body", "")
    if WIDGET in body:
        scripts[:] = [prepared(script, body) for script in scripts]
    if PLOTLY in body:
        app.add_js_file("take_home.js")
    if PLOTLY in body or WIDGET in body:
        # small, and at work before the scripts that wait for the page to be read
        app.add_js_file("live.js")


def prepared(script, body):
    """The script as a page with live figures has it: MathJax comes later, and the state is that of the widgets on show."""
    kind = type(script)
    if "mathjax" in str(script.filename).lower():
        return kind(script.filename, priority=script.priority, type="text/later")
    if script.attributes.get("type") == STATE:
        state = shown_state(script.attributes["body"], body)
        return kind(
            script.filename,
            priority=script.priority,
            **script.attributes | {"body": state},
        )
    return script


def shown_state(text, body):
    """Of the state of a page's widgets, the part that the views in its body ask for.

    >>> shown_state('{"state": {"a": {"n": 1}, "b": {}}, "version_major": 2}', '<script>{"model_id": "a"}</script>')
    '{"state": {"a": {"n": 1}}}'
    """
    seen = set(re.findall(r'"model_id": *"(\w+)"', body))
    models = json.loads(text)["state"]
    kept = {name: model for name, model in models.items() if name in seen}
    return json.dumps({"state": kept}).replace("</", "<\\/")


def script_text(script):
    return f"{script.filename} {script.attributes.get('body')}"


def copy_plotly(app, exception):
    """One copy of plotly.js for the whole site, taken from the installed package."""
    if exception is None and app.builder.format == "html":
        Path(app.outdir, "_static", "plotly.min.js").write_bytes(get_plotlyjs().encode())


def setup(app):
    load_mime_renders().append(PlotlyFigure)
    app.connect(
        "builder-inited",
        lambda app: app.config.html_static_path.append(str(STATIC)),
    )
    app.add_css_file("book.css")
    app.connect("html-page-context", page_files, priority=900)
    app.connect("build-finished", copy_plotly)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
