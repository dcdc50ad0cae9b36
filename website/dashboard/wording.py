"""Numbers and times as the dashboard prints them; an absent number is a dash, never 0."""

from datetime import UTC, datetime

ABSENT = "–"
_MINUTE_S, _HOUR_S, _DAY_S = 60, 3_600, 86_400
_SMALLEST_P = 0.0001


def percent(value: float | None, digits: int = 1) -> str:
    """0.0714 -> `7.1%`."""
    return ABSENT if value is None else f"{100 * value:.{digits}f}%"


def signed_percent(value: float | None) -> str:
    """0.576 -> `+57.6%`."""
    return ABSENT if value is None else f"{100 * value:+,.1f}%".replace("-", "−")


def points(value: float | None) -> str:
    """0.0411 -> `+4.1 points`."""
    return ABSENT if value is None else f"{100 * value:+.1f} points".replace("-", "−")


def exact_percent(value: float) -> str:
    """A chosen fraction, without trailing zeros: 0.05 -> `5%`."""
    return f"{100 * value:.6g}%"


def whole(value: float | None) -> str:
    """1850 -> `1,850`."""
    return ABSENT if value is None else f"{value:,.0f}"


def number(value: float | None) -> str:
    """Three figures, or all before the point: 0.4567 -> `0.457`, 12345.6 -> `12,346`."""
    if value is None:
        return ABSENT
    text = f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"  # noqa: PLR2004  three figures
    return text.replace("-", "−")


def p_text(value: float | None) -> str:
    """0.0011 -> `p = 0.0011`."""
    if value is None:
        return ABSENT
    return f"p < {_SMALLEST_P:.4f}" if value < _SMALLEST_P else f"p = {value:.4f}"


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
    at = datetime.fromtimestamp(at_ms / 1_000, UTC)
    if width_ms >= _DAY_S * 1_000:
        return f"{at.day} {at:%b}"
    return f"{at.day} {at:%b %H:%M}" if width_ms >= _HOUR_S * 1_000 else f"{at:%H:%M:%S}"


def machine_time(at_ms: int) -> str:
    """A time as HTML and ISO 8601 have it: `2026-01-05T13:00:05Z`."""
    return f"{datetime.fromtimestamp(at_ms / 1_000, UTC):%Y-%m-%dT%H:%M:%SZ}"


def instant(at_ms: int | None) -> str:
    """A time in UTC, whole: `2026-01-05 13:00:05 UTC`."""
    return ABSENT if at_ms is None else f"{datetime.fromtimestamp(at_ms / 1_000, UTC):%Y-%m-%d %H:%M:%S} UTC"
