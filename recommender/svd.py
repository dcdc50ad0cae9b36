"""Truncated SVD of the ratings table, unrated films as zeros ("PureSVD")."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import msgspec
import numpy as np
import scipy.linalg
from scipy.sparse.linalg import svds
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # it ships no types

from recommender.scorers import FactorScorer, film_directions

if TYPE_CHECKING:
    import scipy.sparse as sp

    from recommender._arrays import Doubles, NamedArrays
    from recommender.history import History


class SvdSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Settings of the truncated SVD.

    Attributes:
        n_factors: singular vectors kept; fewer where the table is smaller.
    """

    n_factors: Annotated[int, msgspec.Meta(ge=1, le=500)] = 20


def fit_svd(history: History, settings: SvdSettings, seed: int) -> NamedArrays:
    """Factorise the ratings; the same seed gives the same factors, signs included.

    Source: PureSVD, Cremonesi, Koren & Turrin (RecSys 2010), doi:10.1145/1864708.1864721.
    """
    columns = history.columns_rated_at_least(1)
    table = history.ratings[:, columns].astype(np.float64)
    left, singular, right = _leading_vectors(table, settings.n_factors, seed)
    # A pair of singular vectors is defined up to its sign: make the film's largest entry positive.
    signs = np.sign(right[np.arange(len(right)), np.abs(right).argmax(axis=1)])
    film_factors = (right * signs[:, None]).T
    n_ratings = history.n_ratings_by_film[columns]
    return {
        "columns": columns,
        "user_factors": (left * (singular * signs)).astype(np.float32),
        "film_factors": film_factors.astype(np.float32),
        "film_directions": film_directions((film_factors * singular).astype(np.float32), n_ratings),
    }


def svd_scorer(history: History, arrays: NamedArrays) -> FactorScorer:
    """The scorer for what `fit_svd` stored: singular vectors, on which ratings are projected."""
    return replace(factor_scorer(history, arrays), is_projection=True)


def factor_scorer(_history: History, arrays: NamedArrays) -> FactorScorer:
    """The scorer for any factors, such as `fit_als` stored."""
    return FactorScorer(
        columns=arrays["columns"].astype(np.int64, copy=False),
        user_factors=arrays["user_factors"].astype(np.float32, copy=False),
        film_factors=arrays["film_factors"].astype(np.float32, copy=False),
        film_directions=arrays["film_directions"].astype(np.float32, copy=False),
    )


def _leading_vectors(
    table: sp.csr_array[np.float64, tuple[int, int]], n_factors: int, seed: int
) -> tuple[Doubles, Doubles, Doubles]:
    """Singular vectors and values, the largest value first; rows of the third are the films' vectors."""
    smaller = min(table.shape)
    if n_factors >= smaller:  # ARPACK finds fewer vectors than the smaller side; such tables are tiny
        left, singular, right = scipy.linalg.svd(table.toarray(), full_matrices=False)
        return left[:, :n_factors], singular[:n_factors], right[:n_factors]
    start = np.random.default_rng(seed).standard_normal(smaller)
    # ARPACK makes many small BLAS calls: threads slow them down, and could change last bits with the cores.
    with threadpool_limits(limits=1, user_api="blas"):
        vectors = svds(table, k=n_factors, v0=start)
    left, singular, right = (np.asarray(part, dtype=np.float64) for part in vectors)
    order = np.argsort(-singular)
    return left[:, order], singular[order], right[order]
