"""A model that was told what to show: for each user a list of films with scores, made elsewhere.

It lets a ranking that is no model of ratings be served, tested and compared like one: the oracle of a
simulation, an editor's choice, the nightly output of somebody else's job.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

import msgspec
import numpy as np

from recommender.errors import ModelSettingsError, TrainingDataError

if TYPE_CHECKING:
    from recommender._arrays import Doubles, Floats, Integers, NamedArrays
    from recommender.history import History

# Films that a list does not hold come after it, the most popular first, at this score minus their place.
_UNLISTED_SCORE = -1_000_000.0


class ListedSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Lists have nothing to set."""


@dataclass(frozen=True, slots=True, eq=False)
class FilmLists:
    """What to show to whom.

    Attributes:
        user_ids: whose list each row is, (n_lists,), each once.
        movie_ids: films, the best first, (n_lists, depth), distinct in a row.
        scores: finite and falling along a row, (n_lists, depth).
    """

    user_ids: Integers
    movie_ids: Integers
    scores: Doubles


@dataclass(frozen=True, slots=True, eq=False)
class ListedScorer:
    """Scores are those of the lists; below them stands popularity.

    Attributes:
        columns: all films, (n_films,).
        list_columns: columns of the films listed, by user, (n_users, depth).
        list_scores: their scores.
        unlisted: the score of each film where no list has it, (n_films,).
    """

    columns: Integers
    list_columns: Integers
    list_scores: Floats
    unlisted: Floats

    def user_scores(self, rows: Integers) -> Floats:
        """Scores for these users, shape (len(rows), n_films)."""
        scores = np.tile(self.unlisted, (len(rows), 1))
        np.put_along_axis(scores, self.list_columns[rows], self.list_scores[rows], axis=1)
        return scores

    def film_scores(self, places: Integers) -> Floats:
        """The popular films beside each of these: lists say nothing of likeness."""
        return np.tile(self.unlisted, (len(places), 1))

    def parts(self, places: Integers, place: int, stars: Floats | None) -> Floats:  # noqa: ARG002  as said
        """Nothing: a list does not say where it comes from."""
        return np.zeros(len(places), dtype=np.float32)


def fit_lists(_history: History, _settings: ListedSettings, _seed: int) -> NoReturn:
    """Refuse: lists are not learnt from ratings.

    Raises:
        ModelSettingsError: always.
    """
    raise ModelSettingsError(
        "model kind 'listed' is not trained on ratings; make it of lists with `list_model`, or train another"
    )


def lists_as_arrays(history: History, lists: FilmLists) -> NamedArrays:
    """The lists by row of user and column of film.

    Raises:
        TrainingDataError: a user of the history has no list; a film is unknown, or twice in a list.
    """
    order = np.argsort(lists.user_ids)
    places = np.minimum(np.searchsorted(lists.user_ids, history.user_ids, sorter=order), len(order) - 1)
    rows = order[places]
    missing = history.user_ids[lists.user_ids[rows] != history.user_ids]
    if len(missing):
        raise TrainingDataError(f"user {int(missing[0])} has ratings and no list; give each user a list")
    movie_ids = lists.movie_ids[rows]
    columns = np.minimum(np.searchsorted(history.movie_ids, movie_ids), len(history.movie_ids) - 1)
    unknown = movie_ids[history.movie_ids[columns] != movie_ids]
    if len(unknown):
        raise TrainingDataError(f"film {int(unknown[0])} is listed and not in the catalogue; list its films")
    ordered = np.sort(columns, axis=1)
    if (ordered[:, 1:] == ordered[:, :-1]).any():
        raise TrainingDataError(
            "a list holds a film twice; the films of a slate are distinct: list each once"
        )
    return {
        "columns": np.arange(len(history.movie_ids), dtype=np.int64),
        "list_columns": columns.astype(np.int32),
        "list_scores": lists.scores[rows].astype(np.float32),
    }


def listed_scorer(history: History, arrays: NamedArrays) -> ListedScorer:
    """The scorer for what `lists_as_arrays` stored."""
    unlisted = np.empty(len(history.movie_ids), dtype=np.float32)
    unlisted[history.popular_columns] = _UNLISTED_SCORE - np.arange(1, len(unlisted) + 1)
    return ListedScorer(
        columns=arrays["columns"].astype(np.int64, copy=False),
        list_columns=arrays["list_columns"].astype(np.int64),
        list_scores=arrays["list_scores"].astype(np.float32, copy=False),
        unlisted=unlisted,
    )
