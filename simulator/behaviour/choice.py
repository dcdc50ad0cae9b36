"""How a slate is read and what is clicked: examination by position, then a multinomial logit.

Source of the choice: McFadden, "Conditional logit analysis of qualitative choice behavior" (1974); of the
separate examination: Craswell, Zoeter, Taylor & Ramsey, "An experimental comparison of click position-bias
models" (WSDM 2008), doi:10.1145/1341531.1341545, section 2. How fast examination decays along a row of
posters is a guess: no published number fits, so the population file names it and a sweep should vary it.
"""

import numpy as np

from simulator.behaviour.draws import Floats, Integers, gumbel, normal, uniform
from simulator.behaviour.visit_tables import Choice, Session

NOTHING = 0


def patience_s(session: Session, factor: Floats, *, seed: int, visitor_index: Integers) -> Floats:
    """Seconds each visitor gives to looking in one visit, log-normal, (n_visitors,) like `factor`."""
    spread = normal(seed, "patience", visitor=visitor_index)
    return np.asarray(factor * session.patience_median_s * np.exp(session.patience_sigma * spread))


def examined(
    choice: Choice,
    session: Session,
    left_s: Floats,
    *,
    seed: int,
    visitor_index: Integers,
    step: int,
    n_positions: int,
) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Which positions each visitor examines, bool (n_visitors, n_positions).

    Position p is examined with chance decay**(p - 1), one draw each, until the seconds left are used up.
    """
    positions = np.arange(1, n_positions + 1)
    chance = choice.examination_decay ** (positions - 1.0)
    draw = uniform(seed, "examination", visitor=visitor_index[:, None], step=step, position=positions)
    is_tempting = draw < chance
    spent_s = session.seconds_per_title * np.cumsum(is_tempting, axis=1)
    return np.asarray(is_tempting & (spent_s <= left_s[:, None]))


def chosen_positions(
    worth: Floats,
    is_examined: np.ndarray[tuple[int, ...], np.dtype[np.bool_]],
    outside: Floats,
    *,
    seed: int,
    visitor_index: Integers,
    step: int,
) -> Integers:
    """The position each visitor clicks, from 1; `NOTHING` (0) for none, (n_visitors,).

    Args:
        worth: log-odds of each film, (n_visitors, n_positions).
        is_examined: films that can be clicked at all, same shape.
        outside: log-odds of clicking nothing, (n_visitors,).
        seed: seed of the population.
        visitor_index: (n_visitors,).
        step: page of the visit, from 0.
    """
    positions = np.arange(worth.shape[1] + 1)
    noise = gumbel(seed, "choice", visitor=visitor_index[:, None], step=step, position=positions)
    options = np.empty((len(worth), worth.shape[1] + 1))
    options[:, NOTHING] = outside
    options[:, 1:] = np.where(is_examined, worth, -np.inf)
    return np.asarray(np.argmax(options + noise, axis=1), dtype=np.int64)


def click_probabilities(
    worth: Floats, is_examined: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], outside: Floats
) -> Floats:
    """Chance of a click on each position given what is examined: the law that `chosen_positions` draws from.

    Shapes as there; a row sums to the chance of any click at all, always under 1.
    """
    scaled = np.where(is_examined, worth, -np.inf)
    top = np.maximum(scaled.max(axis=1, initial=-np.inf), outside)[:, None]
    odds = np.exp(scaled - top)
    nothing = np.exp(outside[:, None] - top)
    return np.asarray(odds / (nothing + odds.sum(axis=1, keepdims=True)))
