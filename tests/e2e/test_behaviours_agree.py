"""Every click model, with memory, returns and detours: the same rows in every engine."""

import hashlib
import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from werkzeug.serving import make_server

from catalog import Dataset, split_ratings, synthetic_dataset
from experiment import BulkLog, TokenSigner, VisitTicket, parse_experiment
from recommender_client import Feedback, Recommendation, RecommendationRequest
from simulator.behaviour import (
    Choice,
    Dynamics,
    Mind,
    Population,
    Session,
    Truth,
    draw_visitors,
    film_guide,
    fit_truth,
)
from simulator.engines import BrowserNotFoundError, find_browser, run_browser_visits, run_http_visits
from simulator.engines.vector import VectorRun, run_vector_visits
from simulator.jobs import VisitEngine, VisitJob, VisitResult
from website import SiteSettings, Storefront, arrange_storefront, create_app, site_of

SEED = 7
IS_FULL = os.environ.get("FUNFLIX_SOAK") == "full"
SECRET = "a-secret-of-at-least-thirty-two-characters"
EXPERIMENT = parse_experiment(
    """
    [experiment]
    name = "behaviours"
    salt = "behaviours"
    [[variants]]
    name = "control"
    model = "one"
    [[variants]]
    name = "treatment"
    model = "other"
    """
)
SESSION = Session(return_share=0.5, return_gap_median_hours=6.0, detour_share=0.6, novelty=0.5)
DYNAMICS = Dynamics(satiation=1.0, repeat_exposure=0.3, taste_drift=0.5, fatigue=0.1)
POPULATIONS = {
    choice.model: Population(choice=choice, session=SESSION, dynamics=DYNAMICS)
    for choice in (
        Choice(model="mnl"),
        Choice(model="pbm"),
        Choice(model="cascade", examination_decay=0.95),
        Choice(model="carousel", visible_columns=2, row_length=3),
    )
}
CLICKS = (
    "SELECT visitor_id, simulated_at, click_id, slate_id, surface, position, movie_id, variant"
    " FROM counted_clicks"
)
PLAYS = "SELECT visitor_id, simulated_at, movie_id, watch_s, is_completed FROM counted_plays"
SHOWN = (
    "SELECT visitor_id, slate_id, surface, position, movie_id, served_at, is_viewed, is_clicked"
    " FROM impression_outcomes"
)


