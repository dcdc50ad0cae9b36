"""Runs of the vector engine into a lake: the same rows and the same report as by way of the event log."""

import json
import os
import shutil
import sqlite3
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import small_vector_run as small

from experiment import DEFAULT_EXPERIMENT_TOML, EventLog, Lake, LakeManifest, RunFinished, RunStarted
from funflix.vector_run import make_vector_visits, n_done_in_lake
from simulator.behaviour import draw_visitors
from simulator.engines import Workers
from simulator.engines.vector_workers import Backend
from stats import Design, UnreadableOutcomesError, build_report, read_outcomes, report_to_json
from stats.readers import open_lake

NOW = datetime(2026, 1, 5, tzinfo=UTC)
TABLES = (
    *("visits", "visitors", "exposures", "slates", "impressions", "clicks", "plays"),
    *("visitor_labels", "event_labels", "refusals"),
    *("visitor_outcomes", "impression_outcomes", "counted_clicks", "counted_plays"),
)
RECORDING = {"recorded_at", "started_at", "ended_at"}
NOBODY_IS_TOLD = {"on_progress": lambda _: None}


def begin(log: Path, run_id: str, lake: str | None) -> None:
    settings = {} if lake is None else {"lake": lake}
    with EventLog.open(log) as events:
        events.record(
            RunStarted(
                run_id=run_id,
                kind="simulated",
                experiment="small",
                experiment_toml=DEFAULT_EXPERIMENT_TOML,
                experiment_hash="",
                settings_json=json.dumps(settings),
            )
        )
        events.record(RunFinished(run_id=run_id))


def rows(connection: Any, table: str, columns: list[str]) -> list[tuple[Any, ...]]:  # noqa: ANN401  SQLite or a lake
    found = connection.execute(f"SELECT {', '.join(columns)} FROM {table}").fetchall()  # noqa: S608  our own names
    return sorted(
        (tuple(row[name] for name in columns) for row in found),
        key=lambda row: [(value is not None, value) for value in row],
    )


