"""Which film is clicked, of those examined: four click models with one outside option, nothing.

With worth w of a film and outside option o, both log-odds, q = 1 / (1 + exp(o - w)) is its attraction.

- `mnl`, `carousel`: one choice among all films examined and nothing, a multinomial logit: McFadden,
  "Conditional logit analysis of qualitative choice behavior" (1974). The two differ in what is examined.
- `pbm`, the position-based model: each film examined attracts by itself, with chance q. A click leaves the
  page, so at most one film is clicked: any of those that attracted, each as likely as the others. Craswell,
  Zoeter, Taylor & Ramsey (WSDM 2008), doi:10.1145/1341531.1341545; Chuklin, Markov & de Rijke, "Click
  Models for Web Search" (2015), doi:10.2200/S00654ED1V01Y201507ICR043, chapter 3.
- `cascade`: films are met in order, and the first that attracts is clicked; reading may also be given up
  between two films (see `examination`). Craswell et al.; for giving up compare the dependent click model in
  chapter 3 of Chuklin et al.
"""

import numpy as np

from simulator.behaviour.draws import Counter, Floats, Integers, gumbel, uniform
from simulator.behaviour.examination import Booleans
from simulator.behaviour.visit_tables import ChoiceModel

NOTHING = 0


def chosen_positions(
    worth: Floats,
    is_examined: Booleans,
    outside: Floats,
    *,
    seed: int,
    visitor_index: Integers,
    step: int,
    visit: int = 0,
    model: ChoiceModel = "mnl",
) -> Integers:
    """The position each visitor clicks, from 1; `NOTHING` (0) for none, (n_visitors,).

    Args:
        worth: log-odds of each film, (n_visitors, n_positions).
        is_examined: films that can be clicked at all, same shape.
        outside: log-odds of clicking nothing, (n_visitors,).
        seed: seed of the population.
        visitor_index: (n_visitors,).
        step: page of the visit, from 0.
        visit: which visit of the visitor, from 0.
        model: the click model.
    """
    counters: dict[str, Counter] = {"visitor": visitor_index[:, None], "visit": visit, "step": step}
    positions = np.arange(worth.shape[1] + 1)
    if model in {"mnl", "carousel"}:
        options = np.empty((len(worth), worth.shape[1] + 1))
        options[:, NOTHING] = outside
        options[:, 1:] = np.where(is_examined, worth, -np.inf)
        noise = gumbel(seed, "choice", **counters, position=positions)
        return np.asarray(np.argmax(options + noise, axis=1), dtype=np.int64)
    is_attractive = is_examined & (
        uniform(seed, "attraction", **counters, position=positions[1:]) < _attraction(worth, outside)
    )
    # Of those that attract, the first in some order: as shown, or by lot.
    turn = np.broadcast_to(positions[1:], worth.shape)
    if model == "pbm":
        turn = uniform(seed, "lot", **counters, position=positions[1:])
    options = np.full((len(worth), worth.shape[1] + 1), np.inf)
    options[:, 1:] = np.where(is_attractive, turn, np.inf)
    return np.asarray(np.argmin(options, axis=1), dtype=np.int64)


def click_probabilities(
    worth: Floats, is_examined: Booleans, outside: Floats, *, model: ChoiceModel = "mnl"
) -> Floats:
    """Chance of a click on each position given what is examined: the law that `chosen_positions` draws from.

    Shapes as there; a row sums to the chance of any click at all.
    """
    if model in {"mnl", "carousel"}:
        scaled = np.where(is_examined, worth, -np.inf)
        top = np.maximum(scaled.max(axis=1, initial=-np.inf), outside)[:, None]
        odds = np.exp(scaled - top)
        nothing = np.exp(outside[:, None] - top)
        return np.asarray(odds / (nothing + odds.sum(axis=1, keepdims=True)))
    attraction = np.where(is_examined, _attraction(worth, outside), 0.0)
    if model == "cascade":
        passed = np.cumprod(1.0 - attraction, axis=1)
        passed = np.concatenate([np.ones((len(worth), 1)), passed[:, :-1]], axis=1)
        return np.asarray(attraction * passed)
    return attraction * _chance_of_the_lot(attraction)


def click_scores(worth: Floats, is_examined: Booleans, *, model: ChoiceModel) -> Floats:
    """What the chance of any click hangs on, whatever the outside option, (n_visitors, n_scores).

    For outside option o that chance is 1 minus the product over scores s of 1 / (1 + exp(s - o)). A choice
    among all is one score, the logarithm of their summed odds; films that attract one by one have one each.
    Who examines nothing has -inf.
    """
    scores = np.where(is_examined, worth, -np.inf)
    if model in {"pbm", "cascade"}:
        return scores
    top = scores.max(axis=1, initial=-np.inf)
    floor = np.where(np.isfinite(top), top, 0.0)
    odds = np.exp(scores - floor[:, None]).sum(axis=1)
    with np.errstate(divide="ignore"):
        return np.asarray(floor + np.log(odds))[:, None]


def _attraction(worth: Floats, outside: Floats) -> Floats:
    # exp(700) is near the largest float.
    return np.asarray(1.0 / (1.0 + np.exp(np.minimum(outside[:, None] - worth, 700.0))))


def _chance_of_the_lot(attraction: Floats) -> Floats:
    """Chance of each film that attracts to be the one clicked: the mean of 1 / (1 + number of the others).

    That mean is the integral over t from 0 to 1 of the product over the others of (1 - q + q t); a
    polynomial in t, so Gauss-Legendre quadrature gives it exactly.
    """
    n_positions = attraction.shape[1]
    nodes, weights = np.polynomial.legendre.leggauss(n_positions // 2 + 1)
    chance = np.zeros_like(attraction)
    for node, weight in zip((nodes + 1) / 2, weights / 2, strict=True):
        factors = 1.0 - attraction * (1.0 - node)
        # Divided, not multiplied without each: nodes lie inside (0, 1), so no factor is 0.
        chance += weight * factors.prod(axis=1, keepdims=True) / factors
    return chance
