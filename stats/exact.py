"""Fisher's exact test by its own tail sum: `scipy.stats` would take a second to load."""

from typing import Final

import numpy as np
from scipy.special import gammaln

from stats.errors import NotEnoughDataError
from stats.estimates import TestResult
from stats.proportions import MIN_VISITORS, Arm
from stats.tails import Alternative, as_alternative

MOST_VISITORS: Final = 1_000_000
"""Beyond, the sum takes long and says what the z test says."""

_SLACK: Final = 1e-7  # outcomes as likely as the one seen count as such in spite of rounding


def fisher_test(control: Arm, treatment: Arm, *, alternative: str = "greater") -> TestResult:
    """Test two rates given the number of all who clicked.

    Raises:
        NotEnoughDataError: an arm has fewer than two visitors, or there are too many for an exact sum.

    Source: Fisher (1935); the two-sided p-value sums outcomes at most as likely as the one seen.

    >>> round(fisher_test(Arm("control", 400, 0), Arm("treatment", 400, 12)).p_value, 6)
    0.000225
    """
    direction = as_alternative(alternative)
    for arm in (control, treatment):
        if arm.n < MIN_VISITORS:
            raise NotEnoughDataError(f"{arm.variant} has {arm.n} of the {MIN_VISITORS} visitors it needs")
    if control.n + treatment.n > MOST_VISITORS:
        raise NotEnoughDataError(
            f"{control.n + treatment.n:,} visitors are too many for an exact sum; the z test says the same"
        )
    return TestResult(None, _tail(control, treatment, direction), "Fisher exact")


def _tail(control: Arm, treatment: Arm, alternative: Alternative) -> float:
    clicked = control.successes + treatment.successes
    fewest, most = max(0, clicked - control.n), min(clicked, treatment.n)
    counts = np.arange(fewest, most + 1, dtype=np.float64)
    logs = (
        _log_choose(treatment.n, counts)
        + _log_choose(control.n, clicked - counts)
        - _log_choose(control.n + treatment.n, np.array([float(clicked)]))
    )
    chances = np.exp(logs)
    seen = treatment.successes - fewest
    if alternative == "greater":
        tail = chances[seen:]
    elif alternative == "less":
        tail = chances[: seen + 1]
    else:
        tail = chances[chances <= chances[seen] * (1 + _SLACK)]
    return min(1.0, float(tail.sum()))


def _log_choose(
    n: int, chosen: np.ndarray[tuple[int], np.dtype[np.float64]]
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.asarray(gammaln(n + 1) - gammaln(chosen + 1) - gammaln(n - chosen + 1))
