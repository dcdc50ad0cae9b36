from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, get_type_hints

import pytest

from experiment import (
    RAW_TABLES,
    Click,
    EventLog,
    EventLogError,
    Exposure,
    Impression,
    Play,
    Slate,
    Traffic,
    VisitEnded,
    VisitorSeen,
    VisitStarted,
    read_table_columns,
    read_table_portions,
    read_traffic,
)
from experiment import _traffic_sql as sql

if TYPE_CHECKING:
    from pathlib import Path

    from experiment import Event

DAY_MS = 86_400_000


def visit(
    number: int, *, variant: str = "control", steps: int = 0, at: int = 0, is_bot: bool = False
) -> list[Event]:
    """A visitor who takes so many of the steps view, click, play, finish; the slate took `number` ms."""
    who = {"run_id": "r", "visitor_id": f"v{number:02}", "simulated_at": at}
    slate = f"slate-{number}"
    film = {"slate_id": slate, "position": 1, "movie_id": 9}
    events: list[Event] = [
        VisitStarted(**who, engine="http"),
        VisitorSeen(**who, is_bot=is_bot),
        Exposure(**who, variant=variant),
        Slate(**who, slate_id=slate, surface="home", variant=variant, latency_ms=float(number)),
        Impression(**who, **film, served_at=at, viewed_at=at if steps > 0 else None),
        VisitEnded(**who, status="failed" if number == 99 else "done", error="lost" * (number == 99) or None),
    ]
    if steps > 1:
        events.append(Click(**who, **film, click_id=slate, surface="home", variant=variant))
    if steps > 2:
        events.append(Play(**who, play_id=slate, movie_id=9, watch_s=60.0, is_completed=steps > 3))
    return events


@pytest.fixture
def watched(log: EventLog, log_path: Path) -> Traffic:
    """Six visitors in two days: five of control who came 0 to 4 steps far, one of treatment; and a bot."""
    for steps in range(5):
        log.record(*visit(steps + 1, steps=steps, at=steps // 3 * DAY_MS))
    log.record(*visit(10, variant="treatment", steps=4), *visit(11, is_bot=True, steps=4))
    log.record(*visit(12, variant="holdout"))
    return read_traffic(log_path, "r", now_ms=2_000)


def test_arrivals_count_visitors_and_their_clicks_by_moment(watched: Traffic) -> None:
    assert watched.arrival_width_ms == 1_800_000
    counts = [(a.started_at, a.variant, a.n, a.n_clicked) for a in watched.arrivals]
    assert counts == [(0, "control", 3, 1), (0, "treatment", 1, 1), (DAY_MS, "control", 2, 2)]


def test_each_step_of_the_funnel_counts_visitors_who_took_all_before(watched: Traffic) -> None:
    control, treatment = watched.funnel
    steps = (control.n_exposed, control.n_viewed, control.n_clicked, control.n_played, control.n_finished)
    assert steps == (5, 4, 3, 2, 1)
    assert (treatment.n_exposed, treatment.n_finished) == (1, 1)


def test_percentiles_are_by_nearest_rank_of_every_attempt(watched: Traffic) -> None:
    """Control and the bot: 1, 2, 3, 4, 5 and 11 ms."""
    control = next(summary for summary in watched.latencies if summary.variant == "control")
    assert (control.n, control.p50_ms, control.p95_ms, control.max_ms) == (6, 3.0, 11.0, 11.0)
    (moment,) = watched.latency_moments
    assert (moment.n, moment.p50_ms) == (8, 4.0)


def test_the_ledger_gives_pace_and_failures(log: EventLog, log_path: Path) -> None:
    log.record(*visit(1), *visit(99), VisitStarted(run_id="r", visitor_id="v50", engine="http"))
    traffic = read_traffic(log_path, "r", now_ms=2_000)
    assert [(v.started_at, v.n_done, v.n_failed) for v in traffic.visits] == [(1_000, 1, 1)]
    assert [(f.error, f.n) for f in traffic.failures] == [("lost", 1)]
    pulse = traffic.pulse
    assert (pulse.n_visits, pulse.n_done, pulse.n_failed, pulse.n_open, pulse.n_recent) == (3, 1, 1, 1, 2)
    assert read_traffic(log_path, "r", now_ms=60_000).pulse.n_recent == 0


def test_the_feed_tells_what_happened_last(watched: Traffic) -> None:
    kinds = [event.kind for event in watched.feed]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {"exposure": 8, "click": 5, "play": 4}
    play = next(event for event in watched.feed if event.kind == "play" and event.visitor_id == "v10")
    assert (play.variant, play.movie_id, play.text) == ("treatment", 9, "1 min")


def test_a_run_nobody_made_has_no_traffic(log_path: Path, log: EventLog) -> None:  # noqa: ARG001  makes the file
    traffic = read_traffic(log_path, "nobody", now_ms=0)
    assert traffic.pulse.last_at is None
    assert not any((traffic.arrivals, traffic.funnel, traffic.visits, traffic.latencies, traffic.feed))
    assert set(get_type_hints(Traffic)) >= {"pulse", "feed"}


@pytest.mark.parametrize(
    "question", [name for name in dir(sql) if name.isupper() and not name.startswith("_")]
)
def test_no_question_reads_a_table_from_end_to_end(question: str, log_path: Path, log: EventLog) -> None:  # noqa: ARG001  makes the file
    values = {"run_id": "r", "width_ms": 1, "holdout": "h", "since_ms": 0, "n": 1}
    with closing(sqlite3.connect(log_path)) as connection:
        connection.execute(sql.COUNT_VISITORS, values)
        asked = getattr(sql, question).replace("CREATE TEMP TABLE counted_visitors AS", "")
        steps = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {asked}", values)]
    tables = ("runs", "visits", "visitors", "exposures", "slates", "impressions", "clicks", "plays")
    assert not [step for step in steps if step.startswith("SCAN") and step.split()[1] in tables]


@pytest.mark.parametrize("table", RAW_TABLES)
def test_portions_together_hold_every_row_of_the_run_once(table: str, log: EventLog, log_path: Path) -> None:
    for number in range(1, 8):
        log.record(*visit(number, steps=4))
    portions = list(read_table_portions(log_path, table, "r", n_visitors=3))
    assert [len(portion.rows) for portion in portions] == [3, 3, 1]
    assert {portion.columns for portion in portions} == {read_table_columns(log_path, table)}
    visitors = [row[portion.columns.index("visitor_id")] for portion in portions for row in portion.rows]
    assert visitors == [f"v{number:02}" for number in range(1, 8)]
    assert not list(read_table_portions(log_path, table, "nobody", n_visitors=3))


def test_only_the_listed_tables_can_be_read(log_path: Path) -> None:
    with pytest.raises(EventLogError, match="no table 'runs; DROP TABLE runs'"):
        read_table_columns(log_path, "runs; DROP TABLE runs")
