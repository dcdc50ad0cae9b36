"""Browser and http engine are two speeds of one population: on the real site they leave the same rows."""

import hashlib
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest
from werkzeug.serving import make_server

from catalog import Dataset, split_ratings, synthetic_dataset
from experiment import TokenSigner, VisitTicket, parse_experiment
from recommender_client import Feedback, Recommendation, RecommendationRequest
from simulator.behaviour import (
    Instrumentation,
    Mind,
    Persona,
    Population,
    Visitors,
    draw_visitors,
    fit_truth,
)
from simulator.engines import BrowserNotFoundError, find_browser, run_browser_visits, run_http_visits
from simulator.instruments import instruments_for
from simulator.jobs import VisitEngine, VisitJob, VisitResult
from website import SiteSettings, arrange_storefront, create_app, site_of

pytestmark = pytest.mark.browser
SEED = 7
N_VISITORS = 30
SECRET = "a-secret-of-at-least-thirty-two-characters"
EXPERIMENT = """
[experiment]
name = "engines"
salt = "engines"
[[variants]]
name = "control"
model = "one"
[[variants]]
name = "treatment"
model = "other"
"""
CLICKS = "SELECT visitor_id, surface, position, movie_id, variant, simulated_at FROM counted_clicks"
PLAYS = "SELECT visitor_id, movie_id, watch_s, is_completed, simulated_at FROM counted_plays"
VIEWED = "SELECT visitor_id, surface, position, movie_id FROM impression_outcomes"


@dataclass(frozen=True)
class HashingClient:
    """A model whose slates depend on model, user and film alone: popular films in an order of their own."""

    model: str
    movie_ids: tuple[int, ...]

    def recommend(self, request: RecommendationRequest) -> Recommendation:
        """The films in the order of their hashes."""

        def order(movie_id: int) -> bytes:
            text = f"{self.model}:{request.user_id}:{request.movie_id}:{movie_id}"
            return hashlib.sha256(text.encode()).digest()

        films = sorted((film for film in self.movie_ids if film != request.movie_id), key=order)
        return Recommendation(
            movie_ids=tuple(films[: request.n_films]),
            scores=None,
            model=self.model,
            model_version="1",
            is_known_user=request.user_id is not None,
            routing={},
            request_id=request.request_id,
            latency_ms=1.0,
        )

    def recommend_many(self, requests: Sequence[RecommendationRequest]) -> list[Recommendation]:
        """One answer for each request."""
        return [self.recommend(request) for request in requests]

    def send_feedback(self, feedback: Feedback) -> None:
        """It learns nothing."""

    def is_ready(self) -> bool:
        """Always."""
        return True


@dataclass(frozen=True)
class World:
    """The real site on a free port, its event log, and a population that clicks often."""

    url: str
    log_path: Path
    mind: Mind
    visitors: Visitors

    def visit(self, engine: VisitEngine, run_id: str) -> list[VisitResult]:
        """Have all visitors visit."""
        population = self.mind.population
        signer = TokenSigner(SECRET, max_age_s=600)
        results: list[VisitResult] = []
        engine(
            [VisitJob(who, 1, instruments_for(population, who, seed=SEED)) for who in self.visitors],
            site_url=self.url,
            brain=self.mind,
            ticket_for=lambda job: signer.sign(
                VisitTicket(
                    run_id, job.visitor.visitor_id, job.visitor.user_id, job.attempt, job.visitor.persona
                )
            ),
            n_workers=4,
            on_done=results.append,
            stop=threading.Event(),
        )
        assert [result.error for result in results] == [None] * len(self.visitors)
        return sorted(results, key=lambda result: result.visitor_id)

    def rows(self, sql: str, run_id: str, *, where: str = "TRUE") -> list[tuple[object, ...]]:
        """What the event log holds of a run, in order."""
        with closing(sqlite3.connect(self.log_path)) as log:
            statement = f"{sql} WHERE run_id = ? AND {where} ORDER BY 1, 2, 3, 4"
            return log.execute(statement, (run_id,)).fetchall()


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return synthetic_dataset(seed=SEED)


