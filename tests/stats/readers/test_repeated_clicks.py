"""What a log tells of clicks that came twice, and of attempts that broke off: by arm where it knows."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from handmade_log import Log

from stats import Arm, read_outcomes

ARMS = ("control", "treatment")


@pytest.fixture
def log(tmp_path: Path) -> Log:
    return Log(tmp_path / "events.db")


def test_failed_attempts_are_summed_by_arm_where_the_log_knows_them(log: Log) -> None:
    """A log of before that column, and somebody's own table, are read all the same."""
    log.add_run("r")
    visitors = [(f"v{number}", "control" if number < 3 else "treatment") for number in range(4)]
    log.add_visitors([("r", visitor, variant, 1, 6, 0, 0, 0, 0, 1) for visitor, variant in visitors])
    assert [arm.n_failed_attempts for arm in read_outcomes(log.path, "r").arms] == [None, None]
    with closing(sqlite3.connect(log.path)) as connection, connection:
        connection.execute("ALTER TABLE visitor_outcomes ADD COLUMN n_failed_attempts INTEGER")
        connection.execute("UPDATE visitor_outcomes SET n_failed_attempts = substr(visitor_id, 2)")
    assert [arm.n_failed_attempts for arm in read_outcomes(log.path, "r").arms] == [0 + 1 + 2, 3]


def test_clicks_refused_as_replayed_are_counted_where_the_log_keeps_refusals(log: Log) -> None:
    """3 of the run's own; other reasons, events and runs are none of them."""
    log.add_run("r")
    log.add_visitors([("r", "v1", "control", 1, 6, 1, 1, 0, 0, 1)])
    assert read_outcomes(log.path, "r").n_repeated_clicks is None
    with closing(sqlite3.connect(log.path)) as connection, connection:
        connection.execute("CREATE TABLE refusals (run_id TEXT, event TEXT, reason TEXT, n INTEGER)")
    assert read_outcomes(log.path, "r").n_repeated_clicks == 0
    refused = [("r", "click", "replayed", 3), ("r", "click", "forged", 5), ("r", "enter", "replayed", 7)]
    with closing(sqlite3.connect(log.path)) as connection, connection:
        connection.executemany(
            "INSERT INTO refusals VALUES (?, ?, ?, ?)", [*refused, ("s", "click", "replayed", 9)]
        )
    outcomes = read_outcomes(log.path, "r")
    assert outcomes.n_repeated_clicks == 3
    assert [arm.repeats for arm in outcomes.arms] == [None]


def test_repeated_clicks_are_counted_by_the_variant_of_their_slate(log: Log) -> None:
    """Control: 2 stored and 3 refused; treatment: 1 stored; the holdout and other runs are no arm's."""
    log.add_run("r")
    log.add_visitors([("r", f"v{i}", name, 1, 6, 1, 1, 0, 0, 1) for i, name in enumerate(ARMS * 2)])
    with closing(sqlite3.connect(log.path)) as connection, connection:
        connection.executescript(
            "CREATE TABLE clicks (run_id TEXT, variant TEXT);"
            "INSERT INTO clicks VALUES"
            " ('r', 'control'), ('r', 'control'), ('r', 'treatment'), ('s', 'control');"
            "CREATE TABLE refusals (run_id TEXT, event TEXT, reason TEXT, variant TEXT, n INTEGER);"
            "INSERT INTO refusals VALUES ('r', 'click', 'replayed', 'control', 3),"
            " ('r', 'click', 'forged', '', 5), ('r', 'click', 'replayed', 'holdout', 4),"
            " ('s', 'click', 'replayed', 'treatment', 7);"
        )
    outcomes = read_outcomes(log.path, "r")
    assert outcomes.n_repeated_clicks == 3 + 4
    assert [arm.repeats for arm in outcomes.arms] == [Arm("control", 5, 3), Arm("treatment", 1, 0)]


def test_repeated_clicks_of_a_run_that_a_newer_version_took_over_have_no_arms(log: Log) -> None:
    """Of 5 refused, 2 were before refusals had a variant."""
    log.add_run("r")
    log.add_visitors([("r", "v", "control", 1, 6, 1, 1, 0, 0, 1)])
    with closing(sqlite3.connect(log.path)) as connection, connection:
        connection.executescript(
            "CREATE TABLE clicks (run_id TEXT, variant TEXT);"
            "CREATE TABLE refusals (run_id TEXT, event TEXT, reason TEXT, variant TEXT, n INTEGER);"
            "INSERT INTO refusals VALUES ('r', 'click', 'replayed', '', 2),"
            " ('r', 'click', 'replayed', 'control', 3);"
        )
    outcomes = read_outcomes(log.path, "r")
    assert outcomes.n_repeated_clicks == 5
    assert outcomes.arms[0].repeats is None
