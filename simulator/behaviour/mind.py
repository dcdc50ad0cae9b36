"""The mind of a population: every decision of a visit, the same for one visitor or for many at once.

A decision depends on (seed, visitor, visit, page of the visit, position, films shown, and where `[dynamics]`
say so on what the visitor met before), and on nothing else: not on tokens, slate ids, attempts, or real time.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from simulator.behaviour import browsing, dynamics
from simulator.behaviour.appeal import present_utilities, require_guide
from simulator.behaviour.browsing import DETOUR_KINDS, NO_DETOUR, Detour, Detours
from simulator.behaviour.choice import NOTHING
from simulator.behaviour.click_models import ClickModel, PageDraws, ShippedClickModel
from simulator.behaviour.crawling import are_bots, with_crawls
from simulator.behaviour.decisions import Look, Looks, Watch, Watches
from simulator.behaviour.draws import Floats, Integers
from simulator.behaviour.examination import Booleans, patience_s
from simulator.behaviour.film_guide import FilmGuide
from simulator.behaviour.identity import SignIn, sign_in
from simulator.behaviour.lone_visitor import alone
from simulator.behaviour.moments import Moment, Moments
from simulator.behaviour.population import Population
from simulator.behaviour.returning import NO_VISIT, next_visits_ms, novelty
from simulator.behaviour.truth import Truth
from simulator.behaviour.visitors import Visitor, Visitors
from simulator.behaviour.watching import draw_watches

# From the home slate to a film page, and from its slate to one more: then the visitor stops hopping.
MAX_CLICKS = 2


@dataclass(frozen=True, slots=True, eq=False)
class Mind:
    """Decides for the visitors of one population; fits the `Brain` of the visit script.

    Args:
        population: its settings.
        truth: what its visitors think of films.
        seed: seed of its draws; the one the visitors were drawn with.
        outside_option: log-odds utility of clicking nothing on the home page.
        guide: the films of the site; needed by a population with detours, satiation or drift of taste.
        click_model: how slates are read and clicked; by default as the population file says.

    Raises:
        PopulationError: the population needs a guide, and there is none.
    """

    population: Population
    truth: Truth
    seed: int
    outside_option: float
    guide: FilmGuide | None = None
    click_model: ClickModel | None = None

    def __post_init__(self) -> None:
        require_guide(self.population, self.guide)

    @property
    def has_memory(self) -> bool:
        """Whether any decision depends on what a visitor met before, so that moments must tell it."""
        changes = self.population.dynamics
        return bool(changes.satiation or changes.repeat_exposure or changes.fatigue)

    def with_outside_option(self, outside_option: float) -> "Mind":
        """The same mind with another outside option."""
        return replace(self, outside_option=outside_option)

    def look(self, visitor: Visitor, movie_ids: Sequence[int], moment: Moment) -> Look:
        """How one visitor looks at the slate of the page before them."""
        slate = np.array([movie_ids], dtype=np.int64).reshape(1, -1)
        looks = self.looks(self._alone(visitor), slate, Moments.of(moment))
        chosen = int(looks.chosen_positions[0])
        return Look(float(looks.dwell_s[0]), None if chosen == NOTHING else chosen)

    def looks(
        self,
        visitors: Visitors,
        movie_ids: Integers,
        moments: Moments | None = None,
        *,
        utilities: Floats | None = None,
    ) -> Looks:
        """How each looks at a slate.

        Args:
            visitors: who.
            movie_ids: the slate of each, (n_visitors, n_positions).
            moments: where they stand; by default on the home page, as their first visit begins.
            utilities: what `truth.utilities` says of each film, where the caller knows it already.
        """
        moments = Moments.arrival(visitors) if moments is None else moments
        choice, model = self.population.choice, self._click_model
        is_examined = self.examined(visitors, movie_ids.shape[1], moments)
        chosen = np.full(len(visitors), NOTHING)
        if moments.depth < MAX_CLICKS and not (moments.depth > 0 and choice.film_page_odds == 0):
            chosen = model.chosen(
                self.worth(visitors, movie_ids, moments, utilities=utilities),
                is_examined,
                self.outside(visitors, moments),
                self._draws(visitors, moments),
            )
        n_read = model.read(is_examined, chosen).sum(axis=1)
        dwell_s, chosen = with_crawls(
            self.population.personas,
            n_read * self.population.session.seconds_per_title,
            chosen,
            n_positions=movie_ids.shape[1],
            seed=self.seed,
            visitor_index=visitors.index,
            persona_index=visitors.persona_index,
            n_clicks=moments.depth,
        )
        return Looks(dwell_s, chosen)

    def watch(self, visitor: Visitor, movie_id: int, moment: Moment) -> Watch | None:
        """How long one visitor watches the film whose page is open; None when it is not played."""
        film = np.array([movie_id], dtype=np.int64)
        watches = self.watches(self._alone(visitor), film, Moments.of(moment))
        if not watches.is_played[0]:
            return None
        return Watch(float(watches.watch_s[0]), bool(watches.is_completed[0]))

    def watches(self, visitors: Visitors, movie_ids: Integers, moments: Moments | None = None) -> Watches:
        """How long each visitor watches one film, `movie_ids` (n_visitors,).

        How often a film was shown matters to clicks only.
        """
        moments = Moments.arrival(visitors) if moments is None else moments
        films = movie_ids[:, None]
        utilities = self._present(self._utilities(visitors, films), visitors, films, moments)
        return draw_watches(
            self.population.watch,
            utilities[:, 0],
            self._are_people(visitors),
            seed=self.seed,
            visitor_index=visitors.index,
            visit=moments.visit,
            movie_ids=movie_ids,
        )

    def detour(self, visitor: Visitor, moment: Moment) -> Detour | None:
        """Where one visitor goes who chose nothing on the home slate; None for nowhere."""
        detours = self.detours(self._alone(visitor), Moments.of(moment))
        if self.guide is None or detours.kinds[0] == NO_DETOUR:
            return None
        kind, movie_id = DETOUR_KINDS[int(detours.kinds[0])], int(detours.movie_ids[0])
        row = self.guide.row_of(movie_id) if kind == "genre_row" else ""
        return Detour(kind, movie_id, self.guide.titles[movie_id], row)

    def detours(self, visitors: Visitors, moments: Moments) -> Detours:
        """Where each goes who chose nothing on the home slate."""
        if self.guide is None:
            return Detours.none(len(visitors))
        detours = browsing.draw_detours(
            self.population.session,
            self.guide,
            lambda places, films: self._utilities(
                visitors.take(places), np.broadcast_to(films, (len(places), len(films)))
            ),
            seed=self.seed,
            visitor_index=visitors.index,
            visit=moments.visit,
        )
        return Detours(np.where(self._are_people(visitors), detours.kinds, NO_DETOUR), detours.movie_ids)

    def sign_in(self, visitor: Visitor) -> SignIn | None:
        """How one visitor comes in by hand; None for those who come signed in."""
        (persona,) = (one for one in self.population.personas if one.name == visitor.persona)
        identity, who = self.population.identity, {"seed": self.seed, "visitor_index": visitor.index}
        return sign_in(identity, persona, visitor.user_id, **who)

    def goes_back(self, visitor: Visitor, moment: Moment) -> bool:
        """Whether one visitor returns from the films of this visit by the browser's back button."""
        return bool(self.go_back(self._alone(visitor), Moments.of(moment))[0])

    def go_back(self, visitors: Visitors, moments: Moments) -> Booleans:
        """Which visitors return from the films of this visit by the browser's back button, (n_visitors,)."""
        share = self.population.session.back_share
        draws = browsing.draw_backs(share, seed=self.seed, visitor_index=visitors.index, visit=moments.visit)
        return np.asarray(draws & self._are_people(visitors))

    def next_visit_ms(self, visitor: Visitor, moment: Moment) -> int | None:
        """When one visitor who leaves now comes again, simulated epoch milliseconds; None for never."""
        next_ms = int(self.next_visits_ms(self._alone(visitor), Moments.of(moment))[0])
        return None if next_ms == NO_VISIT else next_ms

    def next_visits_ms(self, visitors: Visitors, moments: Moments) -> Integers:
        """When each visitor who leaves now comes again; `NO_VISIT` for never, (n_visitors,)."""
        next_ms = next_visits_ms(
            self.population,
            seed=self.seed,
            visitor_index=visitors.index,
            visit=moments.visit,
            left_ms=moments.at_ms,
        )
        return np.where(self._are_people(visitors), next_ms, NO_VISIT)

    def given_s(self, visitors: Visitors, moments: Moments) -> Floats:
        """Seconds that each visitor gives to looking in this visit, (n_visitors,)."""
        factor = np.array([persona.patience for persona in self.population.personas])
        return patience_s(
            self.population.session,
            factor[visitors.persona_index],
            seed=self.seed,
            visitor_index=visitors.index,
            visit=moments.visit,
        )

    def examined(self, visitors: Visitors, n_positions: int, moments: Moments) -> Booleans:
        """Which positions each visitor examines until they click, bool (n_visitors, n_positions)."""
        left_s = self.given_s(visitors, moments) - moments.spent_s
        return self._click_model.examined(left_s, n_positions, self._draws(visitors, moments))

    def click_scores(self, visitors: Visitors, movie_ids: Integers, moments: Moments | None = None) -> Floats:
        """What the chance of a click on these slates hangs on, (n_visitors, n_scores).

        Given what is examined, and for any outside option o, that chance is 1 minus the product over scores s
        of 1 / (1 + exp(s - o)): the closed form of what `looks` draws.
        """
        moments = Moments.arrival(visitors) if moments is None else moments
        scores = self._click_model.scores(
            self.worth(visitors, movie_ids, moments),
            self.examined(visitors, movie_ids.shape[1], moments),
        )
        return np.asarray(scores - self.outside(visitors, moments)[:, None] + self.outside_option)

    def click_chances(
        self, visitors: Visitors, movie_ids: Integers, moments: Moments | None = None
    ) -> Floats:
        """Chance that each visitor clicks each film, given what they examine, (n_visitors, n_positions)."""
        moments = Moments.arrival(visitors) if moments is None else moments
        return self._click_model.probabilities(
            self.worth(visitors, movie_ids, moments),
            self.examined(visitors, movie_ids.shape[1], moments),
            self.outside(visitors, moments),
        )

    def worth(
        self,
        visitors: Visitors,
        movie_ids: Integers,
        moments: Moments | None = None,
        *,
        utilities: Floats | None = None,
    ) -> Floats:
        """Log-odds of each film of each slate: taste strength times utility, (n_visitors, n_positions)."""
        if utilities is None:
            utilities = self._utilities(visitors, movie_ids)
        moments = Moments.arrival(visitors) if moments is None else moments
        present = self._present(utilities, visitors, movie_ids, moments)
        if self.population.dynamics.repeat_exposure:
            present = present - dynamics.repeat_exposure(self.population.dynamics, moments.pasts, movie_ids)
        return self.population.choice.taste_strength * present

    def outside(self, visitors: Visitors, moments: Moments) -> Floats:
        """Log-odds of clicking nothing, (n_visitors,), on the home page or a film page."""
        population = self.population
        readiness = np.array([persona.click_readiness for persona in population.personas])
        outside = self.outside_option - np.log(readiness)[visitors.persona_index]
        if moments.depth > 0:
            outside -= math.log(population.choice.film_page_odds)
        if population.session.novelty:
            outside -= novelty(population.session, moments.at_ms - visitors.arrival_ms)
        if population.dynamics.fatigue:
            outside += dynamics.fatigue(population.dynamics, moments)
        return np.asarray(outside, dtype=np.float64)

    @property
    def _click_model(self) -> ClickModel:
        if self.click_model is not None:
            return self.click_model
        return ShippedClickModel(self.population.choice, self.population.session)

    def _draws(self, visitors: Visitors, moments: Moments) -> PageDraws:
        return PageDraws(self.seed, visitors.index, moments.visit, moments.depth)

    def _present(
        self, utilities: Floats, visitors: Visitors, movie_ids: Integers, moments: Moments
    ) -> Floats:
        return present_utilities(
            utilities,
            visitors,
            movie_ids,
            moments,
            population=self.population,
            guide=self.guide,
            seed=self.seed,
        )

    def _are_people(self, visitors: Visitors) -> Booleans:
        return ~are_bots(self.population.personas, visitors.persona_index)

    def _utilities(self, visitors: Visitors, movie_ids: Integers) -> Floats:
        return self.truth.utilities(
            visitor_index=visitors.person_index,
            user_ids=visitors.taste_user_id,
            persona_index=visitors.persona_index,
            movie_ids=movie_ids,
        )

    def _alone(self, visitor: Visitor) -> Visitors:
        return alone(visitor, self.population, self.truth, seed=self.seed)
