from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from catalog import Film, Ratings, load_dataset
from website import arrange_storefront
from website.storefront import FilmRating

if TYPE_CHECKING:
    from pathlib import Path

    from website import Storefront


def ratings_of(*rows: tuple[int, int, float]) -> Ratings:
    """Rows of user, film, stars."""
    users, movies, stars = zip(*rows, strict=True) if rows else ((), (), ())
    return Ratings(
        np.array(users, dtype=np.int64),
        np.array(movies, dtype=np.int64),
        np.array(stars, dtype=np.float32),
        np.zeros(len(rows), dtype=np.int64),
    )


def test_popular_is_by_number_of_ratings_and_ties_by_id() -> None:
    films = [Film(movie_id, "t", 2000, ()) for movie_id in (9, 2, 5, 1)]
    front = arrange_storefront(films, ratings_of((1, 5, 1.0), (2, 5, 1.0), (1, 9, 5.0), (1, 2, 5.0)))
    assert front.popular == (5, 2, 9, 1)
    assert front.rows[0].key == "popular"


def test_means_are_over_the_films_own_ratings() -> None:
    films = [Film(1, "a", None, ("Drama",)), Film(2, "b", None, ())]
    front = arrange_storefront(films, ratings_of((1, 1, 5.0), (2, 1, 2.0)))
    assert front.ratings == {1: FilmRating(3.5, 2)}


def test_ratings_of_films_that_are_not_shown_are_left_out() -> None:
    front = arrange_storefront(
        [Film(5, "a", None, ("Drama",))], ratings_of((1, 4, 5.0), (1, 5, 4.0), (1, 6, 5.0))
    )
    assert front.ratings == {5: FilmRating(4.0, 1)}
    assert front.profiles[1].n_ratings == 1


def test_favourites_are_the_genres_liked_more_than_usual() -> None:
    """Everybody likes the drama; only user 2 likes the western too, so that is what tells about user 2."""
    films = [Film(1, "a", None, ("Drama",)), Film(2, "b", None, ("Western",))]
    front = arrange_storefront(films, ratings_of((1, 1, 5.0), (2, 1, 5.0), (2, 2, 4.0), (3, 2, 3.5)))
    assert front.profiles[2].favourite_genres == ("Western", "Drama")
    assert front.profiles[1].favourite_genres == ("Drama",)
    assert front.profiles[3].favourite_genres == ()


def test_a_film_stands_in_one_row_only(storefront: Storefront) -> None:
    shown = [movie_id for row in storefront.rows for movie_id in row.movie_ids]
    assert len(shown) == len(set(shown))


def test_a_few_ratings_do_not_make_the_best_film() -> None:
    """One rating of 5 stars against forty of 4.5: and 25 of the overall mean, 3.1, each: 3.2 and 4.0."""
    films = [Film(movie_id, "t", None, ("Drama",)) for movie_id in range(1, 13)]
    rows = [(user, movie, 3.0) for user in range(50) for movie in range(1, 11)]
    rows += [(1, 11, 5.0)] + [(user, 12, 4.5) for user in range(40)]
    front = arrange_storefront(films, ratings_of(*rows))
    assert front.rows[1].movie_ids == (12, 11)


def test_a_site_without_films_cannot_be() -> None:
    with pytest.raises(ValueError, match="0 films given"):
        arrange_storefront([], ratings_of())


def test_films_without_any_rating_still_make_a_front() -> None:
    front = arrange_storefront([Film(1, "a", None, ("Drama",))], ratings_of())
    assert front.popular == (1,)
    assert front.profiles == {}


def test_movielens_makes_full_rows_and_a_profile_for_each_user(movielens_path: Path) -> None:
    dataset = load_dataset(movielens_path)
    front = arrange_storefront(dataset.films, dataset.ratings)
    assert [len(row.movie_ids) for row in front.rows] == [10, 11, 11, 11, 11]
    assert front.films[front.popular[0]].title == "Forrest Gump"
    assert len(front.profiles) == 610
    # An awk count over ratings.csv finds one user who never gave 4 stars.
    assert [user for user, profile in front.profiles.items() if not profile.favourite_genres] == [442]
