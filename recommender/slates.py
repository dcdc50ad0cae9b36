"""Slates on demand: what the endpoint answers, cut from rankings that were made in advance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from recommender.errors import InvalidRequestError
from recommender.history import History
from recommender.kinds import scorer_of
from recommender.ranking import FILL_SCORE, Ranker

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from recommender._arrays import Booleans, Doubles, Floats, Integers, NamedArrays
    from recommender.ranking import RankedFilms

    _Slate: TypeAlias = tuple[npt.NDArray[np.integer], Floats | Doubles]

LONGEST_SLATE = 500
"""Films that one slate may hold."""

STORED_FILMS = 100
"""Films ranked in advance for each user and each film; longer slates are ranked when asked for."""

NOBODY = -1
"""The user_id of a visitor without a history, and the movie_id where no film is meant."""


MOST_REASONS = 5
"""Films of a history that are named as what speaks for a film."""


@dataclass(frozen=True, slots=True)
class Reasons:
    """The films of one history that speak most for a film, and what each adds to its score; all above 0."""

    movie_ids: list[int]
    parts: list[float]


@dataclass(frozen=True, slots=True, eq=False)
class Slates:
    """Films for n requests of one length k.

    Attributes:
        movie_ids: shape (n, k), the best film first; the films of a row are distinct.
        scores: shape (n, k), float64, never increasing along a row.
        is_known_user: shape (n,); False where the model has no history of the user.
        reasons: for each request, what speaks for the film it wants explained; None where none does.
    """

    movie_ids: Integers
    scores: Doubles
    is_known_user: Booleans
    reasons: Sequence[Reasons] | None = None


class SlateMaker:
    """Answers slate requests from a trained model; safe to share between threads.

    A request that names a film the catalogue has gets the films most like it. Any other gets the user's best
    films, first those they did not rate. Whom the model does not know gets the films most like those that
    speak for them (`Ranker.rank_for_history`), or, where none does, its most popular films.

    Args:
        kind: kind of the model, a key of `MODEL_KINDS`.
        arrays: all arrays of the artefact.
    """

    def __init__(self, kind: str, arrays: NamedArrays) -> None:
        history = History.from_arrays(arrays)
        self._history = history
        self._ranker = Ranker(history, scorer_of(kind, history, arrays))
        self._row_by_user = {user_id: row for row, user_id in enumerate(history.user_ids.tolist())}
        self._column_by_film = {
            movie_id: column for column, movie_id in enumerate(history.movie_ids.tolist())
        }
        self._n_rated = history.n_ratings_by_user.tolist()
        self._user_columns, self._user_scores = arrays["user_ranking"], arrays["user_ranking_scores"]
        self._film_columns, self._film_scores = arrays["film_ranking"], arrays["film_ranking_scores"]
        self._popular = history.popular_columns[:LONGEST_SLATE]
        self._popular_shares = history.n_ratings_by_film[self._popular] / len(history.user_ids)

    def recommend(
        self, user_ids: list[int], movie_ids: list[int], k: int, histories: Sequence[Sequence[int]] = ()
    ) -> Slates:
        """Make a slate of k films for each pair of user and film.

        Args:
            user_ids: users, `NOBODY` for none.
            movie_ids: films to resemble, of the same length, `NOBODY` for none.
            k: length of every slate, from 1 to `LONGEST_SLATE`.
            histories: for each row, films that speak for a visitor whom the model does not know; films the
                catalogue lacks say nothing. Empty: nobody has any.

        Raises:
            InvalidRequestError: some row cannot have k films.
        """
        shape = (len(user_ids), k)
        columns, scores = np.empty(shape, dtype=np.int64), np.empty(shape, dtype=np.float64)
        is_known = np.zeros(len(user_ids), dtype=np.bool_)
        for index, (user_id, movie_id) in enumerate(zip(user_ids, movie_ids, strict=True)):
            liked = self._columns_of(histories[index]) if histories else []
            row, column = self._row_by_user.get(user_id), self._column_by_film.get(movie_id)
            is_known[index] = row is not None
            if column is not None:
                _require_enough(k, len(self._history.movie_ids) - 1, f"like film {movie_id}")
                columns[index], scores[index] = self._like_film(column, k)
            elif row is not None:
                _require_enough(k, len(self._history.movie_ids), "in the catalogue")
                columns[index], scores[index] = self._for_user(row, k)
            elif liked:
                _require_enough(k, len(self._history.movie_ids) - len(liked), "beside those of the history")
                columns[index], scores[index] = self._like_history(liked, k)
            else:
                _require_enough(k, len(self._history.movie_ids), "in the catalogue")
                columns[index], scores[index] = self._popular[:k], self._popular_shares[:k]
        # Six decimals are what a float32 holds of scores near 1, and halve the JSON.
        return Slates(self._history.movie_ids[columns], scores.round(6), is_known)

    def explain(self, user_id: int, history: Sequence[int], movie_id: int) -> Reasons:
        """The films of a user, else of a history, that speak most for a film: at most `MOST_REASONS`.

        No film where none speaks for it: the model or the catalogue does not know it, nobody is known, or
        its score rests on no history. For EASE and SVD the parts of all films of a known user, those that
        speak against it included, sum to its score; for ALS they are likenesses.
        """
        row, column = self._row_by_user.get(user_id), self._column_by_film.get(movie_id)
        columns, stars = np.array(self._columns_of(history), dtype=np.int64), None
        if row is not None:
            starts = self._history.ratings.indptr
            rated = slice(starts[row], starts[row + 1])
            columns = self._history.ratings.indices[rated].astype(np.int64)
            stars = self._history.ratings.data[rated]
        if column is None or not len(columns):
            return Reasons([], [])
        parts = self._ranker.parts(columns, column, stars)
        speaking = [index for index in np.argsort(-parts, kind="stable")[:MOST_REASONS] if parts[index] > 0]
        movie_ids: list[int] = self._history.movie_ids[columns[speaking]].tolist()
        return Reasons(movie_ids, parts[speaking].astype(np.float64).round(6).tolist())

    def n_films_for(self, user_id: int) -> int:
        """How many films a home slate can hold that the user did not rate; then come those they rated."""
        row = self._row_by_user.get(user_id)
        return len(self._history.movie_ids) - (0 if row is None else self._n_rated[row])

    def _columns_of(self, movie_ids: Sequence[int]) -> list[int]:
        found = (self._column_by_film.get(movie_id) for movie_id in movie_ids)
        return list(dict.fromkeys(column for column in found if column is not None))

    def _like_history(self, columns: list[int], k: int) -> _Slate:
        ranked = self._ranker.rank_for_history(np.array(columns), k)
        return ranked.columns[0], ranked.scores[0]

    def _like_film(self, column: int, k: int) -> _Slate:
        stored = self._film_columns[column], self._film_scores[column]
        if k <= len(stored[0]):
            return stored[0][:k], stored[1][:k]
        return _extended(stored, self._ranker.rank_like_films(np.array([column]), k))

    def _for_user(self, row: int, k: int) -> _Slate:
        n_unrated = len(self._history.movie_ids) - self._n_rated[row]
        if k <= n_unrated:
            return self._unrated(row, k)
        # A model of older data knows fewer ratings: were such users refused, they would fall back in one arm.
        columns, scores = self._unrated(row, n_unrated)
        starts = self._history.ratings.indptr
        rated = self._history.ratings.indices[starts[row] : starts[row + 1]]
        filled = self._popular[np.isin(self._popular, rated)][: k - n_unrated]
        fill_scores = FILL_SCORE - len(self._history.movie_ids) - np.arange(1, len(filled) + 1)
        return np.concatenate([columns, filled]), np.concatenate([scores, fill_scores])

    def _unrated(self, row: int, k: int) -> _Slate:
        stored = self._user_columns[row], self._user_scores[row]
        if k <= len(stored[0]):
            return stored[0][:k], stored[1][:k]
        return _extended(stored, self._ranker.rank_for_users(np.array([row]), k))


def stored_rankings(kind: str, history: History, model_arrays: NamedArrays) -> NamedArrays:
    """Rank the first `STORED_FILMS` films for every user and every film, for the artefact."""
    ranker = Ranker(history, scorer_of(kind, history, model_arrays))
    depth = min(STORED_FILMS, len(history.movie_ids))
    for_users = ranker.rank_for_users(np.arange(len(history.user_ids)), depth)
    like_films = ranker.rank_like_films(np.arange(len(history.movie_ids)), depth)
    return {
        "user_ranking": for_users.columns.astype(np.int32),
        "user_ranking_scores": for_users.scores,
        "film_ranking": like_films.columns.astype(np.int32),
        "film_ranking_scores": like_films.scores,
    }


def _require_enough(k: int, n_films: int, purpose: str) -> None:
    if k > n_films:
        raise InvalidRequestError(f"k is {k}, but there are {n_films} films {purpose}; ask for fewer")


def _extended(stored: _Slate, ranked: RankedFilms) -> _Slate:
    """Continue a stored ranking with films of a longer one.

    The longer one is not simply taken: a score computed for one user alone may differ in its last bit from
    the stored one, and a longer slate would then not begin with the shorter one.
    """
    is_new = ~np.isin(ranked.columns[0], stored[0])
    n_missing = ranked.columns.shape[1] - len(stored[0])
    columns = np.concatenate([stored[0], ranked.columns[0][is_new][:n_missing]])
    scores = np.concatenate([stored[1], ranked.scores[0][is_new][:n_missing]])
    return columns, np.minimum.accumulate(scores)
