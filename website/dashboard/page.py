"""The page `/experiment` and the part of it that is fetched anew while a run goes on."""

import hashlib
from http import HTTPStatus

from flask import Blueprint, Response, jsonify, make_response, render_template, request

from website.dashboard import drawings, titles, wording
from website.dashboard.board import Board, list_runs
from website.dashboard.boards import board_of
from website.dashboard.panels import PANELS, fill
from website.dashboard.values import RunLine
from website.site import current_site
from website.visits import answer_to, identify
from website.words import gettext

__all__ = ["bp"]

bp = Blueprint("experiment_page", __name__)

_QUICK_MS, _SLOW_MS = 2_000, 15_000


@bp.get("/experiment")
def show_experiment() -> Response:
    """The dashboard of one run."""
    site = current_site()
    visit = identify(request, site.signer, now_ms=site.now_ms())
    board = board_of(request.args.get("run", ""))
    runs = list_runs(site.reader)
    page = render_template(
        "experiment.html",
        here="experiment",
        visitor_name=visit.name,
        runs=_by_experiment(runs),
        panels=_render_panels(board),
        **_context(board),
    )
    response = answer_to(visit, page, site.signer)
    response.status_code = _status(board)
    return response


@bp.get("/experiment/panels")
def show_panels() -> Response:
    """The panels alone, for the page to put in place of its own; 304 while nothing has changed.

    `shown` is the run that the page shows. A page that chose none goes over to a new run: it is told to load
    anew.
    """
    board = board_of(request.args.get("run", ""))
    response = make_response(_render_panels(board, is_renewal=True), _status(board))
    if request.args.get("shown", board.run_id) != board.run_id:
        response.headers["HX-Refresh"] = "true"
    response.set_etag(hashlib.sha256(response.get_data()).hexdigest()[:20])
    response.make_conditional(request)
    return response


@bp.get("/experiment.json")
def give_experiment() -> Response:
    """The report, in the shape of `funflix report --json`."""
    board = board_of(request.args.get("run", ""))
    if board.report is not None:
        from stats import report_to_json

        return jsonify(report_to_json(board.report))
    answer = jsonify(schema=1, run=board.run_id or None, verdict=None, reason=board.reason)
    answer.status_code = _status(board)
    return answer


def _render_panels(board: Board, *, is_renewal: bool = False) -> str:
    filled = {name: fill(panel, board) for name, panel in PANELS.items()}
    return render_template(
        "experiment/panels.html", filled=filled, draw=drawings, is_renewal=is_renewal, **_context(board)
    )


def _context(board: Board) -> dict[str, object]:
    report = board.report
    site = current_site()
    judged_by = report.run.experiment if report and report.run.experiment else site.settings.experiment.name
    return {
        "board": board,
        "experiment": judged_by,
        "run": report.run if report else None,
        "asked_run": request.args.get("run", ""),
        "refresh_ms": _QUICK_MS if board.is_running else _SLOW_MS,
        "say": wording,
        "title": titles,
    }


def _by_experiment(runs: tuple[RunLine, ...]) -> dict[str, list[RunLine]]:
    """The runs under the names of their experiments; browsing by hand is a run of whatever is served."""
    grouped: dict[str, list[RunLine]] = {}
    for run in runs:
        grouped.setdefault(run.experiment or gettext("Browsing by hand"), []).append(run)
    return grouped


def _status(board: Board) -> HTTPStatus:
    return HTTPStatus.NOT_FOUND if board.is_unknown_run else HTTPStatus.OK
