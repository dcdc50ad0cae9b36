"""The JSON API: the runs, each panel of a run, and the rows behind them."""

import csv
import io
from collections.abc import Iterator
from http import HTTPStatus

import msgspec
from flask import Blueprint, Response, jsonify, request

from experiment import RAW_TABLES, TablePortion, read_table_columns, read_table_portions
from website.dashboard.board import Board, list_runs
from website.dashboard.boards import board_of
from website.dashboard.openapi import describe_api
from website.dashboard.panels import PANELS, FilledPanel, fill
from website.site import current_site

__all__ = ["bp"]

bp = Blueprint("dashboard_api", __name__)

_PORTION = 500  # visitors read at a time
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@bp.get("/openapi.json")
def give_openapi() -> Response:
    """The description of this API."""
    return jsonify(describe_api())


@bp.get("/api/experiment/runs")
def give_runs() -> Response:
    """All runs of the event log, live traffic last."""
    return _json({"runs": list_runs(current_site().reader)})


@bp.get("/api/experiment/<run_id>/<panel_name>")
def give_panel(run_id: str, panel_name: str) -> Response:
    """One panel of one run."""
    panel = PANELS.get(panel_name)
    if panel is None:
        return _not_found(f"no panel {panel_name!r}; there are {', '.join(PANELS)}")
    board = board_of(run_id)
    if board.is_unknown_run:
        return _not_found(board.reason)
    return _json(_body(board, fill(panel, board)))


@bp.get("/api/experiment/<run_id>/tables/<file_name>")
def give_table(run_id: str, file_name: str) -> Response:
    """The rows of one table and one run, as CSV or as JSON."""
    table, _, suffix = file_name.rpartition(".")
    if table not in RAW_TABLES or suffix not in {"csv", "json"}:
        return _not_found(f"no table {file_name!r}; there are {', '.join(RAW_TABLES)}, as .csv and .json")
    board = board_of(run_id)
    if board.is_unknown_run:
        return _not_found(board.reason)
    path = current_site().settings.event_log_path
    columns = read_table_columns(path, table)
    portions = read_table_portions(path, table, board.run_id, n_visitors=_PORTION)
    if suffix == "csv":
        response = Response(_csv_lines(columns, portions), mimetype="text/csv")
    else:
        response = Response(_json_lines(columns, portions), mimetype="application/json")
    name = "".join(letter if letter.isalnum() or letter in "-_" else "_" for letter in board.run_id)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}-{table}.{suffix}"'
    if request.method == "HEAD":
        response.response = []
    return response


def _body(board: Board, filled: FilledPanel) -> dict[str, object]:
    return {
        "run_id": board.run_id,
        "panel": filled.panel.name,
        "made_at": board.now_ms,
        "missing": filled.missing or None,
        "value": filled.value,
    }


def _json(body: object, status: HTTPStatus = HTTPStatus.OK) -> Response:
    return Response(msgspec.json.encode(body), status=status, mimetype="application/json")


def _not_found(reason: str) -> Response:
    return _json({"error": reason}, HTTPStatus.NOT_FOUND)


def _csv_lines(columns: tuple[str, ...], portions: Iterator[TablePortion]) -> Iterator[str]:
    yield _csv_of([columns])
    for portion in portions:
        yield _csv_of([tuple(_harmless(value) for value in row) for row in portion.rows])


def _csv_of(rows: list[tuple[object, ...]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue()


def _harmless(value: object) -> object:
    """A text that a spreadsheet would take for a formula is marked as text (OWASP, CSV injection)."""
    is_formula = isinstance(value, str) and value.startswith(_FORMULA_STARTS)
    return f"'{value}" if is_formula else value


def _json_lines(columns: tuple[str, ...], portions: Iterator[TablePortion]) -> Iterator[bytes]:
    """An array of objects, a line for each, so that a reader of lines need not hold them all."""
    before = b"["
    for portion in portions:
        for row in portion.rows:
            yield before + b"\n" + msgspec.json.encode(dict(zip(columns, row, strict=True)))
            before = b","
    yield b"[]\n" if before == b"[" else b"\n]\n"
