"""The http engine on the real site, with the real event log: what is decided is what is stored."""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from engine_world import (
    SEED,
    hashing_clients,
    site_serving,
    ticket_desk,
    two_variants,
    world_truth,
)

from simulator.behaviour import Mind, Moment, Population, draw_visitors
from simulator.engines.http import run_http_visits
from simulator.jobs import VisitJob, VisitResult

N_VISITORS = 40


@dataclass(frozen=True)
class Theatre:
    """A running site, a mind, and its log."""

    url: str
    mind: Mind
    jobs: tuple[VisitJob, ...]
    log_path: Path

    def run(self, run_id: str, jobs: Sequence[VisitJob] | None = None) -> list[VisitResult]:
        """Make visits; their results."""
        results: list[VisitResult] = []
        run_http_visits(
            self.jobs if jobs is None else jobs,
            site_url=self.url,
            brain=self.mind,
            ticket_for=ticket_desk(run_id),
            n_workers=4,
            on_done=results.append,
            stop=threading.Event(),
        )
        return results

    def rows(self, sql: str, run_id: str) -> list[tuple[object, ...]]:
        """What the log holds of a run."""
        with closing(sqlite3.connect(self.log_path)) as connection:
            return connection.execute(sql, (run_id,)).fetchall()


@pytest.fixture(scope="module")
def theatre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Theatre]:
    population = Population()
    truth = world_truth(population)
    visitors = draw_visitors(population, truth, n_visitors=N_VISITORS, seed=SEED)
    experiment, log_path = two_variants("theatre"), tmp_path_factory.mktemp("theatre") / "events.db"
    with site_serving(experiment, hashing_clients(experiment), log_path) as url:
        mind = Mind(population, truth, seed=SEED, outside_option=1.5)
        yield Theatre(url, mind, tuple(VisitJob(visitor, 1) for visitor in visitors), log_path)


CLICKS = (
    "SELECT visitor_id, attempt, surface, position, movie_id, variant, simulated_at FROM clicks "
    "WHERE run_id = ? ORDER BY visitor_id, simulated_at"
)
PLAYS = (
    "SELECT visitor_id, attempt, movie_id, watch_s, is_completed, simulated_at FROM plays "
    "WHERE run_id = ? ORDER BY visitor_id, simulated_at"
)
VIEWS = (
    "SELECT visitor_id, surface, position, movie_id, viewed_at - served_at FROM impressions "
    "JOIN slates USING (slate_id, run_id, visitor_id) WHERE run_id = ? ORDER BY 1, 2, served_at, 3"
)


def test_what_visitors_decide_is_what_the_log_holds(theatre: Theatre) -> None:
    """40 visits: each slate served, judged by the mind alone, gives the very clicks that were stored."""
    results = theatre.run("run-a")
    assert [result.error for result in results] == [None] * N_VISITORS
    clicks = theatre.rows(CLICKS, "run-a")
    assert len(clicks) == sum(result.n_clicks for result in results) > 10
    assert len(theatre.rows(PLAYS, "run-a")) == sum(result.n_plays for result in results) > 2
    stored = {row[0]: row[3] for row in clicks if row[2] == "home"}
    served = theatre.rows(
        "SELECT impressions.visitor_id, movie_id FROM impressions JOIN slates USING (slate_id) "
        "WHERE slates.run_id = ? AND surface = 'home' ORDER BY served_at, position",
        "run-a",
    )
    films: dict[object, list[int]] = {}
    for visitor_id, movie_id in served:
        films.setdefault(visitor_id, []).append(int(str(movie_id)))
    for job in theatre.jobs:
        look = theatre.mind.look(
            job.visitor, films[job.visitor.visitor_id][:6], Moment(job.visitor.arrival_ms)
        )
        assert stored.get(job.visitor.visitor_id) == look.chosen_position


def test_the_same_visitors_leave_the_same_tables_in_every_run(theatre: Theatre) -> None:
    theatre.run("run-b")
    theatre.run("run-c", jobs=theatre.jobs[::-1])
    for table in (CLICKS, PLAYS, VIEWS):
        assert theatre.rows(table, "run-b") == theatre.rows(table, "run-c") != []


def test_a_visit_made_again_under_its_attempt_stores_nothing_twice(theatre: Theatre) -> None:
    theatre.run("run-d")
    before = [theatre.rows(table, "run-d") for table in (CLICKS, PLAYS, VIEWS)]
    results = theatre.run("run-d")
    assert {result.status for result in results} == {"done"}
    assert [theatre.rows(table, "run-d") for table in (CLICKS, PLAYS, VIEWS)] == before


def test_every_visitor_is_seen_as_themselves(theatre: Theatre) -> None:
    theatre.run("run-e", jobs=theatre.jobs[:20])
    seen = theatre.rows(
        "SELECT visitor_id, user_id, persona, is_bot FROM visitors WHERE run_id = ? ORDER BY visitor_id",
        "run-e",
    )
    assert seen == [
        (job.visitor.visitor_id, job.visitor.user_id, job.visitor.persona, 0) for job in theatre.jobs[:20]
    ]
    viewed = theatre.rows(
        "SELECT viewed_at - served_at FROM impressions WHERE run_id = ? AND viewed_at", "run-e"
    )
    assert {after_ms for (after_ms,) in viewed} == {1000}
    assert theatre.rows("SELECT * FROM refusals WHERE run_id = ?", "run-e") == []
