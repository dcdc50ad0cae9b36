"""The facts of a dataset: how dense it is, and how unequal its films and its users are."""

import math
from dataclasses import dataclass

import numpy as np

from catalog.dataset import Dataset, IntArray
from catalog.errors import DatasetError


@dataclass(frozen=True, slots=True)
class CatalogFacts:
    """What a dataset looks like from afar.

    `density` is ratings / (users x films). `top_1_share` and so on are the shares of all ratings that the 1%,
    10% and 20% most rated films have; `item_gini` is the inequality of ratings per film, 0 (all alike) to 1.
    Both leave out films nobody rated.
    """

    n_users: int
    n_films: int
    n_ratings: int
    density: float
    top_1_share: float
    top_10_share: float
    top_20_share: float
    item_gini: float
    ratings_per_user_min: int
    ratings_per_user_median: float
    ratings_per_user_p90: float
    mean_rating: float
    sd_rating: float
    genres_per_film: float


def describe(dataset: Dataset) -> CatalogFacts:
    """Compute the facts of a dataset.

    Raises:
        DatasetError: it has no ratings or no films.
    """
    ratings = dataset.ratings
    if len(ratings) == 0 or not dataset.films:
        raise DatasetError(
            f"{dataset.name!r} has {len(dataset.films)} films and {len(ratings)} ratings; "
            "facts need some of each"
        )
    per_film = np.unique(ratings.movie_ids, return_counts=True)[1]
    per_user = np.unique(ratings.user_ids, return_counts=True)[1]
    return CatalogFacts(
        n_users=len(per_user),
        n_films=len(dataset.films),
        n_ratings=len(ratings),
        density=len(ratings) / (len(per_user) * len(dataset.films)),
        top_1_share=_top_share(per_film, 0.01),
        top_10_share=_top_share(per_film, 0.10),
        top_20_share=_top_share(per_film, 0.20),
        item_gini=_gini(per_film),
        ratings_per_user_min=int(per_user.min()),
        ratings_per_user_median=float(np.median(per_user)),
        ratings_per_user_p90=float(np.quantile(per_user, 0.9)),
        mean_rating=float(ratings.values.mean(dtype=np.float64)),
        sd_rating=float(ratings.values.std(dtype=np.float64)),
        genres_per_film=sum(len(film.genres) for film in dataset.films) / len(dataset.films),
    )


def _top_share(counts: IntArray, share: float) -> float:
    n_top = math.ceil(share * len(counts))
    return float(np.sort(counts)[-n_top:].sum() / counts.sum())


def _gini(counts: IntArray) -> float:
    """Inequality of counts: half the mean absolute difference over the mean, by the ranked-sum formula.

    Source: Dixon et al. (Ecology 1987), doi:10.2307/1939235, without the small-sample factor n / (n - 1).
    """
    ranked = np.sort(counts).astype(np.float64)
    n = len(ranked)
    ranks = np.arange(1, n + 1)
    return float((2 * ranks - n - 1) @ ranked / (n * ranked.sum()))
