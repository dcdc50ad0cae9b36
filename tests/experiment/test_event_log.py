import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from experiment import (
    Click,
    Event,
    EventLog,
    EventLogError,
    Impression,
    Play,
    RecordResult,
    RefusedEvent,
    RejectedEventError,
    RunFinished,
    RunResumed,
    RunStarted,
    Slate,
    View,
    VisitEnded,
    VisitorSeen,
    VisitStarted,
)
from experiment.connections import checkpoint, connect_writer
from experiment.group_commit import commit_group, submission_of

SLATE = Slate(run_id="r", visitor_id="v", slate_id="s", surface="home", variant="control")
IMPRESSION = Impression(run_id="r", visitor_id="v", slate_id="s", position=1, movie_id=296, served_at=500)
VIEW = View(run_id="r", visitor_id="v", slate_id="s", position=1, after_ms=70)
CLICK = Click(
    run_id="r",
    visitor_id="v",
    click_id="s:1",
    slate_id="s",
    surface="home",
    position=1,
    movie_id=296,
    variant="control",
)
PLAY = Play(run_id="r", visitor_id="v", play_id="p", movie_id=296, watch_s=30.0)
RUN = RunStarted(
    run_id="r", kind="simulated", experiment="e", experiment_toml="t", experiment_hash="h", seed=7
)


