"""Implicit alternating least squares, for catalogues too large for EASE."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec
import numpy as np
import scipy.sparse as sp
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # it ships no types

from recommender.errors import TrainingDataError
from recommender.scorers import film_directions

if TYPE_CHECKING:
    from recommender._arrays import Integers, NamedArrays
    from recommender.history import History


class AlsSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Settings of implicit ALS; the defaults did well on ml-latest-small (precision at 6 is 0.31).

    Attributes:
        n_factors: length of a user's and a film's vector.
        regularisation: ridge penalty on the vectors.
        confidence: how much more a rating counts than its absence, per star.
        n_iterations: alternations between users and films.
        min_ratings: films that fewer users rated get no vector.
    """

    n_factors: Annotated[int, msgspec.Meta(ge=1, le=500)] = 32
    regularisation: Annotated[float, msgspec.Meta(gt=0, le=1e6)] = 20.0
    confidence: Annotated[float, msgspec.Meta(gt=0, le=1e6)] = 0.5
    n_iterations: Annotated[int, msgspec.Meta(ge=1, le=200)] = 15
    min_ratings: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = 5


def fit_als(history: History, settings: AlsSettings, seed: int) -> NamedArrays:
    """Fit user and film vectors to who rated what; the same seed gives the same vectors.

    Raises:
        TrainingDataError: no film has `min_ratings` ratings.

    Source: Hu, Koren & Volinsky (ICDM 2008), doi:10.1109/ICDM.2008.22; the solver is `implicit`'s.
    """
    from implicit.als import AlternatingLeastSquares

    columns = history.columns_rated_at_least(settings.min_ratings)
    if len(columns) == 0:
        raise TrainingDataError(
            f"no film has {settings.min_ratings} ratings or more in the data to train on; ALS needs at "
            "least 1 such film: train on more ratings or on another dataset"
        )
    # implicit runs a thread per core itself; BLAS threads inside them would only get in their way.
    with threadpool_limits(limits=1, user_api="blas"):
        solver = AlternatingLeastSquares(
            factors=settings.n_factors,
            regularization=settings.regularisation,
            alpha=settings.confidence,
            iterations=settings.n_iterations,
            random_state=seed,
            use_gpu=False,
        )
        solver.fit(_as_matrix(history, columns), show_progress=False)
    film_factors = np.asarray(solver.item_factors, dtype=np.float32)
    return {
        "columns": columns,
        "user_factors": np.asarray(solver.user_factors, dtype=np.float32),
        "film_factors": film_factors,
        "film_directions": film_directions(film_factors, history.n_ratings_by_film[columns]),
    }


def _as_matrix(history: History, columns: Integers) -> sp.csr_matrix[np.float32]:
    """The ratings of these columns in the one sparse type that `implicit` takes without a warning."""
    return sp.csr_matrix(history.ratings[:, columns])
