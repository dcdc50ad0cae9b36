"""From a run in the event log to its report."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING

from experiment import EventReader
from funflix.errors import SetupError
from funflix.workspace import write_atomically
from stats import Report, Resampling, RunComparison, compare_runs, render_html, report_to_json
from website import default_run, report_on_run

if TYPE_CHECKING:
    from pathlib import Path

    from funflix.workspace import Workspace


@dataclass(frozen=True, slots=True)
class ReportFiles:
    """Where one report was written."""

    html: Path
    json: Path


def report_on(workspace: Workspace, run_id: str | None, *, resampling: Resampling | None = None) -> Report:
    """The report of a run, by the experiment file it was begun with.

    Args:
        workspace: whose event log is read.
        run_id: which run; None is the latest simulated one, or "live" where there is none.
        resampling: a second opinion by bootstrap and permutation; None for none.

    Raises:
        SetupError: nothing was recorded yet.
        UnknownRunError: the log has no such run.
    """
    if not workspace.events.exists():
        raise SetupError(
            f"workspace {str(workspace.root)!r} has no events yet; "
            "run `funflix demo`, `simulate` or `serve` first"
        )
    return report_on_run(
        workspace.events,
        run_id or default_run(workspace.events),
        now=datetime.now(UTC),
        resampling=resampling,
    )


def comparison_of(workspace: Workspace, first: str, second: str) -> RunComparison:
    """Two runs of the workspace side by side, with the digests of their population files.

    Raises:
        SetupError: nothing was recorded yet.
        UnknownRunError: the log has no such run.
        InvalidOutcomesError: the runs have nothing in common.
    """
    reports = [report_on(workspace, run_id) for run_id in (first, second)]
    by_id = {run.run_id: run.population_toml for run in EventReader(workspace.events).runs()}
    digests = tuple(_digest(by_id.get(report.run.run_id)) for report in reports)
    return compare_runs(*reports, facts={"population": (digests[0], digests[1])})


def _digest(text: str | None) -> str:
    return sha256(text.encode()).hexdigest()[:12] if text else ""


def write_report_files(workspace: Workspace, report: Report) -> ReportFiles:
    """Write a report as HTML and as JSON into the workspace."""
    run_id = report.run.run_id
    files = ReportFiles(html=workspace.reports / f"{run_id}.html", json=workspace.reports / f"{run_id}.json")
    write_atomically(files.html, render_html(report))
    write_atomically(files.json, json.dumps(report_to_json(report), indent=2, ensure_ascii=False) + "\n")
    return files
