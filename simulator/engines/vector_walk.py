"""The visit script for many visitors at once: what `simulator.visit.run_visit` does, page by page as columns.

Both scripts must stay the same visit; the tests hold them against each other, visit by visit.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simulator.behaviour import Looks, Mind, Visitors
from simulator.engines.vector_slates import Booleans, Integers, Slates, SlateShelf
from simulator.engines.vector_thoughts import HomeThoughts
from simulator.visit import VIEWED_AFTER_S

HOME, FILM, PLAY = "home", "film", "play"

Floats = npt.NDArray[np.float64]
ArmsOf = Callable[[Integers, Integers, str], Integers]
"""Which arm serves a page: from offsets of visitors, steps of their visits, and the surface."""


@dataclass(frozen=True, slots=True, eq=False)
class Page:
    """One page load of several visits, its slate and what was done with it; arrays (n_loads,).

    Args:
        surface: `home` or `film`.
        places: whose visits, as offsets into the visitors of the walk.
        steps: which page load of the visit it is, from 1.
        arms: which arm filled the slate, as offsets into `SlateShelf.arm_names`.
        slates: the slate of each.
        served_ms: when, in simulated epoch milliseconds.
        is_viewed: whether the slate was looked at long enough to be viewed, as a whole.
        clicked_positions: position clicked at the end, from 1; 0 for none.
        clicked_ms: when the look ended, and with it the click.
    """

    surface: str
    places: Integers
    steps: Integers
    arms: Integers
    slates: Slates
    served_ms: Integers
    is_viewed: Booleans
    clicked_positions: Integers
    clicked_ms: Integers

    @property
    def clicked(self) -> Integers:
        """Offsets of the loads that ended with a click."""
        return np.flatnonzero(self.clicked_positions)

    def clicked_movie_ids(self) -> Integers:
        """The films clicked, in the order of `clicked`."""
        rows = self.clicked
        return np.asarray(self.slates.movie_ids[rows, self.clicked_positions[rows] - 1])


@dataclass(frozen=True, slots=True, eq=False)
class Plays:
    """Films watched, at most one a visit; arrays (n_plays,), `ended_ms` is when it was left."""

    places: Integers
    steps: Integers
    movie_ids: Integers
    watch_s: Floats
    is_completed: Booleans
    ended_ms: Integers


@dataclass(frozen=True, slots=True, eq=False)
class Walk:
    """Whole visits of many visitors."""

    visitors: Visitors
    pages: tuple[Page, ...]
    plays: Plays


def walk(
    visitors: Visitors, *, mind: Mind, shelf: SlateShelf, thoughts: HomeThoughts, arms_of: ArmsOf
) -> Walk:
    """Make the visits of all visitors: home, look, maybe click, film pages, maybe play, home, leave.

    Args:
        visitors: who visits.
        mind: decides for them.
        shelf: the slates.
        thoughts: what they think of their home slates.
        arms_of: who gets which arm.
    """
    crowd = _Crowd(visitors, mind, shelf, arms_of)
    pages = [crowd.enter(thoughts)]
    while len(pages[-1].clicked):
        pages.append(crowd.follow_clicks(pages[-1], n_clicks=len(pages)))
    clickers = pages[0].places[pages[0].clicked]
    plays = crowd.play(clickers)
    if len(clickers):
        pages.append(crowd.go_home(clickers))
    return Walk(visitors, tuple(pages), plays)


class _Crowd:
    """Many visitors on their visits, and where each of them stands: arrays (n_visitors,)."""

    def __init__(self, visitors: Visitors, mind: Mind, shelf: SlateShelf, arms_of: ArmsOf) -> None:
        self._visitors = visitors
        self._mind = mind
        self._shelf = shelf
        self._arms_of = arms_of
        self._now_ms = visitors.arrival_ms.astype(np.int64)
        self._spent_s = np.zeros(len(visitors))
        self._steps = np.zeros(len(visitors), dtype=np.int64)
        self._movie_ids = np.zeros(len(visitors), dtype=np.int64)  # clicked last

    def enter(self, thoughts: HomeThoughts) -> Page:
        """All come to the home page and look at its slate."""
        places = np.arange(len(self._visitors))
        arms = self._load(places, HOME)
        rows = self._shelf.home_rows(arms, self._visitors.user_id)
        slates = self._shelf.home.take(rows)
        utilities = thoughts.utilities(self._visitors, arms, rows)
        looks = self._mind.looks(
            self._visitors, slates.movie_ids, n_clicks=0, spent_s=self._spent_s, utilities=utilities
        )
        return self._looked_at(HOME, places, arms, slates, looks)

    def follow_clicks(self, before: Page, *, n_clicks: int) -> Page:
        """Those who clicked come to the pages of their films, and look at the slates there."""
        places = before.places[before.clicked]
        self._movie_ids[places] = before.clicked_movie_ids()
        arms = self._load(places, FILM)
        who = self._visitors.take(places)
        slates = self._shelf.film_slates(arms, who.user_id, self._movie_ids[places])
        looks = self._mind.looks(who, slates.movie_ids, n_clicks=n_clicks, spent_s=self._spent_s[places])
        return self._looked_at(FILM, places, arms, slates, looks)

    def play(self, places: Integers) -> Plays:
        """Some of these visitors play the film they clicked last."""
        watches = self._mind.watches(self._visitors.take(places), self._movie_ids[places])
        players, watch_s = places[watches.is_played], watches.watch_s[watches.is_played]
        self._steps[players] += 1
        self._now_ms[players] += _milliseconds(watch_s)
        return Plays(
            places=players,
            steps=self._steps[players],
            movie_ids=self._movie_ids[players],
            watch_s=watch_s,
            is_completed=watches.is_completed[watches.is_played],
            ended_ms=self._now_ms[players],
        )

    def go_home(self, places: Integers) -> Page:
        """The home page on the way out, which nobody looks at."""
        arms = self._load(places, HOME)
        rows = self._shelf.home_rows(arms, self._visitors.user_id[places])
        no_look = Looks(np.zeros(len(places)), np.zeros(len(places), dtype=np.int64))
        return self._looked_at(HOME, places, arms, self._shelf.home.take(rows), no_look)

    def _load(self, places: Integers, surface: str) -> Integers:
        """One more page load of these visitors; the arms that serve it."""
        self._steps[places] += 1
        return self._arms_of(places, self._steps[places], surface)

    def _looked_at(
        self, surface: str, places: Integers, arms: Integers, slates: Slates, looks: Looks
    ) -> Page:
        served_ms = self._now_ms[places]
        clicked_ms = served_ms + _milliseconds(looks.dwell_s)
        self._now_ms[places] = clicked_ms
        self._spent_s[places] += looks.dwell_s
        return Page(
            surface=surface,
            places=places,
            steps=self._steps[places],
            arms=arms,
            slates=slates,
            served_ms=served_ms,
            is_viewed=looks.dwell_s >= VIEWED_AFTER_S,
            clicked_positions=looks.chosen_positions,
            clicked_ms=clicked_ms,
        )


def _milliseconds(seconds: Floats) -> Integers:
    # Halves are rounded to even, as by `round` in the script for one visitor.
    return np.rint(seconds * 1000).astype(np.int64)
