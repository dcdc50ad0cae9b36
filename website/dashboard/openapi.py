"""The OpenAPI 3.1 document of the JSON API; its schemas are made from the classes that are sent."""

from functools import lru_cache
from typing import Any

import msgspec

from experiment import RAW_TABLES
from website.dashboard.panels import PANELS, Panel
from website.dashboard.values import RunLine

Document = dict[str, Any]

_JSON = "application/json"
_RUN_ID: Document = {
    "name": "run_id",
    "in": "path",
    "required": True,
    "description": "A run of `/api/experiment/runs`; `live` is browsing by hand.",
    "schema": {"type": "string", "maxLength": 200},
}


@lru_cache(maxsize=1)
def describe_api() -> Document:
    """The whole document."""
    kinds = [RunLine, *(panel.kind for panel in PANELS.values())]
    _, schemas = msgspec.json.schema_components(kinds, ref_template="#/components/schemas/{name}")
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Funflix experiment API",
            "version": "1",
            "summary": "What stands behind each panel of /experiment.",
            "description": (
                "Read only. Rates, differences and lifts are fractions; times are milliseconds since 1970, "
                "simulated for simulated traffic unless described as real; an absent number is null."
            ),
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "paths": {
            "/api/experiment/runs": {"get": _runs()},
            **{
                f"/api/experiment/{{run_id}}/{panel.name}": {"get": _panel(panel)}
                for panel in PANELS.values()
            },
            "/api/experiment/{run_id}/tables/{file_name}": {"get": _table()},
            "/experiment.json": {"get": _report()},
        },
        "components": {"schemas": {**schemas, "Error": _error()}},
    }


def _runs() -> Document:
    runs = {"type": "array", "items": {"$ref": "#/components/schemas/RunLine"}}
    body = {"type": "object", "required": ["runs"], "properties": {"runs": runs}}
    return {
        "operationId": "runs",
        "summary": "All runs, the latest first, live traffic last.",
        "responses": {"200": _answer("The runs.", body)},
    }


def _panel(panel: Panel) -> Document:
    value = {"anyOf": [{"$ref": f"#/components/schemas/{panel.kind.__name__}"}, {"type": "null"}]}
    body = {
        "type": "object",
        "required": ["run_id", "panel", "made_at", "missing", "value"],
        "properties": {
            "run_id": {"type": "string"},
            "panel": {"const": panel.name},
            "made_at": {"type": "integer", "description": "Real time, ms since 1970."},
            "missing": {"type": ["string", "null"], "description": "Why `value` is null."},
            "value": value,
        },
    }
    return {
        "operationId": panel.name,
        "summary": f"The panel “{panel.title}”.",
        "parameters": [_RUN_ID],
        "responses": {"200": _answer("The panel as it stands.", body), "404": _unknown()},
    }


def _table() -> Document:
    names = [f"{table}.{suffix}" for table in RAW_TABLES for suffix in ("csv", "json")]
    file_name = {
        "name": "file_name",
        "in": "path",
        "required": True,
        "schema": {"type": "string", "enum": names},
    }
    rows = {"type": "array", "items": {"type": "object"}}
    return {
        "operationId": "table",
        "summary": "All rows of one table and one run, as a download.",
        "parameters": [_RUN_ID, file_name],
        "responses": {
            "200": {
                "description": "The rows, in the order of their visitors.",
                "content": {_JSON: {"schema": rows}, "text/csv": {"schema": {"type": "string"}}},
            },
            "404": _unknown(),
        },
    }


def _report() -> Document:
    run = {
        "name": "run",
        "in": "query",
        "description": "The run; without it the simulated run begun last, else live traffic.",
        "schema": {"type": "string", "maxLength": 200},
    }
    return {
        "operationId": "report",
        "summary": "The whole report, as `funflix report --json` prints it.",
        "parameters": [run],
        "responses": {"200": _answer("The report.", {"type": "object"}), "404": _unknown({"type": "object"})},
    }


def _answer(description: str, schema: Document) -> Document:
    return {"description": description, "content": {_JSON: {"schema": schema}}}


def _unknown(schema: Document | None = None) -> Document:
    return _answer("No such run, panel or table.", schema or {"$ref": "#/components/schemas/Error"})


def _error() -> Document:
    return {"type": "object", "required": ["error"], "properties": {"error": {"type": "string"}}}
