"""The http engine on the real site, with the real event log: what is decided is what is stored."""

import hashlib
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from werkzeug.serving import make_server

from catalog import Film, Ratings
from experiment import DEFAULT_EXPERIMENT_TOML, TokenSigner, VisitTicket, parse_experiment
from recommender_client import Feedback, Recommendation, RecommendationRequest
from simulator.behaviour import Mind, Moment, Population, draw_visitors, fit_truth
from simulator.engines.http import run_http_visits
from simulator.jobs import VisitJob, VisitResult
from website import SiteSettings, arrange_storefront, create_app, site_of

SECRET = "a-secret-of-at-least-thirty-two-characters"
GENRES = ("Comedy", "Crime", "Drama", "Horror", "Sci-Fi")
N_VISITORS = 40


@dataclass(frozen=True)
class HashedModel:
    """A model whose slate is a hash of its name, the user and the film; fits `RecommenderClient`."""

    name: str
    movie_ids: tuple[int, ...]

    def recommend(self, request: RecommendationRequest) -> Recommendation:
        """The slate of one user."""
        key = f"{self.name}:{request.user_id}:{request.movie_id}".encode()
        start = hashlib.sha256(key).digest()[0]
        places = [(start + 7 * step) % len(self.movie_ids) for step in range(request.n_films + 1)]
        films = [self.movie_ids[place] for place in places if self.movie_ids[place] != request.movie_id]
        return Recommendation(
            tuple(films[: request.n_films]), None, self.name, "v1", True, {}, request.request_id, 0.1
        )

    def recommend_many(self, requests: Sequence[RecommendationRequest]) -> list[Recommendation]:
        """The slates of several."""
        return [self.recommend(request) for request in requests]

    def send_feedback(self, feedback: Feedback) -> None:
        """Learn nothing from it."""

    def is_ready(self) -> bool:
        """Always."""
        return True


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


def ticket_desk(run_id: str) -> Callable[[VisitJob], str]:
    """Signs the tickets of a run."""
    signer = TokenSigner(SECRET, max_age_s=600)

    def sign(job: VisitJob) -> str:
        visitor = job.visitor
        return signer.sign(
            VisitTicket(run_id, visitor.visitor_id, visitor.user_id, job.attempt, visitor.persona)
        )

    return sign


@pytest.fixture(scope="module")
def theatre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Theatre]:
    rng = np.random.default_rng(1)
    films = tuple(
        Film(number, f"Film {number}", 1960 + number % 60, (GENRES[number % 5],)) for number in range(1, 101)
    )
    pairs = np.unique(np.stack([rng.integers(1, 41, 1500), rng.integers(1, 101, 1500)]), axis=1)
    ratings = Ratings(
        pairs[0],
        pairs[1],
        rng.integers(2, 11, pairs.shape[1]).astype(np.float32) / 2,
        np.arange(pairs.shape[1]),
    )
    population = Population()
    truth = fit_truth(films, ratings, population, seed=5)
    visitors = draw_visitors(population, truth, n_visitors=N_VISITORS, seed=5)
    movie_ids = tuple(film.movie_id for film in films)
    experiment = parse_experiment(DEFAULT_EXPERIMENT_TOML)
    log_path = tmp_path_factory.mktemp("theatre") / "events.db"
    app = create_app(
        SiteSettings(
            experiment=experiment,
            storefront=arrange_storefront(films, ratings),
            clients={variant.name: HashedModel(variant.model, movie_ids) for variant in experiment.variants},
            event_log_path=log_path,
            secret=SECRET,
        )
    )
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    mind = Mind(population, truth, seed=5, outside_option=1.5)
    url = f"http://127.0.0.1:{server.server_port}"
    yield Theatre(url, mind, tuple(VisitJob(visitor, 1) for visitor in visitors), log_path)
    server.shutdown()
    thread.join()
    server.server_close()
    site_of(app).close()


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
