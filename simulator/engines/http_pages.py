"""A visitor's hands by protocol alone: the same pages, forms and beacons as a browser, without one."""

import time
from collections.abc import Mapping, Sequence
from http.cookiejar import DefaultCookiePolicy
from http.cookies import SimpleCookie
from urllib.parse import quote, urlsplit

import requests
from requests.adapters import HTTPAdapter

from simulator.behaviour import Detour, SignIn
from simulator.engines.http_latency import LatencyLog, page_of
from simulator.engines.markup import (
    has_choice,
    has_film,
    is_page,
    read_form_token,
    read_list_token,
    read_play_token,
    read_slate,
)
from simulator.errors import VisitError
from simulator.instruments import BROWSER_USER_AGENT
from simulator.visit import VIEWED_AFTER_S, ShownSlate, step_cookie

_HEADERS = {
    "User-Agent": BROWSER_USER_AGENT,
    "Accept": "text/html,application/xhtml+xml,*/*;q=0.8",
    "Accept-Language": "en",
}
_SEE_OTHER = (302, 303)

_Form = Mapping[str, str | list[str]]


def open_connection() -> requests.Session:
    """Connections for one thread, kept alive from visit to visit; cookies stay with the visitors."""
    session = requests.Session()
    session.trust_env = False
    session.headers.clear()
    session.headers.update(_HEADERS)
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    for scheme in ("http://", "https://"):
        session.mount(scheme, HTTPAdapter(pool_connections=1, pool_maxsize=1))
    return session


