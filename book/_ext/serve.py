"""Serve the built book on this machine only, and print its address."""

from contextlib import suppress
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

HTML = Path(__file__).parents[2] / "_build" / "html"


class Quiet(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # many files come through few connections

    def handle(self):
        """Answer until the page is left, which closes its connections."""
        with suppress(ConnectionError):
            super().handle()

    def log_message(self, *args):
        """Keep the address in sight: no line for each file."""


def server(port=0, folder=HTML):
    """The book's web server at `port`, or at a free one where that is 0 or taken."""
    handler = partial(Quiet, directory=folder)
    try:
        return ThreadingHTTPServer(("127.0.0.1", port), handler)
    except OSError:
        return ThreadingHTTPServer(("127.0.0.1", 0), handler)


if __name__ == "__main__":
    with server(8000) as book:
        print(
            f"The book is at http://127.0.0.1:{book.server_port}/ (Ctrl-C stops it)",
            flush=True,
        )
        try:
            book.serve_forever()
        except KeyboardInterrupt:
            print()
