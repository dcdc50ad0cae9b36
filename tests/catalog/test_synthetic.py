from collections import Counter
from dataclasses import asdict

import numpy as np
import pytest
import scipy.sparse

from catalog import CatalogFacts, Dataset, Ratings, describe, split_ratings, synthetic_dataset
from catalog._synthetic_films import GENRES

# Of ml-latest-small, as `describe` gives them there.
MOVIELENS_FACTS = CatalogFacts(
    n_users=610,
    n_films=9_742,
    n_ratings=100_836,
    density=0.01697,
    top_1_share=0.1583,
    top_10_share=0.6005,
    top_20_share=0.7703,
    item_gini=0.7163,
    ratings_per_user_min=20,
    ratings_per_user_median=70.5,
    ratings_per_user_p90=400.3,
    mean_rating=3.5016,
    sd_rating=1.0425,
    genres_per_film=2.2634,
)


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return synthetic_dataset(seed=7)


@pytest.mark.parametrize("seed", range(4))
def test_it_has_the_facts_of_movielens_within_a_fifth(seed: int) -> None:
    facts = asdict(describe(synthetic_dataset(seed=seed)))
    off = {name: facts[name] / truth - 1 for name, truth in asdict(MOVIELENS_FACTS).items()}
    assert {name: ratio for name, ratio in off.items() if abs(ratio) > 0.2} == {}


def test_the_same_seed_gives_the_same_dataset_and_another_one_another(dataset: Dataset) -> None:
    assert synthetic_dataset(seed=7).digest == dataset.digest
    assert synthetic_dataset(seed=8).digest != dataset.digest
    assert (dataset.name, dataset.is_synthetic) == ("synthetic-7", True)


def test_ratings_are_sound(dataset: Dataset) -> None:
    """What the loader demands of files holds here: known films, no repeats, half stars, dates."""
    ratings = dataset.ratings
    pairs = set(zip(ratings.user_ids.tolist(), ratings.movie_ids.tolist(), strict=True))
    assert len(pairs) == len(ratings)
    assert set(ratings.movie_ids.tolist()) == set(dataset.film_by_id)
    assert set((ratings.values * 2).tolist()) == set(range(1, 11))
    assert (ratings.user_ids.dtype, ratings.values.dtype) == (np.int64, np.float32)
    years = ratings.timestamps.astype("datetime64[s]").astype("datetime64[Y]").astype(int) + 1970
    assert (years.min(), years.max()) == (1996, 2018)
    released = [dataset.film_by_id[movie_id].year or 0 for movie_id in ratings.movie_ids.tolist()]
    assert (years >= released).all()


def test_most_users_rate_within_a_day_as_in_movielens(dataset: Dataset) -> None:
    """59% of the users of ml-latest-small do."""
    ratings = dataset.ratings
    spans = [np.ptp(ratings.timestamps[ratings.user_ids == user_id]) for user_id in dataset.user_ids]
    assert 0.5 < np.mean(np.array(spans) < 86_400) < 0.75


def test_films_look_like_films(dataset: Dataset) -> None:
    """In ml-latest-small 5 titles are double, 13 films have no year and 34 no genre."""
    titles = Counter(film.title for film in dataset.films)
    assert sum(n > 1 for n in titles.values()) < 20
    assert sum(title.startswith(("The ", "A ", "An ")) for title in titles) > 1_000
    assert all(title == title.strip() and "{" not in title and "  " not in title for title in titles)
    genres = Counter(genre for film in dataset.films for genre in film.genres)
    assert set(genres) == set(GENRES)
    assert genres.most_common(2)[0][0] == "Drama"
    assert 3 <= sum(film.year is None for film in dataset.films) <= 40
    assert 10 <= sum(not film.genres for film in dataset.films) <= 80


def test_models_learn_from_it_as_much_as_from_movielens(dataset: Dataset) -> None:
    """Precision at 6 of held-out films rated 4 or more, over users who have such a film.

    By these same lines ml-latest-small gives: popularity 0.18, EASE 0.31, popularity of the older half 0.13,
    and truncated SVD of the older half 0.17 (users it does not know get the popular films). EASE here has the
    1,500 most rated films. Over seeds 1 to 7 popularity lay in 0.14-0.17, EASE in 0.29-0.33, the older SVD in
    0.16-0.18.
    """
    split = split_ratings(dataset, seed=7)
    everything, older = _table(dataset, split.treatment), _table(dataset, split.control)
    liked = _table(dataset, split.held_out.take(split.held_out.values >= 4)).toarray() > 0
    popular = _precision(_popularity_scores(everything), everything, liked)
    popular_older = _precision(_popularity_scores(older), older, liked)
    svd_older = _precision(_svd_scores(older, rank=20), older, liked)
    ease = _precision(_ease_scores(everything, n_films=1_500), everything, liked)
    assert 0.11 < popular < 0.20
    assert 0.25 < ease < 0.36
    assert popular_older < popular
    assert 0.12 < svd_older < 0.20
    assert ease - svd_older > 0.08


def _table(dataset: Dataset, ratings: Ratings) -> scipy.sparse.csr_matrix:
    rows = np.searchsorted(dataset.user_ids, ratings.user_ids)
    columns = ratings.movie_ids - 1
    return scipy.sparse.csr_matrix(
        (np.ones(len(ratings)), (rows, columns)), shape=(len(dataset.user_ids), len(dataset.films))
    )


def _popularity_scores(table: scipy.sparse.csr_matrix) -> np.ndarray:
    return np.repeat(np.asarray(table.sum(axis=0)), table.shape[0], axis=0)


def _svd_scores(table: scipy.sparse.csr_matrix, *, rank: int) -> np.ndarray:
    left, singular, right = scipy.sparse.linalg.svds(table, k=rank, rng=np.random.default_rng(0))
    is_known = np.asarray(table.sum(axis=1)) > 0
    return np.where(is_known, (left * singular) @ right, _popularity_scores(table))


def _ease_scores(table: scipy.sparse.csr_matrix, *, n_films: int) -> np.ndarray:
    """Steck (WWW 2019), doi:10.1145/3308558.3313710, with lambda 300."""
    kept = np.argsort(-np.asarray(table.sum(axis=0)).ravel())[:n_films]
    dense = table[:, kept].toarray()
    inverse = np.linalg.inv(dense.T @ dense + 300 * np.eye(n_films))
    weights = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0)
    scores = np.full(table.shape, -np.inf)
    scores[:, kept] = dense @ weights
    return scores


def _precision(scores: np.ndarray, seen: scipy.sparse.csr_matrix, liked: np.ndarray) -> float:
    unseen_scores = np.where(seen.toarray() > 0, -np.inf, scores)
    top = np.argpartition(-unseen_scores, 6, axis=1)[:, :6]
    hits = np.take_along_axis(liked, top, axis=1).mean(axis=1)
    return float(hits[liked.any(axis=1)].mean())