def rows(path: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()


@contextmanager
def holding_the_lock(path: Path) -> Iterator[None]:
    """Another program is writing to the log."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


def test_events_are_stamped_with_real_and_with_simulated_time(log: EventLog, log_path: Path) -> None:
    log.record(SLATE, replace(SLATE, slate_id="s2", simulated_at=77))
    times = rows(log_path, "SELECT slate_id, recorded_at, simulated_at FROM slates ORDER BY slate_id")
    assert times == [("s", 1_000, None), ("s2", 1_000, 77)]


def test_a_view_is_timed_from_when_the_film_was_served_and_counts_once(log: EventLog, log_path: Path) -> None:
    assert log.record(VIEW).n_stored == 0  # nothing was served yet
    assert log.record(VIEW, IMPRESSION).n_stored == 2  # whatever their order within one call
    assert log.record(replace(VIEW, after_ms=9_000)) == RecordResult((False,))
    assert rows(log_path, "SELECT served_at, viewed_at FROM impressions") == [(500, 570)]


def test_a_second_click_on_one_place_is_a_duplicate_whatever_its_id(log: EventLog, log_path: Path) -> None:
    assert log.record(CLICK).n_stored == 1
    result = log.record(CLICK, replace(CLICK, click_id="other"), replace(CLICK, position=2, click_id="s:2"))
    assert result.is_stored == (False, False, True)
    assert (result.n_stored, result.n_duplicates) == (1, 2)
    assert rows(log_path, "SELECT click_id FROM clicks ORDER BY click_id") == [("s:1",), ("s:2",)]


def test_what_is_learnt_of_a_visitor_is_added_and_never_unlearnt(log: EventLog, log_path: Path) -> None:
    seen = VisitorSeen(run_id="r", visitor_id="v")
    known = replace(seen, user_id=12, persona="buff", user_agent="Firefox", is_bot=True, n_ratings_before=0)
    reports = (seen, seen, known, seen, replace(known, user_id=13))
    assert [log.record(event).n_stored for event in reports] == [1, 0, 1, 0, 0]
    columns = rows(log_path, "SELECT user_id, persona, user_agent, is_bot, n_ratings_before FROM visitors")
    assert columns == [(12, "buff", "Firefox", 1, 0)]


def test_refusals_are_counted_and_nothing_else_of_them_is_kept(log: EventLog, log_path: Path) -> None:
    log.record(RefusedEvent(reason="forged"), RefusedEvent(reason="forged"), RefusedEvent(reason="expired"))
    log.record(RefusedEvent(reason="forged"), RefusedEvent(reason="forged", event="view", run_id="r"))
    assert rows(log_path, "SELECT run_id, event, reason, n FROM refusals ORDER BY 1, 2, 3") == [
        ("live", "click", "expired", 1),
        ("live", "click", "forged", 3),
        ("r", "view", "forged", 1),
    ]


def test_a_run_is_started_interrupted_resumed_and_done(log: EventLog, log_path: Path) -> None:
    def now() -> list[tuple[object, ...]]:
        return rows(log_path, "SELECT seed, status, finished_at, truth_json FROM runs")

    log.record(RUN)
    assert now() == [(7, "running", None, None)]
    log.record(RunFinished(run_id="r", status="interrupted"))
    assert now() == [(7, "interrupted", 1_000, None)]
    log.record(RunResumed(run_id="r"), replace(RUN, seed=8))
    assert now() == [(7, "running", None, None)]
    log.record(RunFinished(run_id="r", truth_json="{}"))
    assert log.record(RunResumed(run_id="r"), RunFinished(run_id="r", status="interrupted")).n_stored == 0
    assert now() == [(7, "done", 1_000, "{}")]


def test_the_first_end_of_a_visit_counts(log: EventLog, log_path: Path) -> None:
    start = VisitStarted(run_id="r", visitor_id="v", engine="http")
    end = VisitEnded(run_id="r", visitor_id="v", status="failed", error="crash")
    assert log.record(end).n_stored == 0
    assert log.record(end, start).n_stored == 2
    assert log.record(start, replace(end, status="done")).n_stored == 0
    assert rows(log_path, "SELECT status, error, started_at, ended_at FROM visits") == [
        ("failed", "crash", 1_000, 1_000)
    ]


@pytest.mark.parametrize(
    "bad",
    [
        replace(CLICK, position=0),
        replace(CLICK, attempt=0),
        replace(CLICK, movie_id=2**63),
        replace(CLICK, movie_id="Pulp Fiction"),
        replace(CLICK, movie_id=[296]),
        replace(CLICK, variant=None),
        replace(CLICK, variant="\ud800"),
        replace(PLAY, watch_s=-1.0),
        replace(PLAY, watch_s=float("nan")),
        replace(SLATE, propensity=1.5),
        "no event",
    ],
)
def test_an_event_that_breaks_a_rule_is_rejected_with_all_that_came_with_it(
    bad: Event, log: EventLog, log_path: Path
) -> None:
    with pytest.raises(RejectedEventError):
        log.record(IMPRESSION, bad)
    assert rows(log_path, "SELECT * FROM impressions") == []
    assert log.record(IMPRESSION).n_stored == 1


def test_an_event_that_breaks_a_rule_does_no_harm_to_the_rest_of_its_group(
    log: EventLog, log_path: Path
) -> None:
    """Three callers in one transaction; the second one's events are refused, both of them."""
    del log
    good, other = replace(CLICK, click_id="good"), replace(CLICK, click_id="other", position=2)
    submissions = [
        submission_of(events, recorded_at=1, is_awaited=True)
        for events in ([good], [other, replace(CLICK, position=-1)], [other, good])
    ]
    with closing(sqlite3.connect(log_path, isolation_level=None)) as connection:
        first, second, third = commit_group(connection, submissions, busy_timeout_s=1)
    assert (first, third) == (RecordResult((True,)), RecordResult((True, False)))
    assert isinstance(second, RejectedEventError)
    assert rows(log_path, "SELECT click_id FROM clicks ORDER BY 1") == [("good",), ("other",)]


def test_many_threads_record_and_each_is_told_its_own_outcome(log: EventLog, log_path: Path) -> None:
    clicks = [replace(CLICK, click_id=str(index % 100), position=index % 100 + 1) for index in range(400)]
    with ThreadPoolExecutor(16) as threads:
        results = list(threads.map(log.record, clicks))
    assert sum(result.n_stored for result in results) == len(rows(log_path, "SELECT * FROM clicks")) == 100


def test_a_log_locked_for_too_long_fails_and_recovers(log_path: Path) -> None:
    with EventLog.open(log_path, busy_timeout_s=0.05) as log:
        log.record(SLATE)
        with holding_the_lock(log_path), pytest.raises(EventLogError, match=r"events\.db.*locked"):
            log.record(IMPRESSION, CLICK)
        assert rows(log_path, "SELECT * FROM clicks") == []
        assert log.record(IMPRESSION, CLICK).n_stored == 2


def test_the_wal_file_is_emptied_when_it_has_grown_large(log: EventLog, log_path: Path) -> None:
    """One group of 20 MB, and a small one that waits its turn until the first one's checkpoint is over."""
    seen = VisitorSeen(run_id="r", visitor_id="v", user_agent="x" * 4_000)
    log.record(*[replace(seen, visitor_id=f"{index:06d}") for index in range(5_000)])
    log.record(seen)
    assert log_path.with_name("events.db-wal").stat().st_size < 100_000


def test_a_checkpoint_says_when_a_reader_is_in_its_way(log: EventLog, log_path: Path) -> None:
    log.record(SLATE)
    with closing(connect_writer(log_path, busy_timeout_s=1)) as writer:
        with closing(sqlite3.connect(log_path, isolation_level=None)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT * FROM slates").fetchall()
            assert not checkpoint(writer)
            log.record(IMPRESSION)
            reader.execute("COMMIT")
        assert checkpoint(writer)
    assert log_path.with_name("events.db-wal").stat().st_size == 0
    assert len(rows(log_path, "SELECT * FROM slates JOIN impressions USING (slate_id)")) == 1


def test_events_recorded_soon_are_stored_by_the_time_the_log_is_closed(log_path: Path) -> None:
    with EventLog.open(log_path) as log:
        for position in range(1, 101):
            log.record_soon(replace(IMPRESSION, position=position))
    assert len(rows(log_path, "SELECT * FROM impressions")) == 100
    assert log.n_lost == 0


def test_events_lost_after_record_soon_are_counted_and_logged(
    log_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with EventLog.open(log_path) as log:
        log.record_soon(IMPRESSION, replace(CLICK, position=0))
    assert log.n_lost == 2
    assert "lost 2 events" in caplog.text


def test_nothing_recorded_is_nothing_stored(log: EventLog) -> None:
    assert log.record() == RecordResult(())


def test_a_closed_log_takes_nothing_and_may_be_closed_again(log_path: Path) -> None:
    log = EventLog.open(log_path)
    log.record(CLICK)
    log.close()
    log.close()
    with pytest.raises(EventLogError, match="is closed"):
        log.record(CLICK)


def test_a_log_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("this is no database, whatever its name may say. " * 100)
    (tmp_path / "folder.db").mkdir()
    for name in ("text.db", "folder.db", "text.db/events.db"):
        with pytest.raises(EventLogError, match=r"cannot be opened"):
            EventLog.open(tmp_path / name)
