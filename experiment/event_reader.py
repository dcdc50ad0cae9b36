"""Questions to the event log that are not statistics: which runs, who is done, how much of everything."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from sqlite3 import Row
from typing import TypeVar

from experiment.connections import reading
from experiment.errors import UnknownRunError
from experiment.views import IS_VIEWED

_RecordT = TypeVar("_RecordT", "RunRecord", "VisitRecord", "VariantCounts", "RefusalCount", "RetryCounts")


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run, times real in ms since epoch; the `status` of a run that was killed stays "running"."""

    run_id: str
    kind: str
    experiment: str
    experiment_toml: str
    experiment_hash: str
    population_toml: str | None
    seed: int | None
    engine: str | None
    n_visitors: int | None
    truth_json: str | None
    settings_json: str | None
    started_at: int
    finished_at: int | None
    status: str


@dataclass(frozen=True, slots=True)
class VisitRecord:
    """One line of the simulator's ledger."""

    visitor_id: str
    attempt: int
    engine: str
    status: str
    error: str | None
    started_at: int
    ended_at: int | None


@dataclass(frozen=True, slots=True)
class SlateRecord:
    """One slate as it was first shown; `movie_ids` in the order of their positions."""

    slate_id: str
    variant: str
    model: str | None
    is_fallback: bool
    movie_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class VariantCounts:
    """What happened in one variant on one surface in every attempt: for monitoring, not for analysis."""

    variant: str
    surface: str
    n_slates: int
    n_fallbacks: int
    n_served: int
    n_viewed: int
    n_clicks: int
    latency_ms_sum: float
    n_latencies: int


@dataclass(frozen=True, slots=True)
class RefusalCount:
    """How often one kind of event was refused for one reason."""

    run_id: str
    event: str
    reason: str
    n: int


@dataclass(frozen=True, slots=True)
class RetryCounts:
    """How the visits of a run went: `n_retries` were second or later attempts, `n_open` have no end."""

    n_visits: int
    n_retries: int
    n_failed: int
    n_open: int


