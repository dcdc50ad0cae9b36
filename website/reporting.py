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
    UnknownRunError,
    parse_experiment,
)
from website.words import marked

if TYPE_CHECKING:
    from stats import Design, Report, Resampling

__all__ = [
    "NO_REPORT",
    "UNKNOWN_RUN",
    "NoReport",
    "RunReport",
    "default_run",
    "design_of",
    "read_report",
    "report_on_run",
]

# Why there is no report: in English here, for these are kept; the page has them in the reader's language.
NO_REPORT = marked("No report can be made: %(cause)s")
UNKNOWN_RUN = marked("There is no run %(run)s in the event log.")
_NOBODY_YET = marked("Nobody has been here yet. Browse a little, or run `funflix simulate`.")

# For a design of several looks: how finely the arrival of visitors is followed.
_N_MOMENTS = 4_000


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
    from stats import StatsError
    from stats import UnknownRunError as NoSuchRunError

    try:
        report = report_on_run(path, _known_run(path, run_id), experiment=experiment, now=now)
    except (NoSuchRunError, UnknownRunError):
        if run_id in {None, LIVE_RUN_ID}:
            return NoReport(run_id or "", _NOBODY_YET)
        return NoReport(run_id, UNKNOWN_RUN % {"run": repr(run_id)}, is_unknown_run=True)
    except (StatsError, ExperimentFileError, EventLogError) as error:
        return NoReport(run_id or "", NO_REPORT % {"cause": error})
    return RunReport(report.run.run_id, report)


def report_on_run(
    path: Path,
    run_id: str,
    *,
    experiment: Experiment | None = None,
    now: datetime,
    resampling: "Resampling | None" = None,
) -> "Report":
    """Report on one run of the log, judged by the experiment file it was begun with.

    Args:
        path: the event log.
        run_id: which run.
        experiment: what judges a run that the log has no experiment file of.
        now: the time the report bears.
        resampling: a second opinion by bootstrap and permutation; None for none.

    Raises:
        UnknownRunError: nothing is known of the run.
        StatsError: its events make no report.
    """
    from stats import build_report, read_outcomes

    judged_by = _judge(path, run_id, otherwise=experiment)
    n_moments = 0 if judged_by.design.sequential == "none" else _N_MOMENTS
    outcomes = read_outcomes(
        path,
        run_id,
        n_moments=n_moments,
        with_details=True,
        is_split_by_request=judged_by.assignment == "request",
    )
    return build_report(outcomes, design_of(judged_by), generated_at=now, resampling=resampling)


def default_run(path: Path) -> str:
    """The run that is meant where none is named: the simulated one begun last, else live traffic."""
    latest = EventReader(path).latest_run("simulated")
    return LIVE_RUN_ID if latest is None else latest.run_id


def _known_run(path: Path, run_id: str | None) -> str:
    return default_run(path) if run_id is None else run_id


def _judge(path: Path, run_id: str, *, otherwise: Experiment | None) -> Experiment:
    """The experiment as it was when the run started."""
    try:
        record = EventReader(path).run(run_id)
    except UnknownRunError:
        if otherwise is None:
            raise
        return otherwise
    return parse_experiment(record.experiment_toml, source=f"the experiment file of run {run_id}")


def design_of(experiment: Experiment) -> "Design":
    """What an experiment file says of the statistics, as `stats` wants it; raises InvalidDesignError."""
    from stats import Design, GuardrailRule

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
        n_looks=design.n_looks,
        impressions_per_visitor=design.impressions_per_visitor,
        design_effect=design.design_effect,
        guardrails=tuple(GuardrailRule(rule.metric, rule.margin) for rule in experiment.guardrails),
        assignment=experiment.assignment,
    )
