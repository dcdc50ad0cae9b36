"""What a Selenium Grid says of itself; `tests/whole/test_grid.py` drives a real one."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from simulator.engines.browser import GridError, ask_grid, run_browser_visits
from simulator.engines.browser.grid import reachable_socket_url
from simulator.engines.browser.guardian import end_session


def node(n_sessions: int, *browsers: str, availability: str = "UP") -> dict[str, object]:
    """A node as a Grid's status describes it."""
    slots = [{"stereotype": {"browserName": browser}} for browser in browsers]
    return {"availability": availability, "maxSessions": n_sessions, "slots": slots}


@contextmanager
def grid_that_says(answer: object) -> Iterator[tuple[str, list[str]]]:
    """A server that answers all with this JSON; its URL, and what it was asked."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            asked.append(f"{self.command} {self.path}")
            body = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_DELETE = answer  # noqa: N815  the base class names them so

        def log_message(self, *arguments: object) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_grid_has_as_many_browsers_as_its_nodes_run_at_a_time() -> None:
    """2 of the first node's 3 Chromes, the second's one; none of a node that is draining, nor Firefox."""
    nodes = [
        node(2, "chrome", "chrome", "chrome"),
        node(8, "chrome", "firefox"),
        node(4, "chrome", availability="DRAINING"),
    ]
    with grid_that_says({"value": {"ready": True, "nodes": nodes}}) as (url, _):
        grid = ask_grid(f"{url}/")
    assert (grid.url, grid.n_slots) == (url, 3)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"value": {"ready": False, "nodes": []}}, "has no node for Chrome or Chromium"),
        ({"value": {"ready": True, "nodes": [node(2, "firefox")]}}, "has no node for Chrome or Chromium"),
        ({"status": "ok"}, "is no Selenium Grid of version 4"),
        (["no", "Grid"], "is no Selenium Grid of version 4"),
        ("<html>It works!</html>", "is no Selenium Grid"),
    ],
)
def test_what_is_no_grid_that_can_be_used_is_told_in_one_line(answer: object, words: str) -> None:
    with grid_that_says(answer) as (url, _), pytest.raises(GridError, match=words):
        ask_grid(url)


@pytest.mark.parametrize(
    ("url", "words"),
    [("http://127.0.0.1:9", "nobody answers"), ("127.0.0.1:4444", "must be a URL"), ("foo", "must be a URL")],
)
def test_a_grid_that_is_not_there_ends_a_run_before_it_begins(url: str, words: str) -> None:
    with pytest.raises(GridError, match=words):
        run_browser_visits(
            [],
            site_url="http://127.0.0.1:8000",
            brain=None,  # type: ignore[arg-type]  # it is never asked
            ticket_for=str,
            n_workers=1,
            on_done=print,
            stop=threading.Event(),
            grid_url=url,
        )


@pytest.mark.parametrize(
    ("grid_url", "reachable"),
    [
        ("http://127.0.0.1:4444", "ws://127.0.0.1:4444/session/1/se/bidi"),
        ("https://grid.example/wd/hub/", "wss://grid.example/wd/hub/session/1/se/bidi"),
    ],
)
def test_a_session_is_spoken_to_where_its_grid_was_reached(grid_url: str, reachable: str) -> None:
    assert reachable_socket_url("ws://192.0.2.7:4444/session/1/se/bidi", grid_url) == reachable


def test_a_session_is_ended_by_a_request() -> None:
    with grid_that_says({"value": None}) as (url, asked):
        end_session(f"{url}/session/abc")
    assert asked == ["DELETE /session/abc"]


def test_a_session_whose_grid_is_gone_is_gone_too() -> None:
    end_session("http://127.0.0.1:9/session/abc")
