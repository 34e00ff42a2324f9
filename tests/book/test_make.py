"""What `make` builds and when; what it installs."""

import re
import shutil
import subprocess
import threading
from pathlib import Path
from types import SimpleNamespace
from urllib.request import urlopen

import nbformat
import pytest
import side_by_side
from make_html import inputs, is_built, main
from serve import server

ROOT = Path(__file__).parents[2]
CHANGES = {
    "a chapter": lambda root: (root / "book" / "index.md").write_text("# Another\n"),
    "a file with a name of spaces, not yet in git": lambda root: (root / "ein Kapitel é.md").write_text(""),
    "a file less": lambda root: (root / "book" / "data.json").unlink(),
    "a file moved": lambda root: (root / "book" / "data.json").rename(root / "data.json"),
}
NO_CHANGES = {
    "a test": lambda root: (root / "tests" / "test_new.py").write_text(""),
    "a file that git ignores": lambda root: (root / "_build").mkdir() or (root / "_build" / "page").write_text(""),
    "a date": lambda root: (root / "book" / "index.md").touch(),
}


@pytest.fixture
def book(tmp_path):
    """The folder of a book of one page, with the configuration of the real one."""
    root = tmp_path / "my bøok"
    shutil.copytree(ROOT / "book" / "_ext", root / "book" / "_ext", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("_config.yml", ".gitignore", "book/references.bib"):
        shutil.copy(ROOT / name, root / name)
    (root / "_toc.yml").write_text("format: jb-book\nroot: book/index\n")
    (root / "book" / "index.md").write_text("# A book\n")
    (root / "book" / "data.json").write_text("{}")
    (root / "tests").mkdir()
    subprocess.run(["git", "init", "-q", root], check=True)
    subprocess.run(["git", "-C", root, "add", "."], check=True)
    return root


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_makes_a_book_stale(book, change):
    before = inputs(book)
    change(book)
    assert inputs(book) != before


@pytest.mark.parametrize("change", NO_CHANGES.values(), ids=NO_CHANGES)
def test_what_does_not(book, change):
    before = inputs(book)
    change(book)
    assert inputs(book) == before


def test_the_address_of_the_repository_is_an_input(book, monkeypatch):
    before = inputs(book)
    monkeypatch.setenv("BOOK_REPOSITORY", "https://github.com/someone/a-book")
    assert inputs(book) != before


def test_without_git_a_book_is_always_stale(tmp_path, book):
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    (tmp_path / ".gitignore").write_text("*\n")  # a repository around the copy, which knows nothing of it
    shutil.rmtree(book / ".git")
    assert inputs(book) == ""
    assert not is_built(book / "_build", "")


def test_a_book_is_built_once_and_a_failed_build_does_not_count(book, monkeypatch, capfd):
    monkeypatch.setenv("PYTHONWARNINGS", "")  # those of other libraries are not ours
    (book / "book" / "index.md").write_text("# A book\n\n[nowhere](nowhere.md)\n")
    assert main(book) != 0 and main(book) != 0  # the second finds pages, and builds them again
    (book / "book" / "index.md").write_text("# A book\n")
    capfd.readouterr()
    assert main(book) == 0
    assert "Finished generating HTML" in capfd.readouterr().out
    assert main(book) == 0
    assert capfd.readouterr().out == "The book is built: nothing has changed since.\n"
    (book / "_build" / "html" / "index.html").write_text("by hand")
    assert main(book) == 0
    assert (book / "_build" / "html" / "index.html").read_text() != "by hand"
    assert (book / "_build" / "html" / ".nojekyll").exists()


def test_a_notebook_that_fails_ends_the_build_with_its_traceback(book, monkeypatch, capfd):
    monkeypatch.setenv("PYTHONWARNINGS", "")
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_markdown_cell("# A"), nbformat.v4.new_code_cell("1 / 0")]
    )
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, book / "book" / "index.ipynb")
    (book / "book" / "index.md").unlink()
    assert main(book) != 0
    assert "ZeroDivisionError" in "".join(capfd.readouterr()) and not is_built(book / "_build", inputs(book))


def test_what_notebooks_gave_for_another_build_is_not_used(tmp_path):
    kept = tmp_path / "cache" / "executed"
    kept.mkdir(parents=True)
    env = SimpleNamespace(mystnb_config=SimpleNamespace(execution_cache_path=str(kept.parent)), doc2path=None)
    side_by_side.run(None, env, [])
    assert not kept.exists()


# --- what is installed ------------------------------------------------------------------------------------------------


def test_the_lock_file_holds_what_is_asked_for_by_its_hashes():
    asked = re.findall(r"^([\w.-]+)(?:\[\w+\])?==([\w.]+)", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    lock = (ROOT / "requirements.lock").read_text()
    locked = re.findall(
        r"^([\w.-]+)(?:\[[\w,-]+\])?==(\S+)((?: .*)?(?:\n    --hash=sha256:\w{64} ?\\?)+)$", lock, re.MULTILINE
    )
    versions = {name: version for name, version, _ in locked}
    assert len(versions) == len(re.findall(r"^\w", lock, re.MULTILINE))  # each has a hash
    assert [(name, version) for name, version in asked if versions.get(name) != version] == [("torch", "2.13.0")]
    assert not [name for name in versions if name.startswith("nvidia")]  # locked with the CPU build of torch


def test_no_proxy_stands_between_the_tests_and_this_machine(tmp_path, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")  # where nobody answers
    (tmp_path / "page.txt").write_text("here")
    with server(folder=tmp_path) as served:
        threading.Thread(target=served.serve_forever, daemon=True).start()
        with urlopen(f"http://127.0.0.1:{served.server_port}/page.txt") as answer:
            assert answer.read() == b"here"
        served.shutdown()
