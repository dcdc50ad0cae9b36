"""The site's pages as a visitor meets them: what can be done there, and the page it leads to.

Each page reads itself once, by one script, when it has loaded. Commands to a browser are what a visit costs,
so a page object sends one where the textbook's sends ten.
"""

from collections.abc import Sequence
from typing import Any

from selenium.common.exceptions import JavascriptException, TimeoutException
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

from simulator.engines.browser import _scripts as scripts
from simulator.engines.browser.card import Card
from simulator.engines.browser.errors import PageError
from simulator.engines.browser.row import MY_LIST, POPULAR, Row
from simulator.engines.browser.search import SearchBox
from simulator.visit import ShownFilm, ShownSlate

PAGE_TIMEOUT_S = 10.0
_POLL_S = 0.05
# Since the page began to load. A player whose clock has not moved by then has none that runs.
_PLAY_BEGINS_WITHIN_S = 5.0


class _OpenPage:
    """The document now open in the visitor's window, whichever page it is.

    Args:
        driver: its current window is the visitor's.
        name: the page it has to be: `home`, `film`, `watch` or `search`.
        left: the document the visitor left for it, None when there was none.

    Raises:
        PageError: within 10 s no new page came, or another one than asked for.
    """

    def __init__(self, driver: WebDriver, name: str, left: "_OpenPage | None") -> None:
        self._driver = driver
        born_before = None if left is None else left._born  # noqa: SLF001 - the same class
        facts = self._wait_for(name, born_before)
        if facts["name"] != name:
            raise PageError(
                f"{_without_query(facts['url'])} shows the page {facts['name']!r}, "
                f"titled {facts['title']!r}; expected the page {name!r}"
            )
        self._born: float = facts["born"]
        self._slate = _slate(facts["slate"])

    def _wait_for(self, name: str, born_before: float | None) -> dict[str, Any]:
        # While a document goes, scripts fail in it; the next poll finds the new one.
        wait = WebDriverWait(self._driver, PAGE_TIMEOUT_S, _POLL_S, ignored_exceptions=[JavascriptException])
        try:
            facts: dict[str, Any] = wait.until(
                lambda driver: driver.execute_script(scripts.READ_PAGE, born_before)
            )
        except TimeoutException as error:
            raise PageError(
                f"no page {name!r} came within {PAGE_TIMEOUT_S:g} s; still at {self._address}"
            ) from error
        return facts

    @property
    def _address(self) -> str:
        return _without_query(self._driver.current_url)

    @property
    def slate(self) -> ShownSlate:
        """The recommended slate of this page."""
        if self._slate is None:
            raise PageError(f"{self._address} has no [data-slate]; pages with films have one")
        return self._slate

    def look(self, positions: Sequence[int]) -> None:
        """Scroll to the films at these positions until the page has counted each as viewed, at most 10 s."""
        unviewed = self._run(scripts.LOOK, list(positions), PAGE_TIMEOUT_S * 1000)
        if unviewed:
            raise PageError(
                f"{self._address} did not mark positions {unviewed} as viewed within "
                f"{PAGE_TIMEOUT_S:g} s of being on screen; its script sets data-viewed after 1 s"
            )

    def has(self, selector: str) -> bool:
        """Whether something on the page matches."""
        return bool(self._run(scripts.HAS, selector))

    def click(self, selector: str) -> None:
        """Click the first element that matches, with the mouse, where it is on screen."""
        element = self._run(scripts.SHOW, selector)
        if not isinstance(element, WebElement):
            raise PageError(f"{self._address} has no {selector}, which is part of such a page")
        element.click()

    def click_position(self, position: int) -> None:
        """Click the film at `position` (from 1) of the slate."""
        self.click(f'[data-slate] [data-position="{position}"] form button')

    def send_click(self, position: int) -> None:
        """Send the form of the film at `position` (from 1) of the slate, and stay on the page."""
        status = self._run(scripts.SEND_CLICK, f'[data-slate] [data-position="{position}"] form')
        if status != "sent":
            raise PageError(f"{self._address} did not send its click: {status}; it has a form for each film")

    def post_play(self, watch_s: float, *, is_completed: bool) -> None:
        """Let the player begin, then send its form without leaving its page."""
        status = self._run(scripts.POST_PLAY, watch_s, is_completed, _PLAY_BEGINS_WITHIN_S * 1000)
        if status != "stored":
            raise PageError(f"{self._address} answered the play with {status}; expected it to be stored")

    def _run(self, script: str, *arguments: object) -> Any:  # noqa: ANN401 - what a script answers
        return self._driver.execute_script(script, *arguments)


