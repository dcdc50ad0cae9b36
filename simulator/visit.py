"""The visit script: what one visitor does on the site, the same in every engine.

An engine brings a `VisitorPages`, the hands of the visitor; a `Brain` decides; `run_visit` joins the two.
Time in this module is simulated: it advances by what the visitor does, never by how fast the site or the
engine is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from simulator.behaviour import Detour, DetourKind, Look, Moment, SignIn, Visitor, Watch

# A film counts as viewed once it was on screen for this long.
VIEWED_AFTER_S = 1.0
# Loads of pages with a slate that a detour of each kind takes: how often the step counts up.
DETOUR_STEPS: Mapping[DetourKind, int] = {"search": 1, "row": 1, "my_list": 4, "genre_row": 1}


@dataclass(frozen=True, slots=True)
class ShownFilm:
    """One film of a slate as the page shows it.

    Args:
        movie_id: which film.
        position: place in the slate, from 1.
        token: the page's signed impression token; clicks and views carry it back.
    """

    movie_id: int
    position: int
    token: str


@dataclass(frozen=True, slots=True)
class ShownSlate:
    """The recommended slate of one page, films in order of position."""

    slate_id: str
    surface: str
    films: tuple[ShownFilm, ...]

    @property
    def movie_ids(self) -> tuple[int, ...]:
        """The films shown, in order of position."""
        return tuple(film.movie_id for film in self.films)


class VisitorPages(Protocol):
    """What one visitor can do on the site; an engine implements it. Times are simulated epoch ms.

    Steps: every load of a page with a slate or a player is one step, counted from 1 over all visits of the
    visitor and sent in the `funflix_step` cookie (see `step_cookie`): `enter` is step 1, each `click`, `play`
    (the player page) and `go_home` the next one, a `detour` or `go_back` the next one or more. Views and
    plays are posted under the step of the page they are posted from, and load no other page.
    """

    def enter(self, ticket: str, at_ms: int, *, sign_in: SignIn | None = None) -> ShownSlate:
        """Come to the site with a signed ticket; the slate of the home page.

        With `sign_in` the ticket leads to the page of profiles, and by way of it home: the pages there have
        no slate and are no step.
        """

    def look(self, slate: ShownSlate, positions: Sequence[int], dwell_s: float, at_ms: int) -> None:
        """Look at these positions of the page's slate from `at_ms` on: they become viewed, and no others."""

    def click(self, slate: ShownSlate, position: int, at_ms: int, *, is_doubled: bool = False) -> ShownSlate:
        """Click one film of the page's slate; the slate of the film page it leads to.

        The click arrives twice if `is_doubled`: to the visitor it is one.
        """

    def play(self, movie_id: int, watch_s: float, *, is_completed: bool, at_ms: int) -> None:
        """Open the player from the film page at `at_ms`, watch for `watch_s`, and stay on the player page."""

    def detour(self, detour: Detour, at_ms: int) -> ShownSlate:
        """Go from the home page to a film past its slate; the slate of the film page it leads to.

        `search`: find the title on the search page, which is no step, and open the film: 1 step. `row` and
        `genre_row`: open it from the popular row or that of a genre: 1 step. `my_list`: as `row`; add it to
        the list, which loads the film's page again; go home; open it from the list: 4 steps.
        """

    def go_home(self, at_ms: int) -> ShownSlate:
        """Go to the home page, from wherever the visitor is, home included; its new slate."""

    def go_back(self, n_pages: int, at_ms: int) -> ShownSlate:
        """Press the browser's back button until the home page is there; its new slate.

        No page may be kept by browsers, so each of the `n_pages` with a slate on the way, home included, is
        asked for again: as many steps. A search page on the way is passed, too, and is none.
        """

    def leave(self) -> None:
        """Close the site. Also called, once, when the visit broke off."""

    def mute(self, *, is_mute: bool) -> None:
        """From the next page load on no report of views arrives, or each does; looking is as ever."""

    def call_itself(self, user_agent: str) -> None:
        """Have the visitor's browser name itself so; before the visitor enters."""


class Brain(Protocol):
    """What a visitor decides; depends on the visitor, the moment and the films shown, nothing else."""

    def sign_in(self, visitor: Visitor) -> SignIn | None:
        """How the visitor who comes for the first time chooses a profile; None for who comes signed in."""

    def look(self, visitor: Visitor, movie_ids: Sequence[int], moment: Moment) -> Look:
        """How the visitor looks at the slate of the page before them."""

    def watch(self, visitor: Visitor, movie_id: int, moment: Moment) -> Watch | None:
        """How long the visitor watches the film whose page is open; None when it is not played."""

    def detour(self, visitor: Visitor, moment: Moment) -> Detour | None:
        """Where the visitor goes who chose nothing on the home slate; None for nowhere."""

    def goes_back(self, visitor: Visitor, moment: Moment) -> bool:
        """Whether the visitor returns from the films of this visit by the back button, not by a link."""

    def next_visit_ms(self, visitor: Visitor, moment: Moment) -> int | None:
        """When the visitor who leaves now comes again, in simulated epoch milliseconds; None for never."""


