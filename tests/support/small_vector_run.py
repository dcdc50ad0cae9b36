"""A small vector run that any process can make: films, visitors with tastes, and a model that is a hash."""

import hashlib
import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from catalog import Film, Ratings
from experiment import Experiment, parse_experiment
from funflix.vector_run import make_lake_visits
from recommender_client import Feedback, Recommendation, RecommendationRequest, RecommenderUnavailableError
from simulator.behaviour import Instrumentation, Mind, Persona, Population, fit_truth
from simulator.engines import LakeRun, VectorRun, Workers

SEED = 3
N_FILMS = 40
N_USERS = 20
N_VISITORS = 500
N_RATINGS = dict.fromkeys(range(1, N_USERS + 1), N_FILMS)
POPULAR = tuple(range(1, 8))
POPULATION = Population(
    instrumentation=Instrumentation(beacon_loss=0.2, ad_block_share=0.1, double_click_share=0.3),
    personas=(
        *Population().personas,
        Persona(name="crawler", weight=0.05, is_bot=True),
    ),
)


@dataclass(frozen=True)
class HashedSlates:
    """A model whose slate is a hash of its name, the user and the film; `is_alive` or not.

    One that `is_deadly` kills the process that asks it beside a film, as a worker does.
    """

    name: str
    is_alive: bool = True
    is_deadly: bool = False

    def recommend(self, request: RecommendationRequest) -> Recommendation:
        """One slate."""
        if self.is_deadly and request.movie_id is not None:
            os.kill(os.getpid(), signal.SIGKILL)
        key = f"{self.name}:{request.user_id}:{request.movie_id}".encode()
        start = hashlib.sha256(key).digest()[0]
        films = [1 + (start + 7 * step) % N_FILMS for step in range(request.n_films + 1)]
        films = [film for film in films if film != request.movie_id]
        return Recommendation(tuple(films[: request.n_films]), None, self.name, "v1", True, {}, "", 0.1)

    def recommend_many(self, requests: Sequence[RecommendationRequest]) -> list[Recommendation]:
        """Several slates, while it is alive."""
        if not self.is_alive:
            raise RecommenderUnavailableError("http://127.0.0.1:9/v2 cannot be reached")
        return [self.recommend(request) for request in requests]

    def send_feedback(self, feedback: Feedback) -> None:
        """Learn nothing."""

    def is_ready(self) -> bool:
        """While it is alive."""
        return self.is_alive


def experiment_of(*, holdout: float = 0.1, assignment: str = "visitor") -> Experiment:
    """Two variants of equal weight."""
    return parse_experiment(
        f"""
        [experiment]
        name = "small"
        salt = "s"
        holdout = {holdout}
        assignment = "{assignment}"
        [[variants]]
        name = "control"
        model = "one"
        [[variants]]
        name = "treatment"
        model = "other"
        """
    )


def clients_of(
    experiment: Experiment, *, is_alive: bool = True, is_deadly: bool = False
) -> dict[str, HashedSlates]:
    """The model of each variant."""
    return {variant.name: HashedSlates(variant.model, is_alive, is_deadly) for variant in experiment.variants}


def mind_of(population: Population) -> Mind:
    """What visitors think; about one in five clicks."""
    films = [
        Film(number, f"Film {number}", 1960 + number, ("Drama", "Comedy")[: 1 + number % 2])
        for number in range(1, N_FILMS + 1)
    ]
    users, movies = (column.ravel() for column in np.mgrid[1 : N_USERS + 1, 1 : N_FILMS + 1])
    stars = (1 + (users * movies) % 5).astype(np.float32)
    ratings = Ratings(users, movies, stars, np.arange(len(users)))
    return Mind(population, fit_truth(films, ratings, population, seed=SEED), seed=SEED, outside_option=2.0)


def lake_run(
    folder: Path, experiment: Experiment, *, is_alive: bool = True, is_deadly: bool = False
) -> LakeRun:
    """A run into a lake."""
    mind = mind_of(POPULATION)
    make_clients = partial(clients_of, experiment, is_alive=is_alive, is_deadly=is_deadly)
    return LakeRun("run", experiment, mind, make_clients, folder, POPULAR, N_RATINGS)


def make_lake(run: LakeRun, workers: Workers | None = None, *, part_size: int = 120) -> int:
    """Make the visits of 500 visitors that the lake does not have yet; how many they were."""
    told = make_lake_visits(
        run, N_VISITORS, workers=workers or Workers(), part_size=part_size, on_progress=lambda _: None
    )
    return told.by_engine["vector"]


def log_run(experiment: Experiment) -> VectorRun:
    """The same run into the event log."""
    return VectorRun("run", experiment, mind_of(POPULATION), clients_of(experiment), POPULAR, N_RATINGS)
