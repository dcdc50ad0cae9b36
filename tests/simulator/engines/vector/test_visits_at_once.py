"""Visits made at once by the vector engine are the visits that the script makes one by one."""

from dataclasses import dataclass, replace
from types import SimpleNamespace

import msgspec
import numpy as np
import pytest
from vector_stand import alone, stand_of

from experiment import Click, Play, Slate
from simulator.behaviour import (
    Choice,
    Dynamics,
    PageDraws,
    Persona,
    Population,
    Session,
    ShippedClickModel,
)
from simulator.behaviour.draws import Floats
from simulator.behaviour.examination import Booleans

RETURNS = Session(return_share=0.8, return_gap_median_hours=6.0)
POPULATIONS = {
    "default": Population(),
    "impatient": Population(session=Session(patience_median_s=5.0, patience_sigma=2.0)),
    "no second click": Population(choice=Choice(film_page_odds=0.0)),
    "many clicks": Population(choice=Choice(film_page_odds=10.0, examination_decay=0.5)),
    "half a millisecond a title": Population(session=Session(seconds_per_title=0.3335)),
    "all logged out": Population(personas=(Persona(name="nobody", is_logged_out=True),)),
    "position-based": Population(choice=Choice(model="pbm")),
    "cascade": Population(choice=Choice(model="cascade", examination_decay=0.95)),
    "carousel": Population(choice=Choice(model="carousel", visible_columns=2, row_length=4)),
    "returns": Population(session=Session(return_share=0.8, novelty=1.0)),
    "detours": Population(session=Session(detour_share=0.7)),
    "rows of genres": Population(session=Session(detour_share=0.9, genre_row_share=1.0)),
    "by the back button": Population(
        choice=Choice(film_page_odds=10.0), session=Session(detour_share=0.5, back_share=1.0)
    ),
    "detours and returns": Population(
        session=Session(detour_share=0.9, return_share=0.9, return_gap_median_hours=3)
    ),
    "satiation": Population(session=RETURNS, dynamics=Dynamics(satiation=3.0)),
    "repeat exposure": Population(session=RETURNS, dynamics=Dynamics(repeat_exposure=1.0)),
    "taste drift": Population(session=RETURNS, dynamics=Dynamics(taste_drift=1.0)),
    "fatigue": Population(session=RETURNS, dynamics=Dynamics(fatigue=0.5)),
    "all at once": Population(
        choice=Choice(model="cascade"),
        session=Session(detour_share=0.5, return_share=0.8, return_gap_median_hours=2, novelty=-1.0),
        dynamics=Dynamics(satiation=1.0, repeat_exposure=0.3, taste_drift=0.5, fatigue=0.1),
    ),
    "logged out or not": Population(
        personas=(Persona(name="nobody", is_logged_out=True), Persona(name="somebody", popularity=1.0))
    ),
}


@pytest.mark.parametrize("name", POPULATIONS)
def test_visits_at_once_are_the_visits_one_by_one(world: SimpleNamespace, name: str) -> None:
    """120 visitors of each population: clicks, plays and the time of every slate are equal."""
    stand = stand_of(world, POPULATIONS[name]).run()
    records, served = alone(stand)
    clicks = [(record.visitor_id, *click) for record in records for click in record.clicks]
    plays = [(record.visitor_id, *play) for record in records for play in record.plays]
    assert stand.rows(Click, "visitor_id", "surface", "position", "movie_id") == sorted(clicks) != []
    assert stand.rows(Play, "visitor_id", "movie_id", "watch_s", "is_completed") == sorted(plays) != []
    assert stand.rows(Slate, "visitor_id", "simulated_at") == sorted(served)


@pytest.mark.parametrize("name", ["satiation", "repeat exposure", "taste drift", "fatigue"])
def test_each_of_the_dynamics_changes_clicks(world: SimpleNamespace, name: str) -> None:
    """The visits above would be equal too if memory did nothing."""
    population = POPULATIONS[name]
    without = msgspec.structs.replace(population, dynamics=Dynamics())
    clicks = [stand_of(world, p).run().rows(Click, "visitor_id", "movie_id") for p in (population, without)]
    assert clicks[0] != clicks[1]


@dataclass(frozen=True)
class OddPositions(ShippedClickModel):
    """A click model that does not ship: only odd positions are examined, whoever is impatient."""

    def examined(self, left_s: Floats, n_positions: int, draws: PageDraws) -> Booleans:  # noqa: ARG002 - as said
        """Every other position, by a draw of its own."""
        positions = np.arange(1, n_positions + 1)
        return np.asarray((positions % 2 == 1) & (draws.uniform("odd", positions) < 0.9))


def test_a_click_model_of_ones_own_makes_the_same_visits_one_by_one(world: SimpleNamespace) -> None:
    """Under each law of choice: all clicks are at odd positions, and equal."""
    for model in ("mnl", "pbm", "cascade"):
        population = Population(choice=Choice(model=model), session=RETURNS)  # type: ignore[arg-type]  # a literal
        stand = stand_of(world, population)
        own = OddPositions(population.choice, population.session)
        stand = replace(stand, mind=replace(stand.mind, click_model=own)).run()
        clicks = [(record.visitor_id, *click) for record in alone(stand)[0] for click in record.clicks]
        assert stand.rows(Click, "visitor_id", "surface", "position", "movie_id") == sorted(clicks) != []
        assert {position for _, _, position, _ in clicks} == {1, 3, 5}
