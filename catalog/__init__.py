"""Films and ratings: fetched, verified, loaded, divided by time; and a synthetic catalogue like them.

`find_dataset` is the way in: it turns what a person chose, or nothing, into a `Dataset`. `split_ratings`
divides its ratings among control, treatment and truth; `describe` says what it looks like.
"""

from catalog.dataset import MAX_ID, Dataset, Film, Ratings, make_dataset
from catalog.errors import (
    ArchiveError,
    CatalogError,
    DatasetError,
    DatasetNotFoundError,
    FetchError,
    SplitError,
)
from catalog.facts import CatalogFacts, describe
from catalog.fetching import GROUPLENS_URL, MOVIELENS, Progress, PublishedArchive, fetch_dataset
from catalog.finding import DEFAULT_DATASET, SYNTHETIC, FoundDataset, find_dataset
from catalog.loading import load_dataset
from catalog.splitting import HELD_OUT_SHARE, RatingsSplit, split_ratings
from catalog.synthetic import synthetic_dataset

__all__ = [
    "DEFAULT_DATASET",
    "GROUPLENS_URL",
    "HELD_OUT_SHARE",
    "MAX_ID",
    "MOVIELENS",
    "SYNTHETIC",
    "ArchiveError",
    "CatalogError",
    "CatalogFacts",
    "Dataset",
    "DatasetError",
    "DatasetNotFoundError",
    "FetchError",
    "Film",
    "FoundDataset",
    "Progress",
    "PublishedArchive",
    "Ratings",
    "RatingsSplit",
    "SplitError",
    "describe",
    "fetch_dataset",
    "find_dataset",
    "load_dataset",
    "make_dataset",
    "split_ratings",
    "synthetic_dataset",
]
