"""What stands between a visitor and the record of the visit: a browser's name, reports that get lost.

An engine's pages are wrapped, so that every engine's visits are recorded in the same way, and the truth about
the record is noted beside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from simulator.behaviour import Detour, Instrumentation, Population, SignIn, Visitor
from simulator.behaviour.instrumentation import double_clicks, lose_views
from simulator.visit import DETOUR_STEPS, ShownSlate, VisitorPages

BROWSER_USER_AGENT = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"
)
BOT_USER_AGENT = "Mozilla/5.0 (compatible; FunflixCrawler/1.0)"

_PERFECT = Instrumentation()


@dataclass(frozen=True, slots=True)
class VisitInstruments:
    """How one visit is recorded.

    Args:
        settings: the shares of what goes wrong.
        seed: of the population.
        user_agent: what the visitor's browser calls itself.
        is_bot: a bot runs no script of the page, so it reports no views.
    """

    settings: Instrumentation = _PERFECT
    seed: int = 0
    user_agent: str = BROWSER_USER_AGENT
    is_bot: bool = False


PERFECT_INSTRUMENTS = VisitInstruments()


@dataclass(frozen=True, slots=True)
class EventLabel:
    """What truly happened to one event of a visit: which, of what position of which slate, and when."""

    label: Literal["lost-view", "doubled-click"]
    slate_id: str
    position: int
    at_ms: int


def instruments_for(population: Population, visitor: Visitor, *, seed: int) -> VisitInstruments:
    """How the visit of one visitor of a population is recorded."""
    persona = next(persona for persona in population.personas if persona.name == visitor.persona)
    return VisitInstruments(
        settings=population.instrumentation,
        seed=seed,
        user_agent=BOT_USER_AGENT if persona.is_bot and not persona.is_disguised else BROWSER_USER_AGENT,
        is_bot=persona.is_bot,
    )


class InstrumentedPages:
    """The pages of an engine as one visitor's instruments record them; a `VisitorPages` itself.

    Args:
        pages: the engine's.
        visitor: who visits.
        instruments: how it is recorded.
    """

    def __init__(self, pages: VisitorPages, visitor: Visitor, instruments: VisitInstruments) -> None:
        self._pages = pages
        self._visitor = visitor
        self._instruments = instruments
        self._step = 0
        self._is_mute = False
        self.labels: list[EventLabel] = []

    def enter(self, ticket: str, at_ms: int, *, sign_in: SignIn | None = None) -> ShownSlate:
        """Come to the site; the slate of the home page."""
        if self._instruments.user_agent != BROWSER_USER_AGENT:
            self._pages.call_itself(self._instruments.user_agent)
        self._load()
        return self._pages.enter(ticket, at_ms, sign_in=sign_in)

    def look(self, slate: ShownSlate, positions: Sequence[int], dwell_s: float, at_ms: int) -> None:
        """Look at a slate; the report of it may get lost."""
        if self._loses_views():
            self.labels += [EventLabel("lost-view", slate.slate_id, place, at_ms) for place in positions]
        self._pages.look(slate, positions, dwell_s, at_ms)

    def click(self, slate: ShownSlate, position: int, at_ms: int, *, is_doubled: bool = False) -> ShownSlate:
        """Click a film; the click may arrive twice."""
        counters = {"visitor_index": self._visitor.index, "step": self._step}
        draws = double_clicks(self._instruments.settings, seed=self._instruments.seed, **counters)
        is_doubled = is_doubled or bool(draws.all())
        if is_doubled:
            self.labels.append(EventLabel("doubled-click", slate.slate_id, position, at_ms))
        self._load()
        return self._pages.click(slate, position, at_ms, is_doubled=is_doubled)

    def play(self, movie_id: int, watch_s: float, *, is_completed: bool, at_ms: int) -> None:
        """Open the player and watch."""
        self._load()
        self._pages.play(movie_id, watch_s, is_completed=is_completed, at_ms=at_ms)

    def detour(self, detour: Detour, at_ms: int) -> ShownSlate:
        """Go to a film past the slate; the pages on the way to its last are looked at by nobody."""
        self._load(DETOUR_STEPS[detour.kind])
        return self._pages.detour(detour, at_ms)

    def go_home(self, at_ms: int) -> ShownSlate:
        """Go to the home page; its new slate."""
        self._load()
        return self._pages.go_home(at_ms)

    def go_back(self, n_pages: int, at_ms: int) -> ShownSlate:
        """Go back to the home page, over pages that nobody looks at; its new slate."""
        self._load(n_pages)
        return self._pages.go_back(n_pages, at_ms)

    def mute(self, *, is_mute: bool) -> None:
        """Pass on whether views are reported."""
        self._pages.mute(is_mute=is_mute)

    def call_itself(self, user_agent: str) -> None:
        """Pass on what the visitor's browser calls itself."""
        self._pages.call_itself(user_agent)

    def leave(self) -> None:
        """Close the site."""
        self._pages.leave()

    def _load(self, n_steps: int = 1) -> None:
        """Go on to the next page that is looked at: tell the engine whether its views are reported."""
        self._step += n_steps
        is_mute = self._instruments.is_bot or self._loses_views()
        if is_mute != self._is_mute:
            self.mute(is_mute=is_mute)
            self._is_mute = is_mute

    def _loses_views(self) -> bool:
        counters = {"visitor_index": self._visitor.index, "step": self._step}
        return bool(lose_views(self._instruments.settings, seed=self._instruments.seed, **counters).all())
