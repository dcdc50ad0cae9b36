"""Does the effect fade (novelty) or grow (learning) day by day?"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from stats.errors import NotEnoughDataError
from stats.estimates import Interval
from stats.proportions import Arm
from stats.tails import p_value_of, two_sided_z

_MIN_DAYS = 3


@dataclass(frozen=True, slots=True)
class Novelty:
    """The change of the difference per day, by weighted least squares.

    Args:
        days: those used, counted as given.
        differences: treatment minus control on each of them.
        slope: change of the difference per day.
        p_value: two-sided, of no change.
        middle_day: weighted mean of the days; the fitted line goes through `middle_difference` there.
        middle_difference: weighted mean of the differences.
    """

    days: tuple[int, ...]
    differences: tuple[float, ...]
    slope: float
    interval: Interval
    statistic: float
    p_value: float
    middle_day: float
    middle_difference: float


def novelty_slope(days: Sequence[tuple[int, Arm, Arm]], *, confidence: float = 0.95) -> Novelty:
    """Fit a line through the difference of each day, weighed by its precision.

    Args:
        days: day number, control, treatment: the visitors first exposed on that day. Days on which an arm
            has fewer than two visitors, or nobody or everybody clicked, are left out.
        confidence: two-sided coverage of the slope's interval.

    Raises:
        NotEnoughDataError: fewer than three days are left.

    Source: weighted least squares with known variances, Draper & Smith, Applied Regression Analysis, 3rd ed.
    (1998), section 9.2.
    """
    kept = [
        (day, *_difference(control, treatment))
        for day, control, treatment in days
        if _varies(control, treatment)
    ]
    if len({day for day, _, _ in kept}) < _MIN_DAYS:
        raise NotEnoughDataError(
            f"{len(kept)} days have visitors and clicks in both arms; a trend needs at least {_MIN_DAYS}"
        )
    weights = [1 / variance for _, _, variance in kept]
    total = math.fsum(weights)
    day_mean = math.fsum(w * day for w, (day, _, _) in zip(weights, kept, strict=True)) / total
    spread = math.fsum(w * (day - day_mean) ** 2 for w, (day, _, _) in zip(weights, kept, strict=True))
    slope = math.fsum(w * (day - day_mean) * d for w, (day, d, _) in zip(weights, kept, strict=True)) / spread
    error = 1 / math.sqrt(spread)
    margin = two_sided_z(confidence) * error
    return Novelty(
        days=tuple(day for day, _, _ in kept),
        differences=tuple(difference for _, difference, _ in kept),
        slope=slope,
        interval=Interval(slope - margin, slope + margin),
        statistic=slope / error,
        p_value=p_value_of(slope / error, "two-sided"),
        middle_day=day_mean,
        middle_difference=math.fsum(w * d for w, (_, d, _) in zip(weights, kept, strict=True)) / total,
    )


def _varies(control: Arm, treatment: Arm) -> bool:
    return min(control.n, treatment.n) > 1 and any(0 < arm.successes < arm.n for arm in (control, treatment))


def _difference(control: Arm, treatment: Arm) -> tuple[float, float]:
    """Return difference and variance; by the pooled rate: a day of few clicks is not sure of them."""
    shared = (control.successes + treatment.successes) / (control.n + treatment.n)
    return treatment.rate - control.rate, shared * (1 - shared) * (1 / control.n + 1 / treatment.n)
