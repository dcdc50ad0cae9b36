"""The site's pages as a visitor meets them: what can be done there, and the page it leads to.

What stands on a page has a component of its own: `card`, `row`, `search`, `player`, `profile`.
"""

from collections.abc import Sequence
from typing import ClassVar, Self, TypeVar

from selenium.webdriver.remote.webdriver import WebDriver

from simulator.engines.browser import _scripts as scripts
from simulator.engines.browser.card import Card
from simulator.engines.browser.errors import PageError
from simulator.engines.browser.open_page import OpenPage
from simulator.engines.browser.player import Player
from simulator.engines.browser.profile import ProfileCards, TasteForm
from simulator.engines.browser.row import MY_LIST, POPULAR, Row
from simulator.engines.browser.search import SearchBox
from simulator.visit import ShownSlate


class SitePage:
    """Any page of the site.

    Args:
        driver: its current window is the visitor's.
        left: the page that the visitor left for it, None when there was none.

    Raises:
        PageError: within 10 s no new page came, or another one than asked for.
    """

    NAME: ClassVar[str]

    def __init__(self, driver: WebDriver, left: OpenPage | None = None) -> None:
        self._driver = driver
        self._page = OpenPage(driver, self.NAME, left)

    @classmethod
    def enter(cls, driver: WebDriver, url: str) -> Self:
        """Come to the site by an address that leads to this page."""
        driver.get(url)
        return cls(driver)

    def go_back(self, to: "type[AnyPage]") -> "AnyPage":
        """Press the browser's back button; the page before, which the browser asks for again."""
        self._driver.back()
        return to(self._driver, self._page)


AnyPage = TypeVar("AnyPage", bound=SitePage)


class SlatePage(SitePage):
    """A page with a recommended slate."""

    @property
    def slate(self) -> ShownSlate:
        """The recommended slate."""
        return self._page.slate

    def look(self, positions: Sequence[int]) -> None:
        """Look at these positions of the slate long enough for each to be viewed, at most 10 s."""
        self._page.look(positions)

    def report_views(self) -> None:
        """Have the page report what was viewed, as it does when it is left, and wait for it, at most 10 s."""
        self._page.report_views()

    def send_click(self, position: int) -> None:
        """Send the click on the film at `position` (from 1) of the slate without following it."""
        status = self._page.run(scripts.SEND_CLICK, f'[data-slate] [data-position="{position}"] form')
        if status != "sent":
            raise PageError(
                f"{self._page.address} did not send its click: {status}; it has a form for each film"
            )

    def click_position(self, position: int) -> "FilmPage":
        """Click the film at `position` (from 1) of the slate."""
        self._page.click(f'[data-slate] [data-position="{position}"] form button')
        return FilmPage(self._driver, self._page)


class HomePage(SlatePage):
    """The home page: one recommended slate among rows of films."""

    NAME = "home"

    def search(self) -> "SearchPage":
        """Follow the link to the search page."""
        self._page.click('a[href="/search"]')
        return SearchPage(self._driver, self._page)

    def open_from_row(self, movie_id: int, key: str = POPULAR) -> "FilmPage":
        """Open a film from the row of this name, or from another where the site keeps it out of that one."""
        card = Row(self._page, key).card(movie_id)
        if not card.is_there:
            card = Row(self._page).card(movie_id)
        card.open()
        return FilmPage(self._driver, self._page)

    def open_from_list(self, movie_id: int) -> "FilmPage":
        """Open a film from the visitor's own list."""
        Row(self._page, MY_LIST).card(movie_id).open()
        return FilmPage(self._driver, self._page)


class SearchPage(SitePage):
    """The search page, which shows films while one types."""

    NAME = "search"

    def find(self, title: str, movie_id: int) -> Card:
        """Type the title of a film; its card among those found."""
        return SearchBox(self._driver, self._page).find(title, movie_id)

    def open(self, card: Card) -> "FilmPage":
        """Open a film that was found."""
        card.open()
        return FilmPage(self._driver, self._page)


class FilmPage(SlatePage):
    """The page of one film, with a slate of films like it."""

    NAME = "film"

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


class PlayerPage(SitePage):
    """The page of the player, which starts by itself."""

    NAME = "watch"

    @property
    def player(self) -> Player:
        """The player."""
        return Player(self._page)

    def go_home(self) -> HomePage:
        """Follow the page's link home."""
        self._page.click("[data-home]")
        return HomePage(self._driver, self._page)


class ProfilesPage(SitePage):
    """The page where one chooses as whom to browse."""

    NAME = "profiles"

    def choose(self, user_id: int | None) -> "HomePage | WelcomePage":
        """Choose the profile of a user, looked for by number; or come as new, where there is none of them."""
        if user_id is not None:
            page = self if self._cards.has(user_id) else self._search(user_id)
            if page._cards.has(user_id):  # noqa: SLF001 - the same class
                page._cards.choose(user_id)  # noqa: SLF001 - the same class
                return HomePage(self._driver, page._page)  # noqa: SLF001 - the same class
            return page.come_as_new()
        return self.come_as_new()

    def come_as_new(self) -> "WelcomePage":
        """Choose the card of the new visitor."""
        self._cards.choose_new()
        return WelcomePage(self._driver, self._page)

    def _search(self, user_id: int) -> "ProfilesPage":
        self._cards.search(user_id)
        return ProfilesPage(self._driver, self._page)

    @property
    def _cards(self) -> ProfileCards:
        return ProfileCards(self._driver, self._page)


class WelcomePage(SitePage):
    """The page that asks somebody new what they like."""

    NAME = "welcome"

    def tell(self, genres: Sequence[str]) -> HomePage:
        """Tick those genres that are there, and go on; or skip it, where none is."""
        TasteForm(self._page).tell(genres)
        return HomePage(self._driver, self._page)
