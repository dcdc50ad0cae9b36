"""One visitor's own window in a shared browser, and the visit's steps in it."""

import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, TypeVar
from urllib.parse import urlencode, urljoin

from selenium.common.exceptions import WebDriverException
from selenium.webdriver.remote.webdriver import WebDriver

from simulator.behaviour import Detour, SignIn
from simulator.engines.browser import _scripts as scripts
from simulator.engines.browser.display import Camera
from simulator.engines.browser.errors import PageError
from simulator.engines.browser.pages import (
    FilmPage,
    HomePage,
    PlayerPage,
    ProfilesPage,
    SearchPage,
    SlatePage,
    WelcomePage,
)
from simulator.engines.browser.row import POPULAR
from simulator.visit import ShownSlate, step_cookie

_Page = HomePage | SearchPage | FilmPage | PlayerPage
_Open = TypeVar("_Open", HomePage, SearchPage, FilmPage, PlayerPage)

_NO_CAMERA = Camera(None, "", takes_all=False)
# Of a page that hangs there is no picture; the wait for it is kept short.
_PICTURE_TIMEOUT_S = 2.0


class VisitorWindow:
    """A window of its own user context: cookies and cache are shared with no other visitor of the browser."""

    def __init__(self, driver: WebDriver) -> None:
        self._driver = driver
        self._context: str = driver.browser.create_user_context()
        window: str = driver.browsing_context.create(type="tab", user_context=self._context)
        driver.switch_to.window(window)

    def set_cookie(self, site_url: str, name: str, value: str) -> None:
        """Set a cookie of the site; works before the first page of it is open, as no script can."""
        # Through CDP: the same by BiDi costs four times the CPU time.
        self._command("Network.setCookie", {"name": name, "value": value, "url": site_url})

    def call_itself(self, user_agent: str) -> None:
        """Have the browser name itself so in this window."""
        self._command("Emulation.setUserAgentOverride", {"userAgent": user_agent})

    def mute(self) -> str:
        """Have pages loaded from now on drop their beacons; a name with which to take that back."""
        answer = self._command("Page.addScriptToEvaluateOnNewDocument", {"source": scripts.DROP_BEACONS})
        return str(answer["identifier"])

    def unmute(self, name: str) -> None:
        """Have pages loaded from now on send their beacons."""
        self._command("Page.removeScriptToEvaluateOnNewDocument", {"identifier": name})

    def close(self) -> None:
        """Close the window and forget all that is the visitor's."""
        # The page must go before its context does, or what it sends while going is lost.
        self._driver.get("about:blank")
        self._driver.browser.remove_user_context(self._context)

    def _command(self, name: str, parameters: dict[str, str]) -> dict[str, Any]:
        answer = self._driver.execute("executeCdpCommand", {"cmd": name, "params": parameters})
        found: dict[str, Any] = answer["value"]
        return found


