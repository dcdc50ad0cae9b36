"""The visit script for many visitors at once: what `simulator.visit.run_visit` does, page by page as columns.

Both scripts must stay the same visit; the tests hold them against each other, visit by visit.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simulator.behaviour import DETOUR_KINDS, NO_DETOUR, NO_VISIT, Looks, Mind, Moments, Pasts, Visitors
from simulator.engines.vector_slates import Booleans, Integers, Slates, SlateShelf
from simulator.engines.vector_thoughts import HomeThoughts
from simulator.visit import VIEWED_AFTER_S

HOME, FILM, PLAY = "home", "film", "play"
_MY_LIST = DETOUR_KINDS.index("my_list")

Floats = npt.NDArray[np.float64]
ArmsOf = Callable[[Integers, Integers, str], Integers]
"""Which arm serves a page: from offsets of visitors, steps of their visits, and the surface."""


@dataclass(frozen=True, slots=True, eq=False)
class Page:
    """One page load of several visits, its slate and what was done with it; arrays (n_loads,).

    Args:
        surface: `home` or `film`.
        places: whose visits, as offsets into the visitors of the walk.
        steps: which page load of the visitor it is, from 1.
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

    @classmethod
    def joined(cls, parts: "list[Plays]") -> "Plays":
        """The plays of all parts, at least one."""
        if len(parts) == 1:
            return parts[0]
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in cls.__slots__))


@dataclass(frozen=True, slots=True, eq=False)
class Walk:
    """All visits of many visitors; the first page is the one on which all of them came."""

    visitors: Visitors
    pages: tuple[Page, ...]
    plays: Plays


def walk(
    visitors: Visitors, *, mind: Mind, shelf: SlateShelf, thoughts: HomeThoughts, arms_of: ArmsOf
) -> Walk:
    """Make the visits of all visitors: home, look, maybe click or a detour, film pages, maybe play, home.

    Args:
        visitors: who visits.
        mind: decides for them.
        shelf: the slates.
        thoughts: what they think of their home slates.
        arms_of: who gets which arm.
    """
    crowd = _Crowd(visitors, mind, shelf, thoughts, arms_of)
    places: Integers = np.arange(len(visitors))
    while crowd.visit == 0 or len(places):
        crowd.make_visit(places)
        places = crowd.come_back(places)
    return Walk(visitors, tuple(crowd.pages), Plays.joined(crowd.plays))


