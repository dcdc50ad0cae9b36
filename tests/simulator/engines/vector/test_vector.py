"""The vector engine against the visit script for one visitor, on a small world."""

import hashlib
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

import msgspec
import numpy as np
import pytest

from experiment import Click, EventTable, Experiment, Play, Slate, VisitMade, assign, parse_experiment
from experiment.columns import is_column, listed
from recommender_client import Feedback, Recommendation, RecommendationRequest, RecommenderUnavailableError
from simulator import ShownFilm, ShownSlate, VisitRecord, run_visit
from simulator.behaviour import (
    Choice,
    Detour,
    Dynamics,
    Mind,
    PageDraws,
    Persona,
    Population,
    Session,
    ShippedClickModel,
    SignIn,
    UnknownFilmError,
    Visitors,
    draw_visitors,
)
from simulator.behaviour.draws import Floats
from simulator.behaviour.examination import Booleans
from simulator.engines.vector import VectorRun, run_vector_visits
from simulator.engines.vector_slates import SlateShelf
from simulator.engines.vector_thoughts import HomeThoughts

N_VISITORS = 120
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
    model = "other"
    """
)
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


@dataclass(frozen=True)
class HashedModel:
    """A model whose slate is a hash of its name, the user and the film; counts what it is asked."""

    name: str
    movie_ids: tuple[int, ...]
    asked: Counter[tuple[int | None, int | None]] = field(default_factory=Counter)
    fails_after: int = 10**9

    def recommend(self, request: RecommendationRequest) -> Recommendation:
        """One slate."""
        key = f"{self.name}:{request.user_id}:{request.movie_id}".encode()
        start = hashlib.sha256(key).digest()[0]
        places = [(start + 7 * step) % len(self.movie_ids) for step in range(request.n_films + 1)]
        films = [self.movie_ids[place] for place in places if self.movie_ids[place] != request.movie_id]
        return Recommendation(tuple(films[: request.n_films]), None, self.name, "v1", True, {}, "", 0.1)

    def recommend_many(self, requests: Sequence[RecommendationRequest]) -> list[Recommendation]:
        """Several slates, until it fails."""
        self.asked.update((request.user_id, request.movie_id) for request in requests)
        if self.asked.total() > self.fails_after:
            raise RecommenderUnavailableError("the endpoint is gone")
        return [self.recommend(request) for request in requests]

    def send_feedback(self, feedback: Feedback) -> None:
        """Never called: nobody waits for it."""
        raise AssertionError(feedback)

    def is_ready(self) -> bool:
        """Always."""
        return True


@dataclass(frozen=True)
class Stand:
    """Visitors, a mind and models, and what an engine recorded of them."""

    mind: Mind
    visitors: Visitors
    clients: dict[str, HashedModel]
    experiment: Experiment = EXPERIMENT
    recorded: list[Sequence[EventTable]] = field(default_factory=list)

    def run(
        self,
        *,
        chunk_size: int = 50,
        attempts: Mapping[str, int] | None = None,
        stop: threading.Event | None = None,
        visitors: Visitors | None = None,
    ) -> "Stand":
        """Make all visits."""
        run_vector_visits(
            self.visitors if visitors is None else visitors,
            VectorRun("run", self.experiment, self.mind, self.clients, popular=[10, 20, 30, 40, 50, 60, 70]),
            attempts=attempts or {},
            record=self.recorded.append,
            on_done=lambda _: None,
            stop=stop or threading.Event(),
            chunk_size=chunk_size,
        )
        return self

    def rows(self, kind: type, *names: str) -> list[tuple[Any, ...]]:
        """These fields of all events of one kind, sorted."""
        found: list[tuple[Any, ...]] = []
        for table in (table for tables in self.recorded for table in tables if table.kind is kind):
            columns = [table.columns[name] for name in names]
            found += zip(*(listed(c) if is_column(c) else [c] * len(table) for c in columns), strict=True)
        return sorted(found)


@pytest.fixture
def stand(world: SimpleNamespace) -> Stand:
    """The default population; about one in three clicks."""
    return stand_of(world, world.population)


def stand_of(world: SimpleNamespace, population: Population) -> Stand:
    truth = world.fit(population)
    movie_ids = tuple(world.movie_ids.tolist())
    return Stand(
        mind=Mind(population, truth, seed=7, outside_option=1.5, guide=world.guide),
        visitors=draw_visitors(population, truth, n_visitors=N_VISITORS, seed=7),
        clients={v.name: HashedModel(v.model, movie_ids) for v in EXPERIMENT.variants},
    )


class ModelPages:
    """The site as one visitor meets it, straight from the model; fits `VisitorPages`."""

    def __init__(self, model: HashedModel, user_id: int | None) -> None:
        self._model = model
        self._user_id = user_id
        self.times: list[int] = []
        self._behind: list[int | None] = []  # films whose pages are open since home; None is the player

    def enter(self, ticket: str, at_ms: int, *, sign_in: SignIn | None = None) -> ShownSlate:  # noqa: ARG002  there is no site
        """Home."""
        return self._opened("home", None, at_ms)

    def look(self, slate: ShownSlate, positions: Sequence[int], dwell_s: float, at_ms: int) -> None:
        """Nothing is recorded."""

    def click(self, slate: ShownSlate, position: int, at_ms: int) -> ShownSlate:
        """The film's page."""
        return self._opened("film", slate.films[position - 1].movie_id, at_ms)

    def play(self, movie_id: int, watch_s: float, *, is_completed: bool, at_ms: int) -> None:  # noqa: ARG002 - as said
        """Nothing is recorded; the player is one more page to go back from."""
        self._behind.append(None)

    def go_home(self, at_ms: int) -> ShownSlate:
        """Home again."""
        return self._opened("home", None, at_ms)

    def go_back(self, n_pages: int, at_ms: int) -> ShownSlate:
        """The pages of films that led here, last first, and home."""
        assert n_pages == len(self._behind)
        for movie_id in self._behind[-2::-1]:
            self._slate("film", movie_id, at_ms)
        return self._opened("home", None, at_ms)

    def detour(self, detour: Detour, at_ms: int) -> ShownSlate:
        """The film's page; by way of the list, the pages before it too."""
        if detour.kind == "my_list":
            for surface in ("film", "film", "home"):
                self._slate(surface, detour.movie_id if surface == "film" else None, at_ms)
        return self._opened("film", detour.movie_id, at_ms)

    def leave(self) -> None:
        """Nothing to close."""

    def _opened(self, surface: str, movie_id: int | None, at_ms: int) -> ShownSlate:
        self._behind = [] if surface == "home" else [*self._behind, movie_id]
        return self._slate(surface, movie_id, at_ms)

    def _slate(self, surface: str, movie_id: int | None, at_ms: int) -> ShownSlate:
        self.times.append(at_ms)
        answer = self._model.recommend(RecommendationRequest(self._user_id, 6, movie_id))
        films = tuple(ShownFilm(film, place, "") for place, film in enumerate(answer.movie_ids, start=1))
        return ShownSlate("", surface, films)


