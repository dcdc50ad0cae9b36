"""What a target policy is worth beside the one that logged, from sums over visitors, of tables of any size.

All estimates are ratios of sums over impressions: what was earned / impressions; weighted rewards /
impressions (IPS) or / weights (SNIPS); corrected predictions / impressions (doubly robust). With the sums of
products over visitors, each has the delta method's error, and so has a difference of two, which are of the
same visitors.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

import numpy as np

from stats.errors import NotEnoughDataError
from stats.estimates import Interval
from stats.off_policy import LoggedImpressions
from stats.proportions import MIN_VISITORS
from stats.tails import Alternative, p_value_of, two_sided_z
from stats.wording import counted

TERMS: Final = ("impressions", "rewards", "weights", "weighted_rewards", "corrected")
"""What is summed over a visitor's impressions; `corrected` is predicted_target + weight * (reward -
predicted)."""

Influence = Mapping[str, float]

_ROUNDING: Final = 1e-13
"""A variance under this part of the squares it is the difference of is none."""


@dataclass(frozen=True, slots=True)
class Ratio:
    """An estimate over visitors: its value, interval, and what each term of a visitor adds to its error."""

    value: float
    interval: Interval
    standard_error: float
    influence: Influence


@dataclass(frozen=True, slots=True)
class OffPolicySums:
    """Logged impressions as sums over visitors.

    Args:
        totals: sum of each of `TERMS`; without predictions there is no `corrected`.
        products: sum over visitors of the product of two terms, both ways round.
        weight_squares: sum over impressions of weight^2.
        largest_weight: of a single impression.
        n_never: impressions that the target policy would never show: weight 0.
        n_rewarded: of the others, those with a reward.
        rewards: the least and the largest of an impression.
    """

    n_visitors: int
    totals: Mapping[str, float]
    products: Mapping[tuple[str, str], float]
    weight_squares: float
    largest_weight: float
    n_never: int
    n_rewarded: int
    rewards: tuple[float, float]

    @classmethod
    def from_logged(cls, logged: LoggedImpressions) -> Self:
        """Sum up arrays of impressions."""
        weights = logged.weights
        terms = {
            "impressions": np.ones_like(weights),
            "rewards": logged.rewards,
            "weights": weights,
            "weighted_rewards": weights * logged.rewards,
        }
        if logged.predicted is not None and logged.predicted_target is not None:
            terms["corrected"] = logged.predicted_target + weights * (logged.rewards - logged.predicted)
        visitors = np.arange(weights.size) if logged.visitors is None else logged.visitors
        owners = np.unique(visitors, return_inverse=True)[1].ravel()
        sums = {name: np.bincount(owners, weights=values) for name, values in terms.items()}
        return cls(
            n_visitors=int(owners.max()) + 1 if owners.size else 0,
            totals={name: float(values.sum()) for name, values in sums.items()},
            products={(a, b): float(sums[a] @ sums[b]) for a in sums for b in sums},
            weight_squares=float(weights @ weights),
            largest_weight=float(weights.max(initial=0.0)),
            n_never=int(np.count_nonzero(weights == 0)),
            n_rewarded=int(np.count_nonzero(weights * logged.rewards)),
            rewards=(float(logged.rewards.min(initial=0.0)), float(logged.rewards.max(initial=0.0))),
        )

    @property
    def n_impressions(self) -> int:
        """Impressions of all visitors."""
        return round(self.totals["impressions"])

    @property
    def effective_n(self) -> float:
        """Impressions that count: (sum of weights)^2 / sum of squares (Kish 1965)."""
        return self.totals["weights"] ** 2 / self.weight_squares if self.weight_squares else 0.0

    @property
    def heaviest_share(self) -> float:
        """Part of all weight that is in one impression."""
        total = self.totals["weights"]
        return self.largest_weight / total if total else 0.0

    @property
    def has_predictions(self) -> bool:
        """Whether there is what a doubly robust estimate needs."""
        return "corrected" in self.totals

    def ratio(self, above: str, below: str, *, confidence: float) -> Ratio:
        """Estimate the sum of one term / the sum of another, with the delta method's error over visitors.

        Raises:
            NotEnoughDataError: fewer than two visitors, or nothing to divide by.
        """
        divisor = self.totals[below]
        if self.n_visitors < MIN_VISITORS:
            raise NotEnoughDataError(
                f"impressions of {counted(self.n_visitors, 'visitor')}; an interval needs {MIN_VISITORS}"
            )
        if not divisor > 0:
            raise NotEnoughDataError(
                "the target policy shows none of the logged films; nothing tells its value"
            )
        value = self.totals[above] / divisor
        influence = {above: 1 / divisor}
        influence[below] = influence.get(below, 0.0) - value / divisor
        return self._estimate(value, influence, confidence)

    def difference(self, first: Ratio, second: Ratio, *, confidence: float) -> Ratio:
        """Estimate the first minus the second; that they are of the same visitors is allowed for."""
        influence = {
            name: first.influence.get(name, 0.0) - second.influence.get(name, 0.0)
            for name in (*first.influence, *second.influence)
        }
        return self._estimate(first.value - second.value, influence, confidence)

    def _estimate(self, value: float, influence: Influence, confidence: float) -> Ratio:
        parts = [influence[a] * influence[b] * self.products[a, b] for a in influence for b in influence]
        squares = math.fsum(parts)
        if squares <= _ROUNDING * math.fsum(map(abs, parts)):
            squares = 0.0
        error = math.sqrt(squares * self.n_visitors / (self.n_visitors - 1))
        margin = two_sided_z(confidence) * error
        return Ratio(value, Interval(value - margin, value + margin), error, influence)


def p_value_against(found: Ratio, value: float, alternative: Alternative) -> float | None:
    """Return the chance of such an estimate were `value` the truth; None without an error."""
    error = found.standard_error
    return p_value_of((found.value - value) / error, alternative) if error else None
