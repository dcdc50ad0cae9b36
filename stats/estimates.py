"""The values every comparison ends in, whatever the metric: an interval, and treatment against control."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from stats.errors import NotEnoughDataError
from stats.tails import Alternative

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Interval:
    """A two-sided confidence interval, both ends included."""

    low: float
    high: float

    def contains(self, value: float) -> bool:
        """Say whether the interval covers `value`."""
        return self.low <= value <= self.high


@dataclass(frozen=True, slots=True)
class TestResult:
    """A significance test: the number computed, its tail chance, and the name of the method."""

    __test__ = False  # pytest: this is no test class

    statistic: float | None
    p_value: float
    method: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Treatment against control on one metric.

    Args:
        difference: treatment minus control, a fraction.
        lift: treatment / control - 1, a fraction.
        statistic: None too where the test has no statistic (Fisher's exact test).
        test: the name of the method behind `p_value`.
        missing: for every number that is None, why no number can be given, in words.
    """

    control: str
    treatment: str
    alternative: Alternative
    confidence: float
    difference: float | None
    difference_ci: Interval | None
    difference_ci_method: str
    lift: float | None
    lift_ci: Interval | None
    lift_ci_method: str
    statistic: float | None
    p_value: float | None
    test: str | None
    missing: tuple[str, ...]


def attempt(estimate: Callable[[], T], missing: list[str]) -> T | None:
    """Return the estimate, or None with the reason added once to `missing` where the data do not suffice."""
    try:
        return estimate()
    except NotEnoughDataError as error:
        reason = str(error)
        if reason not in missing:
            missing.append(reason)
        return None
