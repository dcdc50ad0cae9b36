"""What is needed to repeat a run, as rows of name and value."""

from datetime import UTC, datetime

from stats.results import Report


def reproduction(report: Report) -> tuple[tuple[str, str], ...]:
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
