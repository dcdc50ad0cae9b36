"""Profiles, one card each, and what somebody new is asked: by these a visitor says who they are."""

from collections.abc import Sequence

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webdriver import WebDriver

from simulator.engines.browser import _scripts as scripts
from simulator.engines.browser.card import Clickable
from simulator.engines.browser.open_page import OpenPage

_BOX = 'form[action="/profiles"] input[name=q]'
_CARD = '.profiles button[name="user_id"][value="{}"]'
_FORM = 'form[action="/welcome"]'


class ProfileCards:
    """The cards of the users one can browse as, and the box that finds them.

    Args:
        driver: its current window shows the page of profiles.
        page: that page.
    """

    def __init__(self, driver: WebDriver, page: Clickable) -> None:
        self._driver = driver
        self._page = page

    def has(self, user_id: int) -> bool:
        """Whether the card of this user is on the page."""
        return self._page.has(_CARD.format(user_id))

    def choose(self, user_id: int) -> None:
        """Click the card of a user, which leads home."""
        self._page.click(_CARD.format(user_id))

    def choose_new(self) -> None:
        """Click the card of the new visitor, which leads to the page of welcome."""
        self._page.click(_CARD.format("new"))

    def search(self, user_id: int) -> None:
        """Type the number of a user and send it, which opens the page again."""
        box = self._driver.find_element(By.CSS_SELECTOR, _BOX)
        box.clear()
        box.send_keys(f"{user_id}{Keys.ENTER}")


class TasteForm:
    """The boxes of genres, of which somebody new ticks a few.

    Args:
        page: the page of welcome.
    """

    def __init__(self, page: OpenPage) -> None:
        self._page = page

    def tell(self, genres: Sequence[str]) -> None:
        """Tick those of the genres that are there and send the form; skip it where none is."""
        if self._page.run(scripts.TICK, _FORM, list(genres)):
            self._page.click(f'{_FORM} button[type="submit"]')
        else:
            self._page.click("main [data-home]")
