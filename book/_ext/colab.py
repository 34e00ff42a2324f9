"""Sphinx extension: each chapter opens in Colab, which knows neither the library nor the repository's data.

Beside the pages lie copies of the notebooks whose first cell fetches both. The workflow publishes them as the branch
`colab`, where the button of a page leads. Without an address on GitHub, from where alone Colab reads, there is neither.
"""

from urllib.parse import urlsplit

import nbformat

from page_chrome import address_of

BRANCH = "colab"
FIRST_CELL = """# Where the library is missing, as in Colab: fetch the book and install it. Elsewhere this cell does nothing.
import importlib.util
import sys

if importlib.util.find_spec("mfdepth") is None:
    !git clone --quiet --depth 1 {address} mean-field-book
    %cd mean-field-book/book
    %pip install --quiet "..[all]"
if "google.colab" in sys.modules:  # live figures are widgets
    from google.colab import output

    output.enable_custom_widget_manager()
"""


def on_github(app):
    """The repository's address, if it is on GitHub; else ""."""
    address = address_of(app.config)
    return address if urlsplit(address).hostname == "github.com" else ""


def write_copies(app, exception):
    address = on_github(app)
    if exception or not address or app.builder.format != "html":
        return
    for name in app.env.found_docs:
        source = app.env.doc2path(name)
        if not str(source).endswith(".ipynb"):
            continue
        notebook = nbformat.read(source, as_version=4)
        first = nbformat.v4.new_code_cell(FIRST_CELL.format(address=address).strip(), id="colab")
        notebook.cells.insert(0, first)
        copy = app.outdir.parent / "colab" / f"{name}.ipynb"
        copy.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, copy)


def add_button(app, pagename, templatename, context, doctree):
    address = on_github(app)
    groups = [group for group in context.get("header_buttons", []) if group.get("label") == "launch-buttons"]
    if not address or not groups:
        return
    groups[0]["buttons"].append(
        {
            "type": "link",
            "text": "Colab",
            "tooltip": "Launch on Colab",
            "icon": "fas fa-rocket",
            "url": f"https://colab.research.google.com/github{urlsplit(address).path}/blob/{BRANCH}/{pagename}.ipynb",
        }
    )


def setup(app):
    app.connect("html-page-context", add_button, priority=900)  # after the theme has made its buttons
    app.connect("build-finished", write_copies)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
