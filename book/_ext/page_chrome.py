"""Sphinx extension: what stands around a page's text: buttons that lead to the repository, the time that a page takes.

Where the book's repository is, nobody writes by hand: GitHub Actions says it, or git. A build that cannot tell has no
buttons that would lead nowhere.
"""

import os
import re
import subprocess

from docutils import nodes
from myst_nb.sphinx_ import NbMetadataCollector

FORGES = (
    "github.com",
    "gitlab.com",
    "bitbucket.org",
)  # whose pages the theme knows how to link
WORDS_A_MINUTE = 200


def web_address(remote):
    """The web page of a repository on a public forge, from an address that git takes; "" for any other.

    >>> web_address("git@github.com:someone/book.git"), web_address("/srv/book.git")
    ('https://github.com/someone/book', '')
    """
    found = re.fullmatch(
        r"(?:https?://|ssh://)?(?:[^@/]*@)?([\w.-]+)[:/]([\w./-]+?)(?:\.git)?/?",
        remote.strip(),
    )
    if found is None or found[1] not in FORGES or found[2].count("/") < 1:
        return ""
    return f"https://{found[1]}/{found[2]}"


def repository(folder, environment, written=""):
    """The repository's web page: from BOOK_REPOSITORY, GitHub Actions, git's origin, or what _config.yml says, in turn."""
    told = [
        environment.get("BOOK_REPOSITORY", ""),
        f"{environment.get('GITHUB_SERVER_URL', '')}/{environment.get('GITHUB_REPOSITORY', '')}",
        origin(folder),
        written,
    ]
    return next(filter(None, map(web_address, told)), "")


def origin(folder):
    command = [
        "git",
        "-c",
        "safe.directory=*",
        "-C",
        folder,
        "remote",
        "get-url",
        "origin",
    ]
    try:
        return subprocess.run(
            command, capture_output=True, text=True, check=True
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        return ""


def add_buttons(app, config):
    """Tell the theme where the repository is: it makes the buttons for source, edits and a running copy."""
    address = repository(app.confdir, os.environ, config.book_repository)
    if address:
        config.html_theme_options |= {
            "repository_url": address,
            "repository_branch": "main",
            "use_repository_button": True,
            "use_edit_page_button": True,
            # Binder installs .binder/requirements.txt, and so this package; Colab would not find it
            "launch_buttons": {
                "binderhub_url": "https://mybinder.org",
                "notebook_interface": "jupyterlab",
            },
        }


def words(doctree):
    """How many words of prose a page has: code, what it prints and displayed equations are not read like prose."""
    skipped = (
        nodes.literal_block,
        nodes.math_block,
        nodes.raw,
        nodes.comment,
    )
    count = 0
    for text in doctree.findall(nodes.Text):
        node = text.parent
        while node is not None and not isinstance(node, skipped):
            node = node.parent
        count += 0 if node is not None else len(text.split())
    return count


def add_time(app, doctree, docname):
    """Under the title of a notebook: how long it takes to read, and how long it took to run."""
    ran = (
        NbMetadataCollector.get_doc_data(app.env)
        .get(docname, {})
        .get("exec_data")
    )
    title = next(doctree.findall(nodes.title), None)
    if (
        not ran
        or ran.get("runtime") is None
        or title is None
        or docname == app.config.root_doc
    ):
        return
    minutes, seconds = (
        max(1, round(words(doctree) / WORDS_A_MINUTE)),
        max(1, round(ran["runtime"])),
    )
    text = f"{minutes} {'minute' if minutes == 1 else 'minutes'} to read, {seconds} s to run"
    title.parent.insert(
        title.parent.index(title) + 1,
        nodes.paragraph("", text, classes=["mf-time"]),
    )


def setup(app):
    app.add_config_value("book_repository", "", "html", str)
    app.connect("config-inited", add_buttons, priority=400)
    app.connect("doctree-resolved", add_time)
    app.add_css_file("print.css", media="print")
    app.add_js_file("print.js", defer="defer")
    return {"parallel_read_safe": True, "parallel_write_safe": True}
