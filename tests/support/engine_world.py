"""A real site with models that answer by a hash, and visits to it: what tests of the engines share."""

import hashlib
import logging
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from flask import request
from werkzeug.serving import make_server

from catalog import Dataset, split_ratings, synthetic_dataset
from experiment import Experiment, TokenSigner, VisitTicket, parse_experiment
from recommender_client import Feedback, Recommendation, RecommendationRequest
from simulator.behaviour import FilmGuide, Mind, Population, Truth, Visitors, film_guide, fit_truth
from simulator.instruments import instruments_for
from simulator.jobs import VisitEngine, VisitJob, VisitResult
from website import SiteSettings, Storefront, arrange_storefront, create_app, site_of

SEED = 7
SECRET = "a-secret-of-at-least-thirty-two-characters"
N_FILMS_OF_MODELS = 300


@dataclass(frozen=True)
class HashingClient:
    """A model whose slates depend on model, user and film alone; fits `RecommenderClient`.

    Args:
        model: its name.
        movie_ids: what it recommends from.
        knows_all: whether it knows every user, or those of even number.
        is_routed: whether a router tells what it did.
    """

    model: str
    movie_ids: tuple[int, ...]
    knows_all: bool = True
    is_routed: bool = False

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
            is_known_user=request.user_id is not None and (self.knows_all or request.user_id % 2 == 0),
            routing={"router": len(self.model)} if self.is_routed else {},
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


@cache
def world_dataset() -> Dataset:
    """The synthetic catalogue, made once."""
    return synthetic_dataset(seed=SEED)


@cache
def world_storefront() -> Storefront:
    """Its shop with the popular row and the heads of two of genres: soon drawn in a browser."""
    dataset = world_dataset()
    storefront = arrange_storefront(dataset.films, dataset.ratings)
    popular, *of_genres = storefront.rows[:3]
    return replace(
        storefront, rows=(popular, *(replace(row, movie_ids=row.movie_ids[:5]) for row in of_genres))
    )


@cache
def world_guide() -> FilmGuide:
    """What its visitors know of the shop."""
    popular, *of_genres = world_storefront().rows
    return film_guide(world_dataset().films, popular.movie_ids, {row.key: row.movie_ids for row in of_genres})


def world_truth(population: Population) -> Truth:
    """What the population thinks of the films."""
    dataset = world_dataset()
    held_out = split_ratings(dataset, seed=SEED).held_out
    return fit_truth(dataset.films, held_out, population, seed=SEED)


def hashing_clients(
    experiment: Experiment, *, knows_all: bool = True, routed_model: str | None = None
) -> dict[str, HashingClient]:
    """A model for each variant."""
    movie_ids = tuple(film.movie_id for film in world_dataset().films[:N_FILMS_OF_MODELS])
    return {
        variant.name: HashingClient(
            variant.model, movie_ids, knows_all=knows_all, is_routed=variant.model == routed_model
        )
        for variant in experiment.variants
    }


def two_variants(name: str, *, more: str = "", treatment_weight: float = 1.0) -> Experiment:
    """An experiment of models `one` and `other`; `more` are lines of its first table."""
    return parse_experiment(
        f"""
        [experiment]
        name = "{name}"
        salt = "{name}"
        {more}
        [[variants]]
        name = "control"
        model = "one"
        [[variants]]
        name = "treatment"
        model = "other"
        weight = {treatment_weight}
        """
    )


@contextmanager
def site_serving(
    experiment: Experiment,
    clients: Mapping[str, HashingClient],
    log_path: Path,
    *,
    storefront: Storefront | None = None,
    asked: list[str] | None = None,
) -> Iterator[str]:
    """The URL of a real site on a free port, for as long as the block lasts.

    `asked` hears of the pages that visitors ask for: method, path and step; not of what a page asks for.
    """
    shop = world_storefront() if storefront is None else storefront
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # pytest would keep a line of each request
    app = create_app(SiteSettings(experiment, shop, dict(clients), log_path, SECRET))
    if asked is not None:
        app.before_request(lambda: _hear(asked))
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


def _hear(asked: list[str]) -> None:
    is_beacon = request.path in {"/views", "/plays"}
    if not is_beacon and request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate":
        step = request.cookies.get("funflix_step", "").partition(".")[0]
        asked.append(f"{request.method} {request.path} {step}")


def ticket_desk(run_id: str) -> Callable[[VisitJob], str]:
    """Signs the tickets of a run."""
    signer = TokenSigner(SECRET, max_age_s=600)

    def sign(job: VisitJob) -> str:
        who = job.visitor
        return signer.sign(VisitTicket(run_id, who.visitor_id, who.user_id, job.attempt, who.persona))

    return sign


def make_visits(
    engine: VisitEngine, visitors: Visitors, mind: Mind, site_url: str, run_id: str
) -> list[VisitResult]:
    """Have all visitors visit, three at a time, and fail unless each visit was done; by visitor."""
    results: list[VisitResult] = []
    engine(
        [VisitJob(who, 1, instruments_for(mind.population, who, seed=SEED)) for who in visitors],
        site_url=site_url,
        brain=mind,
        ticket_for=ticket_desk(run_id),
        n_workers=3,
        on_done=results.append,
        stop=threading.Event(),
    )
    assert [result.error for result in results] == [None] * len(visitors)
    return sorted(results, key=lambda result: result.visitor_id)


def rows_of(log_path: Path, sql: str, run_id: str, *, where: str = "TRUE") -> list[tuple[object, ...]]:
    """What the event log holds of a run, in order."""
    with closing(sqlite3.connect(log_path)) as log:
        statement = f"{sql} WHERE run_id = ? AND {where} ORDER BY 1, 2, 3, 4"
        return log.execute(statement, (run_id,)).fetchall()