class HomePage:
    """The home page: one recommended slate among rows of films."""

    def __init__(self, driver: WebDriver, left: _OpenPage | None = None) -> None:
        self._driver = driver
        self._page = _OpenPage(driver, "home", left)

    @classmethod
    def enter(cls, driver: WebDriver, url: str) -> "HomePage":
        """Come to the site by an address that leads to the home page."""
        driver.get(url)
        return cls(driver)

    @property
    def slate(self) -> ShownSlate:
        """The recommended slate."""
        return self._page.slate

    def look(self, positions: Sequence[int]) -> None:
        """Look at these positions of the slate long enough for each to be viewed, at most 10 s."""
        self._page.look(positions)

    def send_click(self, position: int) -> None:
        """Send the click on the film at `position` (from 1) of the slate without following it."""
        self._page.send_click(position)

    def click_position(self, position: int) -> "FilmPage":
        """Click the film at `position` (from 1) of the slate."""
        self._page.click_position(position)
        return FilmPage(self._driver, self._page)

    def search(self) -> "SearchPage":
        """Follow the link to the search page."""
        self._page.click('a[href="/search"]')
        return SearchPage(self._driver, self._page)

    def open_from_row(self, movie_id: int) -> "FilmPage":
        """Open a film from the popular row, or from another where the site keeps it out of that one."""
        card = Row(self._page, POPULAR).card(movie_id)
        if not card.is_there:
            card = Row(self._page).card(movie_id)
        card.open()
        return FilmPage(self._driver, self._page)

    def open_from_list(self, movie_id: int) -> "FilmPage":
        """Open a film from the visitor's own list."""
        Row(self._page, MY_LIST).card(movie_id).open()
        return FilmPage(self._driver, self._page)


class SearchPage:
    """The search page, which shows films while one types."""

    def __init__(self, driver: WebDriver, left: _OpenPage | None = None) -> None:
        self._driver = driver
        self._page = _OpenPage(driver, "search", left)
        self._box = SearchBox(driver, self._page)

    def find(self, title: str, movie_id: int) -> Card:
        """Type the title of a film; its card among those found."""
        return self._box.find(title, movie_id)

    def open(self, card: Card) -> "FilmPage":
        """Open a film that was found."""
        card.open()
        return FilmPage(self._driver, self._page)


class FilmPage:
    """The page of one film, with a slate of films like it."""

    def __init__(self, driver: WebDriver, left: _OpenPage | None = None) -> None:
        self._driver = driver
        self._page = _OpenPage(driver, "film", left)

    @property
    def slate(self) -> ShownSlate:
        """The recommended slate."""
        return self._page.slate

    def look(self, positions: Sequence[int]) -> None:
        """Look at these positions of the slate long enough for each to be viewed, at most 10 s."""
        self._page.look(positions)

    def send_click(self, position: int) -> None:
        """Send the click on the film at `position` (from 1) of the slate without following it."""
        self._page.send_click(position)

    def click_position(self, position: int) -> "FilmPage":
        """Click the film at `position` (from 1) of the slate."""
        self._page.click_position(position)
        return FilmPage(self._driver, self._page)

    def add_to_list(self) -> "FilmPage":
        """Add the film to the visitor's list, which opens its page again."""
        self._page.click('form[action="/list"] button[value="add"]')
        return FilmPage(self._driver, self._page)

    def play(self) -> "PlayerPage":
        """Open the player."""
        self._page.click("[data-play]")
        return PlayerPage(self._driver, self._page)

    def go_home(self) -> HomePage:
        """Follow the page's link home."""
        self._page.click("[data-home]")
        return HomePage(self._driver, self._page)


class PlayerPage:
    """The player, which starts by itself."""

    def __init__(self, driver: WebDriver, left: _OpenPage | None = None) -> None:
        self._driver = driver
        self._page = _OpenPage(driver, "watch", left)

    def watch(self, watch_s: float, *, is_completed: bool) -> None:
        """Watch for so many simulated seconds: the player really plays for an instant, then reports them."""
        self._page.post_play(watch_s, is_completed=is_completed)

    def go_home(self) -> HomePage:
        """Follow the page's link home."""
        self._page.click("[data-home]")
        return HomePage(self._driver, self._page)


def _without_query(address: str) -> str:
    """An address for an error, which is stored: a query may hold the visitor's ticket."""
    return address.partition("?")[0]


def _slate(facts: dict[str, Any] | None) -> ShownSlate | None:
    if facts is None:
        return None
    films = tuple(ShownFilm(film["movie_id"], film["position"], film["token"]) for film in facts["films"])
    return ShownSlate(facts["slate_id"], facts["surface"], films)
