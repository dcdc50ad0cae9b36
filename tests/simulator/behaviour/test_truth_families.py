"""What every family of truth owes, and what is each one's own."""

from types import SimpleNamespace
from typing import get_args

import msgspec
import numpy as np
import pytest

from simulator.behaviour import (
    NO_USER,
    TRUTH_FAMILIES,
    Crowd,
    Mind,
    Persona,
    Population,
    Taste,
    Truth,
    TruthError,
    draw_visitors,
)
from simulator.behaviour.groundwork import lay_groundwork
from simulator.behaviour.taste_tables import TruthFamily
from simulator.calibration import calibrate

FAMILIES = sorted(TRUTH_FAMILIES)
PLAIN = (Persona(name="plain"),)
OFF = dict.fromkeys(("genre", "era", "liking", "quality", "popularity", "mood", "noise", "persona"), 0.0)


def population(family: str, **taste: float) -> Population:
    return Population(crowd=Crowd(truth=family), taste=Taste(**taste), personas=PLAIN)


def utilities(world: SimpleNamespace, truth: Truth, user_ids: list[int]) -> np.ndarray:
    """Utility of every film for each of the users, under visitor numbers of their own."""
    n = len(user_ids)
    return truth.utilities(
        visitor_index=np.arange(n),
        user_ids=np.array(user_ids),
        persona_index=np.zeros(n, dtype=np.int64),
        movie_ids=np.tile(world.movie_ids, (n, 1)),
    )


def test_every_family_that_a_file_may_name_can_be_fitted() -> None:
    assert set(get_args(TruthFamily)) == set(TRUTH_FAMILIES)


@pytest.mark.parametrize("family", FAMILIES)
def test_utilities_have_mean_0_and_sd_1_over_users_and_films(world: SimpleNamespace, family: str) -> None:
    """Exact but for moods and whims, which are switched off here."""
    truth = world.fit(population(family, mood=0, noise=0))
    everything = utilities(world, truth, list(range(1, 81)))
    assert everything.mean() == pytest.approx(0, abs=1e-6)
    assert everything.std() == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_user_prefers_the_genre_planted_in_the_ratings(world: SimpleNamespace, family: str) -> None:
    """On average over ten users, with the parts off that all families share: 0.5 sd at least."""
    truth = world.fit(population(family, liking=0, quality=0, popularity=0, mood=0, noise=0))
    gains = []
    for user in range(1, 11):
        liked = np.array([world.genres[user % 8] in film.genres for film in world.films])
        worth = utilities(world, truth, [user])[0]
        gains.append(worth[liked].mean() - worth[~liked].mean())
    assert np.mean(gains) > 0.5


@pytest.mark.parametrize("family", FAMILIES)
def test_one_visitor_alone_and_many_at_once_have_the_same_bits(world: SimpleNamespace, family: str) -> None:
    truth = world.fit(population(family))
    together = utilities(world, truth, [5, 9, 5, NO_USER])
    films = world.movie_ids[[3, 77, 150]]
    for place, user in enumerate([5, 9, 5, NO_USER]):
        alone = truth.utilities(
            visitor_index=np.array([place]),
            user_ids=np.array([user]),
            persona_index=np.array([0]),
            movie_ids=films[None, :],
        )
        assert np.array_equal(alone[0], together[place, [3, 77, 150]])


