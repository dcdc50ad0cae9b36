"""Http and vector engine are two speeds of one population: one seed, the same rows, ids included."""

import hashlib
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
import pytest
from werkzeug.serving import make_server

from catalog import Dataset, split_ratings, synthetic_dataset
from experiment import BulkLog, EventLog, Experiment, TokenSigner, VisitTicket, parse_experiment
from funflix.true_labels import event_labels, visitor_labels
from recommender_client import Feedback, Recommendation, RecommendationRequest
from simulator.behaviour import (
    Identity,
    Instrumentation,
    Mind,
    Persona,
    Population,
    Visitors,
    draw_visitors,
    fit_truth,
)
from simulator.engines import VectorRun, run_http_visits, run_vector_visits
from simulator.instruments import instruments_for
from simulator.jobs import VisitJob, VisitResult
from website import SiteSettings, arrange_storefront, count_ratings, create_app, site_of

SEED = 7
RUN_ID = "one-run"
N_VISITORS = 100
SECRET = "a-secret-of-at-least-thirty-two-characters"
EXPERIMENT = """
[experiment]
name = "engines"
salt = "engines"
{more}
[[variants]]
name = "control"
model = "one"
[[variants]]
name = "treatment"
model = "other"
weight = 2.0
"""
ROWS = {
    "exposures": "SELECT visitor_id, attempt, simulated_at, variant, router_claim FROM exposures",
    "visitors": (
        "SELECT visitor_id, attempt, simulated_at, user_id, persona, is_bot, n_ratings_before FROM visitors"
    ),
    "slates": (
        "SELECT visitor_id, attempt, simulated_at, slate_id, surface, variant, model, model_version,"
        " is_fallback, fallback_reason, is_known_user, propensity FROM slates"
    ),
    "impressions": (
        "SELECT visitor_id, attempt, simulated_at, slate_id, position, movie_id, served_at, viewed_at"
        " FROM impressions"
    ),
    "visitor_labels": (
        "SELECT visitor_id, attempt, simulated_at, persona, person_index, is_bot, has_ad_block"
        " FROM visitor_labels"
    ),
    "event_labels": ("SELECT slate_id, position, label, visitor_id, attempt, simulated_at FROM event_labels"),
    "refusals": "SELECT event, reason, n, run_id, 0 FROM refusals",
    "impression_outcomes": (
        "SELECT visitor_id, surface, position, movie_id, is_viewed, is_clicked FROM impression_outcomes"
    ),
    "counted_clicks": (
        "SELECT visitor_id, attempt, simulated_at, click_id, slate_id, surface, position, movie_id, variant"
        " FROM counted_clicks"
    ),
    "counted_plays": (
        "SELECT visitor_id, attempt, simulated_at, play_id, movie_id, watch_s, is_completed"
        " FROM counted_plays"
    ),
    "visitor_outcomes": (
        "SELECT visitor_id, variant, exposed_at, n_slates, n_served, n_impressions, n_clicks, clicked,"
        " n_plays, watch_s, n_fallbacks, is_bot, persona, user_id, n_variants FROM visitor_outcomes"
    ),
}