@pytest.fixture(scope="module", params=["visitor", "request"])
def both(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with one run twice: in the event log and in a lake of five parts; a tenth is held out."""
    folder = tmp_path_factory.mktemp("both")
    experiment = small.experiment_of(assignment=request.param)
    begin(folder / "events.db", "run", None)
    run = small.log_run(experiment)
    visitors = draw_visitors(
        run.mind.population, run.mind.truth, n_visitors=small.N_VISITORS, seed=small.SEED
    )
    make_vector_visits(run, visitors, event_log=folder / "events.db", **NOBODY_IS_TOLD)
    assert small.make_lake(small.lake_run(folder / "lake" / "run", experiment)) == small.N_VISITORS
    begin(folder / "other.db", "run", "lake/run")
    return folder


@pytest.mark.parametrize("table", TABLES)
def test_a_lake_has_the_rows_of_the_event_log(both: Path, table: str) -> None:
    """500 visitors: every table and view, every column but the time of recording."""
    with closing(sqlite3.connect(both / "events.db")) as log, open_lake(both / "lake" / "run") as lake:
        log.row_factory = sqlite3.Row
        columns = [row["name"] for row in log.execute(f"PRAGMA table_info({table})")]
        compared = [name for name in columns if name not in RECORDING]
        expected = rows(log, table, compared)
        assert len(expected) > 20 or table == "refusals"
        assert rows(lake, table, compared) == expected


@pytest.mark.parametrize("sequential", ["none", "obrien-fleming"])
def test_a_report_on_a_lake_is_that_on_the_event_log(both: Path, sequential: str) -> None:
    """Counts are equal; means of floats are summed in another order, so they may differ in the last bits."""
    design = Design(baseline=0.2, mde=0.1, sequential=sequential)
    documents = []
    for name in ("events.db", "other.db"):
        outcomes = read_outcomes(both / name, "run", n_moments=64, with_details=True)
        assert sum(arm.visitors.n for arm in outcomes.arms) > 400
        documents.append(report_to_json(build_report(outcomes, design, generated_at=NOW)))
    log, lake = (flat(document) for document in documents)
    differing = {
        name for name in {*log, *lake} if name.rpartition("/")[2] in {"lake", "started_at", "finished_at"}
    }
    log, lake = ({name: each[name] for name in each if name not in differing} for each in (log, lake))
    assert log.keys() == lake.keys()
    for key, value in log.items():
        assert lake[key] == (pytest.approx(value, rel=1e-12) if isinstance(value, float) else value), key


def test_a_lake_counts_split_requests_as_the_event_log_does(both: Path) -> None:
    log, lake = (
        read_outcomes(both / name, "run", is_split_by_request=True) for name in ("events.db", "other.db")
    )
    assert lake.arms == log.arms


@pytest.mark.parametrize("older", ["part-000001", "part-"])
def test_a_lake_of_before_refusals_had_a_variant_is_read(both: Path, tmp_path: Path, older: str) -> None:
    """One part of five, as where an older version was killed; or all."""
    from pyarrow import parquet

    folder = tmp_path / "lake"
    shutil.copytree(both / "lake" / "run", folder)
    for path in (folder / "refusals").glob(f"{older}*"):
        parquet.write_table(parquet.read_table(path).drop_columns("variant"), path)
    with open_lake(both / "lake" / "run") as lake, open_lake(folder) as with_older:
        sums = [each.execute("SELECT sum(n) AS n FROM refusals").fetchone() for each in (lake, with_older)]
        variants = with_older.execute("SELECT DISTINCT variant FROM refusals").fetchall()
    assert sums[0] == sums[1]
    assert "" in {row["variant"] for row in variants} <= {"", "holdout", "control", "treatment"}


def flat(value: Any, name: str = "") -> dict[str, Any]:  # noqa: ANN401  whatever JSON can hold
    if isinstance(value, dict | list):
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        return {key: leaf for at, inner in pairs for key, leaf in flat(inner, f"{name}/{at}").items()}
    return {name: value}


def contents(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """All rows of all files of a lake, but for the time of recording."""
    from pyarrow import parquet

    return {
        str(path.relative_to(folder)): parquet.read_table(path).drop_columns("recorded_at").to_pylist()
        for path in sorted(folder.rglob("*.parquet"))
    }


def test_parts_made_by_two_processes_are_those_made_by_one(tmp_path: Path) -> None:
    experiment = small.experiment_of()
    small.make_lake(small.lake_run(tmp_path / "one", experiment))
    small.make_lake(small.lake_run(tmp_path / "two", experiment), Workers(2))
    assert contents(tmp_path / "one") == contents(tmp_path / "two") != {}


@pytest.mark.parametrize("backend", ["dask", "ray"])
def test_parts_made_by_a_cluster_are_those_made_here(
    tmp_path: Path, backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two local workers of Dask, or of Ray, which learn by PYTHONPATH where the test's world lies."""
    pytest.importorskip("distributed" if backend == "dask" else "ray")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(Path(small.__file__).parent), *sys.path]))
    experiment = small.experiment_of()
    small.make_lake(small.lake_run(tmp_path / "one", experiment))
    small.make_lake(small.lake_run(tmp_path / "two", experiment), Workers(2, backend))
    assert contents(tmp_path / "one") == contents(tmp_path / "two") != {}


def test_parts_that_are_done_are_not_made_again(tmp_path: Path) -> None:
    """Of five parts the second is lost: only its 120 visits are made again, and the lake is as before."""
    run = small.lake_run(tmp_path, small.experiment_of())
    small.make_lake(run)
    before = contents(tmp_path)
    (tmp_path / "visits" / "part-000001.parquet").unlink()
    (tmp_path / "clicks" / "part-000001.parquet").unlink()
    assert n_done_in_lake(tmp_path) == small.N_VISITORS - 120
    assert small.make_lake(run) == 120
    assert contents(tmp_path) == before
    assert small.make_lake(run) == 0


def test_a_report_counts_only_parts_that_are_done(tmp_path: Path) -> None:
    """A part whose ledger is missing was being written when the run was killed."""
    small.make_lake(small.lake_run(tmp_path / "lake", small.experiment_of()))
    begin(tmp_path / "events.db", "run", "lake")
    (tmp_path / "lake" / "visits" / "part-000003.parquet").unlink()
    outcomes = read_outcomes(tmp_path / "events.db", "run")
    n_counted = sum(arm.visitors.n for arm in outcomes.arms) + outcomes.n_holdout + outcomes.n_bots
    assert n_counted == small.N_VISITORS - 120


def test_a_lake_without_a_part_and_one_that_is_gone_are_one_line(tmp_path: Path) -> None:
    begin(tmp_path / "events.db", "run", "lake")
    with pytest.raises(UnreadableOutcomesError, match=r"lake\.json cannot be read"):
        read_outcomes(tmp_path / "events.db", "run")
    Lake(tmp_path / "lake").begin(LakeManifest(run_id="run", n_visitors=5, part_size=2))
    with pytest.raises(UnreadableOutcomesError, match="no part that is done; complete the run with --resume"):
        read_outcomes(tmp_path / "events.db", "run")
