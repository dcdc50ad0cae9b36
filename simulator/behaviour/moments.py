"""Where a visitor stands when deciding, and what of the run is behind them: for one visitor, and for many."""

from dataclasses import dataclass, field, replace

import numpy as np

from simulator.behaviour.draws import Floats, Integers
from simulator.behaviour.visitors import Visitors

# Fills the columns of visitors who met less than others; no film and no time has it.
NONE = -1


@dataclass(frozen=True, slots=True)
class Past:
    """What one visitor has met so far, in all visits of the run; oldest first.

    Args:
        shown: films of the home slates that were looked at, one slate after the other.
        pages_ms: when each page that was looked at opened, in simulated epoch milliseconds.
        watched: each film watched, and when it was left.
    """

    shown: tuple[int, ...] = ()
    pages_ms: tuple[int, ...] = ()
    watched: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Moment:
    """Where one visitor stands, with a page before them.

    Args:
        at_ms: the time, in simulated epoch milliseconds.
        visit: which visit of the visitor, from 0.
        depth: pages of films opened in this visit, each from the one before; 0 on the home page.
        spent_s: seconds looked at earlier pages of this visit.
        past: what is behind them.
    """

    at_ms: int
    visit: int = 0
    depth: int = 0
    spent_s: float = 0.0
    past: Past = field(default_factory=Past)


@dataclass(frozen=True, slots=True, eq=False)
class Pasts:
    """What many visitors have met so far; arrays (n_visitors, n_entries).

    Fields are as in `Past`; the entries of a visitor stand in order, with `NONE` anywhere between them.
    """

    shown: Integers
    pages_ms: Integers
    watched: Integers
    watched_ms: Integers

    @classmethod
    def none(cls, n_visitors: int) -> "Pasts":
        """Of visitors who met nothing yet."""
        empty = np.empty((n_visitors, 0), dtype=np.int64)
        return cls(empty, empty, empty, empty)

    def take(self, places: Integers) -> "Pasts":
        """Of the visitors at these offsets, in that order."""
        return Pasts(self.shown[places], self.pages_ms[places], self.watched[places], self.watched_ms[places])

    def having_looked(
        self, places: Integers, served_ms: Integers, home_slates: Integers | None = None
    ) -> "Pasts":
        """After a page that the visitors at `places` looked at; with its slates, if it was the home page."""
        shown = self.shown
        if home_slates is not None:
            shown = np.concatenate([shown, self._column(places, home_slates)], axis=1)
        pages_ms = np.concatenate([self.pages_ms, self._column(places, served_ms[:, None])], axis=1)
        return replace(self, shown=shown, pages_ms=pages_ms)

    def having_watched(self, places: Integers, movie_ids: Integers, ended_ms: Integers) -> "Pasts":
        """After a film that each visitor at `places` watched."""
        return replace(
            self,
            watched=np.concatenate([self.watched, self._column(places, movie_ids[:, None])], axis=1),
            watched_ms=np.concatenate([self.watched_ms, self._column(places, ended_ms[:, None])], axis=1),
        )

    def _column(self, places: Integers, values: Integers) -> Integers:
        column = np.full((len(self.shown), values.shape[1]), NONE, dtype=np.int64)
        column[places] = values
        return column


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """Where many visitors stand, all in the same visit and at the same depth; arrays (n_visitors,)."""

    at_ms: Integers
    spent_s: Floats
    pasts: Pasts
    visit: int = 0
    depth: int = 0

    def take(self, places: Integers) -> "Moments":
        """Of the visitors at these offsets, in that order."""
        return Moments(
            self.at_ms[places], self.spent_s[places], self.pasts.take(places), self.visit, self.depth
        )

    @classmethod
    def of(cls, moment: Moment) -> "Moments":
        """Of one visitor alone."""
        past = moment.past
        return cls(
            at_ms=np.array([moment.at_ms], dtype=np.int64),
            spent_s=np.array([moment.spent_s]),
            pasts=Pasts(
                shown=_row(past.shown),
                pages_ms=_row(past.pages_ms),
                watched=_row(tuple(movie_id for movie_id, _ in past.watched)),
                watched_ms=_row(tuple(ended_ms for _, ended_ms in past.watched)),
            ),
            visit=moment.visit,
            depth=moment.depth,
        )

    @classmethod
    def arrival(cls, visitors: Visitors, *, depth: int = 0) -> "Moments":
        """As the first visit begins, on the home page, or on one of another depth."""
        n_visitors = len(visitors)
        return cls(
            at_ms=visitors.arrival_ms.astype(np.int64),
            spent_s=np.zeros(n_visitors),
            pasts=Pasts.none(n_visitors),
            depth=depth,
        )


def _row(values: tuple[int, ...]) -> Integers:
    return np.array([values], dtype=np.int64).reshape(1, -1)
