"""The search page: a box to type in, and the films found meanwhile."""

from selenium.common.exceptions import TimeoutException
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.support.wait import WebDriverWait

from simulator.engines.browser.card import Card, Clickable
from simulator.engines.browser.errors import PageError

_BOX = "[data-search] input[name=q]"
_RESULTS = "[data-results]"
# Films appear while one types. Who sees none sends the form, as on a page whose script does not run.
_FOUND_WITHIN_S, _POLL_S = 3.0, 0.05


class SearchBox:
    """The box and what it found.

    Args:
        driver: its current window shows the search page.
        page: that page.
    """

    def __init__(self, driver: WebDriver, page: Clickable) -> None:
        self._driver = driver
        self._page = page

    def find(self, title: str, movie_id: int) -> Card:
        """Type a title, letter by letter, until its film is shown; its card.

        Raises:
            PageError: the film is not among those found.
        """
        card = Card(self._page, movie_id, within=_RESULTS)
        box = self._driver.find_element(By.CSS_SELECTOR, _BOX)
        box.clear()
        box.send_keys(title)
        if not self._appears(card):
            self._driver.find_element(By.CSS_SELECTOR, _BOX).send_keys(Keys.ENTER)
            if not self._appears(card):
                raise PageError(
                    f"the search for {title!r} shows no film {movie_id}; who types a title finds its film"
                )
        return card

    def _appears(self, card: Card) -> bool:
        try:
            WebDriverWait(self._driver, _FOUND_WITHIN_S, _POLL_S).until(lambda _: card.is_there)
        except TimeoutException:
            return False
        return True
