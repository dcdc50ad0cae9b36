"""A small world with plain tastes, and models trained on it."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient

from catalog import Film, Ratings, RatingsSplit
from recommender import TrainedModel, create_endpoint_app, save_artefact, train_model

N_USERS, N_FILMS, N_TASTES = 90, 120, 3


@pytest.fixture(scope="session")
def films() -> tuple[Film, ...]:
    """120 films; their ids have gaps, so that they are not mistaken for columns."""
    return tuple(Film(10 * n + 7, f"Film {n}", 1990 + n % 30, ("Drama",)) for n in range(N_FILMS))


@pytest.fixture(scope="session")
def split() -> RatingsSplit:
    """Ratings of 90 users, of whom user u likes the films whose number is u modulo 3.

    Nobody rated the last ten films, and at most two users those of number 10 modulo 40.
    """
    rng = np.random.default_rng(20_260_101)
    users, numbers = np.meshgrid(np.arange(N_USERS), np.arange(N_FILMS), indexing="ij")
    is_liked = users % N_TASTES == numbers % N_TASTES
    # Films of low number are watched more: popularity differs within a taste.
    chance = np.where(is_liked, 0.75, 0.1) * (1 - 0.5 * numbers / N_FILMS)
    is_rated = (rng.random(chance.shape) < chance) & (numbers < N_FILMS - 10)
    is_rated[2:, 10::40] = False
    stars = np.where(
        is_liked, rng.choice([4.0, 4.5, 5.0], chance.shape), rng.choice([1.0, 2.5], chance.shape)
    )
    rows, columns = np.nonzero(is_rated)
    ratings = Ratings(
        user_ids=(3 * rows + 2).astype(np.int64),
        movie_ids=(10 * columns + 7).astype(np.int64),
        values=stars[rows, columns].astype(np.float32),
        timestamps=(1_000_000_000 + rng.permutation(len(rows))).astype(np.int64),
    )
    is_held_out = rng.random(len(rows)) < 0.3
    cutoff = int(np.median(ratings.timestamps))
    is_old = ~is_held_out & (ratings.timestamps <= cutoff)
    return RatingsSplit(ratings.take(is_old), ratings.take(~is_held_out), ratings.take(is_held_out), cutoff)


@pytest.fixture(scope="session")
def ratings(split: RatingsSplit) -> Ratings:
    """Some 2,200 ratings to train on."""
    return split.treatment


@pytest.fixture(scope="session")
def held_out(split: RatingsSplit) -> Ratings:
    """Ratings of the same users that no model sees."""
    return split.held_out


@pytest.fixture(scope="session")
def train(films: tuple[Film, ...], ratings: Ratings, held_out: Ratings) -> Callable[..., TrainedModel]:
    """Train on the small world; keyword arguments replace parts of it."""

    def train_on_world(name: str = "some-model", kind: str = "svd", **changes: object) -> TrainedModel:
        parts = {"films": films, "ratings": ratings, "held_out": held_out, "seed": 1}
        return train_model(name, kind, **{**parts, **changes})

    return train_on_world


@pytest.fixture(scope="session")
def models(train: Callable[..., TrainedModel]) -> dict[str, TrainedModel]:
    """One model of each kind, by kind."""
    settings = {"svd": {"n_factors": 3}, "ease": {"regularisation": 20.0}, "als": {"n_factors": 8}}
    return {
        kind: train(f"the-{kind}", kind, settings=settings.get(kind))
        for kind in ("svd", "ease", "als", "popularity")
    }


@pytest.fixture
def artefact(models: dict[str, TrainedModel], tmp_path: Path) -> Path:
    """A fresh artefact on disk, to be damaged."""
    return save_artefact(models["svd"], tmp_path)


@pytest.fixture(scope="session")
def artefacts(models: dict[str, TrainedModel], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Artefacts of an SVD and an EASE model, by name."""
    folder = tmp_path_factory.mktemp("models")
    return {model.manifest.name: save_artefact(model, folder) for model in (models["svd"], models["ease"])}


@pytest.fixture(scope="session")
def endpoint_app(artefacts: dict[str, Path]) -> Flask:
    """An endpoint which serves both."""
    return create_endpoint_app(artefacts)


@pytest.fixture
def endpoint(endpoint_app: Flask) -> FlaskClient:
    """A client of that endpoint."""
    return endpoint_app.test_client()
