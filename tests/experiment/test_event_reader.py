from dataclasses import replace
from pathlib import Path

import pytest

from experiment import (
    Click,
    EventLog,
    EventLogError,
    EventReader,
    Exposure,
    Impression,
    RefusalCount,
    RefusedEvent,
    RetryCounts,
    RunFinished,
    RunStarted,
    Slate,
    SlateRecord,
    UnknownRunError,
    VariantCounts,
    View,
    VisitEnded,
    VisitorSeen,
    VisitStarted,
)

RUN = RunStarted(
    run_id="r1",
    kind="simulated",
    experiment="newer-data",
    experiment_toml="[experiment]",
    experiment_hash="abc",
    population_toml="[population]",
    seed=7,
    engine="http",
    n_visitors=1850,
    truth_json="{}",
    settings_json='{"dataset": "synthetic"}',
)


def visit(
    visitor_id: str, attempt: int, status: str | None, run_id: str = "r1"
) -> list[VisitStarted | VisitEnded]:
    start = VisitStarted(run_id=run_id, visitor_id=visitor_id, attempt=attempt, engine="http")
    if status is None:
        return [start]
    end = VisitEnded(run_id=run_id, visitor_id=visitor_id, attempt=attempt)
    return [start, replace(end, status=status, error="crash" if status == "failed" else None)]


def test_a_run_is_read_as_it_was_started(log: EventLog, log_path: Path) -> None:
    log.record(RUN)
    run = EventReader(log_path).run("r1")
    for name in RUN.__slots__:
        assert getattr(run, name) == getattr(RUN, name)
    assert (run.started_at, run.finished_at, run.status) == (1_000, None, "running")


def test_the_latest_run_is_the_one_that_started_last(log_path: Path) -> None:
    times = iter([10, 30, 20, 30])
    with EventLog.open(log_path, clock=lambda: next(times)) as log:
        for run_id, kind in (("a", "simulated"), ("b", "live"), ("c", "simulated"), ("d", "live")):
            log.record(replace(RUN, run_id=run_id, kind=kind))
    reader = EventReader(log_path)
    assert [run.run_id for run in reader.runs()] == ["d", "b", "c", "a"]
    assert reader.latest_run() == reader.run("d")
    assert reader.latest_run("simulated") == reader.run("c")


def test_a_log_without_runs_has_no_latest_run(log: EventLog, log_path: Path) -> None:
    del log
    assert EventReader(log_path).latest_run() is None
    assert EventReader(log_path).runs() == ()


def test_an_unknown_run_is_answered_with_those_there_are(log: EventLog, log_path: Path) -> None:
    log.record(RUN, RunFinished(run_id="r1"))
    with pytest.raises(UnknownRunError, match=r"no run 'r2'.*r1"):
        EventReader(log_path).run("r2")


def test_the_ledger_tells_who_is_done_and_what_attempt_comes_next(log: EventLog, log_path: Path) -> None:
    """`retried` was done in vain (its second attempt is open), `seen` met the site but is in no ledger."""
    log.record(
        *visit("done", 1, "done"),
        *visit("second", 1, "failed"),
        *visit("second", 2, "done"),
        *visit("open", 1, None),
        *visit("retried", 1, "done"),
        *visit("retried", 2, None),
        *visit("elsewhere", 1, "done", run_id="r2"),
        Exposure(run_id="r1", visitor_id="seen", attempt=3, variant="control"),
    )
    reader = EventReader(log_path)
    assert reader.done_visitors("r1") == {"done", "second"}
    assert reader.next_attempts("r1") == {"done": 2, "second": 3, "open": 2, "retried": 3, "seen": 4}
    assert reader.retry_counts("r1") == RetryCounts(n_visits=6, n_retries=2, n_failed=1, n_open=2)
    records = [
        (record.visitor_id, record.attempt, record.status, record.error) for record in reader.visits("r1")
    ]
    assert records[3:5] == [("retried", 2, "started", None), ("second", 1, "failed", "crash")]


