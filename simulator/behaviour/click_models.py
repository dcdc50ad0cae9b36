"""Click models as objects: how a slate is read, what is clicked, and the chances of it in closed form.

The shipped ones are named in the population file; another one is given to a `Mind`, which then decides by it
in every engine and is calibrated by it.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from simulator.behaviour.choice import NOTHING, chosen_positions, click_probabilities, click_scores
from simulator.behaviour.draws import Floats, Integers, gumbel, uniform
from simulator.behaviour.examination import Booleans, examined
from simulator.behaviour.visit_tables import Choice, Session


@dataclass(frozen=True, slots=True, eq=False)
class PageDraws:
    """Random numbers for one page of many visitors' visits; each visitor's are the same among any others.

    Args:
        seed: seed of the population.
        visitor_index: (n_visitors,).
        visit: which visit of theirs, from 0.
        step: page of the visit, from 0.
    """

    seed: int
    visitor_index: Integers
    visit: int
    step: int

    def uniform(self, purpose: str, positions: Integers) -> Floats:
        """Draws from [0, 1), (n_visitors, n_positions); draws for two purposes are independent."""
        return uniform(
            self.seed,
            purpose,
            visitor=self.visitor_index[:, None],
            visit=self.visit,
            step=self.step,
            position=positions,
        )

    def gumbel(self, purpose: str, positions: Integers) -> Floats:
        """Draws of the standard Gumbel law, likewise."""
        return gumbel(
            self.seed,
            purpose,
            visitor=self.visitor_index[:, None],
            visit=self.visit,
            step=self.step,
            position=positions,
        )


class ClickModel(Protocol):
    """How a slate is read and what is clicked.

    `worth` is the log-odds of each film, (n_visitors, n_positions), `outside` those of nothing,
    (n_visitors,). The three laws, `chosen`, `probabilities` and `scores`, must be one: the truth of a run is
    computed from the last, and its clicks are drawn from the first.
    """

    def examined(self, left_s: Floats, n_positions: int, draws: PageDraws) -> Booleans:
        """What each examines who clicks nothing and has `left_s` seconds, (n_visitors, n_positions)."""

    def chosen(self, worth: Floats, is_examined: Booleans, outside: Floats, draws: PageDraws) -> Integers:
        """The position each clicks, from 1; 0 for none, (n_visitors,)."""

    def read(self, is_examined: Booleans, chosen: Integers) -> Booleans:
        """What each has then read, and spent time on: less than examined where a click ends the reading."""

    def probabilities(self, worth: Floats, is_examined: Booleans, outside: Floats) -> Floats:
        """Chance of a click on each position, given what is examined, (n_visitors, n_positions)."""

    def scores(self, worth: Floats, is_examined: Booleans) -> Floats:
        """The chance of any click for outside option o, as 1 - product of 1 / (1 + exp(score - o)).

        (n_visitors, n_scores), as many as the law needs; -inf where there is nothing to click.
        """


@dataclass(frozen=True, slots=True)
class ShippedClickModel:
    """The click model that a population file names; a `ClickModel`.

    Args:
        choice: names it, and has its numbers.
        session: says how long a title takes.
    """

    choice: Choice
    session: Session

    def examined(self, left_s: Floats, n_positions: int, draws: PageDraws) -> Booleans:
        """What each examines, as `examination` says."""
        return examined(
            self.choice,
            self.session,
            left_s,
            seed=draws.seed,
            visitor_index=draws.visitor_index,
            step=draws.step,
            n_positions=n_positions,
            visit=draws.visit,
        )

    def chosen(self, worth: Floats, is_examined: Booleans, outside: Floats, draws: PageDraws) -> Integers:
        """The position each clicks, as `choice` says."""
        return chosen_positions(
            worth,
            is_examined,
            outside,
            seed=draws.seed,
            visitor_index=draws.visitor_index,
            step=draws.step,
            visit=draws.visit,
            model=self.choice.model,
        )

    def read(self, is_examined: Booleans, chosen: Integers) -> Booleans:
        """All that is examined; in a cascade, up to the click."""
        if self.choice.model != "cascade":
            return is_examined
        positions = np.arange(1, is_examined.shape[1] + 1)
        last = np.where(chosen == NOTHING, is_examined.shape[1], chosen)
        return np.asarray(is_examined & (positions <= last[:, None]))

    def probabilities(self, worth: Floats, is_examined: Booleans, outside: Floats) -> Floats:
        """Chance of a click on each position."""
        return click_probabilities(worth, is_examined, outside, model=self.choice.model)

    def scores(self, worth: Floats, is_examined: Booleans) -> Floats:
        """What the chance of any click hangs on."""
        return click_scores(worth, is_examined, model=self.choice.model)