class EventReader:
    """Reads an event log, at any time and from any thread; it opens the file anew for each question.

    Every method raises EventLogError when the file is missing or not an event log.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def runs(self) -> tuple[RunRecord, ...]:
        """All runs, the latest first."""
        rows = self._rows("SELECT * FROM runs ORDER BY started_at DESC, rowid DESC")
        return tuple(_record(RunRecord, row) for row in rows)

    def run(self, run_id: str) -> RunRecord:
        """The run of this id; raises UnknownRunError, naming the latest runs there are."""
        rows = self._rows("SELECT * FROM runs WHERE run_id = ?", run_id)
        if not rows:
            known = ", ".join(record.run_id for record in self.runs()[:5]) or "none"
            raise UnknownRunError(
                f"event log {str(self._path)!r} has no run {run_id!r}; its latest runs: {known}"
            )
        return _record(RunRecord, rows[0])

    def latest_run(self, kind: str | None = None) -> RunRecord | None:
        """The run that started last, of this kind ("live" or "simulated") or of any."""
        return next((run for run in self.runs() if kind is None or run.kind == kind), None)

    def visits(self, run_id: str) -> tuple[VisitRecord, ...]:
        """The ledger of a run, by visitor and attempt."""
        rows = self._rows(
            "SELECT * FROM visits WHERE run_id = ? ORDER BY visitor_id, attempt",
            run_id,
        )
        return tuple(_record(VisitRecord, row) for row in rows)

    def done_visitors(self, run_id: str) -> frozenset[str]:
        """The visitors whose latest attempt is done."""
        rows = self._rows(
            "SELECT visitor_id FROM visits WHERE run_id = ? AND status = 'done' AND attempt = ("
            "SELECT MAX(attempt) FROM visits AS tried"
            " WHERE tried.run_id = visits.run_id AND tried.visitor_id = visits.visitor_id)",
            run_id,
        )
        return frozenset(row["visitor_id"] for row in rows)

    def next_attempts(self, run_id: str) -> Mapping[str, int]:
        """The number of the next attempt, for each visitor who had one; all others begin at 1."""
        rows = self._rows(
            "SELECT visitor_id, MAX(attempt) + 1 AS attempt FROM ("
            "SELECT run_id, visitor_id, attempt FROM visits"
            " UNION ALL SELECT run_id, visitor_id, attempt FROM exposures"
            ") WHERE run_id = ? GROUP BY visitor_id",
            run_id,
        )
        return {row["visitor_id"]: row["attempt"] for row in rows}

    def first_seen_at(self, run_id: str, visitor_id: str, attempt: int) -> int | None:
        """When this attempt of a visitor met the site, in simulated time; None for people and strangers."""
        rows = self._rows(
            "SELECT simulated_at FROM visitors WHERE run_id = ? AND visitor_id = ? AND attempt = ?",
            run_id,
            visitor_id,
            attempt,
        )
        return rows[0]["simulated_at"] if rows else None

    def slate(self, slate_id: str) -> SlateRecord | None:
        """The slate of this id; None if it was never stored."""
        rows = self._rows(
            "SELECT variant, model, is_fallback, movie_id FROM slates"
            " LEFT JOIN impressions ON impressions.slate_id = slates.slate_id"
            " WHERE slates.slate_id = ? ORDER BY position",
            slate_id,
        )
        if not rows:
            return None
        movie_ids = tuple(row["movie_id"] for row in rows if row["movie_id"] is not None)
        first = rows[0]
        return SlateRecord(slate_id, first["variant"], first["model"], bool(first["is_fallback"]), movie_ids)

    def variant_counts(self, run_id: str) -> tuple[VariantCounts, ...]:
        """Totals of a run, by variant and surface."""
        rows = self._rows(_VARIANT_COUNTS, run_id)
        return tuple(_record(VariantCounts, row) for row in rows)

    def refusal_counts(self) -> tuple[RefusalCount, ...]:
        """All refusals so far, by run, event and reason."""
        rows = self._rows(
            "SELECT run_id, event, reason, SUM(n) AS n FROM refusals"
            " GROUP BY run_id, event, reason ORDER BY run_id, event, reason"
        )
        return tuple(_record(RefusalCount, row) for row in rows)

    def retry_counts(self, run_id: str) -> RetryCounts:
        """How the visits of a run went."""
        (row,) = self._rows(
            "SELECT COUNT(*) AS n_visits, COUNT(*) FILTER (WHERE attempt > 1) AS n_retries,"
            " COUNT(*) FILTER (WHERE status = 'failed') AS n_failed,"
            " COUNT(*) FILTER (WHERE status = 'started') AS n_open FROM visits WHERE run_id = ?",
            run_id,
        )
        return _record(RetryCounts, row)

    def _rows(self, sql: str, *parameters: str | int) -> list[Row]:
        with reading(self._path) as connection:
            return connection.execute(sql, parameters).fetchall()


def _record(kind: type[_RecordT], row: Row) -> _RecordT:
    return kind(**{field.name: row[field.name] for field in fields(kind)})


# Impressions are counted by slate first: a join of single impressions would count each slate many times.
_VARIANT_COUNTS = f"""
SELECT
    variant, surface,
    COUNT(*) AS n_slates, SUM(is_fallback) AS n_fallbacks,
    SUM((SELECT COUNT(*) FROM impressions WHERE impressions.slate_id = slates.slate_id)) AS n_served,
    SUM((SELECT COUNT(*) FROM impressions
        WHERE impressions.slate_id = slates.slate_id AND {IS_VIEWED})) AS n_viewed,
    SUM((SELECT COUNT(*) FROM clicks WHERE clicks.slate_id = slates.slate_id)) AS n_clicks,
    TOTAL(latency_ms) AS latency_ms_sum, COUNT(latency_ms) AS n_latencies
FROM slates WHERE run_id = ? GROUP BY variant, surface ORDER BY variant, surface
"""  # noqa: S608  our own words
