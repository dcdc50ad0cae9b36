"""A portrait of a population as text for a terminal, and as JSON."""

from dataclasses import asdict

from simulator.portrait import Portrait

_BAR = 40
# More days than this are told by the week.
_MOST_DAYS = 31
_DAYS_PER_WEEK = 7


def portrait_json(portrait: Portrait) -> dict[str, object]:
    """All of it, by the names of its fields; rates are fractions."""
    return asdict(portrait)


def portrait_text(portrait: Portrait) -> str:
    """At most 80 columns wide."""
    return "\n\n".join(
        [
            _who(portrait),
            _table(
                "Personas: share of visitors, and of them who click on a first visit",
                [
                    (
                        persona.name[:24],
                        f"{persona.share:6.1%}",
                        "bot" if persona.ctr is None else f"{persona.ctr:6.2%}",
                        persona.ctr or 0.0,
                    )
                    for persona in portrait.personas
                ],
            ),
            _table(
                "Positions of the control's home slate: clicks per visitor",
                [
                    (f"position {place}", "", f"{ctr:6.2%}", ctr)
                    for place, ctr in enumerate(portrait.position_ctrs, start=1)
                ],
            ),
            _table(
                "First visits by hour of the day (UTC)",
                [
                    (f"{hour:02d}:00", "", f"{count:,}", float(count))
                    for hour, count in enumerate(portrait.hourly_arrivals)
                ],
            ),
            sessions_heading(portrait) + "\n" + _rows(_sessions(portrait)),
        ]
    )


def sessions_by_period(portrait: Portrait) -> list[tuple[str, int]]:
    """Visits that begin in each day, or in each week where there are many days."""
    daily = portrait.daily_sessions
    if len(daily) <= _MOST_DAYS:
        return [(f"day {number}", count) for number, count in enumerate(daily, start=1)]
    weeks = [daily[start : start + _DAYS_PER_WEEK] for start in range(0, len(daily), _DAYS_PER_WEEK)]
    return [(f"week {number}", sum(week)) for number, week in enumerate(weeks, start=1)]


def sessions_heading(portrait: Portrait) -> str:
    """What `sessions_by_period` holds."""
    total = sum(portrait.daily_sessions)
    period = "day" if len(portrait.daily_sessions) <= _MOST_DAYS else "week"
    each = total / portrait.n_visitors
    return f"Sessions by simulated {period}: {total:,} in all, {each:.2f} for each visitor"


def _who(portrait: Portrait) -> str:
    known = portrait.n_visitors - portrait.n_logged_out
    n_second = portrait.n_visitors - portrait.n_persons
    return (
        f"{portrait.n_visitors:,} visitors are {portrait.n_persons:,} persons; "
        f"{n_second:,} of them have a second device.\n"
        f"{known:,} browse as {portrait.n_users:,} users, {portrait.n_logged_out:,} as nobody; "
        f"{portrait.n_bots:,} are bots.\n"
        f"Expected CTR of the people on a first visit: {portrait.ctr:.2%} "
        f"(outside option {portrait.outside_option:.3f})."
    )


def _sessions(portrait: Portrait) -> list[tuple[str, str, str, float]]:
    return [(label, "", f"{count:,}", float(count)) for label, count in sessions_by_period(portrait)]


def _table(heading: str, rows: list[tuple[str, str, str, float]]) -> str:
    return f"{heading}\n{_rows(rows)}"


def _rows(rows: list[tuple[str, str, str, float]]) -> str:
    """Label, a share, a number and its bar."""
    most = max((value for *_, value in rows), default=0.0) or 1.0
    width = max((len(label) for label, *_ in rows), default=0)
    return "\n".join(
        f"  {label:<{width}} {share} {text:>7} {'#' * round(_BAR * value / most)}".rstrip()
        for label, share, text, value in rows
    )