class _Crowd:
    """Many visitors on their visits, and where each of them stands: arrays (n_visitors,)."""

    def __init__(
        self, visitors: Visitors, mind: Mind, shelf: SlateShelf, thoughts: HomeThoughts, arms_of: ArmsOf
    ) -> None:
        self.pages: list[Page] = []
        self.plays: list[Plays] = []
        self.visit = 0
        self._visitors = visitors
        self._mind = mind
        self._shelf = shelf
        self._thoughts = thoughts
        self._arms_of = arms_of
        self._now_ms = visitors.arrival_ms.astype(np.int64)
        self._spent_s = np.zeros(len(visitors))
        self._steps = np.zeros(len(visitors), dtype=np.int64)
        self._movie_ids = np.zeros(len(visitors), dtype=np.int64)  # of the film page opened last
        # Only of those who still visit: the many who left for good need no memory.
        self._pasts = Pasts.none(len(visitors))
        self._remembering: Integers = np.arange(len(visitors))

    def make_visit(self, places: Integers) -> None:
        """The visitors at `places` make one visit."""
        home = self._look_at_home(places)
        walkers = self._clickers(home)
        if self._mind.population.session.detour_share:
            detoured = self._make_detours(places[home.clicked_positions == 0])
            walkers = np.sort(np.concatenate([walkers, detoured]))
        hoppers, opened = walkers, list[tuple[Integers, Integers]]()
        while len(hoppers):
            opened.append((hoppers, self._movie_ids[hoppers]))
            hoppers = self._clickers(self._look_at_film(hoppers, depth=len(opened)))
        players = self._play(walkers)
        if len(walkers):
            self._pass_films_again(walkers, opened, players)
            self._load_home(walkers)

    def come_back(self, places: Integers) -> Integers:
        """Who of the visitors at `places` comes back; for them it is then the time of their next visit."""
        next_ms = self._mind.next_visits_ms(self._visitors.take(places), self._moments(places))
        is_back = next_ms != NO_VISIT
        back = places[is_back]
        self._now_ms[back] = next_ms[is_back]
        self._spent_s[back] = 0.0
        if self._mind.has_memory:
            self._pasts = self._pasts.take(self._rows(back))
            self._remembering = back
        self.visit += 1
        return np.asarray(back)

    def _look_at_home(self, places: Integers) -> Page:
        arms = self._load(places, HOME)
        who = self._who(places)
        rows = self._shelf.home_rows(arms, who.user_id)
        slates = self._shelf.home.take(rows)
        looks = self._mind.looks(
            who,
            slates.movie_ids,
            self._moments(places),
            utilities=self._thoughts.utilities(who, arms, rows),
        )
        return self._looked_at(HOME, places, arms, slates, looks)

    def _look_at_film(self, places: Integers, *, depth: int) -> Page:
        """The pages of the films that these visitors opened, and a look at the slates there."""
        arms = self._load(places, FILM)
        who = self._who(places)
        slates = self._shelf.film_slates(arms, who.user_id, self._movie_ids[places])
        looks = self._mind.looks(who, slates.movie_ids, self._moments(places, depth=depth))
        return self._looked_at(FILM, places, arms, slates, looks)

    def _make_detours(self, places: Integers) -> Integers:
        """Some of these visitors go where the slate does not lead; who, their film's page not yet loaded."""
        detours = self._mind.detours(self._who(places), self._moments(places))
        goes = detours.kinds != NO_DETOUR
        self._movie_ids[places[goes]] = detours.movie_ids[goes]
        listers = places[detours.kinds == _MY_LIST]
        if len(listers):
            self._load_film(listers)
            self._load_film(listers)  # again, the film in the list
            self._load_home(listers)
        return np.asarray(places[goes])

    def _pass_films_again(
        self, walkers: Integers, opened: list[tuple[Integers, Integers]], players: Integers
    ) -> None:
        """Who goes back does so page by page; `opened` has visitors and films of each depth, from 1."""
        goes_back, is_beyond = np.zeros((2, len(self._visitors)), dtype=np.bool_)
        goes_back[walkers] = self._mind.go_back(self._who(walkers), self._moments(walkers))
        is_beyond[players] = True  # of the page of a film, at its player or a further film
        for places, movie_ids in reversed(opened):
            passing = goes_back[places] & is_beyond[places]
            if passing.any():
                self._movie_ids[places[passing]] = movie_ids[passing]
                self._load_film(places[passing])
            is_beyond[places] = True

    def _play(self, places: Integers) -> Integers:
        """Some of these visitors play the film whose page is open; who."""
        watches = self._mind.watches(self._who(places), self._movie_ids[places], self._moments(places))
        players, watch_s = places[watches.is_played], watches.watch_s[watches.is_played]
        self._steps[players] += 1
        self._now_ms[players] += _milliseconds(watch_s)
        plays = Plays(
            places=players,
            steps=self._steps[players],
            movie_ids=self._movie_ids[players],
            watch_s=watch_s,
            is_completed=watches.is_completed[watches.is_played],
            ended_ms=self._now_ms[players],
        )
        self.plays.append(plays)
        if self._mind.has_memory and len(players):
            self._pasts = self._pasts.having_watched(self._rows(players), plays.movie_ids, plays.ended_ms)
        return np.asarray(players)

    def _load_home(self, places: Integers) -> None:
        """A home page that nobody looks at."""
        arms = self._load(places, HOME)
        rows = self._shelf.home_rows(arms, self._visitors.user_id[places])
        self._looked_at(HOME, places, arms, self._shelf.home.take(rows), _no_looks(len(places)))

    def _load_film(self, places: Integers) -> None:
        """A film page that nobody looks at."""
        arms = self._load(places, FILM)
        slates = self._shelf.film_slates(arms, self._visitors.user_id[places], self._movie_ids[places])
        self._looked_at(FILM, places, arms, slates, _no_looks(len(places)))

    def _clickers(self, page: Page) -> Integers:
        """Who clicked on this page, and so comes to the page of the film."""
        places = np.asarray(page.places[page.clicked])
        self._movie_ids[places] = page.clicked_movie_ids()
        return places

    def _load(self, places: Integers, surface: str) -> Integers:
        """One more page load of these visitors; the arms that serve it."""
        self._steps[places] += 1
        return self._arms_of(places, self._steps[places], surface)

    def _who(self, places: Integers) -> Visitors:
        return self._visitors if len(places) == len(self._visitors) else self._visitors.take(places)

    def _moments(self, places: Integers, *, depth: int = 0) -> Moments:
        has_memory = self._mind.has_memory
        pasts = self._pasts.take(self._rows(places)) if has_memory else Pasts.none(len(places))
        return Moments(self._now_ms[places], self._spent_s[places], pasts, self.visit, depth)

    def _looked_at(
        self, surface: str, places: Integers, arms: Integers, slates: Slates, looks: Looks
    ) -> Page:
        served_ms = self._now_ms[places]
        clicked_ms = served_ms + _milliseconds(looks.dwell_s)
        self._now_ms[places] = clicked_ms
        self._spent_s[places] += looks.dwell_s
        page = Page(
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
        self.pages.append(page)
        if self._mind.has_memory:
            self._remember(page)
        return page

    def _remember(self, page: Page) -> None:
        viewed = np.flatnonzero(page.is_viewed)
        if len(viewed):
            slates = page.slates.movie_ids[viewed] if page.surface == HOME else None
            rows = self._rows(page.places[viewed])
            self._pasts = self._pasts.having_looked(rows, page.served_ms[viewed], slates)

    def _rows(self, places: Integers) -> Integers:
        """Where the pasts of these visitors stand, all of whom still visit."""
        return np.searchsorted(self._remembering, places)


def _no_looks(n_visitors: int) -> Looks:
    return Looks(np.zeros(n_visitors), np.zeros(n_visitors, dtype=np.int64))


def _milliseconds(seconds: Floats) -> Integers:
    # Halves are rounded to even, as by `round` in the script for one visitor.
    return np.rint(seconds * 1000).astype(np.int64)
