"""The document that is open in a visitor's window, whichever page it is: read once, then acted on.

Commands to a browser are what a visit costs, so a page is read by one script where the textbook's sends ten.
"""

from collections.abc import Sequence
from typing import Any

from selenium.common.exceptions import (
    JavascriptException,
    StaleElementReferenceException,
    TimeoutException,
)
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

from simulator.engines.browser import _scripts as scripts
from simulator.engines.browser.errors import PageError
from simulator.visit import ShownFilm, ShownSlate

PAGE_TIMEOUT_S = 10.0
_POLL_S = 0.05


class OpenPage:
    """The document now open in the visitor's window, whichever page it is.

    Args:
        driver: its current window is the visitor's.
        name: the page it has to be, by its `data-page`.
        left: the document the visitor left for it, None when there was none.

    Raises:
        PageError: within 10 s no new page came, or another one than asked for.
    """

    def __init__(self, driver: WebDriver, name: str, left: "OpenPage | None") -> None:
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
                f"no page {name!r} came within {PAGE_TIMEOUT_S:g} s; still at {self.address}"
            ) from error
        return facts

    @property
    def address(self) -> str:
        """Where it is, without its query, which may hold the visitor's ticket: errors are stored."""
        return _without_query(self._driver.current_url)

    @property
    def slate(self) -> ShownSlate:
        """The recommended slate of this page."""
        if self._slate is None:
            raise PageError(f"{self.address} has no [data-slate]; pages with films have one")
        return self._slate

    def look(self, positions: Sequence[int]) -> None:
        """Scroll to the films at these positions until the page has counted each as viewed, at most 10 s."""
        unviewed = self.run(scripts.LOOK, list(positions), PAGE_TIMEOUT_S * 1000)
        if unviewed:
            raise PageError(
                f"{self.address} did not mark positions {unviewed} as viewed within "
                f"{PAGE_TIMEOUT_S:g} s of being on screen; its script sets data-viewed after 1 s"
            )

    def report_views(self) -> None:
        """Have the page report what was viewed, and wait until the site answered, at most 10 s."""
        self.run(scripts.REPORT_VIEWS, PAGE_TIMEOUT_S * 1000)

    def has(self, selector: str) -> bool:
        """Whether something on the page matches."""
        return bool(self.run(scripts.HAS, selector))

    def click(self, selector: str) -> None:
        """Click the first element that matches, with the mouse, where it is on screen."""
        try:
            self._shown(selector).click()
        except StaleElementReferenceException:
            # A part of the page was replaced under the mouse, as results are while one searches.
            self._shown(selector).click()

    def run(self, script: str, *arguments: object) -> Any:  # noqa: ANN401 - what a script answers
        """What a script answers that is run in the page."""
        return self._driver.execute_script(script, *arguments)

    def _shown(self, selector: str) -> WebElement:
        element = self.run(scripts.SHOW, selector)
        if not isinstance(element, WebElement):
            raise PageError(f"{self.address} has no {selector}, which is part of such a page")
        return element


def _without_query(address: str) -> str:
    return address.partition("?")[0]


def _slate(facts: dict[str, Any] | None) -> ShownSlate | None:
    if facts is None:
        return None
    films = tuple(ShownFilm(film["movie_id"], film["position"], film["token"]) for film in facts["films"])
    return ShownSlate(facts["slate_id"], facts["surface"], films)
