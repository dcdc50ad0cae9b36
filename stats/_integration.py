"""Chances of a random walk that is looked at now and then and stops at a boundary, by recursive integration.

The statistic of look k is Z_k = B(t_k) / sqrt(t_k), where B is a Brownian motion with a drift and t_k the
information fraction. What is kept between two looks is the density of Z_k where the walk went on, at the
nodes of a Gauss-Legendre rule; as many nodes as the distance to the next look needs.

Source: Armitage, McPherson & Rowe, JRSS A 132 (1969), 235-244; Jennison & Turnbull, Group Sequential Methods
with Applications to Clinical Trials (2000), chapter 19.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, roots_legendre

_REACH = 9.0  # standard deviations around the drift that hold all but 1e-19 of the density
_NODES = (64, 128, 256, 512, 1024, 2048)
_NODES_PER_SPREAD = 5.0

Values = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Continuation:
    """Where the walk is after a look at which it went on; `masses` are density times node weight.

    Args:
        fraction: information fraction of the last look, 0 before the first.
        nodes: values of the statistic, shape (n,).
        masses: chance of being near each node and not having stopped, shape (n,).
        critical: the critical value of the last look, in size.
    """

    fraction: float
    nodes: Values
    masses: Values
    drift: float
    is_two_sided: bool
    critical: float

    @classmethod
    def at_start(cls, *, drift: float = 0.0, is_two_sided: bool = False) -> "Continuation":
        """Return the walk before its first look: at 0 for certain."""
        return cls(0.0, np.zeros(1), np.ones(1), drift, is_two_sided, math.inf)

    def chance_above(self, fraction: float, value: float) -> float:
        """Return the chance that the walk has gone on until now and is above `value` at the next look."""
        above = (self._means(fraction) - value * math.sqrt(fraction)) / self._spread(fraction)
        return float(self.masses @ ndtr(above))

    def chance_below(self, fraction: float, value: float) -> float:
        """Return the chance that the walk has gone on until now and is below `value` at the next look."""
        below = (value * math.sqrt(fraction) - self._means(fraction)) / self._spread(fraction)
        return float(self.masses @ ndtr(below))

    def advanced(self, fraction: float, critical: float, *, next_fraction: float) -> "Continuation":
        """Return the walk after a look at `fraction` where it has not reached `critical`.

        Args:
            fraction: of the look made now.
            critical: its critical value.
            next_fraction: of the look after: it decides how many nodes are needed.
        """
        centre = self.drift * math.sqrt(fraction)
        low = max(-critical, centre - _REACH) if self.is_two_sided else min(critical, centre) - _REACH
        high = min(critical, centre + _REACH)
        if high <= low:
            return Continuation(fraction, np.zeros(1), np.zeros(1), self.drift, self.is_two_sided, critical)
        nodes, weights = _rule(low, high, self._n_nodes(fraction, next_fraction, high - low))
        root, spread = math.sqrt(fraction), self._spread(fraction)
        steps = (nodes[:, None] * root - self._means(fraction)[None, :]) / spread
        densities = np.exp(-0.5 * steps**2) @ self.masses * (root / (spread * math.sqrt(2 * math.pi)))
        return Continuation(fraction, nodes, densities * weights, self.drift, self.is_two_sided, critical)

    def _means(self, fraction: float) -> Values:
        """Return the mean of B at the next look, for each node."""
        return self.nodes * math.sqrt(self.fraction) + self.drift * (fraction - self.fraction)

    def _spread(self, fraction: float) -> float:
        return math.sqrt(fraction - self.fraction)

    def _n_nodes(self, fraction: float, next_fraction: float, width: float) -> int:
        """Return how many nodes see a step to the next look: it is as wide as the look is far."""
        before = self._spread(fraction) / math.sqrt(fraction)
        after = math.sqrt((next_fraction - fraction) / fraction)
        wanted = _NODES_PER_SPREAD * width / min(before, after, 1.0)
        return next((number for number in _NODES if number >= wanted), _NODES[-1])


def first_crossings(
    fractions: Sequence[float], critical_values: Sequence[float], *, drift: float, is_two_sided: bool
) -> tuple[float, ...]:
    """Return the chance of crossing for the first time at each look; both sides together for two-sided."""
    state = Continuation.at_start(drift=drift, is_two_sided=is_two_sided)
    chances = []
    for index, (fraction, critical) in enumerate(zip(fractions, critical_values, strict=True)):
        chance = state.chance_above(fraction, critical)
        if is_two_sided:
            chance += state.chance_below(fraction, -critical)
        chances.append(chance)
        if index + 1 < len(fractions):
            state = state.advanced(fraction, critical, next_fraction=fractions[index + 1])
    return tuple(chances)


def _rule(low: float, high: float, n_nodes: int) -> tuple[Values, Values]:
    nodes, weights = _unit_rule(n_nodes)
    half = (high - low) / 2
    return (low + high) / 2 + half * nodes, half * weights


@lru_cache(maxsize=len(_NODES))
def _unit_rule(n_nodes: int) -> tuple[Values, Values]:
    nodes, weights = roots_legendre(n_nodes)
    return np.asarray(nodes, dtype=np.float64), np.asarray(weights, dtype=np.float64)
