"""EASE: a linear film-to-film model with a closed form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec
import numpy as np
from scipy.linalg import lapack

from recommender.errors import TrainingDataError
from recommender.scorers import WeightScorer

if TYPE_CHECKING:
    from recommender._arrays import Doubles, Integers, NamedArrays
    from recommender.history import History

MOST_FILMS = 10_000
"""EASE inverts a dense films x films matrix; beyond this many films use `als` (DESIGN, section 4)."""


class EaseSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Settings of EASE.

    Attributes:
        regularisation: ridge penalty, in ratings. 200 was best of 50, 100, 200, 400 on ml-latest-small.
        min_ratings: films that fewer users rated get no weights. Five instead of two costs no precision at 6
            there (0.308 against 0.307) and a fifth of the time.
        max_films: at most this many films, the most rated, get weights; time grows with their cube.
    """

    regularisation: Annotated[float, msgspec.Meta(gt=0, le=1e6)] = 200.0
    min_ratings: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = 5
    max_films: Annotated[int, msgspec.Meta(ge=1, le=MOST_FILMS)] = 6_000


def fit_ease(history: History, settings: EaseSettings, _seed: int) -> NamedArrays:
    """Solve for the weights by which the films someone rated predict the others they rated.

    With G the co-rating counts and P = (G + regularisation * I)^-1, the weights are B_ij = -P_ij / P_jj and
    B_jj = 0. There is nothing random in it.

    Raises:
        TrainingDataError: no film has `min_ratings` ratings.

    Source: Steck, Embarrassingly Shallow Autoencoders (WWW 2019), equation 8, doi:10.1145/3308558.3313710.
    """
    columns = _weighted_columns(history, settings)
    watched = history.ratings[:, columns].astype(np.float64)
    watched.data[:] = 1.0
    gram: Doubles = (watched.T @ watched).toarray(order="F")
    gram[np.diag_indices_from(gram)] += settings.regularisation
    inverse = _inverse_of_positive_definite(gram)
    weights = inverse / -np.diag(inverse)
    np.fill_diagonal(weights, 0.0)
    return {"columns": columns, "weights": np.ascontiguousarray(weights, dtype=np.float32)}


def weight_scorer(history: History, arrays: NamedArrays) -> WeightScorer:
    """The scorer for what `fit_ease` stored."""
    return WeightScorer(
        columns=arrays["columns"].astype(np.int64, copy=False),
        ratings=history.ratings,
        weights=arrays["weights"].astype(np.float32, copy=False),
    )


def _weighted_columns(history: History, settings: EaseSettings) -> Integers:
    enough = history.columns_rated_at_least(settings.min_ratings)
    if len(enough) == 0:
        raise TrainingDataError(
            f"no film has {settings.min_ratings} ratings or more in the data to train on; EASE needs at "
            "least 1 such film: train on more ratings or on another dataset"
        )
    most_rated = history.popular_columns[: settings.max_films]
    return np.intersect1d(enough, most_rated)


def _inverse_of_positive_definite(matrix: Doubles) -> Doubles:
    """Invert in place by Cholesky: a third of the work of a general inverse."""
    factor, failed = lapack.dpotrf(matrix, lower=1, overwrite_a=1)
    assert failed == 0, "a co-rating matrix plus a positive diagonal is positive definite"
    inverse, failed = lapack.dpotri(factor, lower=1, overwrite_c=1)
    assert failed == 0, "a Cholesky factor with a positive diagonal has an inverse"
    lower: Doubles = np.tril(inverse)
    return lower + np.tril(lower, -1).T
