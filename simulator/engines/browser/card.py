"""The card of a film, wherever on a page it stands."""

from typing import Protocol


class Clickable(Protocol):
    """A page that is open, as far as its components need it."""

    def has(self, selector: str) -> bool:
        """Whether something on it matches."""

    def click(self, selector: str) -> None:
        """Click the first element that matches, with the mouse, where it is on screen."""


class Card:
    """One film's card outside the slate: a link to the film's page.

    Args:
        page: where it stands.
        movie_id: the film.
        within: selector of the part of the page that is searched for it.
    """

    def __init__(self, page: Clickable, movie_id: int, *, within: str) -> None:
        self._page = page
        self.selector = f'{within} article[data-film="{movie_id}"] a[href]'

    @property
    def is_there(self) -> bool:
        """Whether the page shows it."""
        return self._page.has(self.selector)

    def open(self) -> None:
        """Click it, which leads to the film's page."""
        self._page.click(self.selector)
