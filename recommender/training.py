"""From ratings to a trained model, and to its version."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib import metadata
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from recommender._npz import npz_bytes
from recommender.evaluation import evaluate
from recommender.history import history_of
from recommender.kinds import kind_named, read_settings
from recommender.listed import lists_as_arrays
from recommender.model import ArrayShape, Manifest, TrainedModel, require_model_name
from recommender.slates import SlateMaker, stored_rankings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from catalog import Film, Ratings
    from recommender._arrays import NamedArrays
    from recommender.history import History
    from recommender.listed import FilmLists

SCHEMA = 1
"""Layout of an artefact and meaning of its arrays; a change here makes new versions of all models."""


def train_model(
    name: str,
    kind: str,
    *,
    films: Sequence[Film],
    ratings: Ratings,
    held_out: Ratings,
    seed: int,
    settings: Mapping[str, object] | None = None,
) -> TrainedModel:
    """Train, rank and evaluate a model.

    Args:
        name: what the model is called where it is served: a-z, 0-9, '.', '_', '-'.
        kind: a key of `MODEL_KINDS` but "listed": "als", "ease", "popularity", "random" or "svd".
        films: the whole catalogue.
        ratings: what the model may learn from.
        held_out: ratings it never sees; the offline metrics compare its slates with them.
        seed: start of whatever is random in the fit.
        settings: settings of this kind that differ from their defaults.

    Raises:
        ModelSettingsError: the name, kind or a setting is not allowed.
        TrainingDataError: the ratings cannot train a model.
    """
    recipe = _Recipe.of(
        name, kind, films=films, ratings=ratings, held_out=held_out, seed=seed, settings=settings
    )
    history = history_of(films, ratings)
    model_arrays = kind_named(kind).fit(history, recipe.settings, seed)
    return _trained(recipe, recipe.version, history, model_arrays, ratings=ratings, held_out=held_out)


def list_model(
    name: str, *, films: Sequence[Film], ratings: Ratings, held_out: Ratings, lists: FilmLists
) -> TrainedModel:
    """Make a model, of kind "listed", that shows to each user what a list says.

    Args:
        name: as for `train_model`.
        films: the whole catalogue.
        ratings: what counts as rated; rated films are never shown, and who rated nothing gets the popular.
        held_out: as for `train_model`.
        lists: one for every user in `ratings`; others are not looked at.

    Raises:
        ModelSettingsError: the name is not allowed.
        TrainingDataError: the lists do not fit the ratings and films.
    """
    recipe = _Recipe.of(
        name, "listed", films=films, ratings=ratings, held_out=held_out, seed=0, settings=None
    )
    history = history_of(films, ratings)
    arrays = lists_as_arrays(history, lists)
    digest = hashlib.sha256(recipe.version.encode())
    for array in (arrays["list_columns"], arrays["list_scores"]):
        digest.update(np.ascontiguousarray(array).tobytes())
    version = digest.hexdigest()[:12]
    return _trained(recipe, version, history, arrays, ratings=ratings, held_out=held_out)


def _trained(
    recipe: _Recipe,
    version: str,
    history: History,
    model_arrays: NamedArrays,
    *,
    ratings: Ratings,
    held_out: Ratings,
) -> TrainedModel:
    """Rank, evaluate and describe a model whose arrays are there."""
    kind = recipe.kind
    arrays = {**history.to_arrays(), **model_arrays, **stored_rankings(kind, history, model_arrays)}
    packed = npz_bytes(arrays)
    manifest = Manifest(
        schema=SCHEMA,
        name=recipe.name,
        kind=kind,
        version=version,
        seed=recipe.seed,
        settings=msgspec.to_builtins(recipe.settings),
        n_users=len(history.user_ids),
        n_films=len(history.movie_ids),
        n_scored_films=len(model_arrays["columns"]),
        n_ratings=len(ratings.values),
        first_rated_at=int(ratings.timestamps.min()),
        cutoff=int(ratings.timestamps.max()),
        training_digest=recipe.training_digest,
        libraries=recipe.libraries,
        metrics=evaluate(SlateMaker(kind, arrays), held_out, n_films=len(history.movie_ids)),
        arrays={key: ArrayShape(array.dtype.str, array.shape) for key, array in sorted(arrays.items())},
        arrays_sha256=hashlib.sha256(packed).hexdigest(),
        arrays_bytes=len(packed),
    )
    return TrainedModel(manifest.signed(), arrays)


def model_version(
    name: str,
    kind: str,
    *,
    films: Sequence[Film],
    ratings: Ratings,
    held_out: Ratings,
    seed: int,
    settings: Mapping[str, object] | None = None,
) -> str:
    """The version that `train_model` would give a model made of the same, without training it.

    Raises:
        ModelSettingsError: the name, kind or a setting is not allowed.
    """
    return _Recipe.of(
        name, kind, films=films, ratings=ratings, held_out=held_out, seed=seed, settings=settings
    ).version


@dataclass(frozen=True, slots=True)
class _Recipe:
    """What a model is made of, ratings by their digests. Equal recipes are one version."""

    name: str
    kind: str
    settings: msgspec.Struct
    seed: int
    training_digest: str
    held_out_digest: str
    libraries: dict[str, str]

    @classmethod
    def of(
        cls,
        name: str,
        kind: str,
        *,
        films: Sequence[Film],
        ratings: Ratings,
        held_out: Ratings,
        seed: int,
        settings: Mapping[str, object] | None,
    ) -> _Recipe:
        require_model_name(name)
        return cls(
            name=name,
            kind=kind,
            settings=read_settings(kind, settings),
            seed=seed,
            training_digest=_digest(films, ratings),
            held_out_digest=_digest(films, held_out),
            libraries={library: metadata.version(library) for library in kind_named(kind).libraries},
        )

    @property
    def version(self) -> str:
        contents = msgspec.json.encode([SCHEMA, msgspec.to_builtins(self)], order="sorted")
        return hashlib.sha256(contents).hexdigest()[:12]


def _digest(films: Sequence[Film], ratings: Ratings) -> str:
    """Hash the film ids and the ratings; the order of neither matters."""
    digest = hashlib.sha256(np.array(sorted(film.movie_id for film in films), dtype="<i8").tobytes())
    order = np.lexsort((ratings.timestamps, ratings.movie_ids, ratings.user_ids))
    for array in (ratings.user_ids, ratings.movie_ids, ratings.timestamps):
        digest.update(array[order].astype("<i8").tobytes())
    digest.update(ratings.values[order].astype("<f4").tobytes())
    return digest.hexdigest()
