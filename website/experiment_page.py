"""The experiment as it stands: the report so far, for people and as JSON."""

from typing import TYPE_CHECKING

from flask import Blueprint, Response, jsonify, make_response, render_template, request

from experiment import LIVE_RUN_ID
from website.reporting import NoReport, RunReport
from website.site import Site, current_site
from website.whiskers import Whiskers, draw_whiskers

if TYPE_CHECKING:
    from stats import Report

__all__ = ["bp"]

bp = Blueprint("experiment_page", __name__)

_LONGEST_RUN_ID = 200
_NO_DATA = "no data"
_VERDICTS = {
    "ship": "Ship the treatment",
    "keep-control": "Keep the control",
    "inconclusive": "Inconclusive",
    "invalid": "Invalid",
}


@bp.get("/experiment")
def show_experiment() -> Response:
    """The report so far, or why there is none."""
    site = current_site()
    found = _found(site)
    report = found.report if isinstance(found, RunReport) else None
    page = render_template(
        "experiment.html",
        here="experiment",
        experiment=site.settings.experiment,
        runs=_runs(site),
        run_id=found.run_id,
        reason=found.reason if isinstance(found, NoReport) else "",
        report=report,
        verdict=_verdict(report) if report else "",
        whiskers=_whiskers(report) if report else None,
        percent=_percent,
        exact=_exact,
        points=_points,
        interval=_interval,
    )
    return make_response(page, _status(found))


@bp.get("/experiment.json")
def give_experiment() -> Response:
    """The same report, in the shape of `funflix report --json`."""
    from stats import report_to_json

    found = _found(current_site())
    if isinstance(found, RunReport):
        return jsonify(report_to_json(found.report))
    answer = jsonify(schema=1, run=found.run_id or None, verdict=None, reason=found.reason)
    answer.status_code = _status(found)
    return answer


def _found(site: Site) -> NoReport | RunReport:
    return site.reports.get(request.args.get("run", "")[:_LONGEST_RUN_ID])


def _runs(site: Site) -> list[str]:
    """The runs there are to choose from, live traffic last; none when there is nothing but that."""
    simulated = [run.run_id for run in site.reader.runs() if run.run_id != LIVE_RUN_ID]
    return [*simulated, LIVE_RUN_ID] if simulated else []


def _status(found: NoReport | RunReport) -> int:
    return 404 if isinstance(found, NoReport) and found.is_unknown_run else 200


def _verdict(report: "Report") -> str:
    if report.verdict.code == "inconclusive" and report.run.is_running:
        return "Still running" if report.run.kind == "live" else "Still running, or killed"
    return _VERDICTS[report.verdict.code]


def _whiskers(report: "Report") -> Whiskers | None:
    rows = [
        (result.arm.variant, result.rate, result.ci.low, result.ci.high)
        for result in report.primary.arms
        if result.rate is not None and result.ci is not None
    ]
    return draw_whiskers(rows, baseline=report.design.baseline) if rows else None


def _percent(value: float | None) -> str:
    return _NO_DATA if value is None else f"{100 * value:.1f}%"


def _exact(value: float) -> str:
    """A chosen fraction, without trailing zeros."""
    return f"{100 * value:g}"


def _points(value: float | None) -> str:
    return _NO_DATA if value is None else f"{100 * value:+.1f} points"


def _interval(low: float | None, high: float | None, unit: str = "%") -> str:
    if low is None or high is None:
        return _NO_DATA
    return (
        f"{100 * low:.1f} to {100 * high:.1f}{unit}"
        if unit == "%"
        else f"{100 * low:+.1f} to {100 * high:+.1f}{unit}"
    )
