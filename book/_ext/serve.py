"""Serve the built book on this machine only, and print its address."""

from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

SITE = Path(__file__).parents[2] / "_build" / "html"
PORT = 8000


def server(port=PORT, handler=SimpleHTTPRequestHandler):
    """The book's web server, at `port` or, where that is taken, at a free one."""
    handler = partial(handler, directory=SITE)
    try:
        return ThreadingHTTPServer(("127.0.0.1", port), handler)
    except OSError:
        return ThreadingHTTPServer(("127.0.0.1", 0), handler)


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        """A reader wants the address to stay in sight, not a line for each file."""


if __name__ == "__main__":
    with server(handler=Quiet) as httpd:
        print(f"The book is at http://127.0.0.1:{httpd.server_port}/ (Ctrl-C stops it)", flush=True)
        try:
            httpd.serve_forever()
        except KeyboardInterrupt:
            print()