@dataclass(frozen=True)
class HashingClient:
    """A model whose slates depend on model, user and film alone; it knows the users of even number."""

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
            is_known_user=request.user_id is not None and request.user_id % 2 == 0,
            routing={"router": len(self.model)} if self.model == "other" else {},
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
    """A population that clicks often, and what its slates come from."""

    dataset: Dataset
    mind: Mind
    visitors: Visitors
    folder: Path

    def of(self, population: Population) -> "World":
        """The same world with other people in it."""
        return world_of(self.dataset, population, self.folder)

    def clients(self, experiment: Experiment) -> dict[str, HashingClient]:
        """A model for each variant."""
        movie_ids = tuple(film.movie_id for film in self.dataset.films[:300])
        return {variant.name: HashingClient(variant.model, movie_ids) for variant in experiment.variants}

    def by_http(self, experiment: Experiment) -> Path:
        """The event log after all visits through the real site."""
        path = self.folder / "http.db"
        signer = TokenSigner(SECRET, max_age_s=600)
        results: list[VisitResult] = []
        population = self.mind.population
        jobs = [VisitJob(who, 1, instruments_for(population, who, seed=SEED)) for who in self.visitors]
        with self._site(experiment, path) as url:
            run_http_visits(
                jobs,
                site_url=url,
                brain=self.mind,
                ticket_for=lambda job: signer.sign(
                    VisitTicket(
                        RUN_ID, job.visitor.visitor_id, job.visitor.user_id, job.attempt, job.visitor.persona
                    )
                ),
                n_workers=4,
                on_done=results.append,
                stop=threading.Event(),
            )
        assert [result.error for result in results] == [None] * N_VISITORS
        with EventLog.open(path) as log:
            for job in jobs:
                log.record(*visitor_labels(population, job, RUN_ID))
            for result in results:
                log.record(*event_labels(result, RUN_ID))
        return path

    def by_vector(self, experiment: Experiment, *, chunk_size: int = 37) -> Path:
        """The event log after all visits at once, in chunks."""
        path = self.folder / f"vector-{chunk_size}.db"
        EventLog.open(path).close()
        storefront = arrange_storefront(self.dataset.films, self.dataset.ratings)
        with BulkLog(path) as log:
            run_vector_visits(
                self.visitors,
                VectorRun(
                    RUN_ID,
                    experiment,
                    self.mind,
                    self.clients(experiment),
                    storefront.popular,
                    count_ratings(self.dataset.films, self.dataset.ratings),
                ),
                attempts={},
                record=log.record,
                on_done=lambda _: None,
                stop=threading.Event(),
                chunk_size=chunk_size,
            )
        return path

    @contextmanager
    def _site(self, experiment: Experiment, path: Path) -> Iterator[str]:
        storefront = arrange_storefront(self.dataset.films, self.dataset.ratings)
        app = create_app(SiteSettings(experiment, storefront, self.clients(experiment), path, SECRET))
        server = make_server("127.0.0.1", 0, app, threaded=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
            server.server_close()
            site_of(app).close()


def rows(path: Path, name: str) -> list[tuple[object, ...]]:
    """The rows of a table or view, in an order of their own."""
    with closing(sqlite3.connect(path)) as log:
        found: list[tuple[object, ...]] = log.execute(f"{ROWS[name]} ORDER BY 1, 2, 3, 4, 5").fetchall()
    return found


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return synthetic_dataset(seed=SEED)


@pytest.fixture
def world(dataset: Dataset, tmp_path: Path) -> World:
    """About half of its visitors click."""
    return world_of(dataset, Population(), tmp_path)


def world_of(dataset: Dataset, population: Population, folder: Path) -> World:
    truth = fit_truth(dataset.films, split_ratings(dataset, seed=SEED).held_out, population, seed=SEED)
    return World(
        dataset=dataset,
        mind=Mind(population, truth, seed=SEED, outside_option=1.0),
        visitors=draw_visitors(population, truth, n_visitors=N_VISITORS, seed=SEED),
        folder=folder,
    )


@pytest.mark.parametrize("more", ["", 'assignment = "request"', "holdout = 0.3"])
def test_http_and_vector_engine_leave_the_same_rows(world: World, more: str) -> None:
    """100 visitors in each, in chunks of 37 in the vector engine: every column but latency is equal."""
    experiment = parse_experiment(EXPERIMENT.format(more=more))
    by_http, by_vector = world.by_http(experiment), world.by_vector(experiment)
    assert len(rows(by_http, "counted_clicks")) >= 40
    assert len(rows(by_http, "counted_plays")) >= 10
    for name in ROWS:
        assert rows(by_vector, name) == rows(by_http, name), name


def test_http_and_vector_engine_make_the_same_errors_and_label_them_alike(world: World) -> None:
    """Lost reports, ad blockers, double clicks, bots in the open and disguised, second devices, no login."""
    crawler = Persona(name="crawler", weight=0.1, is_bot=True, is_logged_out=True, bot_pages=4)
    disguised = msgspec.structs.replace(crawler, name="disguised", is_disguised=True)
    new = Persona(name="new", weight=0.1, is_new_user=True)
    population = msgspec.structs.replace(
        world.mind.population,
        identity=Identity(second_device_share=0.3, login_rate=0.7),
        instrumentation=Instrumentation(beacon_loss=0.2, ad_block_share=0.2, double_click_share=0.5),
        personas=(*world.mind.population.personas[:3], crawler, disguised, new),
    )
    dirty = world.of(population)
    experiment = parse_experiment(EXPERIMENT.format(more=""))
    by_http, by_vector = dirty.by_http(experiment), dirty.by_vector(experiment)
    for name in ROWS:
        assert rows(by_vector, name) == rows(by_http, name), name
    assert {row[2] for row in rows(by_http, "event_labels")} == {"lost-view", "doubled-click"}
    assert [row[:2] for row in rows(by_http, "refusals")] == [("click", "replayed")]
    assert len({row[4] for row in rows(by_http, "visitor_labels")}) < N_VISITORS
    flagged = {row[0] for row in rows(by_http, "visitors") if row[5]}
    bots = {row[0] for row in rows(by_http, "visitor_labels") if row[3] == "crawler"}
    assert flagged == bots
    clean = world.of(msgspec.structs.replace(population, instrumentation=Instrumentation()))
    without = clean.by_vector(experiment, chunk_size=50)
    assert rows(without, "counted_clicks") == rows(by_vector, "counted_clicks")
    assert rows(without, "counted_plays") == rows(by_vector, "counted_plays")
    n_views = [sum(row[7] is not None for row in rows(path, "impressions")) for path in (without, by_vector)]
    n_lost = sum(row[2] == "lost-view" for row in rows(by_vector, "event_labels"))
    assert n_views[0] == n_views[1] + n_lost


def test_another_outside_option_leaves_other_rows(world: World) -> None:
    """The comparison can fail: a tenth in log-odds moves clicks of 100 visitors."""
    experiment = parse_experiment(EXPERIMENT.format(more=""))
    before = rows(world.by_vector(experiment), "counted_clicks")
    moved = replace(world, mind=world.mind.with_outside_option(1.1))
    assert rows(moved.by_vector(experiment, chunk_size=50), "counted_clicks") != before