def step_cookie(step: int, at_ms: int) -> str:
    """The value of the `funflix_step` cookie: which page load of the visit this is, and when."""
    return f"{step}.{at_ms}"


@dataclass(frozen=True, slots=True)
class VisitRecord:
    """What happened in the visits of one visitor, as the visitor knows it.

    Args:
        visitor_id: who visited.
        clicks: (surface, position, movie_id) of each recommended film clicked, in order.
        plays: (movie_id, watch_s, is_completed) of each film played, in order.
        left_ms: when the visitor left for good, in simulated epoch milliseconds.
        n_visits: how often the visitor came, 1 or more.
    """

    visitor_id: str
    clicks: tuple[tuple[str, int, int], ...]
    plays: tuple[tuple[int, float, bool], ...]
    left_ms: int
    n_visits: int = 1


def run_visit(visitor: Visitor, brain: Brain, pages: VisitorPages, ticket: str) -> VisitRecord:
    """Make all visits of one visitor: the first, and those for which they come back in the simulated days.

    Each is: home, look; maybe click a film, or look elsewhere for one; on its page maybe a hop more, maybe
    play; home, by a link or page by page by the back button; leave. Who comes again has the same cookies, and
    opens the home page anew.
    """
    try:
        return _Walk(visitor, brain, pages).make(ticket)
    finally:
        pages.leave()


class _Walk:
    """One visitor under way: where they stand and what is behind them."""

    def __init__(self, visitor: Visitor, brain: Brain, pages: VisitorPages) -> None:
        self._visitor = visitor
        self._brain = brain
        self._pages = pages
        self._moment = Moment(visitor.arrival_ms)
        self._clicks: list[tuple[str, int, int]] = []
        self._plays: list[tuple[int, float, bool]] = []

    def make(self, ticket: str) -> VisitRecord:
        """Visit until the visitor stays away."""
        sign_in = self._brain.sign_in(self._visitor)
        self._visit(self._pages.enter(ticket, self._moment.at_ms, sign_in=sign_in))
        while (next_ms := self._brain.next_visit_ms(self._visitor, self._moment)) is not None:
            self._moment = Moment(next_ms, visit=self._moment.visit + 1, past=self._moment.past)
            self._visit(self._pages.go_home(next_ms))
        return VisitRecord(
            self._visitor.visitor_id,
            tuple(self._clicks),
            tuple(self._plays),
            self._moment.at_ms,
            n_visits=self._moment.visit + 1,
        )

    def _visit(self, slate: ShownSlate) -> None:
        """One visit, from its home page on."""
        chosen = self._look(slate, is_home=True)
        if chosen is not None:
            film, slate = self._click(slate, chosen)
        else:
            detour = self._brain.detour(self._visitor, self._moment)
            if detour is None:
                return
            film, slate = detour.movie_id, self._pages.detour(detour, self._moment.at_ms)
        self._moment = replace(self._moment, depth=1)
        while (chosen := self._look(slate, is_home=False)) is not None:
            film, slate = self._click(slate, chosen)
            self._moment = replace(self._moment, depth=self._moment.depth + 1)
        is_played = self._play(film)
        if self._brain.goes_back(self._visitor, self._moment):
            self._pages.go_back(self._moment.depth + is_played, self._moment.at_ms)
        else:
            self._pages.go_home(self._moment.at_ms)

    def _look(self, slate: ShownSlate, *, is_home: bool) -> int | None:
        """Look at a slate; the position chosen. The row is on screen at once: it is viewed as a whole."""
        moment, past = self._moment, self._moment.past
        look = self._brain.look(self._visitor, slate.movie_ids, moment)
        if look.dwell_s >= VIEWED_AFTER_S and slate.films:
            self._pages.look(slate, [film.position for film in slate.films], look.dwell_s, moment.at_ms)
            shown = past.shown + slate.movie_ids if is_home else past.shown
            past = replace(past, shown=shown, pages_ms=(*past.pages_ms, moment.at_ms))
        self._moment = replace(
            moment,
            at_ms=moment.at_ms + round(look.dwell_s * 1000),
            spent_s=moment.spent_s + look.dwell_s,
            past=past,
        )
        return look.chosen_position

    def _click(self, slate: ShownSlate, position: int) -> tuple[int, ShownSlate]:
        """Click a film; which it is, and the slate of its page."""
        clicked = slate.films[position - 1]
        self._clicks.append((slate.surface, clicked.position, clicked.movie_id))
        return clicked.movie_id, self._pages.click(slate, clicked.position, self._moment.at_ms)

    def _play(self, movie_id: int) -> bool:
        """Play the film whose page is open, or do not; which of the two."""
        moment = self._moment
        watch = self._brain.watch(self._visitor, movie_id, moment)
        if watch is None:
            return False
        self._pages.play(movie_id, watch.watch_s, is_completed=watch.is_completed, at_ms=moment.at_ms)
        self._plays.append((movie_id, watch.watch_s, watch.is_completed))
        ended_ms = moment.at_ms + round(watch.watch_s * 1000)
        past = replace(moment.past, watched=(*moment.past.watched, (movie_id, ended_ms)))
        self._moment = replace(moment, at_ms=ended_ms, past=past)
        return True
