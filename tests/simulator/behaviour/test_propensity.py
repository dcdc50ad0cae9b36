import numpy as np
import pytest

from simulator.behaviour.propensity import inverse_propensity_weights, rating_propensities


def test_a_propensity_is_activity_times_popularity_over_all_ratings() -> None:
    """By hand: user 0 rated 3 films, film 0 has 2 of 4 ratings; a chance is at most 1."""
    users, films = np.array([0, 0, 0, 1]), np.array([0, 1, 2, 0])
    assert rating_propensities(users, films).tolist() == [1.0, 0.75, 0.75, 0.5]


def test_weights_average_1_and_are_the_inverse_propensities_at_power_1() -> None:
    propensities = np.array([0.5, 0.25, 0.125])
    weights = inverse_propensity_weights(propensities, power=1.0)
    assert weights.mean() == pytest.approx(1)
    assert weights[2] / weights[0] == pytest.approx(4)
    assert inverse_propensity_weights(propensities, power=0.5)[2] / weights[2] < 1
    assert (inverse_propensity_weights(propensities, power=0.0) == 1.0).all()


def test_no_rating_counts_more_than_ten_times_the_median_one() -> None:
    propensities = np.append(np.linspace(0.3, 0.7, 999), 1e-9)
    weights = inverse_propensity_weights(propensities, power=1.0)
    assert weights.max() == pytest.approx(10 * np.median(weights))
    assert weights.mean() == pytest.approx(1)


def test_weighting_undoes_most_of_the_bias_of_who_rates_what() -> None:
    """200,000 pairs, liked by 1 in 2, popular films the more; rated by popularity, the share is 0.68.

    Weighted by the estimated propensities it is within 0.02 of the truth.
    """
    rng = np.random.default_rng(20_261_122)
    users, films = (part.ravel() for part in np.mgrid[0:500, 0:400])
    popularity = np.linspace(0.02, 0.6, 400)
    is_liked = rng.random(200_000) < np.linspace(0.1, 0.9, 400)[films]
    is_rated = rng.random(200_000) < popularity[films] * np.linspace(0.3, 1.0, 500)[users]
    rated_users, rated_films, liked = users[is_rated], films[is_rated], is_liked[is_rated]
    weights = inverse_propensity_weights(rating_propensities(rated_users, rated_films), power=1.0)
    assert liked.mean() > 0.6
    assert np.average(liked, weights=weights) == pytest.approx(is_liked.mean(), abs=0.02)
