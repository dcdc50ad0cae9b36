"""What goes on in a run, for whoever watches it: arrivals, the funnel, the ledger's pace, latencies, a feed.

Everything is an aggregate made by SQL in one transaction, so that the panels of a dashboard are of one
moment. `arrivals` and `funnel` count as analysis does (latest attempts, no bots, no holdout); the rest
counts every attempt, because a swarm that fails and tries again is worth seeing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from sqlite3 import Connection, Row
from typing import TypeVar

from experiment import _traffic_sql as sql
from experiment.connections import reading
from experiment.definition import HOLDOUT

__all__ = [
    "ArrivalCount",
    "FailureCount",
    "FeedEvent",
    "FunnelCount",
    "LatencyMoment",
    "LatencySummary",
    "Pulse",
    "Traffic",
    "VisitMoment",
    "read_pulse",
    "read_traffic",
]

_MOST_ARRIVAL_MOMENTS = 48
_MOST_SWARM_MOMENTS = 60
_RECENT_MS = 30_000
_N_FEED = 30
_N_FAILURES = 10
_SECOND_MS = 1_000
# Round numbers of seconds to cut time into: 1 s to 15 s, 1 min to 30 min, 1 h to 12 h, 1 day to 4 weeks.
_WIDTHS_S = (
    *(1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200),
    *(86_400, 172_800, 604_800, 2_419_200),
)

_RecordT = TypeVar("_RecordT")


@dataclass(frozen=True, slots=True)
class ArrivalCount:
    """Visitors of one variant exposed in one moment, and how many of them have clicked since."""

    started_at: int
    variant: str
    n: int
    n_clicked: int


@dataclass(frozen=True, slots=True)
class FunnelCount:
    """How far the visitors of one variant came; each step counts visitors who took all steps before it."""

    variant: str
    n_exposed: int
    n_viewed: int
    n_clicked: int
    n_played: int
    n_finished: int


@dataclass(frozen=True, slots=True)
class VisitMoment:
    """Visits of the simulator's ledger that ended in one moment of real time."""

    started_at: int
    n_done: int
    n_failed: int


@dataclass(frozen=True, slots=True)
class LatencySummary:
    """How long one variant's slates took to ask for; percentiles by nearest rank, to 0.1 ms."""

    variant: str
    n: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float


@dataclass(frozen=True, slots=True)
class LatencyMoment:
    """The same, of all variants, in one moment of real time."""

    started_at: int
    n: int
    p50_ms: float
    p95_ms: float


@dataclass(frozen=True, slots=True)
class FailureCount:
    """How many visits broke off for one reason."""

    error: str
    n: int


@dataclass(frozen=True, slots=True)
class FeedEvent:
    """Something that just happened; `kind` is exposure, click, play or failure."""

    recorded_at: int
    kind: str
    visitor_id: str
    variant: str | None
    movie_id: int | None
    text: str | None


@dataclass(frozen=True, slots=True)
class Pulse:
    """Whether the run is alive: when the first and the latest visitor was exposed, in real time."""

    first_at: int | None
    last_at: int | None
    n_exposed: int
    n_recent: int
    n_visits: int
    n_done: int
    n_failed: int
    n_retries: int
    n_open: int


@dataclass(frozen=True, slots=True)
class Traffic:
    """A run as it stands; the widths say how many milliseconds a moment of each series lasts."""

    pulse: Pulse
    arrival_width_ms: int
    arrivals: tuple[ArrivalCount, ...]
    funnel: tuple[FunnelCount, ...]
    swarm_width_ms: int
    visits: tuple[VisitMoment, ...]
    latencies: tuple[LatencySummary, ...]
    latency_moments: tuple[LatencyMoment, ...]
    failures: tuple[FailureCount, ...]
    feed: tuple[FeedEvent, ...]


def read_traffic(path: Path, run_id: str, *, now_ms: int) -> Traffic:
    """What goes on in a run; a run that the log does not know is one in which nothing went on.

    Args:
        path: the event log.
        run_id: which run.
        now_ms: the time by which recent visitors are counted.

    Raises:
        EventLogError: the file is missing or not an event log.
    """
    with reading(path) as connection:
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute("BEGIN")
        connection.execute(sql.COUNT_VISITORS, {"run_id": run_id, "holdout": HOLDOUT})
        pulse = _pulse(connection, run_id, now_ms)
        arrival_width_ms = _width(connection, sql.ARRIVAL_SPAN, run_id, _MOST_ARRIVAL_MOMENTS)
        swarm_width_ms = _width(connection, sql.SWARM_SPAN, run_id, _MOST_SWARM_MOMENTS)
        swarm = {"run_id": run_id, "width_ms": swarm_width_ms}
        feed = {"run_id": run_id, "n": _N_FEED}
        return Traffic(
            pulse=pulse,
            arrival_width_ms=arrival_width_ms,
            arrivals=_records(ArrivalCount, connection, sql.ARRIVALS, {"width_ms": arrival_width_ms}),
            funnel=_records(FunnelCount, connection, sql.FUNNEL, {}),
            swarm_width_ms=swarm_width_ms,
            visits=_records(VisitMoment, connection, sql.VISITS, swarm),
            latencies=_records(LatencySummary, connection, sql.LATENCIES, {"run_id": run_id}),
            latency_moments=_records(LatencyMoment, connection, sql.LATENCY_MOMENTS, swarm),
            failures=_records(FailureCount, connection, sql.FAILURES, {"run_id": run_id, "n": _N_FAILURES}),
            feed=_records(FeedEvent, connection, sql.FEED, feed),
        )


def read_pulse(path: Path, run_id: str, *, now_ms: int) -> Pulse:
    """Whether a run is alive; arguments and errors are those of `read_traffic`."""
    with reading(path) as connection:
        return _pulse(connection, run_id, now_ms)


def _pulse(connection: Connection, run_id: str, now_ms: int) -> Pulse:
    parameters = {"run_id": run_id, "since_ms": now_ms - _RECENT_MS}
    (pulse,) = _records(Pulse, connection, sql.PULSE, parameters)
    return pulse


def _width(connection: Connection, span: str, run_id: str, n_moments: int) -> int:
    """The shortest round time of which so many cover the span."""
    row = connection.execute(span, {"run_id": run_id}).fetchone()
    length_ms = (row["last_at"] or 0) - (row["first_at"] or 0)
    widths_ms = (width_s * _SECOND_MS for width_s in _WIDTHS_S)
    return next((width for width in widths_ms if length_ms <= width * n_moments), _WIDTHS_S[-1] * _SECOND_MS)


def _records(
    kind: type[_RecordT], connection: Connection, text: str, parameters: Mapping[str, object]
) -> tuple[_RecordT, ...]:
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type]  # all are dataclasses
    rows: list[Row] = connection.execute(text, parameters).fetchall()
    return tuple(kind(**{name: row[name] for name in names}) for row in rows)
