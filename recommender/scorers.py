"""How a trained model scores films: from factors, from film-to-film weights, or by popularity.

A scorer knows some columns of the catalogue (films with too few ratings are left out) and returns scores for
those only, in the order of its `columns`. Higher is better; only the order has a meaning across models.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from recommender._arrays import Floats, Integers, SparseFloats


class Scorer(Protocol):
    """What ranking needs of a model."""

    @property
    def columns(self) -> Integers:
        """The columns of the films this model can score, ascending."""

    def user_scores(self, rows: Integers) -> Floats:
        """Scores for these users, shape (len(rows), len(columns))."""

    def film_scores(self, places: Integers) -> Floats:
        """How like each other film these films are; `places` are offsets into `columns`."""

    def parts(self, places: Integers, place: int, stars: Floats | None) -> Floats:
        """What each of these films of somebody's history says for the film at `place`.

        Args:
            places: the films of the history, shape (n,).
            place: the film to speak for.
            stars: what a known user gave them; None for films that speak for a visitor not known.

        Returns:
            Shape (n,); all 0 where the score of a film rests on nobody's history.
        """


@dataclass(frozen=True, slots=True, eq=False)
class FactorScorer:
    """Scores are inner products of a user's and a film's factors (SVD, ALS).

    Attributes:
        columns: the films that have factors.
        user_factors: shape (n_users, n_factors).
        film_factors: shape (len(columns), n_factors).
        film_directions: shape (len(columns), n_factors); inner products of two are their likeness.
        is_projection: a user's factors are their stars times the films' factors (SVD), so that a score is a
            sum over the films they rated.
    """

    columns: Integers
    user_factors: Floats
    film_factors: Floats
    film_directions: Floats
    is_projection: bool = False

    def user_scores(self, rows: Integers) -> Floats:
        """Scores for these users, shape (len(rows), len(columns))."""
        return self.user_factors[rows] @ self.film_factors.T

    def film_scores(self, places: Integers) -> Floats:
        """Likeness of these films to all, shape (len(places), len(columns))."""
        return self.film_directions[places] @ self.film_directions.T

    def parts(self, places: Integers, place: int, stars: Floats | None) -> Floats:
        """The terms of the sum that a user's score is, else the films' likeness to this one."""
        if self.is_projection and stars is not None:
            terms: Floats = stars * (self.film_factors[places] @ self.film_factors[place])
            return terms
        likenesses: Floats = self.film_directions[places] @ self.film_directions[place]
        return likenesses


@dataclass(frozen=True, slots=True, eq=False)
class WeightScorer:
    """Scores are sums over the user's films of film-to-film weights (EASE).

    Attributes:
        columns: the films that have weights.
        ratings: the users' ratings of all films, shape (n_users, n_films).
        weights: what having watched the row's film says for the column's, shape (len(columns),) * 2.
    """

    columns: Integers
    ratings: SparseFloats
    weights: Floats

    def user_scores(self, rows: Integers) -> Floats:
        """Scores for these users, shape (len(rows), len(columns))."""
        scores = np.empty((len(rows), len(self.columns)), dtype=np.float32)
        for index, row in enumerate(rows):
            start, stop = self.ratings.indptr[row], self.ratings.indptr[row + 1]
            scores[index] = self.weights[self._places(self.ratings.indices[start:stop])].sum(axis=0)
        return scores

    def film_scores(self, places: Integers) -> Floats:
        """Weights from these films to all, shape (len(places), len(columns))."""
        return self.weights[places]

    def parts(self, places: Integers, place: int, stars: Floats | None) -> Floats:  # noqa: ARG002  EASE learns from who rated, not from how
        """The weights whose sum is the score."""
        parts: Floats = self.weights[places, place]
        return parts

    def _places(self, columns: npt.NDArray[np.integer]) -> Integers:
        places: Integers = np.searchsorted(self.columns, columns).astype(np.int64)
        places[places == len(self.columns)] = 0
        scored: Integers = places[self.columns[places] == columns]
        return scored


@dataclass(frozen=True, slots=True, eq=False)
class PopularityScorer:
    """Everybody's score for a film is the share of users who rated it.

    Attributes:
        columns: the films that anybody rated.
        shares: users who rated the film / users, shape (len(columns),).
    """

    columns: Integers
    shares: Floats

    def user_scores(self, rows: Integers) -> Floats:
        """The same scores for each of these users."""
        return np.tile(self.shares, (len(rows), 1))

    def film_scores(self, places: Integers) -> Floats:
        """The same scores for each of these films."""
        return np.tile(self.shares, (len(places), 1))

    def parts(self, places: Integers, place: int, stars: Floats | None) -> Floats:  # noqa: ARG002  as said
        """Nothing: what is popular is so for everybody."""
        return np.zeros(len(places), dtype=np.float32)


def film_directions(factors: Floats, n_ratings: Integers, *, shrinkage: float = 10.0) -> Floats:
    """Scale factors so that inner products are cosines, damped for films that few users rated.

    The likeness of films i and j becomes cosine * sqrt(n_i / (n_i + shrinkage) * n_j / (n_j + shrinkage)).
    Without damping two films that one user rated are perfect twins.

    Args:
        factors: shape (n_films, n_factors).
        n_ratings: ratings of each film, shape (n_films,).
        shrinkage: ratings at which a film's square is halved.

    Source: similarity shrinkage, Koren (KDD 2008), section 2.2, doi:10.1145/1401890.1401944.
    """
    lengths = np.linalg.norm(factors, axis=1, keepdims=True)
    damping = np.sqrt(n_ratings / (n_ratings + shrinkage))[:, None]
    directions = np.divide(factors, lengths, out=np.zeros_like(factors), where=lengths > 0)
    damped: Floats = (directions * damping).astype(np.float32)
    return damped
