import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from handmade_log import Log
from hypothesis import given, settings
from hypothesis import strategies as st

from stats import (
    LIVE_RUN,
    Arm,
    RatioArm,
    UnknownRunError,
    UnreadableOutcomesError,
    read_outcomes,
    read_runs,
)

TRUTH = {
    "control": {"visitor_ctr": 0.07},
    "treatment": {"visitor_ctr": 0.11},
    "difference": 0.04,
    "lift": 0.5714,
}


@pytest.fixture
def log(tmp_path: Path) -> Log:
    return Log(tmp_path / "events.db")


def test_a_run_is_counted_per_variant_with_bots_and_holdout_left_out(log: Log) -> None:
    """Expected numbers by hand: control has clicks (1, 0, 2) of (6, 12, 6) viewed."""
    log.add_run("r", seed=7, engine="http", n_visitors=7, experiment_hash="abc", started_at=1, finished_at=2)
    log.add_visitors(
        [
            ("r", "v1", "control", 1, 6, 1, 1, 0, 0, 1),
            ("r", "v2", "control", 2, 12, 0, 0, 1, 0, 1),
            ("r", "v3", "control", 1, 6, 2, 1, 0, None, 2),
            ("r", "v4", "treatment", 1, None, 1, 1, 0, 0, 1),
            ("r", "v5", "treatment", 1, 6, 6, 1, 1, 1, 1),
            ("r", "v6", "holdout", 1, 6, 0, 0, 0, 0, 1),
            ("r", "v7", "holdout", 1, 6, 0, 0, 0, 1, 1),
        ]
    )
    outcomes = read_outcomes(log.path, "r")
    control, treatment = outcomes.arms
    assert control.visitors == Arm("control", 3, 2)
    assert control.impressions == RatioArm.from_visitors("control", [1, 0, 2], [6, 12, 6])
    assert (control.n_slates, control.n_fallbacks, control.n_crossovers) == (4, 1, 1)
    assert treatment.visitors == Arm("treatment", 1, 1)
    assert treatment.impressions == RatioArm.from_visitors("treatment", [1], [0])
    assert (outcomes.n_bots, outcomes.n_holdout) == (2, 1)
    run = outcomes.run
    assert (run.seed, run.engine, run.n_visitors, run.experiment_hash) == (7, "http", 7, "abc")
    assert (run.experiment, run.kind, run.status, run.is_running) == (
        "newer-data",
        "simulated",
        "done",
        False,
    )


@settings(max_examples=15, deadline=None)
@given(
    visitors=st.lists(
        st.tuples(st.sampled_from(["control", "treatment"]), st.integers(0, 9), st.integers(0, 99)),
        max_size=30,
    )
)
def test_sums_made_by_sql_equal_those_of_the_arrays(
    tmp_path_factory: pytest.TempPathFactory, visitors: list[tuple[str, int, int]]
) -> None:
    log = Log(tmp_path_factory.mktemp("log") / "events.db")
    log.add_run("r")
    log.add_visitors(
        [
            ("r", f"v{index}", variant, 1, seen, clicks, int(clicks > 0), 0, 0, 1)
            for index, (variant, clicks, seen) in enumerate(visitors)
        ]
    )
    for arm in read_outcomes(log.path, "r").arms:
        own = np.array([(c, seen) for variant, c, seen in visitors if variant == arm.visitors.variant])
        assert arm.impressions == RatioArm.from_visitors(arm.visitors.variant, own[:, 0], own[:, 1])


def test_runs_do_not_mix_and_the_latest_simulated_one_is_the_default(log: Log) -> None:
    for run_id, started_at in (("older", 1), ("newer", 2)):
        log.add_run(run_id, started_at=started_at)
        log.add_visitors([(run_id, "v", "control", 1, 6, started_at, 1, 0, 0, 1)])
    log.add_run(LIVE_RUN, kind="live", status="running", started_at=3)
    assert [run.run_id for run in read_runs(log.path)] == ["older", "newer", LIVE_RUN]
    outcomes = read_outcomes(log.path)
    assert outcomes.run.run_id == "newer"
    assert outcomes.arms[0].impressions == RatioArm.from_visitors("control", [2], [6])


def test_live_traffic_is_read_with_or_without_a_row_of_its_own(log: Log) -> None:
    log.add_visitors([(LIVE_RUN, "v", "control", 1, 6, 0, 0, 0, 0, 1)])
    assert read_outcomes(log.path).run.is_running
    log.add_run(LIVE_RUN, kind="live", status="running")
    assert read_outcomes(log.path).run.is_running


