"""Visitors of a small world, models that are hashes, and the vector engine to make their visits."""

import hashlib
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from experiment import EventTable, Experiment, assign, parse_experiment
from experiment.columns import is_column, listed
from recommender_client import Feedback, Recommendation, RecommendationRequest, RecommenderUnavailableError
from simulator import ShownFilm, ShownSlate, VisitRecord, run_visit
from simulator.behaviour import (
    Detour,
    Mind,
    Population,
    SignIn,
    Visitors,
    draw_visitors,
)
from simulator.engines.vector import VectorRun, run_vector_visits

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
