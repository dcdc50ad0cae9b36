"""From scores to ranked films: who is left out, what fills the end, how ties fall."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from recommender._arrays import Floats, Integers
    from recommender.history import History
    from recommender.scorers import Scorer

FILL_SCORE = -1_000_000.0
"""Films that a model cannot score come last, the most popular first, at this score minus their place."""

_CELLS_AT_ONCE = 4_000_000  # scores held in memory while ranking; about 80 MB with the keys


@dataclass(frozen=True, slots=True, eq=False)
class RankedFilms:
    """The best films of each of n rows.

    Attributes:
        columns: shape (n, k), the best film first.
        scores: shape (n, k); minus infinity where the row has fewer than k films to offer.
    """

    columns: Integers
    scores: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Ranker:
    """Ranks the whole catalogue by a model's scores.

    Attributes:
        history: what the model was trained on.
        scorer: the model.
    """

    history: History
    scorer: Scorer

    def rank_for_users(self, rows: Integers, k: int) -> RankedFilms:
        """The k best films for each of these users, none of which they rated."""
        return self._in_blocks(rows, k, self._user_scores)

    def rank_like_films(self, columns: Integers, k: int) -> RankedFilms:
        """The k films most like each of these, the film itself left out."""
        return self._in_blocks(columns, k, self._film_scores)

    def rank_for_history(self, columns: Integers, k: int) -> RankedFilms:
        """The k films most like all of these together, without them; shapes (1, k).

        A film's score is its mean likeness to the films of the history. For EASE that is what the model gives
        a user with just these films, up to a factor (Steck 2019, doi:10.1145/3308558.3313710, equation 1).
        """
        scores = self._fill_scores()[None, :]
        speaking = columns[np.isin(columns, self.scorer.columns)]
        if len(speaking):
            places = np.searchsorted(self.scorer.columns, speaking)
            scores[0, self.scorer.columns] = self.scorer.film_scores(places).mean(axis=0)
        scores[0, columns] = -np.inf
        return rank_columns(scores, k)

    def parts(self, columns: Integers, column: int, stars: Floats | None) -> Floats:
        """What each of these films of a history says for one film; 0 for those the model does not know.

        A known user's films come with their `stars`. Others' parts are shares of a mean, as
        `rank_for_history` takes it, over the films that the model knows.
        """
        parts = np.zeros(len(columns), dtype=np.float32)
        is_known = np.isin(columns, self.scorer.columns)
        if is_known.any() and np.isin(column, self.scorer.columns):
            places = np.searchsorted(self.scorer.columns, columns[is_known])
            place = int(np.searchsorted(self.scorer.columns, column))
            found = self.scorer.parts(places, place, None if stars is None else stars[is_known])
            parts[is_known] = found if stars is not None else found / is_known.sum()
        return parts

    def _in_blocks(
        self, keys: Integers, k: int, scores_of: Callable[[Integers, Floats], Floats]
    ) -> RankedFilms:
        n_films = len(self.history.movie_ids)
        n_rows = max(1, _CELLS_AT_ONCE // n_films)
        columns = np.empty((len(keys), k), dtype=np.int64)
        scores = np.empty((len(keys), k), dtype=np.float32)
        fill = self._fill_scores()
        for start in range(0, len(keys), n_rows):
            block = slice(start, start + n_rows)
            ranked = rank_columns(scores_of(keys[block], fill), k)
            columns[block], scores[block] = ranked.columns, ranked.scores
        return RankedFilms(columns, scores)

    def _user_scores(self, rows: Integers, fill: Floats) -> Floats:
        scores = np.tile(fill, (len(rows), 1))
        scores[:, self.scorer.columns] = self.scorer.user_scores(rows)
        starts = self.history.ratings.indptr
        for index, row in enumerate(rows):
            scores[index, self.history.ratings.indices[starts[row] : starts[row + 1]]] = -np.inf
        return scores

    def _film_scores(self, columns: Integers, fill: Floats) -> Floats:
        scores = np.tile(fill, (len(columns), 1))
        known = np.flatnonzero(np.isin(columns, self.scorer.columns))
        places = np.searchsorted(self.scorer.columns, columns[known])
        scores[np.ix_(known, self.scorer.columns)] = self.scorer.film_scores(places)
        scores[np.arange(len(columns)), columns] = -np.inf
        return scores

    def _fill_scores(self) -> Floats:
        fill = np.empty(len(self.history.movie_ids), dtype=np.float32)
        fill[self.history.popular_columns] = FILL_SCORE - np.arange(1, len(fill) + 1)
        return fill


def rank_columns(scores: Floats, k: int) -> RankedFilms:
    """The k highest scores of each row, best first; equal scores in order of their column.

    A partition by score alone would break ties as its algorithm happens to fall. So score and column are
    folded into one integer, all of them different: the score's bits, in an order that grows with the score,
    over the column counted from the right.

    Args:
        scores: shape (n, n_films), no NaN.
        k: films wanted, at most n_films.
    """
    n_films = scores.shape[1]
    bits = (scores.astype(np.float32) + np.float32(0.0)).view(np.int32)  # adding 0 turns -0.0 into 0.0
    ordered = np.where(bits < 0, bits ^ np.int32(0x7FFFFFFF), bits).astype(np.int64)
    keys = (ordered << 32) | np.arange(n_films - 1, -1, -1)
    best = np.partition(keys, n_films - k, axis=1)[:, n_films - k :]
    best = -np.sort(-best, axis=1)
    columns = n_films - 1 - (best & 0xFFFFFFFF)
    return RankedFilms(columns, np.take_along_axis(scores, columns, axis=1))
