import sqlite3
from contextlib import closing
from dataclasses import fields
from pathlib import Path

from sqlite_utils import Database

from experiment import Event, EventLog, EventReader, Exposure, RefusalCount, RefusedEvent
from experiment.schema import MIGRATIONS
from experiment.statements import STATEMENTS


def test_every_kind_of_event_has_a_place_in_the_log() -> None:
    assert set(STATEMENTS) == set(Event.__args__)


def test_opening_a_log_again_changes_nothing_and_keeps_everything(log_path: Path) -> None:
    exposure = Exposure(run_id="r", visitor_id="v", variant="control")
    schemas = []
    for _ in range(2):
        with EventLog.open(log_path) as log:
            log.record(exposure)
        with closing(sqlite3.connect(log_path)) as connection:
            schemas.append(connection.execute("SELECT sql FROM sqlite_master").fetchall())
            assert connection.execute("SELECT COUNT(*) FROM exposures").fetchone() == (1,)
    assert schemas[0] == schemas[1]


def test_an_older_log_is_brought_up_to_date(log_path: Path) -> None:
    """A log of the first migration alone, with a run in it."""
    with closing(sqlite3.connect(log_path, isolation_level=None)) as connection:
        MIGRATIONS.apply(Database(connection), stop_before="m002_events")
        connection.execute(
            "INSERT INTO runs"
            " (run_id, kind, experiment, experiment_toml, experiment_hash, started_at, status)"
            " VALUES ('old', 'live', 'e', 't', 'h', 1, 'done')"
        )
        assert len(MIGRATIONS.pending(Database(connection))) > 0
    with EventLog.open(log_path) as log:
        log.record(Exposure(run_id="old", visitor_id="v", variant="control"))
    with closing(sqlite3.connect(log_path)) as connection:
        assert MIGRATIONS.pending(Database(connection)) == []
        assert connection.execute("SELECT run_id FROM runs").fetchall() == [("old",)]
        assert connection.execute("SELECT visitor_id FROM visitor_outcomes").fetchall() == [("v",)]


def test_refusals_of_an_older_log_are_kept_without_a_variant(log_path: Path) -> None:
    """2 refused before the variant was kept, 1 more of no known variant, 1 of control's."""
    with closing(sqlite3.connect(log_path, isolation_level=None)) as connection:
        MIGRATIONS.apply(Database(connection), stop_before="m006_refusals_by_variant")
        connection.execute("INSERT INTO refusals VALUES ('r', 'click', 'replayed', 2, 1)")
    with EventLog.open(log_path) as log:
        log.record(RefusedEvent(reason="replayed", run_id="r"))
        log.record(RefusedEvent(reason="replayed", run_id="r", variant="control"))
    with closing(sqlite3.connect(log_path)) as connection:
        found = connection.execute(
            "SELECT event, reason, variant, n FROM refusals ORDER BY variant"
        ).fetchall()
    assert found == [("click", "replayed", "", 3), ("click", "replayed", "control", 1)]
    assert EventReader(log_path).refusal_counts() == (RefusalCount("r", "click", "replayed", 4),)


def test_views_of_an_older_log_are_made_anew(log_path: Path) -> None:
    with EventLog.open(log_path):
        pass
    with closing(sqlite3.connect(log_path, isolation_level=None)) as connection:
        connection.execute("DROP VIEW visitor_outcomes")
        connection.execute("CREATE VIEW visitor_outcomes AS SELECT 1 AS of_before")
        connection.execute("DELETE FROM _sqlite_migrations WHERE name = 'm007_quicker_views'")
    with EventLog.open(log_path) as log:
        log.record(Exposure(run_id="r", visitor_id="v", variant="control"))
    with closing(sqlite3.connect(log_path)) as connection:
        assert connection.execute("SELECT n_variants FROM visitor_outcomes").fetchall() == [(1,)]


def test_the_log_is_in_wal_mode(log: EventLog, log_path: Path) -> None:
    del log
    with closing(sqlite3.connect(log_path)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_every_table_of_visitors_names_run_and_visitor(log: EventLog, log_path: Path) -> None:
    del log
    with closing(sqlite3.connect(log_path)) as connection:
        for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            columns = {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
            if table not in {"runs", "refusals", "_sqlite_migrations"}:
                assert {field.name for field in fields(Exposure)} - {"variant", "router_claim"} <= columns