@pytest.fixture
def world(dataset: Dataset, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[World]:
    """About half of its visitors click, that 30 of them leave rows to compare; or those of a parameter."""
    population, n_visitors = getattr(request, "param", (Population(), N_VISITORS))
    truth = fit_truth(dataset.films, split_ratings(dataset, seed=SEED).held_out, population, seed=SEED)
    storefront = arrange_storefront(dataset.films, dataset.ratings)
    experiment = parse_experiment(EXPERIMENT)
    movie_ids = tuple(film.movie_id for film in dataset.films[:300])
    app = create_app(
        SiteSettings(
            experiment=experiment,
            storefront=storefront,
            clients={v.name: HashingClient(v.model, movie_ids) for v in experiment.variants},
            event_log_path=tmp_path / "events.db",
            secret=SECRET,
        )
    )
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield World(
        url=f"http://127.0.0.1:{server.server_port}",
        log_path=tmp_path / "events.db",
        mind=Mind(population, truth, seed=SEED, outside_option=1.0),
        visitors=draw_visitors(population, truth, n_visitors=n_visitors, seed=SEED),
    )
    server.shutdown()
    thread.join()
    server.server_close()
    site_of(app).close()


def test_browser_and_http_engine_leave_the_same_rows(world: World) -> None:
    """30 visitors in each, one seed: clicks and plays equal row by row, simulated times included."""
    try:
        find_browser(may_download=False)
    except BrowserNotFoundError as error:
        pytest.skip(str(error))
    world.visit(run_http_visits, "by-http")
    world.visit(run_browser_visits, "by-browser")
    clicks, plays = world.rows(CLICKS, "by-http"), world.rows(PLAYS, "by-http")
    assert len(clicks) >= 10
    assert len(plays) >= 3
    assert world.rows(CLICKS, "by-browser") == clicks
    assert world.rows(PLAYS, "by-browser") == plays
    served = world.rows(VIEWED, "by-http")
    assert world.rows(VIEWED, "by-browser") == served
    viewed = world.rows(VIEWED, "by-http", where="is_viewed")
    # A page left within a second is viewed by nobody; a busy machine may keep a real one open for longer.
    assert set(viewed) <= set(world.rows(VIEWED, "by-browser", where="is_viewed"))


DIRTY = msgspec.structs.replace(
    Population(),
    instrumentation=Instrumentation(beacon_loss=0.4, double_click_share=0.6),
    personas=(
        Persona(name="somebody", weight=3.0),
        Persona(name="crawler", is_bot=True, is_logged_out=True, bot_pages=2),
    ),
)


@pytest.mark.parametrize("world", [(DIRTY, 10)], indirect=True)
def test_browser_and_http_engine_make_the_same_errors(world: World) -> None:
    """10 visitors in each, one seed: names, clicks, refused second clicks, and what is labelled as lost."""
    try:
        find_browser(may_download=False)
    except BrowserNotFoundError as error:
        pytest.skip(str(error))
    by_http = world.visit(run_http_visits, "by-http")
    by_browser = world.visit(run_browser_visits, "by-browser")
    seen = "SELECT visitor_id, user_agent, is_bot, persona FROM visitors"
    refused = "SELECT event, reason, n, 0 FROM refusals"
    for sql in (seen, refused, CLICKS):
        assert world.rows(sql, "by-browser") == world.rows(sql, "by-http")
        assert world.rows(sql, "by-http")
    lost = {
        (result.visitor_id, label.position, label.label, label.at_ms)
        for result in by_http
        for label in result.labels
    }
    assert {what for _, _, what, _ in lost} == {"lost-view", "doubled-click"}
    assert lost == {
        (result.visitor_id, label.position, label.label, label.at_ms)
        for result in by_browser
        for label in result.labels
    }
    unheard = {
        label.slate_id for result in by_browser for label in result.labels if label.label == "lost-view"
    }
    heard = world.rows(
        "SELECT slate_id, 0, 0, 0 FROM impressions", "by-browser", where="viewed_at IS NOT NULL"
    )
    assert heard
    assert not unheard & {slate_id for slate_id, *_ in heard}