class HttpPages:
    """One visitor on the site, by HTTP; fits `VisitorPages`.

    Args:
        connection: shared by the visits of one thread, see `open_connection`.
        site_url: where the site is, without a path.
        timeout_s: longest wait for a connection, and for each piece of an answer.
        latencies: told of every wait for an answer; None where nobody asks.
        due: when the visit was to begin, by `time.perf_counter`; the first wait counts from then.
    """

    def __init__(
        self,
        connection: requests.Session,
        site_url: str,
        *,
        timeout_s: float,
        latencies: LatencyLog | None = None,
        due: float | None = None,
    ) -> None:
        self._connection = connection
        self._site_url = site_url.rstrip("/")
        self._timeout_s = timeout_s
        self._latencies = latencies
        self._due = due
        self._cookies: dict[str, str] = {}
        self._user_agent = BROWSER_USER_AGENT
        self._is_mute = False
        self._step = 0
        self._shown_at_ms = 0
        self._address = ""
        # The addresses since the home page, the present one last: what the back button leads over.
        self._behind = ["/"]

    def enter(self, ticket: str, at_ms: int, *, sign_in: SignIn | None = None) -> ShownSlate:
        """Come to the site with a signed ticket; the slate of the home page."""
        self._next_step(at_ms)
        path = f"/enter?ticket={quote(ticket)}"
        if sign_in is None:
            return read_slate(self._follow("GET", path), page="home")
        return read_slate(
            self._choose_profile(self._follow("GET", f"{path}&to=profiles"), sign_in), page="home"
        )

    def look(self, slate: ShownSlate, positions: Sequence[int], dwell_s: float, at_ms: int) -> None:
        """Report these positions as viewed, one second after the look began."""
        self._set_time(at_ms + round(dwell_s * 1000))
        if self._is_mute:
            return
        after_ms = at_ms - self._shown_at_ms + round(VIEWED_AFTER_S * 1000)
        views = [{"token": slate.films[position - 1].token, "after_ms": after_ms} for position in positions]
        self._beacon("/views", {"views": views})

    def click(self, slate: ShownSlate, position: int, at_ms: int, *, is_doubled: bool = False) -> ShownSlate:
        """Send the form of one film; the slate of the film page it leads to."""
        self._next_step(at_ms)
        token = slate.films[position - 1].token
        if is_doubled:
            self._send("POST", "/click", form={"token": token})
        film_page = self._follow("POST", "/click", form={"token": token})
        self._behind.append(self._address)
        return read_slate(film_page, page="film")

    def play(self, movie_id: int, watch_s: float, *, is_completed: bool, at_ms: int) -> None:
        """Open the player, and report at the end how long it played."""
        self._next_step(at_ms)
        token = read_play_token(self._page(f"/watch/{movie_id}"))
        self._behind.append(self._address)
        self._set_time(at_ms + round(watch_s * 1000))
        self._beacon("/plays", {"token": token, "watch_s": watch_s, "is_completed": is_completed})

    def detour(self, detour: Detour, at_ms: int) -> ShownSlate:
        """Find a film by search, in a row, or by way of the visitor's list; its page's slate."""
        path = f"/film/{detour.movie_id}"
        self._set_time(at_ms)
        if detour.kind == "search":
            self._require_film(self._page(f"/search?q={quote(detour.title)}"), detour, "search page")
            self._behind.append(self._address)
        self._next_step(at_ms)
        film_page = self._page(path)
        if detour.kind == "my_list":
            self._next_step(at_ms)
            form = {"token": read_list_token(film_page), "action": "add"}
            self._follow("POST", "/list", form=form)
            self._next_step(at_ms)
            self._require_film(self._page("/"), detour, "home page")
            self._next_step(at_ms)
            film_page = self._page(path)
        self._behind.append(path)
        return read_slate(film_page, page="film")

    def go_home(self, at_ms: int) -> ShownSlate:
        """Go to the home page; its new slate."""
        self._next_step(at_ms)
        self._behind = ["/"]
        return read_slate(self._page("/"), page="home")

    def go_back(self, n_pages: int, at_ms: int) -> ShownSlate:
        """Ask again for the pages that led here, as browsers do that may keep none; the slate of the last."""
        page = ""
        for _ in range(n_pages):
            self._next_step(at_ms)
            page = self._page_before()
            while is_page(page, "search"):
                page = self._page_before()
        return read_slate(page, page="home")

    def leave(self) -> None:
        """Nothing is left to do: views and plays were reported when they were made."""

    def mute(self, *, is_mute: bool) -> None:
        """Report no views, or report them again."""
        self._is_mute = is_mute

    def call_itself(self, user_agent: str) -> None:
        """Send this name with every request."""
        self._user_agent = user_agent

    def _choose_profile(self, profiles: str, sign_in: SignIn) -> str:
        """Choose a profile on its page, and genres where that leads to the page of welcome; the home page."""
        user_id = "" if sign_in.user_id is None else str(sign_in.user_id)
        if user_id and not has_choice(profiles, "user_id", user_id):
            profiles = self._page(f"/profiles?q={user_id}")
        chosen = user_id if has_choice(profiles, "user_id", user_id) else "new"
        form = {"csrf_token": read_form_token(profiles, page="profiles"), "user_id": chosen}
        page = self._follow("POST", "/profiles", form=form)
        if not is_page(page, "welcome"):
            return page
        genres = [genre for genre in sign_in.genres if has_choice(page, "genre", genre)]
        if not genres:
            return self._page("/")
        token = read_form_token(page, page="welcome")
        return self._follow("POST", "/welcome", form={"csrf_token": token, "genre": genres})

    def _page_before(self) -> str:
        """What the back button shows."""
        self._behind.pop()
        if not self._behind:
            raise VisitError("the visitor goes back further than to the home page, where they came in")
        return self._page(self._behind[-1])

    def _require_film(self, html: str, detour: Detour, where: str) -> None:
        """Nobody opens a film that they are not shown."""
        if not has_film(html, detour.movie_id):
            raise VisitError(
                f"{where} has no film {detour.movie_id} for a visitor who looks for {detour.title!r}; "
                "it needs an <article data-film> of it"
            )

    def _next_step(self, at_ms: int) -> None:
        self._step += 1
        self._shown_at_ms = at_ms
        self._set_time(at_ms)

    def _set_time(self, at_ms: int) -> None:
        self._cookies["funflix_step"] = step_cookie(self._step, at_ms)

    def _follow(self, method: str, path: str, *, form: _Form | None = None) -> str:
        """The page to which the site sends the visitor on."""
        answer = self._send(method, path, form=form)
        location = answer.headers.get("Location", "")
        if answer.status_code not in _SEE_OTHER or not location:
            raise VisitError(f"{_what(method, path)}: {_status(answer)}; expected 303 with a Location")
        return self._page(location.removeprefix(self._site_url))

    def _page(self, path: str) -> str:
        self._address = path
        answer = self._send("GET", path)
        if answer.status_code != requests.codes.ok:
            raise VisitError(f"{_what('GET', path)}: {_status(answer)}; expected 200")
        return answer.content.decode("utf-8", errors="replace")

    def _beacon(self, path: str, message: Mapping[str, object]) -> None:
        answer = self._send("POST", path, message=message)
        if answer.status_code != requests.codes.no_content:
            raise VisitError(f"POST {path}: {_status(answer)}; expected 204")

    def _send(
        self,
        method: str,
        path: str,
        *,
        form: _Form | None = None,
        message: Mapping[str, object] | None = None,
    ) -> requests.Response:
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        began, self._due = time.perf_counter() if self._due is None else self._due, None
        try:
            answer = self._connection.request(
                method,
                self._site_url + path,
                headers={"Cookie": cookies, "User-Agent": self._user_agent},
                data=form,
                json=message,
                timeout=self._timeout_s,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            # Not the error's own words: they hold the address, and with it the ticket.
            raise VisitError(
                f"{_what(method, path)}: no answer from {_host(self._site_url)}: {type(error).__name__}"
            ) from error
        finally:
            if self._latencies is not None:
                self._latencies.add(page_of(path), time.perf_counter() - began)
        for line in answer.raw.headers.getlist("Set-Cookie"):
            self._cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        return answer


def _what(method: str, path: str) -> str:
    """The request in an error, without its ticket."""
    return f"{method} {path.partition('?')[0]}"


def _host(site_url: str) -> str:
    """Host and port, without a user's name."""
    return urlsplit(site_url).netloc.rpartition("@")[2]


def _status(answer: requests.Response) -> str:
    text = " ".join(answer.text.split())[:120]
    return f"HTTP {answer.status_code} {text!r}"
