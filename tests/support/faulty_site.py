"""A small site that fails on demand, for what a run does about it."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

SLATE = "".join(
    f'<article data-film="{film}" data-position="{film}" data-token="token-{film}"></article>'
    for film in range(1, 7)
)
HOME = f'<body data-page="home"><section data-slate="s" data-surface="home">{SLATE}</section>'


@dataclass
class FaultySite:
    """A running site.

    Args:
        fault_of: how the site meets a ticket: "" lets the visitor in, "error" answers 500, "hang" never does.
    """

    fault_of: Callable[[str], str]
    url: str = ""
    entered: Counter[str] = field(default_factory=Counter)
    let_go: threading.Event = field(default_factory=threading.Event)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one packet: two would wait 40 ms for an acknowledgement
    site: FaultySite

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class names it so
        """Keep quiet."""

    def do_GET(self) -> None:
        """Let a visitor in, or fail; the home page of whoever is in."""
        where = urlsplit(self.path)
        if where.path != "/enter":
            self._answer(200, HOME)
            return
        ticket = parse_qs(where.query)["ticket"][0]
        self.site.entered[ticket] += 1
        match self.site.fault_of(ticket):
            case "error":
                self._answer(500, "the database is on fire")
            case "hang":
                self.site.let_go.wait(30)
                self.close_connection = True
            case _:
                self._answer(303, "", Location="/")

    def do_POST(self) -> None:
        """Take what is reported."""
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._answer(204, "")

    def _answer(self, status: int, text: str, **headers: str) -> None:
        body = text.encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def faulty_site(fault_of: Callable[[str], str]) -> Iterator[FaultySite]:
    """A site on a free port for as long as the block lasts."""
    site = FaultySite(fault_of)
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"site": site}))
    server.daemon_threads = True
    site.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield site
    finally:
        site.let_go.set()
        server.shutdown()
        thread.join()
        server.server_close()