class BrowserPages:
    """The site in a real browser, for one visitor; a `simulator.visit.VisitorPages`.

    Args:
        driver: the browser.
        site_url: the site.
        camera: takes a screenshot of each page when it is left, or of the one where the visit broke off.
        slow_motion_s: pause before everything the visitor does, for people who watch.
    """

    def __init__(
        self, driver: WebDriver, site_url: str, *, camera: Camera = _NO_CAMERA, slow_motion_s: float = 0.0
    ) -> None:
        self._driver = driver
        self._site_url = site_url
        self._camera = camera
        self._slow_motion_s = slow_motion_s
        self._step = 0
        self._user_agent: str | None = None
        self._is_mute = False
        self._mute_script: str | None = None
        self._window: VisitorWindow | None = None
        self._page: _Page | None = None
        # The kinds of the pages since the last home page, that included, up to the present one.
        self._path: list[type[_Page]] = []

    def enter(self, ticket: str, at_ms: int, *, sign_in: SignIn | None = None) -> ShownSlate:
        """Come to the site with a signed ticket, in a new window; the slate of the home page."""
        self._window = VisitorWindow(self._driver)
        if self._user_agent is not None:
            self._window.call_itself(self._user_agent)
        self._begin_step(at_ms)
        address = urljoin(self._site_url, "/enter?" + urlencode({"ticket": ticket}))
        if sign_in is None:
            return self._opened(HomePage.enter(self._driver, address)).slate
        profiles = ProfilesPage.enter(self._driver, f"{address}&to=profiles")
        self._pause()
        page = profiles.choose(sign_in.user_id)
        if isinstance(page, WelcomePage):
            self._pause()
            page = page.tell(sign_in.genres)
        return self._opened(page).slate

    def look(self, slate: ShownSlate, positions: Sequence[int], dwell_s: float, at_ms: int) -> None:  # noqa: ARG002 - the page knows its slate
        """Look until the page counts the films as viewed: a real second, whatever the simulated dwell."""
        page = self._page_with_slate()
        self._pause()
        self._set_time(at_ms + round(dwell_s * 1000))
        page.look(positions)

    def click(self, slate: ShownSlate, position: int, at_ms: int, *, is_doubled: bool = False) -> ShownSlate:  # noqa: ARG002 - it is the page's
        """Click the film at `position`; the slate of its page."""
        page = self._page_with_slate()
        self._begin_step(at_ms)
        if is_doubled:
            page.send_click(position)
        return self._opened(page.click_position(position)).slate

    def play(self, movie_id: int, watch_s: float, *, is_completed: bool, at_ms: int) -> None:
        """Open the player from the film page and watch."""
        if not isinstance(self._page, FilmPage):
            raise PageError(
                f"film {movie_id} cannot be played from here; films are played from their own page"
            )
        self._begin_step(at_ms)
        player = self._opened(self._page.play()).player
        self._set_time(at_ms + round(watch_s * 1000))
        if is_completed:
            player.finish(watch_s)
        else:
            player.abandon(watch_s)

    def detour(self, detour: Detour, at_ms: int) -> ShownSlate:
        """Go from the home page to a film past its slate: type its title, or scroll to its row."""
        home = self._home_page()
        if detour.kind == "search":
            return self._search(home, detour, at_ms).slate
        self._begin_step(at_ms)
        film_page = self._opened(home.open_from_row(detour.movie_id, detour.row or POPULAR))
        if detour.kind == "my_list":
            self._begin_step(at_ms)
            self._opened(film_page.add_to_list())
            self.go_home(at_ms)
            home = self._home_page()
            self._begin_step(at_ms)
            film_page = self._opened(home.open_from_list(detour.movie_id))
        return film_page.slate

    def go_home(self, at_ms: int) -> ShownSlate:
        """Follow the page's link home, or come back to the site; the new slate there."""
        if self._page is None:
            raise PageError("the visitor is not on the site; enter() comes first")
        self._begin_step(at_ms)
        if isinstance(self._page, FilmPage | PlayerPage):
            return self._opened(self._page.go_home()).slate
        return self._opened(HomePage.enter(self._driver, self._site_url)).slate

    def go_back(self, n_pages: int, at_ms: int) -> ShownSlate:
        """Press the browser's back button until the home page is there; the slate it now has."""
        for _ in range(n_pages):
            self._begin_step(at_ms)
            self._press_back()
            while isinstance(self._page, SearchPage):
                self._press_back()
        return self._home_page().slate

    def leave(self) -> None:
        """Close the window."""
        window, page = self._window, self._page
        self._window = self._page = None
        if window is not None:
            # In a visit that broke off, this is called while its error is under way.
            has_failed = sys.exception() is not None
            self._photograph(has_failed=has_failed)
            self._pause()
            if isinstance(page, SlatePage) and not has_failed and self._mute_script is None:
                page.report_views()
            window.close()

    def mute(self, *, is_mute: bool) -> None:
        """From the next page on, have beacons dropped in the page, before they are sent; or not."""
        self._is_mute = is_mute

    def call_itself(self, user_agent: str) -> None:
        """Have the visitor's window send this name."""
        self._user_agent = user_agent

    def _search(self, home: HomePage, detour: Detour, at_ms: int) -> FilmPage:
        self._pause()
        search_page = self._opened(home.search())
        self._pause()
        card = search_page.find(detour.title, detour.movie_id)
        # The search page is no step of its own; only now the next page is asked for.
        self._begin_step(at_ms)
        return self._opened(search_page.open(card))

    def _press_back(self) -> None:
        assert self._page is not None, "enter() comes first"
        self._path.pop()
        if not self._path:
            raise PageError("the visitor goes back further than to the home page, where they came in")
        self._page = self._page.go_back(self._path[-1])

    def _opened(self, page: _Open) -> _Open:
        """Note the page that is open now."""
        self._page = page
        self._path = [HomePage] if isinstance(page, HomePage) else [*self._path, type(page)]
        return page

    def _home_page(self) -> HomePage:
        if not isinstance(self._page, HomePage):
            raise PageError("the visitor is not on the home page, where slates are left aside and visits end")
        return self._page

    def _begin_step(self, at_ms: int) -> None:
        if self._page is not None:
            self._photograph(has_failed=False)
        self._pause()
        self._step += 1
        self._set_time(at_ms)
        self._set_mute()

    def _pause(self) -> None:
        if self._slow_motion_s:
            time.sleep(self._slow_motion_s)

    def _photograph(self, *, has_failed: bool) -> None:
        if not self._camera.wants(has_failed=has_failed):
            return
        # A picture is not worth a visit: a browser that cannot give one fails at what comes next, if it must.
        with suppress(WebDriverException, OSError):
            patience_s = self._driver.timeouts.page_load
            self._driver.set_page_load_timeout(_PICTURE_TIMEOUT_S)
            self._camera.keep(self._driver.get_screenshot_as_png(), self._step, has_failed=has_failed)
            self._driver.set_page_load_timeout(patience_s)

    def _set_mute(self) -> None:
        assert self._window is not None, "enter() comes first"
        if self._is_mute and self._mute_script is None:
            self._mute_script = self._window.mute()
        elif not self._is_mute and self._mute_script is not None:
            self._window.unmute(self._mute_script)
            self._mute_script = None

    def _set_time(self, at_ms: int) -> None:
        assert self._window is not None, "enter() comes first"
        self._window.set_cookie(self._site_url, "funflix_step", step_cookie(self._step, at_ms))

    def _page_with_slate(self) -> SlatePage:
        if not isinstance(self._page, SlatePage):
            raise PageError("the visitor is on no page with a slate; home and film pages have one")
        return self._page
