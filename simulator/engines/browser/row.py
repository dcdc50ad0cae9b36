"""A row of films under a heading, as there are several on the home page."""

from simulator.engines.browser.card import Card, Clickable

POPULAR, MY_LIST = "popular", "my-list"


class Row:
    """One row; its cards are reached by scrolling to them.

    Args:
        page: where it stands.
        key: its name in `data-row`; None is any row.
    """

    def __init__(self, page: Clickable, key: str | None = None) -> None:
        self._page = page
        self._selector = "[data-row]" if key is None else f'[data-row="{key}"]'

    def card(self, movie_id: int) -> Card:
        """The card of a film in it."""
        return Card(self._page, movie_id, within=self._selector)
