import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from experiment import (
    HOLDOUT,
    BulkLog,
    Click,
    Coded,
    Each,
    Event,
    EventLog,
    EventLogError,
    EventTable,
    Exposure,
    Impression,
    Play,
    RejectedEventError,
    Slate,
    VisitEnded,
    VisitMade,
    VisitorSeen,
    VisitStarted,
    assign,
    assign_texts,
    fast_hash,
    number_texts,
    parse_experiment,
)

RECORDING = {"recorded_at", "started_at", "ended_at"}
WHO = {"run_id": "r", "simulated_at": 5}
TABLES = (
    EventTable(VisitStarted, {**WHO, "visitor_id": ["a", "b"], "attempt": 2, "engine": "vector"}),
    EventTable(VisitEnded, {**WHO, "visitor_id": ["a", "b"], "attempt": 2}),
    EventTable(VisitMade, {**WHO, "visitor_id": ["c"], "attempt": 1, "engine": "vector"}),
    EventTable(VisitorSeen, {**WHO, "visitor_id": ["a", "b"], "attempt": 2, "user_id": [7, None]}),
    EventTable(
        Exposure, {**WHO, "visitor_id": ["a", "b"], "attempt": 2, "variant": ["control", "treatment"]}
    ),
    EventTable(
        Slate,
        {
            **WHO,
            "visitor_id": ["a", "b"],
            "attempt": 2,
            "slate_id": ["s", "t"],
            "surface": "home",
            "variant": ["control", "treatment"],
            "is_known_user": [True, False],
        },
    ),
    EventTable(
        Impression,
        {
            **WHO,
            "visitor_id": ["a", "a", "b"],
            "attempt": 2,
            "slate_id": ["s", "s", "t"],
            "position": [1, 2, 1],
            "movie_id": [10, 20, 30],
            "served_at": 5,
            "viewed_at": [1005, None, None],
        },
    ),
    EventTable(
        Click,
        {
            **WHO,
            "visitor_id": ["a"],
            "attempt": 2,
            "click_id": ["s:1"],
            "slate_id": ["s"],
            "surface": "home",
            "position": [1],
            "movie_id": [10],
            "variant": ["control"],
        },
    ),
    EventTable(
        Play,
        {**WHO, "visitor_id": ["a"], "attempt": 2, "play_id": ["p"], "movie_id": [10], "watch_s": [60.0]},
    ),
)


def contents(path: Path) -> dict[str, list[dict[str, object]]]:
    """Every row of every table, but for times of recording."""
    found = {}
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        for table in ("visits", "visitors", "exposures", "slates", "impressions", "clicks", "plays"):
            rows = connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2, 3")  # noqa: S608  names from above
            found[table] = [
                {name: value for name, value in dict(row).items() if name not in RECORDING} for row in rows
            ]
    return found


def as_events(table: EventTable) -> list[Event]:
    """The events of a table, one by one."""
    return [
        table.kind(
            **{
                name: value[row] if isinstance(value, list) else value
                for name, value in table.columns.items()
            }
        )
        for row in range(len(table))
    ]


def test_tables_leave_the_rows_that_their_events_leave_one_by_one(tmp_path: Path) -> None:
    one_by_one, at_once = tmp_path / "one.db", tmp_path / "bulk.db"
    with EventLog.open(one_by_one) as log:
        log.record(*(event for table in TABLES for event in as_events(table)))
    EventLog.open(at_once).close()
    with BulkLog(at_once) as bulk:
        assert bulk.record(TABLES) == 16
    assert contents(at_once) == contents(one_by_one)


def test_a_visit_that_was_begun_is_made_by_its_last_event(tmp_path: Path) -> None:
    """A visit begun in the ledger is done once made; one that ended otherwise stays so."""
    who = {**WHO, "attempt": 1, "engine": "vector"}
    with EventLog.open(tmp_path / "events.db") as log:
        for visitor_id in ("begun", "failed"):
            log.record(VisitStarted(run_id="r", visitor_id=visitor_id, engine="vector"))
        log.record(VisitEnded(run_id="r", visitor_id="failed", status="failed", error="why"))
    with BulkLog(tmp_path / "events.db") as bulk:
        assert bulk.record([EventTable(VisitMade, {**who, "visitor_id": ["begun", "failed", "new"]})]) == 2
    ledger = [(row["visitor_id"], row["status"]) for row in contents(tmp_path / "events.db")["visits"]]
    assert ledger == [("begun", "done"), ("failed", "failed"), ("new", "done")]


