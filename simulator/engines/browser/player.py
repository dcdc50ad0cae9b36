"""The player: it starts by itself, keeps its own clock, and reports what was watched."""

from simulator.engines.browser import _scripts as scripts
from simulator.engines.browser.errors import PageError
from simulator.engines.browser.open_page import OpenPage

# Since the page began to load. A player whose clock has not moved by then has none that runs.
_PLAY_BEGINS_WITHIN_S = 5.0


class Player:
    """The player of the page that is open.

    Args:
        page: the page of the player.
    """

    def __init__(self, page: OpenPage) -> None:
        self._page = page

    @property
    def progress_s(self) -> float:
        """Seconds watched so far, by the player's own clock."""
        return float(self._page.run(scripts.PLAYER_CLOCK))

    def finish(self, watch_s: float) -> None:
        """Watch to the end: the player really plays for an instant, then reports the simulated seconds."""
        self._report(watch_s, is_completed=True)

    def abandon(self, watch_s: float) -> None:
        """Stop before the end; the rest is as in `finish`."""
        self._report(watch_s, is_completed=False)

    def _report(self, watch_s: float, *, is_completed: bool) -> None:
        status = self._page.run(scripts.POST_PLAY, watch_s, is_completed, _PLAY_BEGINS_WITHIN_S * 1000)
        if status != "stored":
            raise PageError(f"{self._page.address} answered the play with {status}; expected it to be stored")