def alone(stand: Stand) -> tuple[list[VisitRecord], list[tuple[str, int]]]:
    """Every visit by the script for one visitor: the records, and when whom a slate was served."""
    records, served = [], []
    for visitor in stand.visitors:
        variant = assign(stand.experiment, visitor.visitor_id).variant
        pages = ModelPages(stand.clients[variant], visitor.user_id)
        records.append(run_visit(visitor, stand.mind, pages, ticket=""))
        served += [(visitor.visitor_id, at_ms) for at_ms in pages.times]
    return records, served


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


def test_neither_chunks_nor_the_order_of_visitors_change_an_event(stand: Stand) -> None:
    """Chunks of 1, of 50, and visitors in reverse order: the same slates and clicks, ids included."""
    backwards = stand.visitors.take(np.arange(N_VISITORS)[::-1])
    several = [
        replace(stand, recorded=[]).run(),
        replace(stand, recorded=[]).run(chunk_size=1),
        replace(stand, recorded=[]).run(visitors=backwards),
    ]
    for kind, names in ((Slate, ("slate_id", "visitor_id", "variant")), (Click, ("click_id", "movie_id"))):
        first, *others = [one.rows(kind, *names) for one in several]
        assert first
        assert all(other == first for other in others)


def test_each_slate_is_asked_for_once_whatever_the_chunks(stand: Stand) -> None:
    stand.run(chunk_size=7)
    for model in stand.clients.values():
        assert set(model.asked.values()) == {1}
        assert {user for user, film in model.asked if film is None} == {
            None if user < 0 else user for user in stand.visitors.user_id.tolist()
        }


