"""The visitors of a population, drawn from its personas and from the users of the ratings data."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import overload

import numpy as np
import numpy.typing as npt

from simulator.behaviour.arrivals import arrivals_ms
from simulator.behaviour.crawling import are_bots
from simulator.behaviour.draws import Floats, Integers, uniform
from simulator.behaviour.identity import are_logged_in, person_indexes
from simulator.behaviour.population import Population
from simulator.behaviour.truth import Truth

NO_USER = -1
NEW_USERS_FROM = 1_000_000_000
"""Accounts that no model has seen have user ids from here on."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """One visitor of a population.

    Args:
        index: place in the population, from 0; every draw of the visitor is made from it.
        visitor_id: its name on the site and in the event log.
        persona: the name of its persona.
        user_id: the user of the ratings data as whom it browses; None when it browses as nobody.
        arrival_ms: when it comes, in simulated epoch milliseconds.
        person_index: the index of the first device of the person behind it; None: its own.
    """

    index: int
    visitor_id: str
    persona: str
    user_id: int | None
    arrival_ms: int
    person_index: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Visitors:
    """Many visitors as columns, each an array of shape (n_visitors,); reads as a sequence of `Visitor`.

    Args:
        seed: the seed they were drawn with; part of their ids.
        persona_names: names of the personas, in the order of the population file.
        index: place in the population, from 0.
        persona_index: offset into `persona_names`.
        user_id: user of the ratings data, `NO_USER` for those who browse as nobody.
        taste_user_id: the user whose tastes they have: `user_id`, or one the site never learns of.
        arrival_ms: simulated epoch milliseconds.
        person_index: index of the first device of the person behind each; persona, user, moods and whims are
            the person's.
    """

    seed: int
    persona_names: tuple[str, ...]
    index: Integers
    persona_index: Integers
    user_id: Integers
    taste_user_id: Integers
    arrival_ms: Integers
    person_index: Integers

    def __len__(self) -> int:
        return len(self.index)

    @overload
    def __getitem__(self, place: int) -> Visitor: ...
    @overload
    def __getitem__(self, place: slice) -> "Visitors": ...
    def __getitem__(self, place: "int | slice") -> "Visitor | Visitors":
        if isinstance(place, slice):
            return self.take(np.arange(len(self))[place])
        user_id = int(self.user_id[place])
        index = int(self.index[place])
        return Visitor(
            index=index,
            visitor_id=visitor_id(self.seed, index),
            persona=self.persona_names[int(self.persona_index[place])],
            user_id=None if user_id == NO_USER else user_id,
            arrival_ms=int(self.arrival_ms[place]),
            person_index=int(self.person_index[place]),
        )

    def __iter__(self) -> Iterator[Visitor]:
        return (self[place] for place in range(len(self)))

    @property
    def visitor_ids(self) -> list[str]:
        """Their names on the site and in the event log."""
        return [visitor_id(self.seed, index) for index in self.index.tolist()]

    def take(self, places: Integers) -> "Visitors":
        """The visitors at these offsets, in that order."""
        return Visitors(
            self.seed,
            self.persona_names,
            self.index[places],
            self.persona_index[places],
            self.user_id[places],
            self.taste_user_id[places],
            self.arrival_ms[places],
            self.person_index[places],
        )


def draw_visitors(
    population: Population, truth: Truth, *, n_visitors: int, seed: int, first_index: int = 0
) -> Visitors:
    """The first `n_visitors` of a population, or those from `first_index` on.

    Whoever they are drawn with, they are the same: more visitors never change the ones before them.

    Each person's persona is drawn by weight, then a user, those of the persona's taste preferred. Who is
    logged out has that user's tastes too, but browses as nobody; who has a new account browses as a user
    whom no model has seen.
    """
    index = np.arange(first_index, first_index + n_visitors, dtype=np.int64)
    person_index = person_indexes(population.identity, seed=seed, visitor_index=index)
    weights = np.array([persona.weight for persona in population.personas])
    persona_index = _pick(np.cumsum(weights), uniform(seed, "persona", visitor=person_index))
    taste_user_id = draw_taste_users(truth, seed=seed, person_index=person_index, persona_index=persona_index)
    is_logged_out = np.array([persona.is_logged_out for persona in population.personas])
    is_new = np.array([persona.is_new_user for persona in population.personas])
    account = taste_user_id + np.where(is_new[persona_index], NEW_USERS_FROM, 0)
    is_known = are_logged_in(population.identity, seed=seed, visitor_index=index)
    return Visitors(
        seed=seed,
        persona_names=tuple(persona.name for persona in population.personas),
        index=index,
        persona_index=persona_index,
        user_id=np.where(is_known & ~is_logged_out[persona_index], account, NO_USER),
        taste_user_id=taste_user_id,
        arrival_ms=arrivals_ms(population.arrivals, seed=seed, visitor_index=index),
        person_index=person_index,
    )


def draw_taste_users(truth: Truth, *, seed: int, person_index: Integers, persona_index: Integers) -> Integers:
    """The user whose tastes each person has, (n_visitors,)."""
    draw = uniform(seed, "user", visitor=person_index)
    rows = np.empty(len(person_index), dtype=np.intp)
    for number in np.unique(persona_index).tolist():
        mine = persona_index == number
        rows[mine] = _pick(truth.user_weight_sums[number], draw[mine])
    return truth.user_ids[rows]


def visitor_id(seed: int, index: int) -> str:
    """The name of one visitor of a population on the site and in the event log; `index` is from 0.

    >>> visitor_id(7, 12)
    's7-000012'
    """
    return f"s{seed}-{index:06d}"


def people(population: Population, visitors: Visitors) -> Visitors:
    """Those visitors who are no bots, in order: over them the truth is computed."""
    return visitors.take(np.flatnonzero(~are_bots(population.personas, visitors.persona_index)))


def _pick(cumulative: Floats, draw: Floats) -> npt.NDArray[np.intp]:
    """Offsets chosen by inverse transform from unscaled cumulative weights."""
    picked = np.searchsorted(cumulative, draw * cumulative[-1], side="right")
    # A draw just under 1 times the total may round up to the total itself: the last of any weight has it.
    last = np.searchsorted(cumulative, cumulative[-1], side="left")
    return np.asarray(np.minimum(picked, last), dtype=np.intp)
