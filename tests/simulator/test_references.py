from types import SimpleNamespace

import msgspec
import numpy as np
import pytest

from simulator.behaviour import NO_USER, Mind, Persona, Population, Taste, draw_visitors
from simulator.calibration import calibrate, true_visitor_ctr
from simulator.references import REFERENCE_ARMS, is_reference_affordable, rank_by_truth, reference_slates
from simulator.slates import UserSlates

PLAIN = (Persona(name="plain"),)


@pytest.fixture(scope="module")
def plain(world: SimpleNamespace) -> SimpleNamespace:
    """One persona, no moods, no whims: what a visitor thinks is what the user's tastes say, and no more."""
    population = msgspec.structs.replace(Population(), personas=PLAIN, taste=Taste(mood=0, noise=0))
    truth = world.fit(population)
    return SimpleNamespace(
        population=population,
        truth=truth,
        visitors=draw_visitors(population, truth, n_visitors=400, seed=7),
        mind=Mind(population, truth, seed=7, outside_option=2.0),
    )


def slates_of(world: SimpleNamespace, of: SimpleNamespace, **changes: object) -> dict[str, UserSlates]:
    parts = {"slate_size": 6, "seed": 7, **changes}
    return dict(reference_slates(of.truth, of.population, of.visitors, world.held_out, **parts))


def films_rated_by(world: SimpleNamespace, user_id: int) -> np.ndarray:
    return world.held_out.movie_ids[world.held_out.user_ids == user_id]


def test_the_oracle_shows_what_the_visitor_likes_best_of_all_they_have_not_rated(
    world: SimpleNamespace, plain: SimpleNamespace
) -> None:
    shown = slates_of(world, plain)["oracle"][:40]
    for place in range(40):
        visitor = plain.visitors[place : place + 1]
        worth = plain.mind.worth(visitor, world.movie_ids[None, :])[0]
        worth[np.isin(world.movie_ids, films_rated_by(world, int(visitor.user_id[0])))] = -np.inf
        best = np.sort(worth)[::-1][:6]
        found = worth[np.searchsorted(world.movie_ids, shown[place])]
        assert found == pytest.approx(best, abs=1e-9)


def test_popularity_shows_the_most_rated_and_random_another_slate_to_each_user(
    world: SimpleNamespace, plain: SimpleNamespace
) -> None:
    slates = slates_of(world, plain)
    n_ratings = {int(film): int((world.held_out.movie_ids == film).sum()) for film in world.movie_ids}
    user = int(plain.visitors.user_id[0])
    unrated = [film for film in n_ratings if film not in films_rated_by(world, user)]
    most_rated = sorted(unrated, key=lambda film: (-n_ratings[film], film))[:6]
    assert slates["popularity"][:1][0].tolist() == most_rated
    assert len(np.unique(slates["random"].slates, axis=0)) == len(slates["random"].slates)
    assert np.array_equal(slates["random"].slates, slates_of(world, plain)["random"].slates)
    assert not np.array_equal(slates["random"].slates, slates_of(world, plain, seed=8)["random"].slates)


def test_no_reference_shows_a_film_that_the_user_rated_or_one_twice(
    world: SimpleNamespace, plain: SimpleNamespace
) -> None:
    for slates in slates_of(world, plain).values():
        for user, slate in zip(plain.visitors.user_id.tolist(), slates[:400].tolist(), strict=True):
            assert len(set(slate)) == 6
            assert not set(slate) & set(films_rated_by(world, user).tolist())


def test_who_is_unknown_gets_the_popular_films_in_every_reference_arm(world: SimpleNamespace) -> None:
    population = msgspec.structs.replace(
        Population(), personas=(*PLAIN, Persona(name="new", is_logged_out=True))
    )
    truth = world.fit(population)
    visitors = draw_visitors(population, truth, n_visitors=50, seed=7)
    of = SimpleNamespace(population=population, truth=truth, visitors=visitors)
    slates = slates_of(world, of)
    nobody = np.flatnonzero(visitors.user_id == NO_USER)
    assert 10 < len(nobody) < 40
    for arm in REFERENCE_ARMS:
        assert np.array_equal(slates[arm][:50][nobody], slates["popularity"][:50][nobody])


def test_true_ctrs_rise_from_chance_to_perfect_knowledge(
    world: SimpleNamespace, plain: SimpleNamespace
) -> None:
    slates = slates_of(world, plain)
    mind = calibrate(plain.mind, plain.visitors, {"control": slates["popularity"]}, baseline_ctr=0.07).mind
    random, popularity, oracle = (
        true_visitor_ctr(mind, plain.visitors, slates[arm]) for arm in REFERENCE_ARMS
    )
    assert popularity == pytest.approx(0.07, abs=1e-9)
    assert random < popularity < oracle


def test_the_ranking_by_truth_is_what_the_oracle_shows(
    world: SimpleNamespace, plain: SimpleNamespace
) -> None:
    ranked = rank_by_truth(plain.truth, plain.population, world.held_out, depth=20)
    assert ranked.movie_ids.shape == (80, 20)
    assert (np.diff(ranked.utilities, axis=1) <= 0).all()
    rows = np.searchsorted(ranked.user_ids, plain.visitors.user_id)
    assert np.array_equal(ranked.movie_ids[rows, :6], slates_of(world, plain)["oracle"][:400])


def test_a_persona_that_likes_such_users_moves_what_they_are_shown(world: SimpleNamespace) -> None:
    """The persona is not known, but horror fans are likelier to be users who like horror."""
    personas = (*PLAIN, Persona(name="fan", likes=("Horror",), weight=3.0))
    crowd = msgspec.structs.replace(Population().crowd, user_fit=3.0)
    quiet = Taste(mood=0, noise=0, persona=3.0)
    population = msgspec.structs.replace(Population(), personas=personas, taste=quiet, crowd=crowd)
    ranked = rank_by_truth(world.fit(population), population, world.held_out, depth=20)
    is_horror = np.isin(
        ranked.movie_ids, [film.movie_id for film in world.films if "Horror" in film.genres]
    ).mean(axis=1)
    likes_horror = ranked.user_ids % 8 == world.genres.index("Horror")
    assert is_horror[likes_horror].mean() > is_horror[~likes_horror].mean()


def test_references_of_a_huge_catalogue_are_not_affordable(plain: SimpleNamespace) -> None:
    huge = SimpleNamespace(movie_ids=range(10**8))
    assert is_reference_affordable(plain.truth, plain.visitors.user_id)
    assert not is_reference_affordable(huge, plain.visitors.user_id)
