"""The true CTR of a population, in closed form, against what its visitors do in the vector engine."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from types import SimpleNamespace

import msgspec
import numpy as np
import pytest
import scipy.stats

from experiment import parse_experiment
from recommender_client import Feedback, Recommendation, RecommendationRequest
from simulator import Calibration, ask_home_slates, calibrate
from simulator.behaviour import Choice, Dynamics, Mind, Population, Session, Visitors, draw_visitors
from simulator.engines.vector import VectorEngine, VectorRun
from simulator.engines.vector_events import roll_of

BASELINE = 0.07
IS_FULL = os.environ.get("FUNFLIX_SOAK") == "full"
EXPERIMENT = parse_experiment(
    """
    [experiment]
    name = "e"
    salt = "s"
    [[variants]]
    name = "control"
    model = "one"
    [[variants]]
    name = "treatment"
    model = "one"
    """
)
RETURNS = Session(return_share=0.6, return_gap_median_hours=8.0, novelty=0.7)
ALL_ON = Dynamics(satiation=1.0, repeat_exposure=0.4, taste_drift=0.5, fatigue=0.2)
POPULATIONS = {
    "mnl": Population(),
    "pbm": Population(choice=Choice(model="pbm")),
    "cascade": Population(choice=Choice(model="cascade")),
    "carousel": Population(choice=Choice(model="carousel", visible_columns=3)),
    "returns": Population(session=RETURNS),
    "returns, cascade, dynamics": Population(
        choice=Choice(model="cascade"), session=RETURNS, dynamics=ALL_ON
    ),
    "everything": Population(
        choice=Choice(model="pbm"),
        session=msgspec.structs.replace(RETURNS, detour_share=0.5),
        dynamics=ALL_ON,
    ),
}


@dataclass(frozen=True)
class OneModel:
    """Shows each user six films in a row of the catalogue, wherever the number of the user points."""

    movie_ids: tuple[int, ...]

    def recommend(self, request: RecommendationRequest) -> Recommendation:
        """One slate."""
        start = 7 * (request.user_id or 0) + (request.movie_id or 0)
        places = [(start + place) % len(self.movie_ids) for place in range(request.n_films + 1)]
        films = [self.movie_ids[place] for place in places if self.movie_ids[place] != request.movie_id]
        return Recommendation(tuple(films[: request.n_films]), None, "one", "v1", True, {}, "", 0.1)

    def recommend_many(self, requests: Sequence[RecommendationRequest]) -> list[Recommendation]:
        """Several slates."""
        return [self.recommend(request) for request in requests]

    def send_feedback(self, feedback: Feedback) -> None:
        """It learns nothing."""

    def is_ready(self) -> bool:
        """Always."""
        return True


def calibrated(
    world: SimpleNamespace, population: Population, n_visitors: int
) -> tuple[Visitors, OneModel, Calibration]:
    truth = world.fit(population)
    visitors = draw_visitors(population, truth, n_visitors=n_visitors, seed=7)
    model = OneModel(tuple(world.movie_ids.tolist()))
    mind = Mind(population, truth, seed=7, outside_option=0.0, guide=world.guide)
    slates = {"control": ask_home_slates(model, visitors, slate_size=6)}
    return visitors, model, calibrate(mind, visitors, slates, baseline_ctr=BASELINE)


def n_who_click(visitors: Visitors, model: OneModel, mind: Mind) -> int:
    """How many click on any home slate, of visitors who really make their visits, 50,000 at a time."""
    clients = {"control": model, "treatment": model}
    engine = VectorEngine(visitors, VectorRun("run", EXPERIMENT, mind, clients))
    n_clicked = 0
    for start in range(0, len(visitors), 50_000):
        chunk = visitors[start : start + 50_000]
        walk = engine.walk(chunk, roll_of("run", chunk))
        places = [page.places[page.clicked] for page in walk.pages if page.surface == "home"]
        n_clicked += len(np.unique(np.concatenate(places)))
    return n_clicked


@pytest.mark.parametrize("name", POPULATIONS)
def test_as_many_click_as_the_closed_form_says(world: SimpleNamespace, name: str) -> None:
    """20,000 visitors of each population; the binomial test alarms at most 1 time in 1,000.

    The chances differ between visitors, so the count varies less than a binomial one: the test is safe.
    """
    visitors, model, calibration = calibrated(world, POPULATIONS[name], 20_000)
    assert calibration.truth.visitor_ctr["control"] == pytest.approx(BASELINE, abs=1e-9)
    n_clicked = n_who_click(visitors, model, calibration.mind)
    assert scipy.stats.binomtest(n_clicked, 20_000, BASELINE).pvalue > 0.001


def test_a_truth_that_forgets_returns_is_noticed(world: SimpleNamespace) -> None:
    """The planted fault: the outside option solved for one visit each, and visitors who come again."""
    visitors, model, once = calibrated(world, POPULATIONS["mnl"], 20_000)
    again = msgspec.structs.replace(once.mind.population, session=RETURNS)
    mind = Mind(again, once.mind.truth, seed=7, outside_option=once.mind.outside_option)
    assert scipy.stats.binomtest(n_who_click(visitors, model, mind), 20_000, BASELINE).pvalue < 0.001


@pytest.mark.soak
@pytest.mark.skipif(not IS_FULL, reason="only in the full soak; its short form is the test above")
@pytest.mark.parametrize("name", POPULATIONS)
def test_a_long_run_lies_within_a_tenth_of_a_point_of_the_truth(world: SimpleNamespace, name: str) -> None:
    """800,000 visitors, so that a tenth of a point is 3.5 standard errors or more."""
    visitors, model, calibration = calibrated(world, POPULATIONS[name], 800_000)
    n_clicked = n_who_click(visitors, model, calibration.mind)
    assert n_clicked / 800_000 == pytest.approx(BASELINE, abs=0.001)
