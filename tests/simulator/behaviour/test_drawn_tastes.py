from types import SimpleNamespace

import msgspec
import numpy as np
import pytest
import scipy.stats

from simulator.behaviour import Persona, Population
from simulator.behaviour.drawn_tastes import drawn_tastes
from simulator.behaviour.persona_tastes import persona_genres


def shares(concentration: float, n_genres: int, name: str, *, seed: int = 7) -> np.ndarray:
    """The Dirichlet draw behind a persona's tastes."""
    tastes = drawn_tastes(concentration, n_genres, seed=seed, name=name)
    return (2 * np.exp(tastes) - 1) / n_genres


@pytest.mark.parametrize("concentration", [0.2, 1.0, 7.0])
def test_shares_are_draws_of_the_dirichlet_law(concentration: float) -> None:
    """First share of 500 personas against its beta law, Kolmogorov-Smirnov; alarms 1 time in 1,000."""
    first = [shares(concentration, 8, f"persona-{number}")[0] for number in range(500)]
    law = scipy.stats.beta(concentration, 7 * concentration)
    assert scipy.stats.kstest(first, law.cdf).pvalue > 0.001
    other = scipy.stats.beta(2 * concentration, 14 * concentration)
    assert scipy.stats.kstest(first, other.cdf).pvalue < 0.001


def test_shares_sum_to_one_and_repeat_by_seed_and_name() -> None:
    assert shares(0.3, 19, "a").sum() == pytest.approx(1.0)
    assert np.array_equal(shares(0.3, 19, "a"), shares(0.3, 19, "a"))
    assert not np.array_equal(shares(0.3, 19, "a"), shares(0.3, 19, "b"))
    assert not np.array_equal(shares(0.3, 19, "a"), shares(0.3, 19, "a", seed=8))


def test_a_low_concentration_loves_few_genres_and_a_high_one_likes_all_alike() -> None:
    few = [shares(0.05, 19, f"persona-{number}").max() for number in range(50)]
    alike = [shares(100.0, 19, f"persona-{number}").max() for number in range(50)]
    assert np.median(few) > 0.5
    assert np.median(alike) < 0.1


def test_a_drawn_taste_reaches_the_films(world: SimpleNamespace) -> None:
    lover = Persona(name="genre-lover", genre_concentration=0.1)
    population = msgspec.structs.replace(Population(), personas=(lover,))
    (tastes,) = persona_genres([lover], world.genres, seed=7)
    loved = world.genres[int(np.argmax(tastes))]
    value = world.fit(population).persona_value[0]
    has = np.array([film.genres == (loved,) for film in world.films])
    assert value[has].min() > np.median(value)
