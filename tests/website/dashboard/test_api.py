from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import jsonschema
import pytest
from openapi_spec_validator import validate

from experiment import LIVE_RUN_ID, RAW_TABLES, Exposure
from website import site_of
from website.dashboard.panels import PANELS

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.website.conftest import Studio


@pytest.fixture
def filled(studio: Studio, record_run: Callable[..., None]) -> Studio:
    """A site with a run of sixty visitors."""
    record_run(studio, 60)
    return studio


def document(studio: Studio) -> dict[str, object]:
    return studio.person().get("/openapi.json").json


def test_the_openapi_document_is_valid_and_names_every_route_of_the_api(studio: Studio) -> None:
    found = document(studio)
    validate(found)
    assert found["openapi"].startswith("3.1")
    panels = {f"/api/experiment/{{run_id}}/{name}" for name in PANELS}
    others = {
        "/api/experiment/runs",
        "/api/experiment/{run_id}/tables/{file_name}",
        "/experiment.json",
    }
    assert set(found["paths"]) == panels | others


@pytest.mark.parametrize("run", ["run-1", LIVE_RUN_ID])
def test_each_panel_is_as_the_document_says(filled: Studio, run: str) -> None:
    """A run with data, and live traffic without."""
    found = document(filled)
    person = filled.person()
    for name in PANELS:
        operation = found["paths"][f"/api/experiment/{{run_id}}/{name}"]["get"]
        schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
        answer = person.get(f"/api/experiment/{run}/{name}")
        assert (answer.status_code, answer.json["panel"]) == (200, name)
        assert (answer.json["value"] is None) == bool(answer.json["missing"]), name
        if run == LIVE_RUN_ID:
            assert answer.json["value"] is None, name
        jsonschema.validate(answer.json, {**schema, "components": found["components"]})


def test_runs_are_as_the_document_says(filled: Studio) -> None:
    found = document(filled)
    schema = found["paths"]["/api/experiment/runs"]["get"]["responses"]["200"]["content"]["application/json"]
    answer = filled.person().get("/api/experiment/runs").json
    jsonschema.validate(answer, {**schema["schema"], "components": found["components"]})
    assert [run["run_id"] for run in answer["runs"]] == ["run-1", LIVE_RUN_ID]


def test_tables_are_the_same_as_csv_and_as_json(filled: Studio) -> None:
    person = filled.person()
    listed = person.get("/api/experiment/run-1/tables").json["value"]["tables"]
    assert [line["name"] for line in listed] == list(RAW_TABLES)
    for line in listed:
        text, rows = person.get(line["csv"]), person.get(line["json"])
        assert text.mimetype == "text/csv"
        assert "attachment" in text.headers["Content-Disposition"]
        from_csv = list(csv.DictReader(io.StringIO(text.text)))
        printed = [
            {key: "" if value is None else str(value) for key, value in row.items()} for row in rows.json
        ]
        assert from_csv
        assert from_csv == printed
        assert list(from_csv[0]) == line["columns"]


def test_a_table_without_rows_is_empty_but_whole(filled: Studio) -> None:
    base = f"/api/experiment/{LIVE_RUN_ID}/tables/exposures"
    assert filled.person().get(f"{base}.json").json == []
    assert filled.person().get(f"{base}.csv").text.count("\r\n") == 1


def test_a_spreadsheet_takes_no_text_for_a_formula(studio: Studio, record_run: Callable[..., None]) -> None:
    record_run(studio, 1)
    site_of(studio.app).log.record(Exposure(run_id="run-1", visitor_id="=1+1", variant="control"))
    base = "/api/experiment/run-1/tables/exposures"
    assert "'=1+1" in studio.person().get(f"{base}.csv").text
    assert "=1+1" in [row["visitor_id"] for row in json.loads(studio.person().get(f"{base}.json").data)]


NOWHERE = (
    "run-1/nothing",
    "run-1/tables/runs.csv",
    "run-1/tables/exposures.xml",
    "run-1/tables/exposures",
    "run-1/tables/..csv",
    "nobody/verdict",
    "nobody/tables/exposures.csv",
    "%00/verdict",
    "%3Cb%3E/verdict",
    "x" * 4_000 + "/verdict",
    "run-1/tables/exposures.csv/x",
)


def test_what_is_not_there_is_not_found(filled: Studio) -> None:
    person = filled.person()
    found = {path: person.get(f"/api/experiment/{path}").status_code for path in NOWHERE}
    assert found == dict.fromkeys(NOWHERE, 404)


def test_large_tables_are_never_held_whole(filled: Studio) -> None:
    answer = filled.person().get(
        "/api/experiment/run-1/tables/impression_outcomes.json",
        headers={"Accept-Encoding": "gzip"},
        buffered=False,
    )
    assert answer.is_streamed
    assert "Content-Encoding" not in answer.headers
    assert len(json.loads(b"".join(answer.iter_encoded()))) == 60
