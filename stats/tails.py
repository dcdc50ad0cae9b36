"""The direction of a test, and the tails of the normal distribution that go with it.

`scipy.special` is used instead of `scipy.stats` on purpose: it holds the same distribution functions and
loads in 0.3 s instead of 1.2 s, of which a report on 2,000 visitors would otherwise mostly consist. The tests
compare with `scipy.stats` and `statsmodels`.
"""

from typing import Literal, get_args

from scipy.special import ndtr, ndtri

from stats.errors import InvalidDesignError

Alternative = Literal["greater", "less", "two-sided"]


def as_alternative(text: str) -> Alternative:
    """Return `text` as the direction of a test.

    Raises:
        InvalidDesignError: it is none of greater, less, two-sided.
    """
    for alternative in get_args(Alternative):
        if text == alternative:
            return alternative  # type: ignore[no-any-return]  # get_args is untyped
    raise InvalidDesignError(f"alternative {text!r} is unknown; use greater, less or two-sided")


def require_fraction(name: str, value: float) -> None:
    """Refuse a value outside the open interval (0, 1).

    Raises:
        InvalidDesignError: naming the value and the rule.
    """
    if not 0 < value < 1:
        raise InvalidDesignError(
            f"{name} is {value!r}; it must lie between 0 and 1, for instance 0.05 for 5%"
        )


def p_value_of(statistic: float, alternative: Alternative) -> float:
    """Return the tail chance of a standard normal statistic under no effect."""
    if alternative == "greater":
        return float(ndtr(-statistic))
    if alternative == "less":
        return float(ndtr(statistic))
    return 2 * float(ndtr(-abs(statistic)))


def critical_value(alpha: float, alternative: Alternative) -> float:
    """Return the positive threshold a standard normal statistic must pass in size: 1.645 at one-sided 5%."""
    return -float(ndtri(alpha / 2 if alternative == "two-sided" else alpha))


def two_sided_z(confidence: float) -> float:
    """Return the half width, in standard errors, of a two-sided normal interval: 1.96 at 95%."""
    require_fraction("confidence", confidence)
    return critical_value(1 - confidence, "two-sided")
