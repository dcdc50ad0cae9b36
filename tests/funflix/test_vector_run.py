"""Runs of the vector engine: what the ledger has is not made again, and a dead endpoint is one clear line."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from catalog import Film, Ratings
from experiment import DEFAULT_EXPERIMENT_TOML, EventLog, EventReader, parse_experiment
from funflix.errors import FunflixError
from funflix.vector_run import make_vector_visits
from recommender_client import Feedback, Recommendation, RecommendationRequest, RecommenderUnavailableError
from simulator.behaviour import Mind, Population, Visitors, draw_visitors, fit_truth
from simulator.engines import VectorRun

N_VISITORS = 200


@dataclass
class FirstFilms:
    """A model that recommends the first films to all, while it is alive."""

    is_alive: bool = True

    def recommend(self, request: RecommendationRequest) -> Recommendation:
        """Films 1 to 7, without the one asked about."""
        films = [film for film in range(1, 8) if film != request.movie_id][: request.n_films]
        return Recommendation(tuple(films), None, "m", "v1", True, {}, "", 0.1)

    def recommend_many(self, requests: Sequence[RecommendationRequest]) -> list[Recommendation]:
        """The same for all."""
        if not self.is_alive:
            raise RecommenderUnavailableError("http://127.0.0.1:9/v2 cannot be reached")
        return [self.recommend(request) for request in requests]

    def send_feedback(self, feedback: Feedback) -> None:
        """Learn nothing."""

    def is_ready(self) -> bool:
        """While it is alive."""
        return self.is_alive


@pytest.fixture
def visitors_and_run() -> tuple[Visitors, VectorRun, FirstFilms]:
    """200 visitors of 20 users, all of whom see the films 1 to 6."""
    films = [
        Film(number, f"Film {number}", 1990 + number, ("Drama", "Comedy")[: 1 + number % 2])
        for number in range(1, 9)
    ]
    users, movies = (column.ravel() for column in np.mgrid[1:21, 1:9])
    stars = (1 + (users * movies) % 5).astype(np.float32)
    ratings = Ratings(users, movies, stars, np.arange(len(users)))
    population = Population()
    truth = fit_truth(films, ratings, population, seed=3)
    model = FirstFilms()
    experiment = parse_experiment(DEFAULT_EXPERIMENT_TOML)
    mind = Mind(population, truth, seed=3, outside_option=2.0)
    run = VectorRun("run", experiment, mind, {variant.name: model for variant in experiment.variants})
    return draw_visitors(population, truth, n_visitors=N_VISITORS, seed=3), run, model


def test_visits_in_the_ledger_are_not_made_again(
    visitors_and_run: tuple[Visitors, VectorRun, FirstFilms], tmp_path: Path
) -> None:
    """The first 150 of 200, then all: 50 are made, and every visitor has one line."""
    visitors, run, _ = visitors_and_run
    log = tmp_path / "events.db"
    EventLog.open(log).close()
    n_done: list[int] = []
    make_vector_visits(
        run, visitors[:150], event_log=log, on_progress=lambda tally: n_done.append(tally.n_done)
    )
    tally = make_vector_visits(
        run, visitors, event_log=log, on_progress=lambda tally: n_done.append(tally.n_done)
    )
    assert (tally.n_done, tally.n_total, tally.by_engine) == (N_VISITORS, N_VISITORS, {"vector": 50})
    assert n_done == [150, N_VISITORS]
    ledger = EventReader(log).visits("run")
    assert [(visit.visitor_id, visit.attempt, visit.status) for visit in ledger] == [
        (visitor_id, 1, "done") for visitor_id in visitors.visitor_ids
    ]


def test_a_dead_endpoint_is_said_in_a_line_that_names_the_way_on(
    visitors_and_run: tuple[Visitors, VectorRun, FirstFilms], tmp_path: Path
) -> None:
    visitors, run, model = visitors_and_run
    log = tmp_path / "events.db"
    EventLog.open(log).close()
    model.is_alive = False
    with pytest.raises(FunflixError, match="cannot be reached; mend that and continue with --resume"):
        make_vector_visits(run, visitors, event_log=log, on_progress=lambda _: None)
    assert EventReader(log).visits("run") == ()
    model.is_alive = True
    assert make_vector_visits(run, visitors, event_log=log, on_progress=lambda _: None).n_done == N_VISITORS
