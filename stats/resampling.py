"""A second opinion without formulas: resample visitors (bootstrap), or shuffle who was in which arm.

Both work on any ratio over visitors: clicks / impressions, or clicked / visitors with a denominator of 1.
Visitors who are equal are drawn together, so a million of them cost no more than their distinct values.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from stats.errors import InvalidDesignError, InvalidOutcomesError, NotEnoughDataError
from stats.estimates import Interval
from stats.proportions import MIN_VISITORS, Arm
from stats.tails import as_alternative, require_fraction

Counts = npt.NDArray[np.int64]
Values = npt.NDArray[np.float64]

_MIN_RESAMPLES = 100


@dataclass(frozen=True, slots=True, eq=False)
class VisitorTable:
    """One variant's distinct visitors: numerator, denominator, and how many visitors have them."""

    variant: str
    numerators: Counts
    denominators: Counts
    n_visitors: Counts

    @classmethod
    def from_visitors(cls, variant: str, numerators: npt.ArrayLike, denominators: npt.ArrayLike) -> Self:
        """Count equal visitors; both arrays are whole numbers of shape (n_visitors,)."""
        above, below = np.asarray(numerators, dtype=np.int64), np.asarray(denominators, dtype=np.int64)
        if above.shape != below.shape or above.ndim != 1:
            raise InvalidOutcomesError(
                f"numerators have shape {above.shape!r}, denominators {below.shape!r}; both must be one row "
                "of visitors"
            )
        distinct, counts = np.unique(np.stack([above, below], axis=1), axis=0, return_counts=True)
        return cls(variant, distinct[:, 0], distinct[:, 1], counts.astype(np.int64))

    @classmethod
    def from_arm(cls, arm: Arm) -> Self:
        """Take visitors who clicked or did not."""
        return cls(
            arm.variant,
            np.array([0, 1]),
            np.array([1, 1]),
            np.array([arm.n - arm.successes, arm.successes], dtype=np.int64),
        )

    @property
    def n(self) -> int:
        """Visitors in all."""
        return int(self.n_visitors.sum())


@dataclass(frozen=True, slots=True)
class Resampled:
    """The difference of two ratios, by resampling.

    Args:
        interval: percentile bootstrap.
        p_value: by permutation; never below 1 / (n_resamples + 1).
        n_resamples: draws of each.
    """

    difference: float
    interval: Interval
    p_value: float
    n_resamples: int


def compare_by_resampling(
    control: VisitorTable,
    treatment: VisitorTable,
    *,
    rng: np.random.Generator,
    n_resamples: int = 2_000,
    alternative: str = "greater",
    confidence: float = 0.95,
) -> Resampled:
    """Compare the ratios of two arms by the bootstrap and by permutation of visitors.

    Args:
        control: its visitors.
        treatment: its visitors.
        rng: the source of all draws.
        n_resamples: at least 100.
        alternative: greater, less or two-sided.
        confidence: two-sided coverage of the interval.

    Raises:
        InvalidDesignError: too few resamples, or confidence outside (0, 1).
        NotEnoughDataError: an arm has fewer than two visitors, or nothing in its denominator.

    Source: Efron & Tibshirani, An Introduction to the Bootstrap (1993), chapters 13 and 15; Phipson & Smyth,
    Statistical Applications in Genetics 9 (2010), article 39 (the p-value is never 0).
    """
    direction = as_alternative(alternative)
    require_fraction("confidence", confidence)
    if n_resamples < _MIN_RESAMPLES:
        raise InvalidDesignError(f"n_resamples is {n_resamples!r}; use at least {_MIN_RESAMPLES}")
    for table in (control, treatment):
        if table.n < MIN_VISITORS or not int(table.denominators @ table.n_visitors):
            raise NotEnoughDataError(
                f"{table.variant} has {table.n} visitors and a denominator of "
                f"{int(table.denominators @ table.n_visitors)}; resampling needs {MIN_VISITORS} and 1"
            )
    observed = float(_ratios(treatment, treatment.n_visitors) - _ratios(control, control.n_visitors))
    resampled = _bootstrapped(treatment, n_resamples, rng) - _bootstrapped(control, n_resamples, rng)
    tail = (1 - confidence) / 2
    low, high = np.nanquantile(resampled, [tail, 1 - tail]).tolist()
    shuffled = _permuted(control, treatment, n_resamples, rng)
    slack = 1e-12 * max(1.0, abs(observed))  # equal outcomes must count as equal
    if direction == "two-sided":
        extreme = np.abs(shuffled) >= abs(observed) - slack
    else:
        extreme = (shuffled <= observed + slack) if direction == "less" else (shuffled >= observed - slack)
    p_value = (int(np.count_nonzero(extreme)) + 1) / (n_resamples + 1)
    return Resampled(observed, Interval(low, high), p_value, n_resamples)


def _ratios(table: VisitorTable, counts: Counts) -> Values:
    """Return numerator / denominator for each row of visitor counts; NaN where a draw has no denominator."""
    below = counts @ table.denominators
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(below > 0, counts @ table.numerators / below, np.nan))


def _bootstrapped(table: VisitorTable, n_resamples: int, rng: np.random.Generator) -> Values:
    draws = rng.multinomial(table.n, table.n_visitors / table.n, size=n_resamples)
    return _ratios(table, draws)


def _permuted(
    control: VisitorTable, treatment: VisitorTable, n_resamples: int, rng: np.random.Generator
) -> Values:
    """Return the differences when the same visitors are dealt to the arms at random."""
    rows = np.concatenate(
        [np.stack([table.numerators, table.denominators], axis=1) for table in (control, treatment)]
    )
    distinct, where = np.unique(rows, axis=0, return_inverse=True)
    counts = np.zeros(len(distinct), dtype=np.int64)
    np.add.at(counts, where.ravel(), np.concatenate([control.n_visitors, treatment.n_visitors]))
    together = VisitorTable("both", distinct[:, 0], distinct[:, 1], counts)
    dealt = _dealt(counts, treatment.n, n_resamples, rng)
    return _ratios(together, dealt) - _ratios(together, counts - dealt)


def _dealt(counts: Counts, n_drawn: int, n_resamples: int, rng: np.random.Generator) -> Counts:
    """Draw visitors without replacement, kind by kind (numpy's own multivariate draw stops at 1e9)."""
    drawn = np.zeros((n_resamples, len(counts)), dtype=np.int64)
    left, remaining = np.full(n_resamples, n_drawn), int(counts.sum())
    for kind, count in enumerate(counts.tolist()):
        remaining -= count
        if remaining == 0:
            drawn[:, kind] = left
        elif count + remaining >= 10**9:  # beyond numpy's reach, where the normal limit is exact enough
            share = left / (count + remaining)
            spread = np.sqrt(count * share * (1 - share) * remaining / (count + remaining - 1))
            drawn[:, kind] = np.clip(np.rint(rng.normal(count * share, spread)), 0, np.minimum(count, left))
        else:
            drawn[:, kind] = rng.hypergeometric(count, remaining, left)
        left = left - drawn[:, kind]
    return drawn
