from collections.abc import Callable

import numpy as np
import pytest

from catalog import Film, Ratings
from recommender import TrainedModel, TrainingDataError
from recommender.history import History, history_of

FILMS = tuple(Film(movie_id, f"Film {movie_id}", 2000, ("Drama",)) for movie_id in (5, 9, 7, 11))


def ratings_of(*rows: tuple[int, int, float]) -> Ratings:
    users, films, stars = zip(*rows, strict=True) if rows else ((), (), ())
    return Ratings(
        np.array(users, dtype=np.int64),
        np.array(films, dtype=np.int64),
        np.array(stars, dtype=np.float32),
        np.arange(len(rows), dtype=np.int64),
    )


def test_a_history_has_a_row_for_each_user_and_a_column_for_each_film() -> None:
    """Expected table by hand; ids are sorted, the unrated film 11 has an empty column."""
    history = history_of(FILMS, ratings_of((20, 9, 3.0), (10, 5, 4.5), (20, 5, 1.0)))
    assert history.user_ids.tolist() == [10, 20]
    assert history.movie_ids.tolist() == [5, 7, 9, 11]
    assert history.ratings.toarray().tolist() == [[4.5, 0, 0, 0], [1.0, 0, 3.0, 0]]


def test_the_most_rated_film_is_the_most_popular_and_equals_come_by_id() -> None:
    """Film 9 has two ratings, 5 has one, 7 and 11 none."""
    history = history_of(FILMS, ratings_of((1, 9, 3.0), (2, 9, 4.5), (2, 5, 1.0)))
    assert history.movie_ids[history.popular_columns].tolist() == [9, 5, 7, 11]


def test_a_history_survives_being_taken_apart() -> None:
    """Arrays out, the same table back."""
    history = history_of(FILMS, ratings_of((20, 9, 3.0), (10, 5, 4.5), (20, 5, 1.0)))
    again = History.from_arrays(history.to_arrays())
    assert (again.ratings != history.ratings).nnz == 0
    assert again.user_ids.tolist() == history.user_ids.tolist()
    assert again.movie_ids.tolist() == history.movie_ids.tolist()


@pytest.mark.parametrize(
    ("ratings", "named"),
    [
        (ratings_of(), "0 ratings"),
        (ratings_of((1, 6, 3.0)), "film 6"),
        (ratings_of((1, 5, 3.0), (1, 5, 4.0)), "1 ratings repeat"),
        (ratings_of((1, 5, float("nan"))), "nan"),
        (ratings_of((1, 5, 0.0)), "0.0"),
    ],
)
def test_ratings_that_cannot_train_are_refused_by_value(ratings: Ratings, named: str) -> None:
    with pytest.raises(TrainingDataError, match=named):
        history_of(FILMS, ratings)


def test_a_film_twice_in_the_catalogue_is_refused() -> None:
    with pytest.raises(TrainingDataError, match="film 5 is in the catalogue twice"):
        history_of((*FILMS, FILMS[0]), ratings_of((1, 5, 3.0)))


@pytest.mark.parametrize("kind", ["ease", "als"])
def test_a_threshold_that_no_film_reaches_is_refused(train: Callable[..., TrainedModel], kind: str) -> None:
    with pytest.raises(TrainingDataError, match=r"no film has 1000 ratings .* another dataset"):
        train(kind=kind, settings={"min_ratings": 1_000})