@pytest.mark.parametrize("family", FAMILIES)
def test_nobody_has_no_taste_of_their_own(world: SimpleNamespace, family: str) -> None:
    truth = world.fit(population(family, mood=0, noise=0))
    nobody, stranger, somebody = utilities(world, truth, [NO_USER, 999_999, 1])
    assert np.array_equal(nobody, stranger)
    assert not np.array_equal(nobody, somebody)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_order_of_films_and_ratings_is_irrelevant(world: SimpleNamespace, family: str) -> None:
    """Up to the rounding of sums taken in another order, of which one family's are in single precision."""
    truth = world.fit(population(family))
    again = world.fit(population(family), films=world.films[::-1], held_out=world.shuffled_ratings)
    assert np.allclose(utilities(world, again, [1, 5]), utilities(world, truth, [1, 5]), atol=1e-4)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_control_has_its_baseline_and_ranking_by_truth_pays(world: SimpleNamespace, family: str) -> None:
    people = population(family)
    truth = world.fit(people)
    visitors = draw_visitors(people, truth, n_visitors=400, seed=7)
    mind = Mind(people, truth, seed=7, outside_option=0.0)
    offered = world.random_slates(400, 30)
    best = np.argsort(-mind.worth(visitors, offered), axis=1)[:, :6]
    slates = {"control": offered[:, :6], "treatment": np.take_along_axis(offered, best, axis=1)}
    found = calibrate(mind, visitors, slates, baseline_ctr=0.07).truth
    assert found.visitor_ctr["control"] == pytest.approx(0.07, abs=1e-9)
    assert found.visitor_ctr["treatment"] > 0.14


@pytest.mark.parametrize("family", FAMILIES)
def test_debiasing_changes_the_truth_and_power_0_is_as_rated(world: SimpleNamespace, family: str) -> None:
    as_rated, debiased, usual = (
        utilities(world, world.fit(population(family, **setting)), [1])
        for setting in ({"debias": 0.0}, {"debias": 0.5}, {})
    )
    assert not np.allclose(as_rated, debiased)
    assert np.array_equal(usual, as_rated if family == "genre-logit" else debiased)


def test_a_family_is_none_of_the_others(world: SimpleNamespace) -> None:
    """They agree on what is planted, and no two rank all films of a user alike."""
    worth = [
        utilities(world, world.fit(population(family, mood=0, noise=0)), list(range(1, 81))).ravel()
        for family in FAMILIES
    ]
    agreement = np.corrcoef(worth)[np.triu_indices(len(worth), k=1)]
    assert (agreement > 0.1).all()
    assert (agreement < 0.95).all()


def test_hidden_features_are_the_users_for_good_and_no_rating_shows_them(world: SimpleNamespace) -> None:
    """All else off, other ratings of the same users leave the truth as it is; another seed does not."""
    off = msgspec.structs.replace(Taste(**OFF), hidden=1.0)
    hidden = msgspec.structs.replace(population("latent"), taste=off)
    other_ratings = SimpleNamespace(
        user_ids=world.held_out.user_ids,
        movie_ids=world.held_out.movie_ids,
        values=world.held_out.values[::-1],
    )
    truth = utilities(world, world.fit(hidden), [1, 2, 1])
    assert np.array_equal(truth[0], truth[2])
    assert np.allclose(truth, utilities(world, world.fit(hidden, held_out=other_ratings), [1, 2, 1]))
    assert abs(np.corrcoef(truth[0], utilities(world, world.fit(hidden, seed=8), [1])[0])[0, 1]) < 0.5
    assert abs(np.corrcoef(truth[0], truth[1])[0, 1]) < 0.9


def test_a_user_like_nobody_has_no_neighbours_to_go_by(world: SimpleNamespace) -> None:
    loner = SimpleNamespace(
        user_ids=np.append(world.held_out.user_ids, 81),
        movie_ids=np.append(world.held_out.movie_ids, 50),
        values=np.append(world.held_out.values, np.float32(0.5)),
    )
    people = msgspec.structs.replace(population("neighbourhood"), taste=Taste(**OFF))
    truth = utilities(world, world.fit(people, held_out=loner), [81, NO_USER])
    assert np.array_equal(truth[0], truth[1])


def test_data_too_large_for_neighbours_is_refused_with_a_way_out() -> None:
    """6,001 users and 5,001 films: 30 million cells are the most."""
    films = tuple(SimpleNamespace(movie_id=n, year=2000, genres=("Drama",)) for n in range(5001))
    ratings = SimpleNamespace(
        user_ids=np.arange(6001), movie_ids=np.arange(6001) % 5001, values=np.full(6001, 4, np.float32)
    )
    with pytest.raises(TruthError, match=r"6,001 users and 5,001 films.*choose truth = 'latent'"):
        TRUTH_FAMILIES["neighbourhood"](lay_groundwork(films, ratings, population("neighbourhood"), seed=7))
