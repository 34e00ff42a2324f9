"""The built book, served on this machine and opened in a real browser."""

import threading
from urllib.parse import urlsplit

import pytest
from serve import HTML, server


@pytest.fixture(scope="session")
def html():
    """The folder that holds the built book."""
    if not (HTML / "index.html").exists():
        pytest.fail("the book is not built: run `make html` first")
    return HTML


@pytest.fixture(scope="module")
def site(html):
    """The address of the built book, served at a free port."""
    with server() as book:
        threading.Thread(target=book.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{book.server_port}"
        book.shutdown()


@pytest.fixture
def page(browser):
    """A fresh page. Whatever the test does there, it asks no other host and raises no error."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(30_000)  # a busy machine is no failure
    page = context.new_page()
    foreign, errors = [], []

    def on_request(request):
        if urlsplit(request.url).hostname not in (None, "127.0.0.1"):  # None: data:, blob:
            foreign.append(request.url)

    page.on("request", on_request)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
    yield page
    context.close()
    assert not foreign, f"asked of another host: {foreign}"
    assert not errors, f"errors in the page: {errors}"
