"""Numbers and times in the reader's language; an absent number is a dash, never 0."""

from datetime import UTC, datetime
from functools import lru_cache

from babel.dates import format_datetime

from website.words import current_language, gettext, localised

ABSENT = "–"
_MINUTE_S, _HOUR_S, _DAY_S = 60, 3_600, 86_400
_SMALLEST_P = 0.0001


def percent(value: float | None, digits: int = 1) -> str:
    """0.0714 -> `7.1%`."""
    return ABSENT if value is None else localised(f"{100 * value:.{digits}f}%")


def signed_percent(value: float | None) -> str:
    """0.576 -> `+57.6%`."""
    return ABSENT if value is None else localised(f"{100 * value:+,.1f}%".replace("-", "−"))


def points(value: float | None) -> str:
    """0.0411 -> `+4.1 points`."""
    return ABSENT if value is None else gettext("%(n)s points", n=bare_points(value))


def bare_points(value: float | None) -> str:
    """0.0411 -> `+4.1`, where another number bears the unit."""
    return ABSENT if value is None else localised(f"{100 * value:+.1f}".replace("-", "−"))


def unsigned_points(value: float) -> str:
    """0.0411 -> `4.1 points`."""
    return gettext("%(n)s points", n=localised(f"{100 * value:.1f}"))


def chosen_points(value: float) -> str:
    """A chosen change: 0.04 -> `+4 points`."""
    return gettext("%(n)s points", n=localised(f"{100 * value:+.1f}".replace("-", "−").removesuffix(".0")))


def exact_percent(value: float) -> str:
    """A chosen fraction, without trailing zeros: 0.05 -> `5%`."""
    return localised(f"{100 * value:.6g}%")


def round_percent(value: float) -> str:
    """A round lift on an axis: 0.5 -> `+50%`; 0 has no sign."""
    return localised("0%" if abs(value) < 1e-9 else f"{100 * value:+g}%".replace("-", "−"))  # noqa: PLR2004  rounding


def whole(value: float | None) -> str:
    """1850 -> `1,850`."""
    return ABSENT if value is None else localised(f"{value:,.0f}")


def number(value: float | None) -> str:
    """Three figures, or all before the point: 0.4567 -> `0.457`, 12345.6 -> `12,346`."""
    if value is None:
        return ABSENT
    text = f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"  # noqa: PLR2004  three figures
    return localised(text.replace("-", "−"))


def bare_number(value: float) -> str:
    """As few figures as say it: 0.05 -> `0.05`, 2000.0 -> `2,000`."""
    return localised(f"{value:,.6g}")


def p_text(value: float | None) -> str:
    """0.0011 -> `p = 0.0011`."""
    if value is None:
        return ABSENT
    return localised(f"p < {_SMALLEST_P:.4f}" if value < _SMALLEST_P else f"p = {value:.4f}")


def duration(seconds: float) -> str:
    """4000 -> `1 h 7 min`."""
    whole_s = max(0, round(seconds))
    if whole_s < _MINUTE_S:
        return f"{whole_s} s"
    if whole_s < _HOUR_S:
        return f"{whole_s // _MINUTE_S} min {whole_s % _MINUTE_S} s".removesuffix(" 0 s")
    if whole_s < _DAY_S:
        return f"{whole_s // _HOUR_S} h {whole_s % _HOUR_S // _MINUTE_S} min".removesuffix(" 0 min")
    return f"{whole_s // _DAY_S} d {whole_s % _DAY_S // _HOUR_S} h".removesuffix(" 0 h")


def moment(at_ms: int | None, *, width_ms: int = 1_000) -> str:
    """A time in UTC, as exact as moments of this width need: `5 Jan`, `5 Jan 13:00`, `13:00:05`."""
    if at_ms is None:
        return ABSENT
    if width_ms >= _DAY_S * 1_000:
        return _printed(at_ms, gettext("d MMM"), current_language())
    if width_ms >= _HOUR_S * 1_000:
        return _printed(at_ms, gettext("d MMM HH:mm"), current_language())
    return f"{datetime.fromtimestamp(at_ms / 1_000, UTC):%H:%M:%S}"


def machine_time(at_ms: int) -> str:
    """A time as HTML and ISO 8601 have it: `2026-01-05T13:00:05Z`."""
    return f"{datetime.fromtimestamp(at_ms / 1_000, UTC):%Y-%m-%dT%H:%M:%SZ}"


def instant(at_ms: int | None) -> str:
    """A time in UTC, whole: `2026-01-05 13:00:05 UTC`."""
    return (
        ABSENT if at_ms is None else _printed(at_ms, gettext("yyyy-MM-dd HH:mm:ss 'UTC'"), current_language())
    )


@lru_cache(maxsize=4_096)
def _printed(at_ms: int, pattern: str, language: str) -> str:
    """A time in UTC by a pattern of Unicode's (UTS 35)."""
    return format_datetime(datetime.fromtimestamp(at_ms / 1_000, UTC), pattern, locale=language)