@dataclass(frozen=True)
class HashingClient:
    """A model whose slates depend on model, user and film alone."""

    model: str
    movie_ids: tuple[int, ...]

    def recommend(self, request: RecommendationRequest) -> Recommendation:
        """The films in the order of their hashes."""

        def order(movie_id: int) -> bytes:
            text = f"{self.model}:{request.user_id}:{request.movie_id}:{movie_id}"
            return hashlib.sha256(text.encode()).digest()

        films = sorted((film for film in self.movie_ids if film != request.movie_id), key=order)
        known = request.user_id is not None
        return Recommendation(
            tuple(films[: request.n_films]), None, self.model, "1", known, {}, request.request_id, 1.0
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
    """A real site on a free port, and its event log, which holds the runs of all engines."""

    dataset: Dataset
    storefront: Storefront
    truth: Truth
    clients: dict[str, HashingClient]
    url: str
    log_path: Path

    def mind(self, population: Population) -> Mind:
        """A mind of the population that clicks often."""
        guide = film_guide(self.dataset.films, self.storefront.rows[0].movie_ids)
        return Mind(population, self.truth, seed=SEED, outside_option=1.5, guide=guide)

    def visit(self, engine: VisitEngine, mind: Mind, run_id: str, *, n_visitors: int) -> None:
        """Have the first visitors visit the site."""
        signer = TokenSigner(SECRET, max_age_s=600)
        visitors = draw_visitors(mind.population, mind.truth, n_visitors=n_visitors, seed=SEED)
        results: list[VisitResult] = []
        engine(
            [VisitJob(visitor, 1) for visitor in visitors],
            site_url=self.url,
            brain=mind,
            ticket_for=lambda job: signer.sign(
                VisitTicket(
                    run_id, job.visitor.visitor_id, job.visitor.user_id, job.attempt, job.visitor.persona
                )
            ),
            n_workers=4,
            on_done=results.append,
            stop=threading.Event(),
        )
        assert [result.error for result in results] == [None] * n_visitors

    def visit_at_once(self, mind: Mind, run_id: str, *, n_visitors: int) -> None:
        """Have the first visitors visit without the site, in chunks of 37."""
        with BulkLog(self.log_path) as log:
            run_vector_visits(
                draw_visitors(mind.population, mind.truth, n_visitors=n_visitors, seed=SEED),
                VectorRun(run_id, EXPERIMENT, mind, self.clients, self.storefront.popular),
                attempts={},
                record=log.record,
                on_done=lambda _: None,
                stop=threading.Event(),
                chunk_size=37,
            )

    def rows(self, sql: str, run_id: str) -> list[tuple[object, ...]]:
        """What the event log holds of a run, in order, ids of slates and clicks left out."""
        with closing(sqlite3.connect(self.log_path)) as log:
            found = log.execute(f"{sql} WHERE run_id = ? ORDER BY 1, 2, 3, 4, 5", (run_id,))
            names = [column[0] for column in found.description]
            kept = [place for place, name in enumerate(names) if name not in {"slate_id", "click_id"}]
            return sorted(tuple(row[place] for place in kept) for row in found)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    dataset = synthetic_dataset(seed=SEED)
    storefront = arrange_storefront(dataset.films, dataset.ratings)
    movie_ids = tuple(film.movie_id for film in dataset.films[:300])
    clients = {variant.name: HashingClient(variant.model, movie_ids) for variant in EXPERIMENT.variants}
    log_path = tmp_path_factory.mktemp("behaviours") / "events.db"
    app = create_app(SiteSettings(EXPERIMENT, storefront, clients, log_path, SECRET))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    truth = fit_truth(dataset.films, split_ratings(dataset, seed=SEED).held_out, Population(), seed=SEED)
    yield World(dataset, storefront, truth, clients, f"http://127.0.0.1:{server.server_port}", log_path)
    server.shutdown()
    thread.join()
    server.server_close()
    site_of(app).close()


@pytest.mark.parametrize("name", POPULATIONS)
def test_http_and_vector_engine_leave_the_same_rows(world: World, name: str) -> None:
    """100 visitors of each population: slates with their times, views, clicks and plays are equal."""
    mind = world.mind(POPULATIONS[name])
    world.visit(run_http_visits, mind, f"http-{name}", n_visitors=100)
    world.visit_at_once(mind, f"vector-{name}", n_visitors=100)
    assert len(world.rows(CLICKS, f"http-{name}")) >= 10
    assert len(world.rows(PLAYS, f"http-{name}")) >= 3
    for sql in (CLICKS, PLAYS, SHOWN):
        assert world.rows(sql, f"vector-{name}") == world.rows(sql, f"http-{name}")


def _agree_in_a_browser(world: World, population: Population, name: str, *, n_visitors: int) -> None:
    try:
        find_browser(may_download=False)
    except BrowserNotFoundError as error:
        pytest.skip(str(error))
    mind = world.mind(population)
    world.visit_at_once(mind, f"vector-too-{name}", n_visitors=n_visitors)
    world.visit(run_browser_visits, mind, f"browser-{name}", n_visitors=n_visitors)
    for sql in (CLICKS, PLAYS):
        assert world.rows(sql, f"browser-{name}") == world.rows(sql, f"vector-too-{name}") != []
    by_browser, by_vector = (
        [(*row[:5], row[6]) for row in world.rows(SHOWN, f"{engine}-{name}")]
        for engine in ("browser", "vector-too")
    )
    assert by_browser == by_vector
    # A page left within a second is viewed by nobody; a busy machine may keep a real one open for longer.
    viewed = [
        {row[:5] for row in world.rows(SHOWN, f"{engine}-{name}") if row[5]}
        for engine in ("browser", "vector-too")
    ]
    assert viewed[0] >= viewed[1]


@pytest.mark.browser
def test_a_browser_makes_the_same_visits_with_everything_on(world: World) -> None:
    """12 visitors, some of whom come again or look elsewhere."""
    _agree_in_a_browser(world, POPULATIONS["cascade"], "cascade", n_visitors=12)


@pytest.mark.soak
@pytest.mark.browser
@pytest.mark.skipif(not IS_FULL, reason="only in the full soak; its short form is the test above")
@pytest.mark.parametrize("name", POPULATIONS)
def test_a_browser_makes_the_same_visits_of_every_population(world: World, name: str) -> None:
    """100 visitors of each."""
    _agree_in_a_browser(world, POPULATIONS[name], f"all-{name}", n_visitors=100)