def test_a_run_without_visitors_is_read_as_empty(log: Log) -> None:
    log.add_run("r")
    assert read_outcomes(log.path, "r").arms == ()


def test_truth_and_settings_come_from_their_json(log: Log) -> None:
    settings_json = json.dumps({"dataset": "ml", "models": {"older-svd": "v1"}, "outside_option": 2.5})
    log.add_run("r", truth_json=json.dumps(TRUTH), settings_json=settings_json)
    run = read_outcomes(log.path, "r").run
    assert run.truth is not None
    assert run.truth.visitor_ctr == {"control": 0.07, "treatment": 0.11}
    assert (run.truth.difference, run.truth.lift) == (0.04, 0.5714)
    assert run.settings == {"dataset": "ml", "models older-svd": "v1", "outside option": "2.5"}


@pytest.mark.parametrize("truth", [None, "", "{}", '{"control": {}}'])
def test_a_run_without_a_truth_has_none(log: Log, truth: str | None) -> None:
    log.add_run("r", truth_json=truth)
    assert read_outcomes(log.path, "r").run.truth is None


@pytest.mark.parametrize("truth", ["{", "[1]"])
def test_a_broken_truth_names_run_and_column(log: Log, truth: str) -> None:
    log.add_run("r", truth_json=truth)
    with pytest.raises(UnreadableOutcomesError, match="truth_json of run 'r'"):
        read_outcomes(log.path, "r")


def test_an_unknown_run_names_those_there_are(log: Log) -> None:
    log.add_run("r1")
    with pytest.raises(UnknownRunError, match=r"run 'r2' is not in .*; it holds: r1"):
        read_outcomes(log.path, "r2")


def _no_file(path: Path) -> None:
    """Leave nothing there."""


def _not_a_database(path: Path) -> None:
    path.write_text("visitor,variant,clicked\n" * 100)


def _another_database(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE films (movie_id INTEGER)")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (_no_file, "no event log at"),
        (_not_a_database, "file is not a database"),
        (_another_database, "no such table: runs; it needs a `runs` table and a `visitor_outcomes` view"),
    ],
)
def test_what_is_no_event_log_is_named(tmp_path: Path, make: Callable[[Path], None], message: str) -> None:
    path = tmp_path / "events.db"
    make(path)
    with pytest.raises(UnreadableOutcomesError, match=message):
        read_outcomes(path)


def test_reading_changes_nothing(log: Log) -> None:
    log.add_run("r")
    before = log.path.read_bytes()
    read_outcomes(log.path, "r")
    assert log.path.read_bytes() == before
    assert [path.name for path in log.path.parent.iterdir()] == ["events.db"]


def test_a_path_with_odd_characters_is_read(tmp_path: Path) -> None:
    folder = tmp_path / "a folder?mode=rw#x%20"
    folder.mkdir()
    log = Log(folder / "events.db")
    log.add_run("r")
    assert read_runs(log.path)[0].run_id == "r"


def test_history_is_the_arms_as_visitors_came_bots_and_holdout_left_out(log: Log) -> None:
    """Six people, two to a moment; arrival is by `exposed_at`, not by the order of rows."""
    log.add_run("r")
    arrivals = [
        ("v6", "treatment", 60, 1, 0),
        ("v1", "control", 10, 1, 0),
        ("v2", "treatment", 20, 0, 0),
        ("v9", "control", 25, 1, 1),
        ("v3", "holdout", 26, 0, 0),
        ("v4", "control", 40, 0, 0),
        ("v3b", "control", 30, 1, 0),
        ("v5", "treatment", 50, 1, 0),
    ]
    with closing(sqlite3.connect(log.path)) as connection, connection:
        connection.executemany(
            "INSERT INTO visitor_outcomes (run_id, visitor_id, variant, exposed_at, clicked, is_bot) "
            "VALUES ('r', ?, ?, ?, ?, ?)",
            arrivals,
        )
    moments = read_outcomes(log.path, "r", n_moments=4).history
    found = [{arm.variant: (arm.n, arm.successes) for arm in moment} for moment in moments]
    assert found == [
        {"control": (1, 1), "treatment": (1, 0)},
        {"control": (3, 2), "treatment": (1, 0)},
        {"control": (3, 2), "treatment": (3, 2)},
    ]
    assert len(read_outcomes(log.path, "r", n_moments=400).history) == 6
    assert read_outcomes(log.path, "r").history == ()
