"""The kinds of model there are: how each is set, fitted and read back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from recommender.als import AlsSettings, fit_als
from recommender.ease import MOST_FILMS, EaseSettings, fit_ease, weight_scorer
from recommender.errors import ModelSettingsError
from recommender.listed import ListedSettings, fit_lists, listed_scorer
from recommender.popularity import PopularitySettings, fit_popularity, popularity_scorer
from recommender.random_order import RandomSettings, fit_random, random_scorer
from recommender.svd import SvdSettings, factor_scorer, fit_svd, svd_scorer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from recommender._arrays import NamedArrays
    from recommender.history import History
    from recommender.scorers import Scorer


@dataclass(frozen=True, slots=True)
class ModelKind:
    """One kind of model.

    Attributes:
        settings: the struct of its settings, every field with a default.
        fit: (history, settings, seed) -> the arrays that make up the model.
        scorer: (history, those arrays) -> what ranks films.
        shapes: its arrays and the lengths of their axes, by name.
        libraries: the libraries whose version may change the arrays.
    """

    settings: type[msgspec.Struct]
    fit: Callable[[History, Any, int], NamedArrays]
    scorer: Callable[[History, NamedArrays], Scorer]
    shapes: Mapping[str, tuple[str, ...]]
    libraries: tuple[str, ...] = ("numpy", "scipy")


SHARED_SHAPES: Mapping[str, tuple[str, ...]] = {
    "user_ids": ("n_users",),
    "movie_ids": ("n_films",),
    "history_starts": ("n_users + 1",),
    "history_columns": ("n_ratings",),
    "history_stars": ("n_ratings",),
    "user_ranking": ("n_users", "depth"),
    "user_ranking_scores": ("n_users", "depth"),
    "film_ranking": ("n_films", "depth"),
    "film_ranking_scores": ("n_films", "depth"),
}
"""The arrays every artefact has: who rated what, and the rankings made in advance."""

_FACTORS = {
    "columns": ("n_scored",),
    "user_factors": ("n_users", "n_factors"),
    "film_factors": ("n_scored", "n_factors"),
    "film_directions": ("n_scored", "n_factors"),
}
_WEIGHTS = {"columns": ("n_scored",), "weights": ("n_scored", "n_scored")}
_SHARES = {"columns": ("n_scored",), "shares": ("n_scored",)}
_LISTS = {
    "columns": ("n_scored",),
    "list_columns": ("n_users", "list_depth"),
    "list_scores": ("n_users", "list_depth"),
}
_DRAWS = {"columns": ("n_scored",), "random_seed": ("n_seeds",)}

MODEL_KINDS: Mapping[str, ModelKind] = {
    "als": ModelKind(AlsSettings, fit_als, factor_scorer, _FACTORS, ("implicit", "numpy", "scipy")),
    "ease": ModelKind(EaseSettings, fit_ease, weight_scorer, _WEIGHTS),
    "listed": ModelKind(ListedSettings, fit_lists, listed_scorer, _LISTS, ("numpy",)),
    "popularity": ModelKind(PopularitySettings, fit_popularity, popularity_scorer, _SHARES),
    "random": ModelKind(RandomSettings, fit_random, random_scorer, _DRAWS, ("numpy",)),
    "svd": ModelKind(SvdSettings, fit_svd, svd_scorer, _FACTORS),
}
"""The kinds by name."""


def kind_for_catalogue(n_films: int) -> str:
    """The better kind for a catalogue of this size: EASE while its matrix can be inverted, else ALS."""
    return "ease" if n_films <= MOST_FILMS else "als"


def kind_named(kind: str) -> ModelKind:
    """Look a kind up.

    Raises:
        ModelSettingsError: there is no such kind.
    """
    try:
        return MODEL_KINDS[kind]
    except KeyError:
        raise ModelSettingsError(
            f"model kind {kind!r} is unknown; choose one of {', '.join(sorted(MODEL_KINDS))}"
        ) from None


def read_settings(kind: str, settings: Mapping[str, object] | None) -> msgspec.Struct:
    """Check settings given by name; those left out get their defaults.

    Raises:
        ModelSettingsError: an unknown kind or setting, or a value of the wrong type or range.
    """
    try:
        return msgspec.convert(dict(settings or {}), type=kind_named(kind).settings)
    except msgspec.ValidationError as error:
        known = ", ".join(kind_named(kind).settings.__struct_fields__) or "none"
        raise ModelSettingsError(
            f"settings {dict(settings or {})!r} of kind {kind!r}: {error}; known settings: {known}"
        ) from error


def scorer_of(kind: str, history: History, arrays: NamedArrays) -> Scorer:
    """The scorer of a trained model of this kind."""
    return kind_named(kind).scorer(history, arrays)
