"""More than one treatment against one control, so that the chance of any false alarm stays at alpha.

Dunnett's test knows that all comparisons share the control and are therefore alike; it asks less of each than
Holm's, which knows nothing of that.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from stats.errors import InvalidDesignError
from stats.estimates import Comparison
from stats.multiplicity import holm
from stats.proportions import Arm, compare
from stats.sequential import directed
from stats.tails import Alternative, as_alternative, require_fraction

_REACH = 9.0
_N_NODES = 160
_BISECTIONS = 60

Values = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SeveralComparison:
    """One treatment against the control among several; None where its data do not suffice.

    Args:
        comparison: as if it were the only one.
        adjusted_p_value: to be compared with alpha.
        is_significant: whether it lies under alpha.
    """

    comparison: Comparison
    adjusted_p_value: float | None
    is_significant: bool | None


def compare_several(
    control: Arm,
    treatments: Sequence[Arm],
    *,
    method: Literal["dunnett", "holm"] = "dunnett",
    alpha: float = 0.05,
    alternative: str = "greater",
    confidence: float = 0.95,
) -> tuple[SeveralComparison, ...]:
    """Compare the visitor CTR of each treatment with the control, adjusted for their number.

    A treatment without a test still counts as one: the others pay for it. Where a test is exact and has no
    statistic, its normal score takes its place.

    Raises:
        InvalidDesignError: no treatment, an unknown method, or alpha outside (0, 1).

    Source: Dunnett, JASA 50 (1955), 1096-1121; Holm (1979).
    """
    direction = as_alternative(alternative)
    require_fraction("alpha", alpha)
    if not treatments or method not in ("dunnett", "holm"):
        raise InvalidDesignError(
            f"{len(treatments)} treatments by method {method!r}; name at least one, and dunnett or holm"
        )
    comparisons = [
        compare(control, treatment, alternative=direction, confidence=confidence) for treatment in treatments
    ]
    p_values = [1.0 if found.p_value is None else found.p_value for found in comparisons]
    if method == "holm":
        adjusted = holm(p_values)
    else:
        sizes = [treatment.n for treatment in treatments]
        adjusted = tuple(dunnett_p_value(_score(p, direction), control.n, sizes, direction) for p in p_values)
    return tuple(
        SeveralComparison(
            comparison=found,
            adjusted_p_value=None if found.p_value is None else value,
            is_significant=None if found.p_value is None else value < alpha,
        )
        for found, value in zip(comparisons, adjusted, strict=True)
    )


def dunnett_p_value(
    statistic: float, n_control: int, n_treatments: Sequence[int], alternative: str = "greater"
) -> float:
    """Return the chance that the largest of all statistics reaches this one without any effect.

    Args:
        statistic: normal under no effect, of one treatment against the control.
        n_control: visitors of the control.
        n_treatments: visitors of every treatment; they give the correlations.
        alternative: greater, less or two-sided.
    """
    direction = as_alternative(alternative)
    reached = directed(statistic, direction)
    if direction == "two-sided" and reached == 0:
        return 1.0
    nodes, weights = _normal_rule()
    stays = np.ones_like(nodes)
    for n in n_treatments:
        shared = n / (n + n_control) if n + n_control else 0.0
        centre, spread = math.sqrt(shared) * nodes, math.sqrt(1 - shared)
        if spread == 0:
            continue
        above = ndtr((reached - centre) / spread)
        stays = stays * (above - ndtr((-reached - centre) / spread) if direction == "two-sided" else above)
    chance = 1 - float(weights @ stays)
    return min(1.0, max(0.0, chance))


def dunnett_critical_value(
    n_control: int, n_treatments: Sequence[int], *, alpha: float = 0.05, alternative: str = "greater"
) -> float:
    """Return what a statistic must reach so that any of them does so with chance alpha.

    >>> round(dunnett_critical_value(925, [925, 925], alternative="two-sided"), 2)
    2.21
    """
    require_fraction("alpha", alpha)
    low, high = 0.0, 40.0
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        sign = -middle if alternative == "less" else middle
        is_enough = dunnett_p_value(sign, n_control, n_treatments, alternative) <= alpha
        low, high = (low, middle) if is_enough else (middle, high)
    return high


def _score(p_value: float, alternative: Alternative) -> float:
    """Return the normal statistic that has this p-value."""
    tail = p_value / 2 if alternative == "two-sided" else p_value
    score = -float(ndtri(min(max(tail, 1e-300), 1.0)))
    return -score if alternative == "less" else max(score, -_REACH)


@lru_cache(maxsize=1)
def _normal_rule() -> tuple[Values, Values]:
    """Return nodes and weights that average over a standard normal variable: the shared control."""
    nodes, weights = np.polynomial.legendre.leggauss(_N_NODES)
    nodes = _REACH * nodes
    densities = np.exp(-0.5 * nodes**2) * _REACH / math.sqrt(2 * math.pi)
    return nodes, weights * densities
