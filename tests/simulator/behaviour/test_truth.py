from types import SimpleNamespace

import msgspec
import numpy as np
import pytest

from simulator.behaviour import (
    NO_USER,
    Persona,
    Population,
    PopulationError,
    Taste,
    Truth,
    TruthError,
    UnknownFilmError,
)

PLAIN = (Persona(name="plain"),)


def utilities(
    world: SimpleNamespace, truth: Truth, user_ids: list[int], persona_index: int = 0
) -> np.ndarray:
    """Utility of every film for each of the users, under visitor numbers of their own."""
    n = len(user_ids)
    return truth.utilities(
        visitor_index=np.arange(n),
        user_ids=np.array(user_ids),
        persona_index=np.full(n, persona_index),
        movie_ids=np.tile(world.movie_ids, (n, 1)),
    )


def test_utilities_have_mean_0_and_sd_1_over_users_and_films(world: SimpleNamespace) -> None:
    """Scaled on pairs without moods and whims, whose sum over 80 visitors strays by some percent."""
    truth = world.fit(msgspec.structs.replace(Population(), personas=PLAIN))
    everything = utilities(world, truth, list(range(1, 81)))
    assert everything.mean() == pytest.approx(0, abs=0.05)
    assert everything.std() == pytest.approx(1, abs=0.05)


def test_a_user_prefers_the_genre_planted_in_the_ratings(world: SimpleNamespace) -> None:
    truth = world.fit(msgspec.structs.replace(Population(), personas=PLAIN))
    for user in (1, 2, 3, 12, 77):
        liked = np.array([world.genres[user % 8] in film.genres for film in world.films])
        worth = utilities(world, truth, [user])[0]
        assert worth[liked].mean() > worth[~liked].mean() + 0.5


def test_a_film_that_the_user_rated_well_is_worth_more_and_more_the_better(world: SimpleNamespace) -> None:
    """All else off, a pair has the worth of its rating: 5 stars over 3, over 2, over none at all."""
    off = {part: 0.0 for part in Taste.__struct_fields__ if part != "liking"}
    truth = world.fit(msgspec.structs.replace(Population(), taste=Taste(liking=1.0, **off)))
    worth = dict(zip(world.movie_ids.tolist(), utilities(world, truth, [1])[0].tolist(), strict=True))
    mine = world.held_out.user_ids == 1
    by_stars = {
        float(stars): worth.pop(int(film))
        for film, stars in zip(world.held_out.movie_ids[mine], world.held_out.values[mine], strict=True)
    }
    (unrated,) = set(worth.values())
    assert by_stars[5.0] > by_stars[3.0] > by_stars[2.0] >= unrated
    everything = utilities(world, truth, list(range(1, 81)))
    assert (everything.mean(), everything.std()) == (pytest.approx(0, abs=1e-9), pytest.approx(1))


def test_nobody_has_no_taste_of_their_own(world: SimpleNamespace) -> None:
    """With moods and whims off, a visitor without user agrees with an unknown user to the last bit."""
    taste = Taste(mood=0, noise=0)
    truth = world.fit(msgspec.structs.replace(Population(), personas=PLAIN, taste=taste))
    nobody, stranger, somebody = utilities(world, truth, [NO_USER, 999_999, 1])
    assert np.array_equal(nobody, stranger)
    assert not np.array_equal(nobody, somebody)


def test_a_persona_adds_its_tastes_to_the_users(world: SimpleNamespace) -> None:
    personas = (*PLAIN, Persona(name="fan", likes=("Horror",), dislikes=("Drama",), recency=1.0))
    truth = world.fit(msgspec.structs.replace(Population(), personas=personas))
    gain = (utilities(world, truth, [1], 1) - utilities(world, truth, [1], 0))[0]
    is_horror, is_drama = (
        np.array([genre in film.genres for film in world.films]) for genre in ("Horror", "Drama")
    )
    years = np.array([film.year or 1985 for film in world.films])
    assert gain[is_horror].mean() > gain[~is_horror & ~is_drama].mean() > gain[is_drama].mean()
    assert np.corrcoef(gain[~is_horror & ~is_drama], years[~is_horror & ~is_drama])[0, 1] > 0.99


def test_moods_are_features_of_the_film_and_the_seed_alone(world: SimpleNamespace) -> None:
    assert np.array_equal(world.fit(Population()).film_moods, world.truth.film_moods)
    assert np.array_equal(
        world.fit(Population(), films=world.films[:50]).film_moods, world.truth.film_moods[:50]
    )
    assert not np.array_equal(world.fit(Population(), seed=8).film_moods, world.truth.film_moods)


def test_the_order_of_films_and_ratings_is_irrelevant(world: SimpleNamespace) -> None:
    """Up to the rounding of sums taken in another order."""
    again = world.fit(Population(), films=world.films[::-1], held_out=world.shuffled_ratings)
    assert np.allclose(utilities(world, again, [1, 5]), utilities(world, world.truth, [1, 5]), atol=1e-9)


def test_films_without_genres_and_years_have_a_utility(world: SimpleNamespace) -> None:
    films = tuple(SimpleNamespace(movie_id=film.movie_id, year=None, genres=()) for film in world.films)
    truth = world.fit(msgspec.structs.replace(Population(), personas=PLAIN), films=films)
    assert np.isfinite(utilities(world, truth, [1, NO_USER])).all()


def test_a_taste_of_all_zero_weights_is_indifferent(world: SimpleNamespace) -> None:
    taste = Taste(genre=0, era=0, liking=0, quality=0, popularity=0, mood=0, noise=0, persona=0)
    truth = world.fit(msgspec.structs.replace(Population(), taste=taste))
    assert (utilities(world, truth, [1, 2]) == 0).all()


def test_a_strange_film_is_named(world: SimpleNamespace) -> None:
    with pytest.raises(UnknownFilmError, match="film 424242; the truth knows only the 200 films"):
        world.truth.film_rows(np.array([[10, 424242]]))


def test_ratings_of_other_films_are_refused(world: SimpleNamespace) -> None:
    films = tuple(SimpleNamespace(movie_id=10**6 + n, year=2000, genres=("Drama",)) for n in range(5))
    with pytest.raises(TruthError, match="rate none of 5 films"):
        world.fit(Population(), films=films)


def test_a_misspelt_genre_is_met_with_the_right_one(world: SimpleNamespace) -> None:
    personas = (Persona(name="fan", likes=("SciFi",)),)
    with pytest.raises(PopulationError, match=r"'fan' names genre 'SciFi'.*did you mean 'Sci-Fi'"):
        world.fit(msgspec.structs.replace(Population(), personas=personas))


def test_a_genre_of_movielens_that_a_small_catalogue_lacks_is_no_error(world: SimpleNamespace) -> None:
    personas = (Persona(name="fan", likes=("Western",)),)
    assert world.fit(msgspec.structs.replace(Population(), personas=personas)).persona_value.shape == (1, 200)
