"""The mind of a population: every decision of a visit, the same for one visitor or for many at once.

A decision depends on (seed, visitor, page of the visit, position, films shown) and on nothing else: not on
tokens, slate ids, attempts, or real time.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from simulator.behaviour.choice import NOTHING, chosen_positions, examined, patience_s
from simulator.behaviour.crawling import are_bots, with_crawls
from simulator.behaviour.draws import Floats, Integers, uniform
from simulator.behaviour.population import Population
from simulator.behaviour.truth import Truth
from simulator.behaviour.visitors import NO_USER, Visitor, Visitors, draw_taste_users

# From the home slate to a film page, and from its slate to one more: then the visitor stops hopping.
MAX_CLICKS = 2


@dataclass(frozen=True, slots=True)
class Look:
    """How a visitor looks at a slate.

    Args:
        dwell_s: time spent on it, in simulated seconds.
        chosen_position: the film clicked at the end of it, from 1; None when nothing is.
    """

    dwell_s: float
    chosen_position: int | None


@dataclass(frozen=True, slots=True)
class Watch:
    """How long a visitor watches a film: simulated seconds, and whether to the end."""

    watch_s: float
    is_completed: bool


@dataclass(frozen=True, slots=True, eq=False)
class Looks:
    """How many visitors look at a slate each; arrays of shape (n_visitors,).

    Args:
        dwell_s: simulated seconds spent on it.
        chosen_positions: position clicked, from 1; 0 for none.
    """

    dwell_s: Floats
    chosen_positions: Integers


@dataclass(frozen=True, slots=True, eq=False)
class Watches:
    """Who plays the film, for how many simulated seconds, and whether to the end; (n_visitors,) each."""

    is_played: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]
    watch_s: Floats
    is_completed: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]


@dataclass(frozen=True, slots=True, eq=False)
class Mind:
    """Decides for the visitors of one population; fits the `Brain` of the visit script.

    Args:
        population: its settings.
        truth: what its visitors think of films.
        seed: seed of its draws; the one the visitors were drawn with.
        outside_option: log-odds utility of clicking nothing on the home page.
    """

    population: Population
    truth: Truth
    seed: int
    outside_option: float

    def with_outside_option(self, outside_option: float) -> "Mind":
        """The same mind with another outside option."""
        return replace(self, outside_option=outside_option)

    def look(self, visitor: Visitor, movie_ids: Sequence[int], *, n_clicks: int, spent_s: float) -> Look:
        """How one visitor looks at a slate after `n_clicks` clicks (0: on the home page)."""
        looks = self.looks(
            self._alone(visitor),
            np.array([movie_ids], dtype=np.int64).reshape(1, -1),
            n_clicks=n_clicks,
            spent_s=np.array([spent_s]),
        )
        chosen = int(looks.chosen_positions[0])
        return Look(float(looks.dwell_s[0]), None if chosen == NOTHING else chosen)

    def looks(
        self,
        visitors: Visitors,
        movie_ids: Integers,
        *,
        n_clicks: int,
        spent_s: Floats,
        utilities: Floats | None = None,
    ) -> Looks:
        """How each looks at a slate.

        Args:
            visitors: who.
            movie_ids: the slate of each, (n_visitors, n_positions).
            n_clicks: clicks before this page; 0 on the home page.
            spent_s: seconds looked at earlier pages, (n_visitors,).
            utilities: what `truth.utilities` says of each film, where the caller knows it already.
        """
        is_examined = self.examined(visitors, movie_ids.shape[1], n_clicks=n_clicks, spent_s=spent_s)
        dwell_s = is_examined.sum(axis=1) * self.population.session.seconds_per_title
        if n_clicks >= MAX_CLICKS or (n_clicks > 0 and self.population.choice.film_page_odds == 0):
            nothing = np.full(len(visitors), NOTHING)
            return self._looks(visitors, dwell_s, nothing, n_clicks, movie_ids.shape[1])
        if utilities is None:
            utilities = self._utilities(visitors, movie_ids)
        chosen = chosen_positions(
            self.population.choice.taste_strength * utilities,
            is_examined,
            self.outside(visitors, n_clicks=n_clicks),
            seed=self.seed,
            visitor_index=visitors.index,
            step=n_clicks,
        )
        return self._looks(visitors, dwell_s, chosen, n_clicks, movie_ids.shape[1])

    def watch(self, visitor: Visitor, movie_id: int) -> Watch | None:
        """How long one visitor watches the film whose page is open; None when it is not played."""
        watches = self.watches(self._alone(visitor), np.array([movie_id], dtype=np.int64))
        if not watches.is_played[0]:
            return None
        return Watch(float(watches.watch_s[0]), bool(watches.is_completed[0]))

    def watches(self, visitors: Visitors, movie_ids: Integers) -> Watches:
        """How long each visitor watches one film, `movie_ids` (n_visitors,); seconds are whole.

        Who does not finish stops after a share of the film that is the square of a uniform draw: half stop
        before a quarter of it. A guess in want of a published law.
        """
        settings = self.population.watch
        taste = settings.taste_strength * self._utilities(visitors, movie_ids[:, None])[:, 0]
        play, finish, stop = (
            uniform(self.seed, purpose, visitor=visitors.index, position=movie_ids)
            for purpose in ("play", "finish", "stop")
        )
        is_person = ~are_bots(self.population.personas, visitors.persona_index)
        is_played = is_person & (play < _chance(settings.play_share, taste))
        is_completed = is_played & (finish < _chance(settings.completion_share, taste))
        stopped_s = np.maximum(np.floor(settings.runtime_s * stop**2), 1.0)
        watch_s = np.where(is_completed, settings.runtime_s, stopped_s)
        return Watches(is_played, np.where(is_played, watch_s, 0.0), is_completed)

    def examined(
        self, visitors: Visitors, n_positions: int, *, n_clicks: int, spent_s: Floats
    ) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
        """Which positions of a slate each visitor examines, bool (n_visitors, n_positions)."""
        session = self.population.session
        factor = np.array([persona.patience for persona in self.population.personas])
        total_s = patience_s(
            session, factor[visitors.persona_index], seed=self.seed, visitor_index=visitors.index
        )
        return examined(
            self.population.choice,
            session,
            total_s - spent_s,
            seed=self.seed,
            visitor_index=visitors.index,
            step=n_clicks,
            n_positions=n_positions,
        )

    def click_scores(self, visitors: Visitors, movie_ids: Integers) -> Floats:
        """Log-odds of any click on a home slate over an outside option of 0, (n_visitors,).

        The chance of a click is 1 / (1 + exp(outside_option - score)), over the choice's noise, given what
        is examined: the closed form of what `looks` draws. Who examines nothing has a score of -inf.
        """
        is_examined = self.examined(visitors, movie_ids.shape[1], n_clicks=0, spent_s=np.zeros(len(visitors)))
        worth = np.where(is_examined, self.worth(visitors, movie_ids), -np.inf)
        top = worth.max(axis=1, initial=-np.inf)
        floor = np.where(np.isfinite(top), top, 0.0)
        odds = np.exp(worth - floor[:, None]).sum(axis=1)
        with np.errstate(divide="ignore"):
            inside = floor + np.log(odds)
        return np.asarray(inside - self.outside(visitors, n_clicks=0) + self.outside_option, dtype=np.float64)

    def worth(self, visitors: Visitors, movie_ids: Integers) -> Floats:
        """Log-odds of each film of each slate: taste strength times utility, (n_visitors, n_positions)."""
        return self.population.choice.taste_strength * self._utilities(visitors, movie_ids)

    def outside(self, visitors: Visitors, *, n_clicks: int) -> Floats:
        """Log-odds of clicking nothing, (n_visitors,), on the home page or after clicks, on a film page."""
        readiness = np.array([persona.click_readiness for persona in self.population.personas])
        outside = self.outside_option - np.log(readiness)[visitors.persona_index]
        if n_clicks > 0:
            outside -= math.log(self.population.choice.film_page_odds)
        return np.asarray(outside, dtype=np.float64)

    def _looks(
        self, visitors: Visitors, dwell_s: Floats, chosen: Integers, n_clicks: int, n_positions: int
    ) -> Looks:
        """What people decided, and what bots do without deciding."""
        dwell_s, chosen = with_crawls(
            self.population.personas,
            dwell_s,
            chosen,
            n_positions=n_positions,
            seed=self.seed,
            visitor_index=visitors.index,
            persona_index=visitors.persona_index,
            n_clicks=n_clicks,
        )
        return Looks(dwell_s, chosen)

    def _utilities(self, visitors: Visitors, movie_ids: Integers) -> Floats:
        return self.truth.utilities(
            visitor_index=visitors.person_index,
            user_ids=visitors.taste_user_id,
            persona_index=visitors.persona_index,
            movie_ids=movie_ids,
        )

    def _alone(self, visitor: Visitor) -> Visitors:
        names = tuple(persona.name for persona in self.population.personas)
        index, persona_index = np.array([visitor.index]), np.array([names.index(visitor.persona)])
        person_index = index if visitor.person_index is None else np.array([visitor.person_index])
        taste_user_id = draw_taste_users(
            self.truth, seed=self.seed, person_index=person_index, persona_index=persona_index
        )
        return Visitors(
            seed=self.seed,
            persona_names=names,
            index=index,
            persona_index=persona_index,
            user_id=np.array([NO_USER if visitor.user_id is None else visitor.user_id]),
            taste_user_id=taste_user_id,
            arrival_ms=np.array([visitor.arrival_ms]),
            person_index=person_index,
        )


def _chance(share: float, taste: Floats) -> Floats:
    """The share, moved by taste in log-odds."""
    return np.asarray(1.0 / (1.0 + (1.0 / share - 1.0) * np.exp(-taste)))
