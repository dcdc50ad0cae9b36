"""A catalogue for a machine without network: no real film, no real person, but the shape of MovieLens."""

import numpy as np

from catalog._synthetic_films import FILM_KINDS, GENRES, FilmTraits, draw_films
from catalog._synthetic_ratings import draw_picks, draw_stars, draw_timestamps, draw_users
from catalog._synthetic_titles import compose_titles
from catalog.dataset import Dataset, Film, Ratings, make_dataset

_N_USERS = 610
# More films than there will be: as in MovieLens, one that nobody rated is not in the catalogue; some 9,700
# remain.
_N_FILMS_DRAWN = 14_700


def synthetic_dataset(*, seed: int) -> Dataset:
    """Generate films, users and ratings after the likeness of ml-latest-small, the same for the same seed.

    Users pick films by fame, by genre and by moods that no label tells, and mostly within one day; what they
    liked more they rate higher. `describe` gives its facts, which lie within 20% of those of ml-latest-small.
    """
    rng = np.random.default_rng(seed)
    films = draw_films(rng, _N_FILMS_DRAWN)
    users = draw_users(rng, _N_USERS)
    picks = draw_picks(rng, films, users)
    values = draw_stars(rng, films, users, picks)
    timestamps = draw_timestamps(rng, films, users, picks)
    rated, film_rows = np.unique(picks.films, return_inverse=True)
    ratings = Ratings(picks.users + 1, film_rows + 1, values.astype(np.float32), timestamps)
    return make_dataset(f"synthetic-{seed}", _named(rng, films.take(rated)), ratings, is_synthetic=True)


def _named(rng: np.random.Generator, films: FilmTraits) -> tuple[Film, ...]:
    titles = compose_titles(rng, [FILM_KINDS[kind].name for kind in films.kinds.tolist()])
    years = np.where(films.is_year_known, films.years, 0).tolist()
    genres = [
        tuple(genre for genre, has_it in zip(GENRES, row, strict=True) if has_it)
        for row in films.has_genre.tolist()
    ]
    return tuple(
        Film(movie_id, title, year or None, film_genres)
        for movie_id, (title, year, film_genres) in enumerate(
            zip(titles, years, genres, strict=True), start=1
        )
    )
