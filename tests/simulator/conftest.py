"""A small world: films, held-out ratings with planted tastes, a population and its mind."""

from collections.abc import Sequence
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import numpy.typing as npt
import pytest

from simulator.behaviour import Identity, Mind, Population, Truth, draw_visitors, film_guide, fit_truth

GENRES = ("Action", "Children", "Comedy", "Crime", "Drama", "Horror", "Romance", "Sci-Fi")


@dataclass(frozen=True, slots=True)
class SmallFilm:
    """A film as the truth needs it."""

    movie_id: int
    year: int | None
    genres: tuple[str, ...]

    @property
    def title(self) -> str:
        """What one would search for."""
        return f"Film {self.movie_id}"


@dataclass(frozen=True, slots=True, eq=False)
class SmallRatings:
    """Ratings as the truth needs them."""

    user_ids: npt.NDArray[np.int64]
    movie_ids: npt.NDArray[np.int64]
    values: npt.NDArray[np.float32]


def small_films() -> tuple[SmallFilm, ...]:
    return tuple(
        SmallFilm(
            movie_id=10 * number,
            year=None if number % 50 == 0 else 1950 + number % 70,
            genres=(GENRES[number % 8],) if number % 3 else (GENRES[number % 8], GENRES[(number + 3) % 8]),
        )
        for number in range(1, 201)
    )


def small_ratings(films: tuple[SmallFilm, ...]) -> SmallRatings:
    rng = np.random.default_rng(11)
    rows = []
    for user in range(1, 81):
        favourite = GENRES[user % 8]
        for film in films:
            is_liked = favourite in film.genres
            if rng.random() < (0.6 if is_liked else 0.1):
                rows.append((user, film.movie_id, 5.0 if is_liked else rng.choice([2.0, 2.5, 3.0])))
    users, movies, values = zip(*rows, strict=True)
    return SmallRatings(np.array(users), np.array(movies), np.array(values, dtype=np.float32))


@pytest.fixture(scope="session")
def world() -> SimpleNamespace:
    """Users 1 to 80; a user likes genre `user_id % 8` best: rates it 5 and the rest 2 to 3. 400 visitors."""
    films = small_films()
    held_out = small_ratings(films)
    population = Population(identity=Identity(profile_share=0.0))  # small sites have no profiles
    truth = fit_truth(films, held_out, population, seed=7)
    movie_ids = np.array([film.movie_id for film in films])
    order = np.random.default_rng(4).permutation(len(held_out.values))
    shuffled = SmallRatings(held_out.user_ids[order], held_out.movie_ids[order], held_out.values[order])

    def fit(
        population: Population,
        *,
        films: Sequence[SmallFilm] = films,
        held_out: SmallRatings = held_out,
        seed: int = 7,
    ) -> Truth:
        return fit_truth(films, held_out, population, seed=seed)

    def random_slates(n_visitors: int, slate_size: int = 6) -> npt.NDArray[np.int64]:
        order = np.argsort(np.random.default_rng(3).random((n_visitors, len(films))), axis=1)
        return movie_ids[order[:, :slate_size]]

    return SimpleNamespace(
        films=films,
        movie_ids=movie_ids,
        genres=GENRES,
        held_out=held_out,
        guide=film_guide(
            films,
            movie_ids[5:17].tolist(),
            {"genre-long": movie_ids[20:31].tolist(), "genre-short": movie_ids[40:43].tolist()},
        ),
        shuffled_ratings=shuffled,
        fit=fit,
        population=population,
        truth=truth,
        visitors=draw_visitors(population, truth, n_visitors=400, seed=7),
        mind=Mind(population, truth, seed=7, outside_option=2.0),
        random_slates=random_slates,
    )
