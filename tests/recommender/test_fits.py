"""Each model against a second witness: the textbook formula, written differently."""

import numpy as np
import pytest

from catalog import Film, Ratings
from recommender.als import AlsSettings, fit_als
from recommender.ease import EaseSettings, fit_ease
from recommender.history import History, history_of
from recommender.popularity import PopularitySettings, fit_popularity
from recommender.scorers import film_directions
from recommender.svd import SvdSettings, fit_svd


@pytest.fixture
def history(films: tuple[Film, ...], ratings: Ratings) -> History:
    return history_of(films, ratings)


@pytest.mark.parametrize("n_factors", [1, 5, 200])
def test_svd_scores_are_the_best_approximation_of_that_rank(history: History, n_factors: int) -> None:
    """NumPy's dense SVD is the witness; float32 factors carry 5 digits. 200 exceeds the table's rank."""
    arrays = fit_svd(history, SvdSettings(n_factors=n_factors), seed=1)
    table = history.ratings.toarray()[:, arrays["columns"]]
    left, singular, right = np.linalg.svd(table, full_matrices=False)
    best = (left[:, :n_factors] * singular[:n_factors]) @ right[:n_factors]
    assert np.abs(arrays["user_factors"] @ arrays["film_factors"].T - best).max() < 1e-4


def test_svd_factors_have_one_sign_whatever_the_start_vector(history: History) -> None:
    """Each film vector's largest entry is positive, and seeds agree to float32."""
    first, second = (fit_svd(history, SvdSettings(n_factors=3), seed=seed) for seed in (1, 2))
    assert np.allclose(first["film_factors"], second["film_factors"], atol=1e-4)
    largest = np.abs(first["film_factors"]).argmax(axis=0)
    assert (first["film_factors"][largest, np.arange(3)] > 0).all()


def test_ease_weights_are_ridge_regressions_of_each_film_on_all_others(history: History) -> None:
    """The definition of EASE, solved film by film instead of by one inverse (Steck 2019, equation 3)."""
    regularisation = 12.0
    arrays = fit_ease(history, EaseSettings(regularisation=regularisation, min_ratings=3), 0)
    watched = (history.ratings.toarray()[:, arrays["columns"]] > 0).astype(float)
    for film in (0, 17, 60):
        others = np.arange(watched.shape[1]) != film
        normal = watched[:, others].T @ watched[:, others] + regularisation * np.eye(others.sum())
        expected = np.linalg.solve(normal, watched[:, others].T @ watched[:, film])
        assert np.abs(arrays["weights"][others, film] - expected).max() < 1e-5
        assert arrays["weights"][film, film] == 0


def test_ease_leaves_out_films_with_few_ratings_and_then_the_least_popular(history: History) -> None:
    few = fit_ease(history, EaseSettings(min_ratings=3), 0)["columns"]
    assert (history.n_ratings_by_film[few] >= 3).all()
    assert len(few) < len(history.movie_ids)
    most = fit_ease(history, EaseSettings(min_ratings=3, max_films=20), 0)["columns"]
    assert sorted(most.tolist()) == sorted(history.popular_columns[:20].tolist())


def test_als_film_vectors_solve_their_least_squares_problem(history: History) -> None:
    """Given the user vectors, Hu, Koren & Volinsky's equation 5, which implicit solves approximately."""
    settings = AlsSettings(n_factors=4, regularisation=1.0, confidence=2.0, n_iterations=30, min_ratings=1)
    arrays = fit_als(history, settings, seed=1)
    users = arrays["user_factors"].astype(float)
    confidence = history.ratings.toarray()[:, arrays["columns"]] * settings.confidence
    for film in (0, 17, 60):
        rated = confidence[:, film] > 0
        # implicit counts a rating's confidence as given, without the 1 that the paper adds.
        weights = np.where(rated, confidence[:, film], 1.0)
        normal = (users * weights[:, None]).T @ users + settings.regularisation * np.eye(4)
        expected = np.linalg.solve(normal, users.T @ np.where(rated, weights, 0.0))
        assert np.allclose(arrays["film_factors"][film], expected, rtol=0.02, atol=0.02)


def test_als_repeats_for_a_seed(history: History) -> None:
    """Its threads each solve their own users, so their order does not matter."""
    first, second = (fit_als(history, AlsSettings(n_factors=4), seed=5) for _ in range(2))
    assert (first["user_factors"] == second["user_factors"]).all()
    assert (first["film_factors"] == second["film_factors"]).all()


def test_popularity_is_the_share_of_users_who_rated_a_film(history: History) -> None:
    arrays = fit_popularity(history, PopularitySettings(), 0)
    column = int(arrays["columns"][5])
    n_raters = np.count_nonzero(history.ratings.toarray()[:, column])
    assert arrays["shares"][5] == pytest.approx(n_raters / len(history.user_ids))


def test_likeness_is_a_damped_cosine() -> None:
    """By hand: vectors (3, 4) and (4, 3) have cosine 0.96; 10 and 30 ratings damp it by sqrt(1/2 * 3/4)."""
    factors = np.array([[3.0, 4.0], [4.0, 3.0], [0.0, 0.0]], dtype=np.float32)
    directions = film_directions(factors, np.array([10, 30, 5]), shrinkage=10.0)
    assert directions[0] @ directions[1] == pytest.approx(0.96 * (0.5 * 0.75) ** 0.5, abs=1e-6)
    assert directions[2].tolist() == [0.0, 0.0]
