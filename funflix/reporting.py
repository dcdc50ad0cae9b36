"""From a run in the event log to its report."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from experiment import LIVE_RUN_ID, EventReader, Experiment, parse_experiment
from funflix.errors import SetupError
from funflix.workspace import write_atomically
from stats import Design, Report, build_report, read_outcomes, render_html, report_to_json

if TYPE_CHECKING:
    from pathlib import Path

    from funflix.workspace import Workspace


@dataclass(frozen=True, slots=True)
class ReportFiles:
    """Where one report was written."""

    html: Path
    json: Path


def design_of(experiment: Experiment) -> Design:
    """What an experiment file says of the statistics, as `stats` wants it.

    Raises:
        InvalidDesignError: the file asks for what cannot be decided.
    """
    return Design(
        alternative=experiment.design.alternative,
        alpha=experiment.design.alpha,
        power=experiment.design.power,
        mde=experiment.design.mde,
        baseline=experiment.baseline_ctr,
        weights={variant.name: variant.weight for variant in experiment.variants},
        primary_metric=experiment.primary_metric,
        sequential=experiment.design.sequential,
    )


def report_on(workspace: Workspace, run_id: str | None) -> Report:
    """The report of a run, by the experiment file it was begun with.

    Args:
        workspace: whose event log is read.
        run_id: which run; None is the latest simulated one, or "live" where there is none.

    Raises:
        SetupError: nothing was recorded yet.
        UnknownRunError: the log has no such run.
    """
    if not workspace.events.exists():
        raise SetupError(
            f"workspace {str(workspace.root)!r} has no events yet; "
            "run `funflix demo`, `simulate` or `serve` first"
        )
    reader = EventReader(workspace.events)
    latest = reader.latest_run("simulated")
    record = reader.run(run_id or (latest.run_id if latest else LIVE_RUN_ID))
    experiment = parse_experiment(
        record.experiment_toml, source=f"the experiment file of run {record.run_id}"
    )
    outcomes = read_outcomes(workspace.events, record.run_id)
    return build_report(outcomes, design_of(experiment), generated_at=datetime.now(UTC))


def write_report_files(workspace: Workspace, report: Report) -> ReportFiles:
    """Write a report as HTML and as JSON into the workspace."""
    run_id = report.run.run_id
    files = ReportFiles(html=workspace.reports / f"{run_id}.html", json=workspace.reports / f"{run_id}.json")
    write_atomically(files.html, render_html(report))
    write_atomically(files.json, json.dumps(report_to_json(report), indent=2, ensure_ascii=False) + "\n")
    return files
