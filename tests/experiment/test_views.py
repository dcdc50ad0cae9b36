import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from experiment import (
    Click,
    Event,
    EventLog,
    EventReader,
    Exposure,
    Impression,
    Play,
    Slate,
    View,
    VisitEnded,
    VisitorSeen,
    VisitStarted,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A visitor who was shown one slate, written the short way."""

    visitor_id: str = "v"
    attempt: int = 1
    run_id: str = "r"
    variant: str = "control"
    surface: str = "home"
    n_served: int = 6
    n_viewed: int = 0
    clicked: tuple[int, ...] = ()
    is_fallback: bool = False
    latency_ms: float | None = 10.0

    def events(self) -> list[Event]:
        """What the log is told of the visit."""
        who: dict[str, Any] = {
            "run_id": self.run_id,
            "visitor_id": self.visitor_id,
            "attempt": self.attempt,
            "simulated_at": 5_000,
        }
        slate_id = f"{self.run_id}-{self.visitor_id}-{self.attempt}-{self.surface}"
        slate = Slate(
            **who,
            slate_id=slate_id,
            surface=self.surface,
            variant=self.variant,
            latency_ms=self.latency_ms,
            is_fallback=self.is_fallback,
        )
        places = range(1, self.n_served + 1)
        served = [
            Impression(**who, slate_id=slate_id, position=p, movie_id=100 + p, served_at=5_000)
            for p in places
        ]
        views = [View(**who, slate_id=slate_id, position=p, after_ms=p) for p in places[: self.n_viewed]]
        clicks = [
            Click(
                **who,
                click_id=f"{slate_id}:{p}",
                slate_id=slate_id,
                surface=self.surface,
                position=p,
                movie_id=100 + p,
                variant=self.variant,
            )
            for p in self.clicked
        ]
        return [Exposure(**who, variant=self.variant), slate, *served, *views, *clicks]


def select(path: Path, sql: str) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(sql)]


def outcome_of(path: Path) -> dict[str, Any]:
    """The one row of `visitor_outcomes`."""
    (row,) = select(path, "SELECT * FROM visitor_outcomes")
    return row


def test_a_visitor_is_one_row_with_what_they_met_and_did(log: EventLog, log_path: Path) -> None:
    who: dict[str, Any] = {"run_id": "r", "visitor_id": "v", "simulated_at": 5_000}
    log.record(
        VisitorSeen(**who, user_id=12, persona="buff"),
        *Visit(n_viewed=4, clicked=(2, 3)).events(),
        *Visit(surface="film", n_viewed=6, clicked=(1,), latency_ms=90, is_fallback=True).events(),
        Play(**who, play_id="p1", movie_id=102, watch_s=60.5),
        Play(**who, play_id="p2", movie_id=101, watch_s=30.0, is_completed=True),
    )
    assert outcome_of(log_path) == {
        "run_id": "r",
        "visitor_id": "v",
        "variant": "control",
        "exposed_at": 5_000,
        "n_slates": 1,
        "n_served": 6,
        "n_impressions": 4,
        "n_clicks": 2,
        "clicked": 1,
        "n_plays": 2,
        "watch_s": 90.5,
        "latency_ms": 10.0,
        "n_fallbacks": 0,
        "is_bot": 0,
        "persona": "buff",
        "user_id": 12,
        "n_variants": 1,
        "n_attempts": 1,
        "n_failed_attempts": 0,
    }


def test_a_visitor_who_did_nothing_counts_with_nothing(log: EventLog, log_path: Path) -> None:
    log.record(Exposure(run_id="r", visitor_id="v", variant="control"))
    row = outcome_of(log_path)
    assert row["exposed_at"] == 1_000  # no simulated time: real time
    assert row["latency_ms"] is None
    assert row["n_variants"] == 1
    counted = (
        "n_slates",
        "n_served",
        "n_impressions",
        "n_clicks",
        "clicked",
        "n_plays",
        "watch_s",
        "n_fallbacks",
    )
    assert [row[name] for name in counted] == [0] * 8


def test_a_click_on_the_film_page_is_no_click_of_the_primary_metric(log: EventLog, log_path: Path) -> None:
    log.record(*Visit().events(), *Visit(surface="film", clicked=(1,)).events())
    assert (outcome_of(log_path)["clicked"], outcome_of(log_path)["n_clicks"]) == (0, 0)
    assert len(select(log_path, "SELECT * FROM counted_clicks")) == 1


def test_only_the_latest_attempt_counts_everywhere(log: EventLog, log_path: Path) -> None:
    """The first attempt clicked twice and played; the second, which counts, viewed two films."""
    play = Play(run_id="r", visitor_id="v", attempt=1, play_id="p", movie_id=1, watch_s=9.0)
    log.record(*Visit(clicked=(1, 2), is_fallback=True).events(), play)
    log.record(*Visit(attempt=2, n_viewed=2, latency_ms=30).events())
    row = outcome_of(log_path)
    assert (row["n_slates"], row["n_served"], row["n_impressions"], row["n_clicks"]) == (1, 6, 2, 0)
    assert (row["n_plays"], row["latency_ms"], row["n_fallbacks"]) == (0, 30.0, 0)
    assert select(log_path, "SELECT * FROM counted_clicks") == []
    assert select(log_path, "SELECT * FROM counted_plays") == []
    outcomes = select(log_path, "SELECT DISTINCT slate_id FROM impression_outcomes")
    assert outcomes == [{"slate_id": "r-v-2-home"}]
    assert len(select(log_path, "SELECT * FROM clicks")) == 2  # nothing is thrown away


def test_a_visitor_is_in_one_arm_and_a_crossover_shows(log: EventLog, log_path: Path) -> None:
    log.record(*Visit().events(), *Visit(surface="film", variant="treatment").events())
    row = outcome_of(log_path)
    assert (row["variant"], row["n_variants"]) == ("control", 2)


def test_a_visitor_moved_to_another_arm_by_a_retry_has_crossed_over(log: EventLog, log_path: Path) -> None:
    log.record(*Visit().events(), *Visit(attempt=2, variant="treatment").events())
    row = outcome_of(log_path)
    assert (row["variant"], row["n_variants"]) == ("treatment", 2)


def test_bots_are_flagged_and_the_held_out_are_shown_as_such(log: EventLog, log_path: Path) -> None:
    log.record(VisitorSeen(run_id="r", visitor_id="v", is_bot=True), *Visit(variant="holdout").events())
    row = outcome_of(log_path)
    assert (row["is_bot"], row["variant"]) == (1, "holdout")


def test_runs_do_not_mix_though_their_visitors_have_the_same_names(log: EventLog, log_path: Path) -> None:
    log.record(*Visit(clicked=(1,)).events(), *Visit(run_id="live", attempt=3, variant="treatment").events())
    rows = select(
        log_path, "SELECT run_id, clicked, variant, n_variants FROM visitor_outcomes ORDER BY run_id"
    )
    assert [tuple(row.values()) for row in rows] == [("live", 0, "treatment", 1), ("r", 1, "control", 1)]


def test_an_impression_is_one_row_with_its_view_and_its_click(log: EventLog, log_path: Path) -> None:
    log.record(*Visit(n_served=3, n_viewed=2, clicked=(2,)).events())
    rows = select(log_path, "SELECT * FROM impression_outcomes ORDER BY position")
    assert rows[1] == {
        "run_id": "r",
        "visitor_id": "v",
        "variant": "control",
        "slate_id": "r-v-1-home",
        "surface": "home",
        "position": 2,
        "movie_id": 102,
        "served_at": 5_000,
        "viewed_at": 5_002,
        "is_viewed": 1,
        "is_clicked": 1,
        "is_fallback": 0,
    }
    assert [(row["is_viewed"], row["is_clicked"]) for row in rows] == [(1, 0), (1, 1), (0, 0)]


def test_what_was_clicked_was_viewed_though_no_view_was_reported(log: EventLog, log_path: Path) -> None:
    """Two viewed by report and three clicked, one of them both: four viewed."""
    log.record(*Visit(n_viewed=2, clicked=(2, 4, 5)).events())
    row = outcome_of(log_path)
    assert (row["n_impressions"], row["n_clicks"]) == (4, 3)
    rows = select(log_path, "SELECT position, viewed_at FROM impression_outcomes WHERE is_viewed")
    assert sorted(row["position"] for row in rows) == [1, 2, 4, 5]
    assert sum(row["viewed_at"] is None for row in rows) == 2
    (counts,) = EventReader(log_path).variant_counts("r")
    assert (counts.n_viewed, counts.n_clicks) == (4, 3)


def test_a_visitors_attempts_and_those_that_failed_are_counted(log: EventLog, log_path: Path) -> None:
    """The first try failed once its slate was shown, the second was killed, the third counts."""
    for attempt, status in ((1, "failed"), (2, None), (3, "done")):
        who: dict[str, Any] = {"run_id": "r", "visitor_id": "v", "attempt": attempt}
        log.record(VisitStarted(**who, engine="http"), *Visit(attempt=attempt).events())
        if status:
            log.record(VisitEnded(**who, status=status))
    row = outcome_of(log_path)
    assert (row["n_attempts"], row["n_failed_attempts"]) == (3, 1)


@pytest.mark.parametrize(
    "view", ["visitor_outcomes", "impression_outcomes", "counted_clicks", "counted_plays"]
)
def test_a_view_of_one_run_reads_no_other_run(log_path: Path, log: EventLog, view: str) -> None:
    """Every step of SQLite's plan is a search by key; a scan would make each report cost the whole log."""
    del log
    plan = select(log_path, f"EXPLAIN QUERY PLAN SELECT * FROM {view} WHERE run_id = 'r'")  # noqa: S608  our names
    steps = [step["detail"] for step in plan]
    assert any(step.startswith("SEARCH") for step in steps)
    assert [step for step in steps if step.startswith("SCAN") and "subquery" not in step] == []


def test_2000_visitors_are_read_in_well_under_a_fifth_of_a_second(log: EventLog, log_path: Path) -> None:
    """In steps of SQLite's machine, so that a busy computer does not matter: 0.6 million took 55 ms."""
    visits = [Visit(visitor_id=f"v{index}", n_viewed=3, clicked=(1,)) for index in range(2_000)]
    log.record(*[event for visit in visits for event in visit.events()])
    thousands_of_steps = 0

    def count() -> None:
        nonlocal thousands_of_steps
        thousands_of_steps += 1

    with closing(sqlite3.connect(log_path)) as connection:
        connection.set_progress_handler(count, 1_000)
        assert (
            len(connection.execute("SELECT * FROM visitor_outcomes WHERE run_id = 'r'").fetchall()) == 2_000
        )
    assert thousands_of_steps < 1_500
