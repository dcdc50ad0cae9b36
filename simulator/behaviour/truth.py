"""The truth: what each visitor really thinks of each film. No model sees it, nor the ratings behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, Self, TypeAlias

import numpy as np
import numpy.typing as npt

from simulator.behaviour.draws import Floats, Integers, normal
from simulator.behaviour.errors import UnknownFilmError

N_MOODS = 4
Rows: TypeAlias = npt.NDArray[np.intp]


class FilmFacts(Protocol):
    """What the truth needs to know of a film; `catalog.Film` fits."""

    @property
    def movie_id(self) -> int:
        """Its number."""

    @property
    def year(self) -> int | None:
        """When it came out, if known."""

    @property
    def genres(self) -> tuple[str, ...]:
        """Its genres, in any order."""


class RatingColumns(Protocol):
    """What the truth needs to know of ratings, one entry per rating; `catalog.Ratings` fits."""

    @property
    def user_ids(self) -> npt.NDArray[np.int64]:
        """Who rated."""

    @property
    def movie_ids(self) -> npt.NDArray[np.int64]:
        """Which film."""

    @property
    def values(self) -> npt.NDArray[np.float32]:
        """How it was rated."""


@dataclass(frozen=True, slots=True, eq=False)
class Likings:
    """What rating a film oneself is worth; sd 1 over all pairs of user and film, 0 for those not rated.

    Args:
        keys: user row x n_films + film row of each rated pair, ascending.
        values: worth of each such pair.
    """

    keys: Integers
    values: Floats

    def at(self, keys: Integers) -> Floats:
        """The worth of these pairs, in the shape given."""
        places = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where(self.keys[places] == keys, self.values[places], 0.0)

    def times(self, weight: float) -> "Likings":
        """All worth scaled."""
        return Likings(self.keys, self.values * weight)


class UserTaste(Protocol):
    """What sets users apart: the one part of the truth in which the families differ."""

    def of(self, users: Rows, films: Rows) -> Floats:
        """What each user thinks of each film, (n, n_films_shown); the same bits whoever else is asked about.

        Args:
            users: rows of users, (n,); the row after the last user is nobody's: 0 for every film.
            films: rows of films, (n, n_films_shown), or (1, n_films_shown) for the same films to all.
        """

    def times(self, weight: float) -> Self:
        """All of it scaled."""


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """True utilities in parts that add up; rows of films follow `movie_ids`, of users `user_ids`.

    Args:
        seed: seed of the moods and whims.
        movie_ids: films known, ascending, (n_films,).
        user_ids: users known, ascending, (n_users,).
        user_taste: what each user thinks of each film, by the family of the truth.
        likings: what having rated a film oneself adds.
        film_value: what everybody agrees on, (n_films,).
        persona_value: what each persona adds, (n_personas, n_films).
        film_moods: the mood features of each film, (n_films, N_MOODS).
        mood_scale: sd of what mood adds to utility.
        noise_scale: sd of one visitor's whim about one film.
        user_weight_sums: running sums, along users, of how likely each is drawn for a persona,
            (n_personas, n_users).
    """

    seed: int
    movie_ids: Integers
    user_ids: Integers
    user_taste: UserTaste
    likings: Likings
    film_value: Floats
    persona_value: Floats
    film_moods: Floats
    mood_scale: float
    noise_scale: float
    user_weight_sums: Floats

    def film_rows(self, movie_ids: Integers) -> Rows:
        """Offsets of these films into the film arrays, in the shape given.

        Raises:
            UnknownFilmError: one of them is not in the catalogue.
        """
        rows = np.minimum(np.searchsorted(self.movie_ids, movie_ids), len(self.movie_ids) - 1)
        is_strange = self.movie_ids[rows] != movie_ids
        if is_strange.any():
            strange = int(np.asarray(movie_ids)[is_strange][0])
            raise UnknownFilmError(
                f"slate shows film {strange}; the truth knows only the {len(self.movie_ids):,} films of the "
                "catalogue; let site and simulator use the same dataset"
            )
        return rows

    def user_rows(self, user_ids: Integers) -> Rows:
        """Offsets into the user arrays; who is unknown, or nobody (-1), has the last row: no tastes."""
        rows = np.minimum(np.searchsorted(self.user_ids, user_ids), len(self.user_ids) - 1)
        return np.where(self.user_ids[rows] == user_ids, rows, len(self.user_ids))

    def utilities(
        self, *, visitor_index: Integers, user_ids: Integers, persona_index: Integers, movie_ids: Integers
    ) -> Floats:
        """Utility of each film of each visitor's slate, (n_visitors, n_films_shown): sd 1 over all pairs.

        The sum is taken in one fixed order, film by film, so that one visitor alone and many at once get
        equal bits.

        Args:
            visitor_index: (n_visitors,).
            user_ids: (n_visitors,); -1 for nobody.
            persona_index: (n_visitors,).
            movie_ids: (n_visitors, n_films_shown).
        """
        films = self.film_rows(movie_ids)
        shared = self._shared(self.user_rows(user_ids), persona_index, films)
        return self.own_utilities(
            shared, self.film_moods[films], visitor_index=visitor_index, movie_ids=movie_ids
        )

    def shared_utilities(self, *, user_ids: Integers, persona_index: Integers, movie_ids: Integers) -> Floats:
        """The part of utility in which visitors of one user and persona agree; shapes as in `utilities`."""
        return self._shared(self.user_rows(user_ids), persona_index, self.film_rows(movie_ids))

    def _shared(self, users: Rows, persona_index: Integers, films: Rows) -> Floats:
        total = self.film_value[films] + self.persona_value[persona_index[:, None], films]
        total += self.likings.at(users[:, None] * len(self.movie_ids) + films)
        total += self.user_taste.of(users, films)
        return total

    def own_utilities(
        self, shared: Floats, moods: Floats, *, visitor_index: Integers, movie_ids: Integers
    ) -> Floats:
        """Utility once each visitor's own mood and whims are added to what they share with others.

        Args:
            shared: from `shared_utilities`, (n_visitors, n_films_shown).
            moods: rows of `film_moods`, (n_visitors, n_films_shown, N_MOODS).
            visitor_index: (n_visitors,).
            movie_ids: (n_visitors, n_films_shown).
        """
        total = shared.copy()
        feelings = normal(
            self.seed, "visitor-mood", visitor=visitor_index[:, None], position=np.arange(N_MOODS)
        )
        feelings *= self.mood_scale
        for mood in range(N_MOODS):
            total += feelings[:, mood, None] * moods[:, :, mood]
        whim = normal(self.seed, "whim", visitor=visitor_index[:, None], position=movie_ids)
        whim *= self.noise_scale
        total += whim
        return total


def film_moods(movie_ids: Integers, *, seed: int) -> Floats:
    """Mood features of films, (n_films, N_MOODS), of squared length 1 on average; no model has them."""
    moods = normal(seed, "film-mood", visitor=movie_ids[:, None], position=np.arange(N_MOODS))
    return np.asarray(moods / np.sqrt(N_MOODS), dtype=np.float64)


def all_genres(films: Sequence[FilmFacts]) -> tuple[str, ...]:
    """Every genre of the catalogue, sorted."""
    return tuple(sorted({genre for film in films for genre in film.genres}))
