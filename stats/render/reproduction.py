"""What is needed to repeat a run, as rows of name and value."""

from datetime import UTC, datetime
from typing import Any

from stats.armless_report import ArmlessReport
from stats.outcomes import Run
from stats.results import Report


def reproduction(report: Report | ArmlessReport) -> tuple[tuple[str, str], ...]:
    """Return what is known of the run, and when the report was made; unknown things are left out."""
    run = report.run
    rows = [
        ("experiment", run.experiment),
        ("run", run.run_id),
        ("kind", run.kind),
        ("status", run.status),
        ("seed", "" if run.seed is None else str(run.seed)),
        ("engine", run.engine or ""),
        ("visitors sent", "" if run.n_visitors is None else f"{run.n_visitors:,}"),
        ("experiment hash", run.experiment_hash or ""),
        ("started", instant(run.started_at)),
        ("finished", instant(run.finished_at)),
        *sorted(run.settings.items()),
        ("report made", report.generated_at.isoformat(timespec="seconds")),
    ]
    return tuple((name, value) for name, value in rows if value)


def instant(epoch_ms: int | None) -> str | None:
    """Return an epoch time as ISO 8601 in UTC."""
    return (
        None
        if epoch_ms is None
        else datetime.fromtimestamp(epoch_ms / 1000, UTC).isoformat(timespec="seconds")
    )


def reproduction_to_json(run: Run) -> dict[str, Any]:
    """Return what is known of the run as a JSON object."""
    return {
        "kind": run.kind or None,
        "status": run.status or None,
        "seed": run.seed,
        "engine": run.engine,
        "n_visitors": run.n_visitors,
        "experiment_hash": run.experiment_hash,
        "started_at": instant(run.started_at),
        "finished_at": instant(run.finished_at),
        "settings": dict(run.settings),
    }
