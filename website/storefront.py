"""What the site knows of its films beyond any model: what is popular, what is loved, who may browse."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from catalog import Film, Ratings
from website.film_index import FilmIndex, index_films
from website.words import marked

__all__ = ["FilmRating", "FilmRow", "Profile", "Storefront", "arrange_storefront", "count_ratings"]

N_POPULAR_ROW = 10
_N_POPULAR = 500  # the longest slate a model may be asked for
_N_GENRE_ROWS = 4
_N_GENRE_FILMS = 11
_N_FAVOURITES = 3
_LIKED_FROM = 4.0  # stars
_PRIOR_RATINGS = 25  # a film needs about as many ratings before its own mean outweighs the mean of all

IntArray = npt.NDArray[np.intp]
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class FilmRating:
    """How a film was rated: mean stars, and by how many users."""

    mean: float
    n: int


@dataclass(frozen=True, slots=True)
class FilmRow:
    """A row of films under a heading; `key` names it in the page's `data-row`, `genre` what all are of."""

    key: str
    heading: str
    movie_ids: tuple[int, ...]
    genre: str = ""


@dataclass(frozen=True, slots=True)
class Profile:
    """A user of the ratings data that a visitor can browse as."""

    user_id: int
    n_ratings: int
    favourite_genres: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Storefront:
    """Everything the pages show that is the same for every visitor.

    `popular` are movie ids, most rated first; they also stand in when a model is silent.
    `index` finds films by words.
    """

    films: Mapping[int, Film]
    popular: tuple[int, ...]
    rows: tuple[FilmRow, ...]
    ratings: Mapping[int, FilmRating]
    profiles: Mapping[int, Profile]
    index: FilmIndex


def arrange_storefront(films: Sequence[Film], ratings: Ratings) -> Storefront:
    """Lay out the shop: popular films, the best of the largest genres, and the users' profiles.

    Raises:
        ValueError: there is no film to show.
    """
    if not films:
        raise ValueError("0 films given; a site needs at least 1: check the dataset")
    film_ids = np.array([film.movie_id for film in films], dtype=np.int64)
    order = np.argsort(film_ids)
    film_index = order[np.clip(np.searchsorted(film_ids, ratings.movie_ids, sorter=order), 0, len(films) - 1)]
    is_shown = film_ids[film_index] == ratings.movie_ids
    shown, film_index = ratings.take(is_shown), film_index[is_shown]

    n_ratings = np.bincount(film_index, minlength=len(films))
    sums = np.bincount(film_index, weights=shown.values, minlength=len(films)).astype(np.float64)
    # Most rated first; ties go to the lower movie id, so the order is the same everywhere.
    by_popularity = np.lexsort((film_ids, -n_ratings))
    popular = tuple(film_ids[by_popularity[:_N_POPULAR]].tolist())
    popular_row = FilmRow("popular", marked("Top 10 on Funflix"), popular[:N_POPULAR_ROW])
    genre_rows = _genre_rows(
        films, _damped_means(sums, n_ratings), n_ratings, taken=set(popular_row.movie_ids)
    )
    rated = np.flatnonzero(n_ratings)
    return Storefront(
        films={film.movie_id: film for film in films},
        popular=popular,
        rows=(popular_row, *genre_rows),
        ratings={
            int(film_ids[index]): FilmRating(float(sums[index] / n_ratings[index]), int(n_ratings[index]))
            for index in rated
        },
        profiles=_profiles(films, film_index, shown),
        index=index_films(films, n_ratings),
    )


def count_ratings(films: Sequence[Film], ratings: Ratings) -> dict[int, int]:
    """How many ratings of these films each user has; as in the profiles."""
    film_ids = np.array([film.movie_id for film in films], dtype=np.int64)
    users, counts = np.unique(ratings.user_ids[np.isin(ratings.movie_ids, film_ids)], return_counts=True)
    return dict(zip(users.tolist(), counts.tolist(), strict=True))


def _damped_means(sums: FloatArray, n_ratings: IntArray) -> FloatArray:
    """Mean stars a film, drawn towards the mean of all films while ratings are few."""
    overall = float(sums.sum()) / max(int(n_ratings.sum()), 1)
    return (sums + overall * _PRIOR_RATINGS) / (n_ratings + _PRIOR_RATINGS)


def _genre_rows(
    films: Sequence[Film], means: FloatArray, n_ratings: IntArray, *, taken: set[int]
) -> tuple[FilmRow, ...]:
    """The best films of the most rated genres; a film stands in one row only."""
    members: dict[str, list[int]] = {}
    for index, film in enumerate(films):
        for genre in dict.fromkeys(film.genres):  # a file may name a genre twice
            members.setdefault(genre, []).append(index)
    largest = sorted(members, key=lambda genre: (-int(n_ratings[members[genre]].sum()), genre))
    rows = []
    for genre in largest[:_N_GENRE_ROWS]:
        best = sorted(members[genre], key=lambda index: (-means[index], films[index].movie_id))
        chosen = [films[index].movie_id for index in best if films[index].movie_id not in taken][
            :_N_GENRE_FILMS
        ]
        taken.update(chosen)
        if chosen:
            rows.append(FilmRow(f"genre-{genre.lower()}", f"Acclaimed {genre}", tuple(chosen), genre))
    return tuple(rows)


def _profiles(
    films: Sequence[Film], film_index: npt.NDArray[np.intp], ratings: Ratings
) -> dict[int, Profile]:
    """Each user's number of ratings and the genres they like more than most users do."""
    genres = sorted({genre for film in films for genre in film.genres})
    user_ids, user_index = np.unique(ratings.user_ids, return_inverse=True)
    n_ratings = np.bincount(user_index, minlength=len(user_ids))
    is_liked = ratings.values >= _LIKED_FROM
    liked_user, liked_film = user_index[is_liked], film_index[is_liked]
    likes = np.empty((len(user_ids), len(genres)))
    for column, genre in enumerate(genres):
        of_genre = np.array([genre in film.genres for film in films])
        likes[:, column] = np.bincount(liked_user[of_genre[liked_film]], minlength=len(user_ids))
    share = likes / np.maximum(likes.sum(axis=1, keepdims=True), 1)
    usual = likes.sum(axis=0) / max(likes.sum(), 1.0)
    # A genre counts as a favourite by how far its share exceeds the usual: everybody watches some drama.
    favourites = np.argsort(usual - share, axis=1, kind="stable")[:, :_N_FAVOURITES]
    return {
        int(user_id): Profile(
            user_id=int(user_id),
            n_ratings=int(n_ratings[row]),
            favourite_genres=tuple(genres[column] for column in favourites[row] if likes[row, column] > 0),
        )
        for row, user_id in enumerate(user_ids)
    }
