"""The visit script: what one visitor does on the site, the same in every engine.

An engine brings a `VisitorPages`, the hands of the visitor; a `Brain` decides; `run_visit` joins the two.
Time in this module is simulated: it advances by what the visitor does, never by how fast the site or the
engine is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from simulator.behaviour import Look, Visitor, Watch

# A film counts as viewed once it was on screen for this long.
VIEWED_AFTER_S = 1.0


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

    Steps: every page load of a visit is one step, counted from 1 by the engine and sent in the
    `funflix_step` cookie (see `step_cookie`): `enter` is step 1, each `click`, `play` (the player page) and
    `go_home` the next one. Views and plays are posted under the step of the page they are posted from, and
    load no other page.
    """

    def enter(self, ticket: str, at_ms: int) -> ShownSlate:
        """Come to the site with a signed ticket; the slate of the home page."""

    def look(self, slate: ShownSlate, positions: Sequence[int], dwell_s: float, at_ms: int) -> None:
        """Look at these positions of the page's slate from `at_ms` on: they become viewed, and no others."""

    def click(self, slate: ShownSlate, position: int, at_ms: int) -> ShownSlate:
        """Click one film of the page's slate; the slate of the film page it leads to."""

    def play(self, movie_id: int, watch_s: float, *, is_completed: bool, at_ms: int) -> None:
        """Open the player from the film page at `at_ms`, watch for `watch_s`, and stay on the player page."""

    def go_home(self, at_ms: int) -> ShownSlate:
        """Go back to the home page; its new slate."""

    def leave(self) -> None:
        """Close the site. Also called, once, when the visit broke off."""


class Brain(Protocol):
    """What a visitor decides; depends on the visitor, the page and the films shown, nothing else."""

    def look(self, visitor: Visitor, movie_ids: Sequence[int], *, n_clicks: int, spent_s: float) -> Look:
        """How the visitor looks at a slate after `n_clicks` clicks (0: on the home page)."""

    def watch(self, visitor: Visitor, movie_id: int) -> Watch | None:
        """How long the visitor watches the film whose page is open; None when it is not played."""


def step_cookie(step: int, at_ms: int) -> str:
    """The value of the `funflix_step` cookie: which page load of the visit this is, and when."""
    return f"{step}.{at_ms}"


@dataclass(frozen=True, slots=True)
class VisitRecord:
    """What happened in one visit, as the visitor knows it.

    Args:
        visitor_id: who visited.
        clicks: (surface, position, movie_id) of each recommended film clicked, in order.
        plays: (movie_id, watch_s, is_completed) of each film played, in order.
        left_ms: when the visitor left, in simulated epoch milliseconds.
    """

    visitor_id: str
    clicks: tuple[tuple[str, int, int], ...]
    plays: tuple[tuple[int, float, bool], ...]
    left_ms: int


def run_visit(visitor: Visitor, brain: Brain, pages: VisitorPages, ticket: str) -> VisitRecord:
    """Make one visit: home, look, maybe click, film page, maybe a hop more, maybe play, home, leave."""
    try:
        return _walk(visitor, brain, pages, ticket)
    finally:
        pages.leave()


def _walk(visitor: Visitor, brain: Brain, pages: VisitorPages, ticket: str) -> VisitRecord:
    now_ms = visitor.arrival_ms
    clicks: list[tuple[str, int, int]] = []
    plays: list[tuple[int, float, bool]] = []
    slate = pages.enter(ticket, now_ms)
    look = brain.look(visitor, slate.movie_ids, n_clicks=0, spent_s=0.0)
    now_ms = _look(pages, slate, look, now_ms)
    spent_s = look.dwell_s
    while look.chosen_position is not None:
        clicked = slate.films[look.chosen_position - 1]
        clicks.append((slate.surface, clicked.position, clicked.movie_id))
        slate = pages.click(slate, clicked.position, now_ms)
        look = brain.look(visitor, slate.movie_ids, n_clicks=len(clicks), spent_s=spent_s)
        now_ms = _look(pages, slate, look, now_ms)
        spent_s += look.dwell_s
    if clicks:
        movie_id = clicks[-1][2]
        watch = brain.watch(visitor, movie_id)
        if watch is not None:
            pages.play(movie_id, watch.watch_s, is_completed=watch.is_completed, at_ms=now_ms)
            plays.append((movie_id, watch.watch_s, watch.is_completed))
            now_ms += round(watch.watch_s * 1000)
        pages.go_home(now_ms)
    return VisitRecord(visitor.visitor_id, tuple(clicks), tuple(plays), now_ms)


def _look(pages: VisitorPages, slate: ShownSlate, look: Look, now_ms: int) -> int:
    """Look at a slate; when the look ends. The row is on screen at once: all of it is viewed, or none."""
    if look.dwell_s >= VIEWED_AFTER_S and slate.films:
        pages.look(slate, [film.position for film in slate.films], look.dwell_s, now_ms)
    return now_ms + round(look.dwell_s * 1000)
