"""What each arm shows, as its model endpoint answers: every slate is asked for once, in batches."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from experiment import HOLDOUT, Experiment
from recommender_client import Recommendation, RecommendationRequest, RecommenderClient
from simulator.behaviour import NO_USER
from simulator.engines.vector_offsets import Offsets

_BATCH = 100
# Film slates kept for visitors who click the same film as the same user; beyond this all are forgotten.
_MOST_KEPT = 100_000
# Ids of films are below 2**32 (see `catalog`), so that a page's user and film fit one number.
_FILM_BITS = 32
_NO_KEY = -1

Integers: TypeAlias = npt.NDArray[np.integer]
Booleans: TypeAlias = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class SlateSource:
    """Who made a slate, by its own account; `model` is None for the films of the holdout."""

    model: str | None = None
    model_version: str | None = None
    router_claim: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Slates:
    """Slates, one a row.

    Args:
        movie_ids: the films in order of position, (n_slates, slate_size).
        source_index: who made each, an offset into the `sources` of the shelf, (n_slates,).
        is_known_user: whether the model knew the user, (n_slates,).
    """

    movie_ids: Integers
    source_index: Integers
    is_known_user: Booleans

    def __len__(self) -> int:
        return len(self.movie_ids)

    def take(self, rows: Integers) -> "Slates":
        """The slates of these rows, in that order."""
        return Slates(self.movie_ids[rows], self.source_index[rows], self.is_known_user[rows])

    def joined(self, others: "Slates") -> "Slates":
        """These slates, and others after them."""
        return Slates(
            np.concatenate([self.movie_ids, others.movie_ids]),
            np.concatenate([self.source_index, others.source_index]),
            np.concatenate([self.is_known_user, others.is_known_user]),
        )


@dataclass(frozen=True, slots=True, eq=False)
class HomeAnswers:
    """The home slates of all users and arms as they were asked for, for who would ask for them again."""

    slates: Slates
    sources: tuple[SlateSource, ...]


class SlateShelf:
    """The slates of all arms of one experiment.

    Args:
        experiment: its variants are the arms, in their order; the holdout comes after them.
        clients: asks the endpoint of each variant; give them a time limit that fits a batch of 100.
        popular: the films that the holdout is shown, in order; more than a slate holds.
        user_ids: who may come, `NO_USER` among them where somebody browses as nobody.
        answers: the home slates of these users, where they have been asked for before.

    Raises:
        RecommenderClientError: an endpoint gives no usable answer.
    """

    def __init__(
        self,
        experiment: Experiment,
        clients: Mapping[str, RecommenderClient],
        *,
        popular: Sequence[int],
        user_ids: Integers,
        answers: HomeAnswers | None = None,
    ) -> None:
        self.arm_names = (*(variant.name for variant in experiment.variants), HOLDOUT)
        self.sources: list[SlateSource] = [SlateSource()]
        self._clients = clients
        self._slate_size = experiment.slate_size
        self._popular = tuple(popular)
        self._film_keys: Integers = np.empty(0, dtype=np.int64)
        self._film = self._slates([])
        self._user_ids = np.unique(user_ids).astype(np.int64)
        self._users = Offsets(self._user_ids)
        if answers is None:
            self.home = self._ask_home(has_holdout=experiment.holdout > 0)
        else:
            self.home, self.sources = answers.slates, list(answers.sources)

    @property
    def answers(self) -> HomeAnswers:
        """The home slates, for another shelf of the same experiment and users."""
        return HomeAnswers(self.home, tuple(self.sources))

    def home_rows(self, arms: Integers, user_ids: Integers) -> Integers:
        """Which rows of `home` these users see under these arms, (n_visitors,) each."""
        return np.asarray(arms * len(self._user_ids) + self._users.of(user_ids))

    def film_slates(self, arms: Integers, user_ids: Integers, movie_ids: Integers) -> Slates:
        """The slates beside these films, (n_visitors,) each; asks for those not asked for before."""
        keys = np.asarray((self.home_rows(arms, user_ids) << _FILM_BITS) | movie_ids)
        if len(self._film) > _MOST_KEPT:
            self._film_keys, self._film = self._film_keys[:0], self._slates([])
        rows = np.searchsorted(self._film_keys, keys)
        is_new = np.append(self._film_keys, _NO_KEY)[rows] != keys
        if is_new.any():
            self._keep(np.unique(keys[is_new]))
            rows = np.searchsorted(self._film_keys, keys)
        return self._film.take(rows)

    def _keep(self, keys: Integers) -> None:
        """Ask for the slates of these pages, ascending, and put them between those kept."""
        arms, users = np.divmod(keys >> _FILM_BITS, len(self._user_ids))
        movie_ids = keys & ((1 << _FILM_BITS) - 1)
        answers: list[Recommendation] = []
        for arm, name in enumerate(self.arm_names):
            of_arm = arms == arm
            pages = zip(self._user_ids[users[of_arm]].tolist(), movie_ids[of_arm].tolist(), strict=True)
            answers += self._ask(name, list(pages))
        all_keys = np.concatenate([self._film_keys, keys])
        order = np.argsort(all_keys)
        self._film_keys, self._film = all_keys[order], self._film.joined(self._slates(answers)).take(order)

    def _ask_home(self, *, has_holdout: bool) -> Slates:
        users = [(user_id, None) for user_id in self._user_ids.tolist()]
        names = self.arm_names if has_holdout else self.arm_names[:-1]
        return self._slates([answer for name in names for answer in self._ask(name, users)])

    def _ask(self, arm_name: str, pages: Sequence[tuple[int, int | None]]) -> list[Recommendation]:
        """Slates for pairs of user and film (None: the home page)."""
        if arm_name == HOLDOUT:
            return [self._popular_slate(movie_id) for _, movie_id in pages]
        requests = [
            RecommendationRequest(None if user_id == NO_USER else user_id, self._slate_size, movie_id)
            for user_id, movie_id in pages
        ]
        answers: list[Recommendation] = []
        for start in range(0, len(requests), _BATCH):
            answers += self._clients[arm_name].recommend_many(requests[start : start + _BATCH])
        return answers

    def _popular_slate(self, movie_id: int | None) -> Recommendation:
        films = tuple(film for film in self._popular if film != movie_id)[: self._slate_size]
        return Recommendation(
            films, None, "", "", is_known_user=False, routing={}, request_id="", latency_ms=0.0
        )

    def _slates(self, answers: Sequence[Recommendation]) -> Slates:
        return Slates(
            movie_ids=np.array([answer.movie_ids for answer in answers], dtype=np.int64).reshape(
                len(answers), self._slate_size
            ),
            source_index=np.array([self._source_index(answer) for answer in answers], dtype=np.int64),
            is_known_user=np.array([answer.is_known_user for answer in answers], dtype=np.bool_),
        )

    def _source_index(self, answer: Recommendation) -> int:
        if not answer.model:
            return 0
        claim = json.dumps(dict(answer.routing)) if answer.routing else None
        source = SlateSource(answer.model, answer.model_version, claim)
        if source not in self.sources:
            self.sources.append(source)
        return self.sources.index(source)
