"""The model that knows nobody: the films most users rated."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np

from recommender.scorers import PopularityScorer

if TYPE_CHECKING:
    from recommender._arrays import NamedArrays
    from recommender.history import History


class PopularitySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Popularity has nothing to set."""


def fit_popularity(history: History, _settings: PopularitySettings, _seed: int) -> NamedArrays:
    """Count: a film's score is the share of users who rated it."""
    columns = history.columns_rated_at_least(1)
    shares = history.n_ratings_by_film[columns] / len(history.user_ids)
    return {"columns": columns, "shares": shares.astype(np.float32)}


def popularity_scorer(_history: History, arrays: NamedArrays) -> PopularityScorer:
    """The scorer for what `fit_popularity` stored."""
    return PopularityScorer(
        columns=arrays["columns"].astype(np.int64, copy=False),
        shares=arrays["shares"].astype(np.float32, copy=False),
    )
