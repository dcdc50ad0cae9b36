"""The kinds that are no models of ratings: an order drawn at random, and lists made elsewhere."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from catalog import Film, Ratings
from recommender import (
    NOBODY,
    FilmLists,
    ModelSettingsError,
    SlateMaker,
    TrainedModel,
    TrainingDataError,
    list_model,
    load_artefact,
    save_artefact,
)

N_FILMS = 120


@pytest.fixture(scope="module")
def lists(ratings: Ratings) -> FilmLists:
    """Each user's list is twenty films of falling number, some of which they rated."""
    users = np.unique(ratings.user_ids)
    numbers = (users[:, None] + np.arange(20)[None, ::-1] * 5) % N_FILMS
    scores = np.tile(np.linspace(3.0, -1.0, 20), (len(users), 1))
    return FilmLists(users, 10 * numbers + 7, scores)


@pytest.fixture(scope="module")
def listed(
    lists: FilmLists, films: tuple[Film, ...], ratings: Ratings, held_out: Ratings
) -> Callable[..., TrainedModel]:
    def make(lists: FilmLists = lists) -> TrainedModel:
        return list_model("told", films=films, ratings=ratings, held_out=held_out, lists=lists)

    return make


@pytest.fixture(scope="module", params=["random", "listed"])
def model(
    request: pytest.FixtureRequest, train: Callable[..., TrainedModel], listed: Callable[..., TrainedModel]
) -> TrainedModel:
    return listed() if request.param == "listed" else train("chance", "random")


def test_a_slate_holds_no_rated_film_and_a_longer_one_begins_with_it(
    model: TrainedModel, ratings: Ratings
) -> None:
    """Also beyond the hundred films ranked in advance."""
    maker = SlateMaker(model.manifest.kind, model.arrays)
    for user_id in np.unique(ratings.user_ids)[:10].tolist():
        rated = ratings.movie_ids[ratings.user_ids == user_id]
        whole = maker.recommend([user_id], [NOBODY], N_FILMS - len(rated)).movie_ids[0]
        assert not np.isin(whole, rated).any()
        assert np.array_equal(maker.recommend([user_id], [NOBODY], 6).movie_ids[0], whole[:6])


def test_what_is_saved_is_served_again(model: TrainedModel, tmp_path: Path) -> None:
    again = load_artefact(save_artefact(model, tmp_path))
    slates = [
        SlateMaker(one.manifest.kind, one.arrays).recommend([2, 5, NOBODY], [NOBODY, NOBODY, 17], 6)
        for one in (model, again)
    ]
    assert np.array_equal(slates[0].movie_ids, slates[1].movie_ids)


def test_a_list_is_shown_in_its_order_without_what_the_user_rated(
    listed: Callable[..., TrainedModel], lists: FilmLists, ratings: Ratings
) -> None:
    """After the list come the popular films."""
    model = listed()
    maker = SlateMaker("listed", model.arrays)
    for row, user_id in enumerate(lists.user_ids.tolist()):
        rated = ratings.movie_ids[ratings.user_ids == user_id]
        wanted = [film for film in lists.movie_ids[row].tolist() if film not in rated]
        slates = maker.recommend([user_id], [NOBODY], 25)
        assert slates.movie_ids[0, : len(wanted)].tolist() == wanted
        assert slates.scores[0, 0] <= 3.0
        assert slates.scores[0, len(wanted)] < -1e6


def test_other_lists_are_another_version(listed: Callable[..., TrainedModel], lists: FilmLists) -> None:
    upside_down = FilmLists(lists.user_ids, lists.movie_ids[:, ::-1], lists.scores)
    assert listed().manifest.version == listed().manifest.version != listed(upside_down).manifest.version


def test_lists_that_do_not_fit_are_refused(listed: Callable[..., TrainedModel], lists: FilmLists) -> None:
    fewer = FilmLists(lists.user_ids[1:], lists.movie_ids[1:], lists.scores[1:])
    with pytest.raises(TrainingDataError, match=r"user 2 has ratings and no list"):
        listed(fewer)
    strange, twice = lists.movie_ids.copy(), lists.movie_ids.copy()
    strange[3, 4] = 424_242
    with pytest.raises(TrainingDataError, match="film 424242 is listed and not in the catalogue"):
        listed(FilmLists(lists.user_ids, strange, lists.scores))
    twice[3, 4] = twice[3, 5]
    with pytest.raises(TrainingDataError, match="a list holds a film twice"):
        listed(FilmLists(lists.user_ids, twice, lists.scores))


def test_lists_are_not_trained_on_ratings(train: Callable[..., TrainedModel]) -> None:
    with pytest.raises(ModelSettingsError, match="make it of lists with `list_model`"):
        train(kind="listed")


def test_random_shows_every_film_alike_and_another_seed_other_films(
    train: Callable[..., TrainedModel],
) -> None:
    """90 users, 540 places for 120 films; the likeliest film of 120 has 4.5 places on average, below 18.

    By a Poisson law of mean 6, which overstates it, 18 is reached with chance under 0.001 for one film.
    """
    model = train(kind="random")
    users = model.arrays["user_ids"].tolist()
    slates = SlateMaker("random", model.arrays).recommend(users, [NOBODY] * len(users), 6).movie_ids
    counts = np.unique(slates, return_counts=True)[1]
    assert len(counts) > 100
    assert counts.max() < 18
    other = train(kind="random", seed=2)
    others = SlateMaker("random", other.arrays).recommend(users, [NOBODY] * len(users), 6).movie_ids
    assert (slates != others).any(axis=1).mean() > 0.9
    assert (slates[0] != slates[1]).any()