def test_tables_recorded_again_change_nothing(tmp_path: Path) -> None:
    EventLog.open(tmp_path / "events.db").close()
    with BulkLog(tmp_path / "events.db") as bulk:
        bulk.record(TABLES)
        before = contents(tmp_path / "events.db")
        assert bulk.record(TABLES) == 0
    assert contents(tmp_path / "events.db") == before


def test_one_event_that_breaks_a_rule_leaves_nothing_of_the_others(tmp_path: Path) -> None:
    EventLog.open(tmp_path / "events.db").close()
    broken = EventTable(
        Play, {**WHO, "visitor_id": ["a"], "play_id": ["q"], "movie_id": [1], "watch_s": [-1.0]}
    )
    with BulkLog(tmp_path / "events.db") as bulk:
        with pytest.raises(RejectedEventError, match="watch_s"):
            bulk.record([*TABLES, broken])
        assert not any(contents(tmp_path / "events.db").values())
        assert bulk.record(TABLES) == 16


def test_columns_of_unequal_length_are_refused(tmp_path: Path) -> None:
    EventLog.open(tmp_path / "events.db").close()
    uneven = EventTable(Exposure, {**WHO, "visitor_id": ["a", "b"], "variant": ["control"]})
    with BulkLog(tmp_path / "events.db") as bulk, pytest.raises(ValueError, match=r"lengths \[1, 2\]"):
        bulk.record([uneven])


def test_a_file_that_is_no_event_log_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "events.db").write_bytes(b"not a database, but long enough to be looked at" * 30)
    with BulkLog(tmp_path / "events.db") as bulk, pytest.raises(EventLogError, match="cannot be written"):
        bulk.record(TABLES)


@pytest.mark.parametrize("holdout", [0.0, 0.3])
def test_many_are_assigned_as_each_alone(holdout: float) -> None:
    """500 visitors, three variants of unequal weight."""
    experiment = parse_experiment(
        f"""
        [experiment]
        name = "e"
        salt = "s"
        holdout = {holdout}
        [[variants]]
        name = "control"
        model = "m"
        weight = 2.0
        [[variants]]
        name = "one"
        model = "m"
        weight = 0.5
        [[variants]]
        name = "two"
        model = "m"
        weight = 1.0
        """
    )
    visitor_ids = [f"v{number}" for number in range(500)]
    names = [*(variant.name for variant in experiment.variants), HOLDOUT]
    alone = [names.index(assign(experiment, visitor_id).variant) for visitor_id in visitor_ids]
    assert assign_texts(experiment, np.array(visitor_ids, dtype=np.bytes_)).tolist() == alone


def test_arrays_and_codes_are_stored_as_the_lists_they_stand_for(tmp_path: Path) -> None:
    """Texts of different lengths, a masked number, codes, and values that stand for several rows."""
    who = np.array([b"a", b"bb"])
    arrays = EventTable(
        Impression,
        {
            "run_id": "r",
            "visitor_id": Each(who, 2),
            "attempt": np.array([1, 1, 2, 2]),
            "slate_id": Each(Coded(["s", "t"], np.array([1, 0])), 2),
            "position": np.array([1, 2, 1, 2]),
            "movie_id": np.array([10, 20, 30, 40]),
            "served_at": 5,
            "viewed_at": np.ma.masked_equal(np.array([1005, 0, 0, 7]), 0),
        },
    )
    lists = EventTable(
        Impression,
        {
            "run_id": "r",
            "visitor_id": ["a", "a", "bb", "bb"],
            "attempt": [1, 1, 2, 2],
            "slate_id": ["t", "t", "s", "s"],
            "position": [1, 2, 1, 2],
            "movie_id": [10, 20, 30, 40],
            "served_at": 5,
            "viewed_at": [1005, None, None, 7],
        },
    )
    assert len(arrays) == 4
    assert list(arrays.rows(9)) == list(lists.rows(9))
    EventLog.open(tmp_path / "events.db").close()
    with BulkLog(tmp_path / "events.db") as bulk:
        assert bulk.record([arrays]) == 4
        assert bulk.record([lists]) == 0


def test_many_are_assigned_alike_with_and_without_numba(monkeypatch: pytest.MonkeyPatch) -> None:
    """1,000 visitors; where numba is not installed, both ways are hashlib's."""
    experiment = parse_experiment(
        """
        [experiment]
        name = "e"
        salt = "s"
        holdout = 0.2
        [[variants]]
        name = "control"
        model = "m"
        [[variants]]
        name = "one"
        model = "m"
        """
    )
    visitors = number_texts(np.arange(1000), width=6)
    without = assign_texts(experiment, visitors)
    monkeypatch.setattr(fast_hash, "DEMAND", fast_hash.Demand(worth_it=0))
    assert np.array_equal(assign_texts(experiment, visitors), without)
