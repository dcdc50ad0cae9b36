"""Numbers as a report prints them. Every sentence and table uses these, so that text, HTML and verdict agree.

Fractions become percent only here. An absent number is never 0.
"""

from stats.estimates import Interval

_MOST_DECIMALS = 10  # beyond them both ends are the same for any use

ABSENT = "n/a"
"""Printed where a number cannot be given; a sentence below the table says why."""


def rate(value: float | None) -> str:
    """A share of visitors or impressions: 0.0714 -> `7.14%`."""
    return ABSENT if value is None else f"{100 * value:.2f}%"


def rate_interval(interval: Interval | None) -> str:
    """The interval of a share: `5.65% to 8.98%`."""
    if interval is None:
        return ABSENT
    digits = _decimals(interval, 2)
    return f"{100 * interval.low:.{digits}f}% to {100 * interval.high:.{digits}f}%"


def points(value: float | None, beside: Interval | None = None) -> str:
    """An absolute change in percentage points: 0.0411 -> `+4.11 points`; as exact as its interval."""
    return ABSENT if value is None else f"{bare_point(value, beside)} points"


def points_interval(interval: Interval | None) -> str:
    """The interval of an absolute change: `+1.49 to +6.74 points`."""
    if interval is None:
        return ABSENT
    return f"{100 * interval.low:+.{_decimals(interval, 2)}f} to {points(interval.high, interval)}"


def lift(value: float | None, beside: Interval | None = None) -> str:
    """A relative change: 0.576 -> `+57.6%`; as exact as an interval beside it."""
    if value is None:
        return ABSENT
    digits = _decimals(beside, 1)
    return f"{round(100 * value, digits) + 0.0:+.{digits}f}%"  # no minus before a zero


def lift_interval(interval: Interval | None) -> str:
    """The interval of a relative change: `+17.1% to +112.2%`."""
    return (
        ABSENT if interval is None else f"{lift(interval.low, interval)} to {lift(interval.high, interval)}"
    )


def p_phrase(value: float | None) -> str:
    """A p-value with its relation sign: `p = 0.0011`, `p < 0.0001`."""
    if value is None:
        return f"p: {ABSENT}"
    return "p < 0.0001" if value < 0.0001 else f"p = {value:.4f}"  # noqa: PLR2004 - the last digit printed


def exact_percent(value: float) -> str:
    """A chosen fraction, without trailing zeros: 0.05 -> `5%`; a measured one to four digits: `0.989%`.

    Shares close to one, as of confidence, keep six: 0.99995 -> `99.995%`.
    """
    digits = 6 if 0.999 < value < 1 else 4  # noqa: PLR2004 - from there on four would print 100%
    return f"{100 * value:.{digits}g}%"


def exact_points(value: float) -> str:
    """A chosen absolute change, without trailing zeros: 0.04 -> `4 points`."""
    number = f"{100 * value:.6g}"
    return f"{number} point" if number == "1" else f"{number} points"


def counted(number: int, singular: str, plural: str = "") -> str:
    """A number with its noun: `1 visitor`, `1,850 visitors`."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def number(value: float | None) -> str:
    """A mean, to three digits: `0.114`, `1,277`."""
    return ABSENT if value is None else _three_digits(value, "")


def signed(value: float | None) -> str:
    """A change of a mean: `+0.0435`."""
    return ABSENT if value is None else _three_digits(value, "+")


def signed_interval(interval: Interval | None) -> str:
    """The interval of a change of a mean: `+0.0051 to +0.0819`."""
    return ABSENT if interval is None else f"{signed(interval.low)} to {signed(interval.high)}"


def short_p(value: float | None) -> str:
    """A p-value in a column that says so: `0.0266`, `<0.0001`."""
    if value is None:
        return ABSENT
    return "<0.0001" if value < 0.0001 else f"{value:.4f}"  # noqa: PLR2004 - the last digit printed


def policy_value(value: float | None, *, is_share: bool) -> str:
    """What an impression is worth: a CTR as a percentage, other rewards as a mean."""
    return rate(value) if is_share else number(value)


def policy_value_interval(interval: Interval | None, *, is_share: bool) -> str:
    """The interval of what an impression is worth."""
    if interval is None or is_share:
        return rate_interval(interval)
    return f"{number(interval.low)} to {number(interval.high)}"


def policy_change(value: float, interval: Interval, *, is_share: bool) -> str:
    """A change of that, with its interval: `+2.1 points (interval +0.4 to +3.8 points)`."""
    if is_share:
        return f"{points(value, interval)} (interval {points_interval(interval)})"
    return f"{signed(value)} (interval {signed_interval(interval)})"


def bare_point(value: float | None, beside: Interval | None = None) -> str:
    """An absolute change in a column of points: `+4.11`; as exact as an interval beside it."""
    if value is None:
        return ABSENT
    digits = _decimals(beside, 2)
    return f"{round(100 * value, digits) + 0.0:+.{digits}f}"  # no minus before a zero


def bare_points(interval: Interval | None) -> str:
    """The interval of an absolute change in a column of points: `+1.5 to +6.7`."""
    if interval is None:
        return ABSENT
    digits = _decimals(interval, 1)
    return f"{100 * interval.low:+.{digits}f} to {100 * interval.high:+.{digits}f}"


def _decimals(interval: Interval | None, usual: int) -> int:
    """Return how many decimals of percent keep both ends of an interval apart; the usual ones if they can."""
    if interval is None or interval.low == interval.high:
        return usual
    apart = (
        digits
        for digits in range(usual, _MOST_DECIMALS)
        if round(100 * interval.low, digits) != round(100 * interval.high, digits)
    )
    return next(apart, usual)


def _three_digits(value: float, sign: str) -> str:
    whole = 1000  # from here on, no decimals are left to print
    return f"{value:{sign},.0f}" if abs(value) >= whole else f"{value:{sign}.3g}"
