"""A Selenium Grid: browsers on other machines, asked what it has before any visit begins.

A session on a Grid is no process of ours: it is ended by a request, which the guardian makes when the runner
cannot.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests

from simulator.engines.browser.errors import GridError

_TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class Grid:
    """A Grid that answered.

    Args:
        url: its address, without a slash at the end.
        n_slots: browsers that it runs at a time, on all its nodes that are up.
    """

    url: str
    n_slots: int

    def session_url(self, session_id: str) -> str:
        """Where a session is ended, by DELETE."""
        return f"{self.url}/session/{session_id}"


def ask_grid(url: str) -> Grid:
    """What the Grid at this address has.

    Raises:
        GridError: the address is none, nobody answers there, it is no Grid, or it has no node.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise GridError(f"grid {url!r}: must be a URL such as http://127.0.0.1:4444")
    try:
        with requests.Session() as session:
            session.trust_env = False  # a proxy in the environment must not come between
            status = session.get(f"{url.rstrip('/')}/status", timeout=_TIMEOUT_S).json()
    except (requests.ConnectionError, requests.Timeout) as error:
        raise GridError(
            f"grid {url!r}: nobody answers; start its hub and nodes, or leave the grid out"
        ) from error
    except (requests.RequestException, ValueError) as error:
        raise GridError(f"grid {url!r}: is no Selenium Grid ({type(error).__name__})") from error
    n_slots = count_slots(status)
    if n_slots is None:
        raise GridError(f"grid {url!r}: is no Selenium Grid of version 4; its /status names no nodes")
    if n_slots == 0:
        raise GridError(f"grid {url!r}: has no node for Chrome or Chromium that is up; start one")
    return Grid(url.rstrip("/"), n_slots)


def count_slots(status: Any) -> int | None:  # noqa: ANN401 - JSON from elsewhere
    """How many Chromes a Grid runs at a time, by its `/status`; None when that is no Grid's.

    >>> count_slots({"value": {"ready": True, "nodes": []}})
    0
    """
    try:
        nodes = [node for node in status["value"]["nodes"] if node["availability"] == "UP"]
        return sum(min(int(node["maxSessions"]), _n_chromes(node["slots"])) for node in nodes)
    except (TypeError, KeyError, AttributeError):
        return None


def _n_chromes(slots: list[dict[str, dict[str, object]]]) -> int:
    return sum(slot["stereotype"].get("browserName") == "chrome" for slot in slots)


def reachable_socket_url(socket_url: str, grid_url: str) -> str:
    """The address of a session's BiDi socket by the way that the Grid itself was reached.

    A Grid tells the address that its node believes the hub to have, which from here may lead nowhere.

    >>> reachable_socket_url("ws://10.0.0.7:4444/session/1/se/bidi", "https://grid.example/wd")
    'wss://grid.example/wd/session/1/se/bidi'
    """
    grid, path = urlsplit(grid_url), urlsplit(socket_url).path
    path = path[path.find("/session/") :]
    scheme = "wss" if grid.scheme == "https" else "ws"
    return urlunsplit((scheme, grid.netloc, grid.path.rstrip("/") + path, "", ""))
