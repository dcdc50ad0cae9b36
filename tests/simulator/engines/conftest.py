"""A small real site on a free port, strict about the pages' contract, with faults to ask for."""

import hashlib
import json
import threading
from collections.abc import Iterator
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest


class SmallSite(SimpleNamespace):
    """What the site was asked, and how it is to misbehave; the handler does the rest.

    A slate depends on visitor, surface and film alone. Every table has rows in the order they came.
    """

    def __init__(self, movie_ids: list[int]) -> None:
        super().__init__()
        self.movie_ids = movie_ids
        self.pages: list[tuple[str, str, str]] = []
        self.views: list[tuple[str, str, int]] = []
        self.clicks: list[tuple[str, str]] = []
        self.plays: list[tuple[str, str, float, bool, str]] = []
        self.user_agents: set[str] = set()
        self.status_of: dict[str, int] = {}
        self.body_of: dict[str, str] = {}
        self.hang = threading.Event()
        self.is_hanging = False
        self.url = ""

    def slate(self, visitor: str, surface: str, movie_id: int) -> list[int]:
        """Six films, the same whenever asked."""
        digest = hashlib.sha256(f"{visitor}:{surface}:{movie_id}".encode()).digest()
        return [self.movie_ids[(digest[0] + 31 * place) % len(self.movie_ids)] for place in range(6)]


class _Handler(BaseHTTPRequestHandler):
    """The site's routes; a cookie of another visitor than the token's is refused, as on the real site."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one packet: two would wait 40 ms for an acknowledgement
    site: SmallSite

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class names it so
        """Keep quiet."""

    def do_GET(self) -> None:
        """Answer a page."""
        where = urlsplit(self.path)
        self._note(where.path)
        if self._misbehaves(where.path):
            return
        match where.path.split("/"):
            case ["", "enter"]:
                ticket = parse_qs(where.query)["ticket"][0]
                self._answer(
                    303, "", {"Location": "/", "Set-Cookie": f"funflix_visitor={ticket}; HttpOnly; Path=/"}
                )
            case ["", ""]:
                self._answer(200, self._page("home", self._slate_html("home", 0)))
            case ["", "film", movie_id]:
                self._answer(200, self._page("film", self._slate_html("film", int(movie_id))))
            case ["", "watch", movie_id]:
                token = f"play|{self._visitor()}|{movie_id}"
                form = f'<form method="post" data-play-form><input name="token" value="{token}"></form>'
                self._answer(200, self._page("watch", form))
            case _:
                self._answer(404, "no such page")

    def do_POST(self) -> None:
        """Record what is reported."""
        content = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        self._note(self.path)
        if self._misbehaves(self.path):
            return
        if self.path == "/click":
            self._click(parse_qs(content)["token"][0])
        elif self.path == "/views":
            self._views(json.loads(content)["views"])
        else:
            self._play(json.loads(content))

    def _click(self, token: str) -> None:
        if token.split("|")[1] != self._visitor():
            self._answer(403, "swapped token")
            return
        self.site.clicks.append((token, self._step()))
        self._answer(303, "", {"Location": f"/film/{token.split('|')[3]}?from=home"})

    def _views(self, views: list[dict[str, Any]]) -> None:
        self.site.views += [(view["token"], self._step(), view["after_ms"]) for view in views]
        self._answer(204, "")

    def _play(self, play: dict[str, Any]) -> None:
        _, visitor, movie_id = play["token"].split("|")
        row = (visitor, movie_id, play["watch_s"], play["is_completed"], self._step())
        self.site.plays.append(row)
        self._answer(204, "")

    def _note(self, path: str) -> None:
        self.site.pages.append((self._visitor(), path, self._step()))
        self.site.user_agents.add(self.headers.get("User-Agent", ""))

    def _misbehaves(self, path: str) -> bool:
        if self.site.is_hanging:
            self.site.hang.wait(20)
        if path in self.site.status_of:
            self._answer(self.site.status_of[path], "the database\nis on fire")
        elif path in self.site.body_of:
            self._answer(200, self.site.body_of[path])
        return path in self.site.status_of or path in self.site.body_of

    def _slate_html(self, surface: str, movie_id: int) -> str:
        visitor = self._visitor()
        cards = "".join(
            f'<article class="card" data-film="{film}" data-position="{position}" '
            f'data-token="{surface}|{visitor}|{position}|{film}|a&amp;b"><form method="post" action="/click">'
            f'<input type="hidden" name="token" value="x"><button>Film {film}</button></form></article>'
            for position, film in enumerate(self.site.slate(visitor, surface, movie_id), start=1)
        )
        others = "".join(f'<article data-film="{film}"></article>' for film in self.site.movie_ids[:50])
        return (
            f'<section class="row" data-row="popular">{others}</section>\n<section class="row slate" '
            f'data-slate="{surface}-{visitor}" data-surface="{surface}" data-fallback>{cards}</section>'
        )

    def _page(self, name: str, content: str) -> str:
        return f'<!doctype html><html><body data-page="{name}">{content}</body></html>'

    def _cookie(self, name: str) -> str:
        cookies = SimpleCookie(self.headers.get("Cookie", ""))
        return cookies[name].value if name in cookies else ""

    def _visitor(self) -> str:
        return self._cookie("funflix_visitor")

    def _step(self) -> str:
        return self._cookie("funflix_step")

    def _answer(self, status: int, text: str, headers: dict[str, str] | None = None) -> None:
        body = text.encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def small_site(world: SimpleNamespace) -> Iterator[SmallSite]:
    """A small site over the films of the small world."""
    site = SmallSite(world.movie_ids.tolist())
    handler = type("Handler", (_Handler,), {"site": site})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    site.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield site
    site.hang.set()
    server.shutdown()
    thread.join()
    server.server_close()
