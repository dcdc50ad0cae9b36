"""The report so far, of any run in the event log, for the experiment page.

Importing `stats` takes a second and most workers never need it, so it is imported where it is used.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from experiment import (
    CONTROL,
    LIVE_RUN_ID,
    EventLogError,
    EventReader,
    Experiment,
    ExperimentFileError,
    RunRecord,
    UnknownRunError,
    parse_experiment,
)

if TYPE_CHECKING:
    from stats import Design, Report

__all__ = ["NoReport", "RunReport", "read_report"]


@dataclass(frozen=True, slots=True)
class NoReport:
    """There is no report; `reason` says why in a sentence, `is_unknown_run` that nobody made such a run."""

    run_id: str
    reason: str
    is_unknown_run: bool = False


@dataclass(frozen=True, slots=True)
class RunReport:
    """The report on one run."""

    run_id: str
    report: "Report"


def read_report(
    path: Path, experiment: Experiment, *, run_id: str | None, now: datetime
) -> RunReport | NoReport:
    """Report on a run: by default the simulated run that started last, or live traffic where there is none.

    Args:
        path: the event log.
        experiment: what judges a run that the log has no experiment file of, such as live traffic.
        run_id: None for the default.
        now: the time the report bears.
    """
    from stats import StatsError, build_report, read_outcomes
    from stats import UnknownRunError as NoSuchRunError

    try:
        outcomes = read_outcomes(path, run_id)
        judged_by = _experiment_of(EventReader(path), outcomes.run.run_id) or experiment
        report = build_report(outcomes, _design(judged_by), generated_at=now)
    except NoSuchRunError:
        if run_id in {None, LIVE_RUN_ID}:
            return NoReport(
                run_id or "", "Nobody has been here yet. Browse a little, or run `funflix simulate`."
            )
        return NoReport(run_id, f"There is no run {run_id!r} in the event log.", is_unknown_run=True)
    except (StatsError, ExperimentFileError, EventLogError) as error:
        return NoReport(run_id or "", f"No report can be made: {error}")
    return RunReport(report.run.run_id, report)


def _experiment_of(reader: EventReader, run_id: str) -> Experiment | None:
    """The experiment as it was when the run started."""
    run = _run(reader, run_id)
    return (
        parse_experiment(run.experiment_toml, source=f"the experiment file of run {run_id}") if run else None
    )


def _run(reader: EventReader, run_id: str) -> RunRecord | None:
    try:
        return reader.run(run_id)
    except UnknownRunError:
        return None


def _design(experiment: Experiment) -> "Design":
    from stats import Design

    design = experiment.design
    return Design(
        alternative=design.alternative,
        alpha=design.alpha,
        power=design.power,
        mde=design.mde,
        baseline=experiment.baseline_ctr,
        weights={variant.name: variant.weight for variant in experiment.variants},
        control=CONTROL,
        primary_metric=experiment.primary_metric,
        sequential=design.sequential,
    )