def test_counts_are_by_variant_and_surface(log: EventLog, log_path: Path) -> None:
    for index, (variant, surface) in enumerate([("a", "home"), ("a", "home"), ("a", "film"), ("b", "home")]):
        who = {"run_id": "r1", "visitor_id": str(index), "slate_id": str(index)}
        slate = Slate(**who, surface=surface, variant=variant, latency_ms=2.5, is_fallback=index == 1)
        place = {"position": 1, "movie_id": 5}
        log.record(
            replace(slate, latency_ms=None) if index == 0 else slate,
            Impression(**who, **place, served_at=1),
            Impression(**who, position=2, movie_id=6, served_at=1),
            View(**who, position=1, after_ms=1),
        )
        if index < 2:
            log.record(Click(**who, **place, click_id=str(index), surface=surface, variant=variant))
    assert EventReader(log_path).variant_counts("r1") == (
        VariantCounts("a", "film", 1, 0, 2, 1, 0, 2.5, 1),
        VariantCounts("a", "home", 2, 1, 4, 2, 2, 2.5, 1),
        VariantCounts("b", "home", 1, 0, 2, 1, 0, 2.5, 1),
    )
    assert EventReader(log_path).variant_counts("r2") == ()


def test_a_slate_is_read_with_its_films_in_their_order(log: EventLog, log_path: Path) -> None:
    who = {"run_id": "r1", "visitor_id": "v", "slate_id": "s"}
    log.record(
        Slate(**who, surface="home", variant="a", model="one"),
        *[Impression(**who, position=position, movie_id=9 - position, served_at=1) for position in (2, 1, 3)],
        Slate(**{**who, "slate_id": "bare"}, surface="home", variant="b", is_fallback=True),
    )
    reader = EventReader(log_path)
    assert reader.slate("s") == SlateRecord("s", "a", "one", is_fallback=False, movie_ids=(8, 7, 6))
    assert reader.slate("bare") == SlateRecord("bare", "b", None, is_fallback=True, movie_ids=())
    assert reader.slate("unknown") is None


def test_when_an_attempt_met_the_site_is_known(log: EventLog, log_path: Path) -> None:
    log.record(VisitorSeen(run_id="r1", visitor_id="v", attempt=2, simulated_at=70, persona="buff"))
    reader = EventReader(log_path)
    assert [reader.first_seen_at("r1", "v", attempt) for attempt in (1, 2)] == [None, 70]


def test_refusals_are_counted_by_run_event_and_reason(log: EventLog, log_path: Path) -> None:
    log.record(
        RefusedEvent(reason="forged"),
        RefusedEvent(reason="forged"),
        RefusedEvent(reason="swapped", run_id="r"),
    )
    assert EventReader(log_path).refusal_counts() == (
        RefusalCount("live", "click", "forged", 2),
        RefusalCount("r", "click", "swapped", 1),
    )


def test_a_run_nobody_visited_has_no_visits(log: EventLog, log_path: Path) -> None:
    del log
    assert EventReader(log_path).retry_counts("r") == RetryCounts(0, 0, 0, 0)


def test_what_is_no_event_log_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty.db").touch()
    for name in ("absent.db", "empty.db"):
        with pytest.raises(EventLogError, match=name):
            EventReader(tmp_path / name).runs()
    assert not (tmp_path / "absent.db").exists()


def test_reading_waits_for_nobody_and_nobody_for_it(log: EventLog, log_path: Path) -> None:
    """A reader in the midst of its answer sees the log as it was, while a click is committed."""
    from experiment.connections import reading

    log.record(RUN)
    with reading(log_path) as connection:
        connection.execute("BEGIN")
        assert connection.execute("SELECT COUNT(*) FROM runs").fetchone()[0] == 1
        assert log.record(replace(RUN, run_id="r2")).n_stored == 1
        assert connection.execute("SELECT COUNT(*) FROM runs").fetchone()[0] == 1
    assert len(EventReader(log_path).runs()) == 2
