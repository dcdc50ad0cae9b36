"""One run at one moment: the report on it and the traffic behind it, read together and kept for a second."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from catalog import Film
from experiment import (
    LIVE_RUN_ID,
    RAW_TABLES,
    EventReader,
    RunRecord,
    Traffic,
    read_table_columns,
    read_traffic,
)
from website.dashboard.values import RunLine
from website.reporting import NoReport, read_report
from website.settings import SiteSettings

if TYPE_CHECKING:
    from stats import Report


@dataclass(frozen=True, slots=True, eq=False)
class Board:
    """What all panels of one run are made from.

    Args:
        run_id: "" where nobody has been here yet.
        report: None where none can be made; `reason` says why in a sentence.
        is_unknown_run: nobody made such a run.
        films: movie id -> film.
        columns: raw table -> the names of its columns.
    """

    run_id: str
    now_ms: int
    report: "Report | None"
    reason: str
    traffic: Traffic
    films: Mapping[int, Film]
    columns: Mapping[str, tuple[str, ...]]
    is_unknown_run: bool = False

    @property
    def is_running(self) -> bool:
        """Whether more visitors may come."""
        return self.report is None or self.report.run.is_running


def read_board(settings: SiteSettings, run_id: str, *, now: datetime) -> Board:
    """The run of this id; of none, the run that `reporting` takes by default."""
    path = settings.event_log_path
    found = read_report(path, settings.experiment, run_id=run_id or None, now=now)
    now_ms = int(now.timestamp() * 1_000)
    traffic = read_traffic(path, found.run_id, now_ms=now_ms)
    report, reason = (None, found.reason) if isinstance(found, NoReport) else (found.report, "")
    return Board(
        run_id=found.run_id,
        now_ms=now_ms,
        report=report,
        reason=reason,
        traffic=traffic,
        films=settings.storefront.films,
        columns={table: read_table_columns(path, table) for table in RAW_TABLES},
        is_unknown_run=isinstance(found, NoReport) and found.is_unknown_run,
    )


def list_runs(reader: EventReader) -> tuple[RunLine, ...]:
    """The runs there are to choose from, the latest first, live traffic last."""
    records = sorted(reader.runs(), key=lambda record: record.run_id == LIVE_RUN_ID)
    lines = [_line(record) for record in records]
    if not any(line.run_id == LIVE_RUN_ID for line in lines):
        lines.append(RunLine(LIVE_RUN_ID, "", "live", "running", None, None, None, None, None))
    return tuple(lines)


def _line(record: RunRecord) -> RunLine:
    return RunLine(
        run_id=record.run_id,
        experiment=record.experiment,
        kind=record.kind,
        status=record.status,
        engine=record.engine,
        seed=record.seed,
        n_visitors=record.n_visitors,
        started_at=record.started_at,
        finished_at=record.finished_at,
    )