def test_utilities_kept_for_visitors_alike_are_those_of_each_bit_for_bit(stand: Stand) -> None:
    shelf = SlateShelf(EXPERIMENT, stand.clients, popular=(), user_ids=stand.visitors.user_id)
    thoughts = HomeThoughts(stand.mind.truth, shelf.home, stand.visitors, n_arms=len(shelf.arm_names))
    for start in range(0, N_VISITORS, 40):
        who = stand.visitors[start : start + 40]
        arms = who.index % 2
        rows = shelf.home_rows(arms, who.user_id)
        expected = stand.mind.truth.utilities(
            visitor_index=who.index,
            user_ids=who.taste_user_id,
            persona_index=who.persona_index,
            movie_ids=shelf.home.movie_ids[rows],
        )
        assert np.array_equal(thoughts.utilities(who, arms, rows), expected)


def test_a_visitor_comes_back_under_the_attempt_that_is_due(stand: Stand) -> None:
    first = stand.visitors[0].visitor_id
    stand.run(attempts={first: 3})
    attempts = dict(stand.rows(VisitMade, "visitor_id", "attempt"))
    assert attempts.pop(first) == 3
    assert set(attempts.values()) == {1}


def test_an_endpoint_that_fails_leaves_the_chunks_before_it(stand: Stand) -> None:
    """The endpoint fails at one of the last film pages that the whole run asks for."""
    stand.run(chunk_size=20)
    n_first = stand.clients["control"].asked.total() - 3
    failing = replace(
        stand,
        recorded=[],
        clients={
            name: replace(model, asked=Counter(), fails_after=n_first if name == "control" else 10**9)
            for name, model in stand.clients.items()
        },
    )
    with pytest.raises(RecommenderUnavailableError):
        failing.run(chunk_size=20)
    assert 0 < len(failing.recorded) < len(stand.recorded)


def test_nothing_begins_once_it_is_to_stop(stand: Stand) -> None:
    stop = threading.Event()
    stop.set()
    assert stand.run(stop=stop).recorded == []


def test_a_film_outside_the_catalogue_is_named(stand: Stand) -> None:
    strange = {name: replace(model, movie_ids=(*range(901, 931),)) for name, model in stand.clients.items()}
    with pytest.raises(UnknownFilmError, match="film 9"):
        replace(stand, clients=strange).run()


def test_the_holdout_is_shown_popular_films_and_no_model_is_asked(stand: Stand) -> None:
    """Half of 120 visitors are held out."""
    held_out = msgspec.structs.replace(EXPERIMENT, holdout=0.5)
    stand = replace(stand, experiment=held_out).run()
    models = {
        (variant, model)
        for tables in stand.recorded
        for table in tables
        if table.kind is Slate
        for variant, model in zip(
            listed(table.columns["variant"]), listed(table.columns["model"]), strict=True
        )
    }
    assert models == {("control", "one"), ("treatment", "other"), ("holdout", None)}
