"""Group sequential tests: look a planned number of times, and still raise false alarms at alpha in all.

An alpha-spending function says how much of alpha may have been used when a fraction of the information has
come (Lan & DeMets, Biometrika 70 (1983), 659-663, doi:10.2307/2336502). The critical value of each look
follows from it by recursive numerical integration (Armitage, McPherson & Rowe, JRSS A 132 (1969), 235-244;
Jennison & Turnbull, Group Sequential Methods (2000), chapter 19), for looks at any fractions.

Two-sided boundaries are symmetric: each side spends half of alpha.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, get_args

from scipy.special import ndtr, ndtri

from stats._integration import Continuation, first_crossings
from stats.errors import InvalidDesignError
from stats.estimates import Interval
from stats.tails import Alternative, as_alternative, critical_value, require_fraction

Spending = Literal["obrien-fleming", "pocock"]

_BISECTIONS = 60
_LEAST_ALPHA, _MOST_ALPHA, _LEAST_POWER = 1e-10, 0.25, 0.5
_NEVER = 37.0  # a critical value no statistic reaches: the tail is below the smallest float
_MAX_DRIFT = 40.0
_SECANT_STEPS = 30
_SECANT_TOLERANCE = 1e-7


@dataclass(frozen=True, slots=True)
class Boundary:
    """The critical values of a group sequential test, one for each look.

    Args:
        fractions: information at each look / information planned, rising, the last at most 1.
        critical_values: what the statistic must reach in the direction of the alternative (in size, for
            two-sided).
        spent: alpha spent up to and including each look.
    """

    fractions: tuple[float, ...]
    critical_values: tuple[float, ...]
    spent: tuple[float, ...]
    alpha: float
    alternative: Alternative
    spending: Spending

    def is_crossed(self, look: int, statistic: float) -> bool:
        """Say whether the statistic of a look, counted from 1, reaches its critical value."""
        return directed(statistic, self.alternative) >= self.critical_values[look - 1]

    def first_crossed(self, statistics: Sequence[float]) -> int | None:
        """Return the first look, counted from 1, whose statistic reaches its critical value."""
        numbered = enumerate(statistics, start=1)
        return next((look for look, statistic in numbered if self.is_crossed(look, statistic)), None)


def spent_alpha(fraction: float, *, alpha: float, alternative: str = "greater", spending: str) -> float:
    """Return how much of alpha may have been spent at an information fraction in [0, 1].

    Raises:
        InvalidDesignError: an unknown spending function, or alpha outside (0, 1).

    Source: Lan & DeMets (1983): 2 - 2 Phi(z / sqrt(t)), O'Brien-Fleming type; alpha ln(1 + (e - 1) t),
    Pocock type; both per side.
    """
    direction, kind = as_alternative(alternative), as_spending(spending)
    require_fraction("alpha", alpha)
    sides = 2 if direction == "two-sided" else 1
    return sides * _spent_by_one_side(fraction, alpha / sides, kind)


def spending_boundary(
    fractions: Sequence[float], *, alpha: float = 0.05, alternative: str = "greater", spending: str
) -> Boundary:
    """Return the critical values of looks at these information fractions.

    Args:
        fractions: rising, in (0, 1]; they need not be the planned ones, nor end at 1.
        alpha: chance of a false alarm over all looks.
        alternative: greater, less or two-sided.
        spending: obrien-fleming or pocock.

    Raises:
        InvalidDesignError: fractions that do not rise within (0, 1], or an unknown option.

    >>> boundary = spending_boundary((0.2, 0.4, 0.6, 0.8, 1), alternative="two-sided", spending="pocock")
    >>> [round(value, 3) for value in boundary.critical_values]
    [2.438, 2.427, 2.41, 2.397, 2.386]
    """
    direction, kind = as_alternative(alternative), as_spending(spending)
    require_fraction("alpha", alpha)
    return _boundary(_checked(fractions), alpha, direction, kind)


def even_fractions(n_looks: int) -> tuple[float, ...]:
    """Return evenly spaced information fractions that end at 1.

    Raises:
        InvalidDesignError: fewer than one look.
    """
    if n_looks < 1:
        raise InvalidDesignError(f"n_looks is {n_looks!r}; an experiment is looked at once at least")
    return tuple(look / n_looks for look in range(1, n_looks + 1))


def sequential_power(boundary: Boundary, drift: float) -> float:
    """Return the chance of crossing at any look when the final statistic has mean `drift`."""
    return sum(
        first_crossings(
            boundary.fractions,
            boundary.critical_values,
            drift=abs(drift),
            is_two_sided=boundary.alternative == "two-sided",
        )
    )


@lru_cache(maxsize=64)
def sample_size_inflation(
    n_looks: int, *, alpha: float = 0.05, power: float = 0.9, alternative: str = "greater", spending: str
) -> float:
    """Return the planned size / that of a single look with the same alpha and power.

    Raises:
        InvalidDesignError: an option out of range; see `require_plannable`.

    Source: Jennison & Turnbull (2000), section 2.3 and chapter 7.

    >>> round(sample_size_inflation(5, spending="obrien-fleming"), 3)
    1.033
    """
    boundary = spending_boundary(
        even_fractions(n_looks), alpha=alpha, alternative=alternative, spending=spending
    )
    require_plannable(alpha, power)
    fixed = critical_value(alpha, boundary.alternative) + float(ndtri(power))
    drift = drift_for_power(boundary.fractions, boundary.critical_values, power, boundary.alternative)
    return (drift / fixed) ** 2


def require_plannable(alpha: float, power: float) -> None:
    """Refuse error rates for which several looks are not planned.

    Raises:
        InvalidDesignError: alpha outside 1e-10 to 0.25, or power under 0.5: there the integration is not
            exact, or the design beyond use.
    """
    require_fraction("power", power)
    if not _LEAST_ALPHA <= alpha <= _MOST_ALPHA:
        raise InvalidDesignError(
            f"alpha is {alpha!r}; several looks are planned for {_LEAST_ALPHA:g} to {_MOST_ALPHA:g}"
        )
    if power < _LEAST_POWER:
        raise InvalidDesignError(
            f"power is {power!r}; several looks are planned for at least {_LEAST_POWER:g}"
        )


def drift_for_power(
    fractions: Sequence[float], critical_values: Sequence[float], power: float, alternative: Alternative
) -> float:
    """Return the mean of the final statistic at which the looks cross with this chance."""

    def shortfall(drift: float) -> float:
        """Return how far the power lies below the wanted one, in normal scores, where it is nearly linear."""
        chances = first_crossings(
            fractions, critical_values, drift=drift, is_two_sided=alternative == "two-sided"
        )
        return wanted - float(ndtri(min(max(sum(chances), 1e-12), 1 - 1e-12)))

    wanted = float(ndtri(power))
    before, drift = critical_values[-1], critical_values[-1] + wanted + 0.1
    missed_before = shortfall(before)
    for _ in range(_SECANT_STEPS):
        missed = shortfall(drift)
        if abs(missed) < _SECANT_TOLERANCE or missed == missed_before:
            break
        step = missed * (drift - before) / (missed_before - missed)
        before, missed_before, drift = drift, missed, min(max(drift + step, 1e-6), _MAX_DRIFT)
    return drift


def stagewise_p_value(boundary: Boundary, look: int, statistic: float) -> float:
    """Return the p-value of an experiment that stopped at this look, all looks taken into account.

    Stopping earlier counts as more extreme than stopping later (stagewise ordering).

    Args:
        boundary: with the fractions of the looks made.
        look: counted from 1; the experiment stopped there, by crossing or because it was the last look.
        statistic: standard normal under no effect.

    Source: Fairbanks & Madsen, Biometrika 69 (1982), 69-74; Jennison & Turnbull (2000), section 8.4.
    """
    if not 1 <= look <= len(boundary.fractions):
        raise InvalidDesignError(f"look {look!r} is not among the {len(boundary.fractions)} looks planned")
    reached = directed(statistic, boundary.alternative)
    values = (*boundary.critical_values[: look - 1], reached)
    if boundary.alternative == "two-sided" and reached <= 0:
        return 1.0
    chances = first_crossings(
        boundary.fractions[:look],
        values,
        drift=0.0,
        is_two_sided=boundary.alternative == "two-sided",
    )
    return min(1.0, sum(chances))


def repeated_interval(estimate: float, standard_error: float, look: int, boundary: Boundary) -> Interval:
    """Return the repeated confidence interval of this look: all of them cover the truth at 1 - alpha.

    Args:
        estimate: treatment minus control.
        standard_error: of the estimate, at this look.
        look: counted from 1.
        boundary: of a two-sided test for a two-sided interval; one of a one-sided test gives an interval of
            coverage 1 - 2 alpha.

    Source: Jennison & Turnbull, JRSS B 51 (1989), 305-361.
    """
    margin = boundary.critical_values[look - 1] * standard_error
    return Interval(estimate - margin, estimate + margin)


def directed(statistic: float, alternative: Alternative) -> float:
    """Return the statistic so that large means evidence for the alternative."""
    if alternative == "two-sided":
        return abs(statistic)
    return -statistic if alternative == "less" else statistic


def as_spending(text: str) -> Spending:
    """Return `text` as the name of a spending function.

    Raises:
        InvalidDesignError: it is neither obrien-fleming nor pocock.
    """
    for spending in get_args(Spending):
        if text == spending:
            return spending  # type: ignore[no-any-return]  # get_args is untyped
    raise InvalidDesignError(f"spending {text!r} is unknown; use obrien-fleming or pocock")


def _spent_by_one_side(fraction: float, alpha: float, spending: Spending) -> float:
    fraction = min(max(fraction, 0.0), 1.0)
    if fraction == 0:
        return 0.0
    if spending == "pocock":
        return alpha * math.log1p((math.e - 1) * fraction)
    return 2 * float(ndtr(float(ndtri(alpha / 2)) / math.sqrt(fraction)))


def _critical_value(state: Continuation, fraction: float, chance: float) -> float:
    """Return the value that is crossed for the first time at this look, upwards, with this chance."""
    if chance <= 0 or state.chance_above(fraction, _NEVER) >= chance:
        return _NEVER
    low, high = -_NEVER, _NEVER
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        low, high = (middle, high) if state.chance_above(fraction, middle) > chance else (low, middle)
    return high


def _checked(fractions: Sequence[float]) -> tuple[float, ...]:
    looks = tuple(float(fraction) for fraction in fractions)
    rises = all(before < after for before, after in zip((0.0, *looks), looks, strict=False))
    if not looks or not rises or looks[-1] > 1:
        raise InvalidDesignError(
            f"information fractions {list(fractions)!r} must rise, each above 0 and at most 1"
        )
    return looks


@lru_cache(maxsize=256)
def _boundary(
    looks: tuple[float, ...], alpha: float, alternative: Alternative, spending: Spending
) -> Boundary:
    is_two_sided = alternative == "two-sided"
    spent = tuple(
        spent_alpha(fraction, alpha=alpha, alternative=alternative, spending=spending) for fraction in looks
    )
    values: list[float] = []
    state = Continuation.at_start(is_two_sided=is_two_sided)
    before = 0.0
    for fraction, total, following in zip(looks, spent, (*looks[1:], None), strict=True):
        value = _critical_value(state, fraction, (total - before) / (2 if is_two_sided else 1))
        values.append(value)
        if following is not None:
            state = state.advanced(fraction, value, next_fraction=following)
        before = total
    return Boundary(looks, tuple(values), spent, alpha, alternative, spending)
