"""How much of everything the event log holds, for monitoring."""

from dataclasses import dataclass
from pathlib import Path

from experiment import LIVE_RUN_ID, EventReader, RefusalCount, VariantCounts

__all__ = ["CountedLog", "RunCounts", "VisitorCounts", "count_log"]

_N_RUNS = 3  # simulated runs counted beside live traffic; older ones are for `funflix report`


@dataclass(frozen=True, slots=True)
class VisitorCounts:
    """The primary metric's numerator and denominator, bots left out."""

    variant: str
    n_exposed: int
    n_clicked: int


@dataclass(frozen=True, slots=True)
class RunCounts:
    """What the event log holds of one run."""

    run_id: str
    surfaces: tuple[VariantCounts, ...]
    visitors: tuple[VisitorCounts, ...]


@dataclass(frozen=True, slots=True)
class CountedLog:
    """Live traffic and the latest simulated runs, those with any slate; and all refusals."""

    runs: tuple[RunCounts, ...]
    refusals: tuple[RefusalCount, ...]


def count_log(reader: EventReader, path: Path) -> CountedLog:
    """Count live traffic, the latest simulated runs, and all refusals."""
    simulated = [run.run_id for run in reader.runs() if run.run_id != LIVE_RUN_ID][:_N_RUNS]
    counts = [_count_run(reader, path, run_id) for run_id in (LIVE_RUN_ID, *simulated)]
    return CountedLog(tuple(run for run in counts if run.surfaces), reader.refusal_counts())


def _count_run(reader: EventReader, path: Path, run_id: str) -> RunCounts:
    from stats import StatsError, read_outcomes  # slow to import, and few workers are ever asked

    try:
        arms = read_outcomes(path, run_id).arms
    except StatsError:
        arms = ()
    visitors = tuple(
        VisitorCounts(arm.visitors.variant, arm.visitors.n, arm.visitors.successes) for arm in arms
    )
    return RunCounts(run_id, reader.variant_counts(run_id), visitors)
