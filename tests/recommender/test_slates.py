from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog import Film, Ratings
from recommender import LONGEST_SLATE, NOBODY, InvalidRequestError, SlateMaker, TrainedModel
from recommender.ranking import FILL_SCORE
from recommender.slates import STORED_FILMS

KINDS = ("svd", "ease", "als", "popularity")
N_FILMS = 120
ALL_FILMS = {10 * number + 7 for number in range(N_FILMS)}


@pytest.fixture(scope="session", params=KINDS)
def maker(request: pytest.FixtureRequest, models: dict[str, TrainedModel]) -> SlateMaker:
    model = models[request.param]
    return SlateMaker(model.manifest.kind, model.arrays)


def seen_films(ratings: Ratings, user_id: int) -> set[int]:
    return set(ratings.movie_ids[ratings.user_ids == user_id].tolist())


def test_a_home_slate_never_holds_a_film_the_user_rated(maker: SlateMaker, ratings: Ratings) -> None:
    """All users, and the longest slate each can have: exactly the films they did not rate."""
    for user_id in np.unique(ratings.user_ids).tolist():
        seen = seen_films(ratings, user_id)
        slates = maker.recommend([user_id], [NOBODY], N_FILMS - len(seen))
        assert set(slates.movie_ids[0].tolist()) == ALL_FILMS - seen


def test_a_home_slate_longer_than_the_unrated_films_ends_with_the_rated_ones(
    maker: SlateMaker, ratings: Ratings
) -> None:
    """All users, all films: unrated ones first, as in a shorter slate, then rated ones, most rated first."""
    n_ratings = dict(zip(*np.unique(ratings.movie_ids, return_counts=True), strict=True))
    for user_id in np.unique(ratings.user_ids).tolist():
        seen = seen_films(ratings, user_id)
        short = maker.recommend([user_id], [NOBODY], N_FILMS - len(seen))
        slates = maker.recommend([user_id], [NOBODY], N_FILMS)
        unrated, rated = np.split(slates.movie_ids[0], [N_FILMS - len(seen)])
        assert unrated.tolist() == short.movie_ids[0].tolist()
        assert rated.tolist() == sorted(seen, key=lambda movie_id: (-n_ratings[movie_id], movie_id))
        assert slates.is_known_user.all()
        assert np.isfinite(slates.scores).all()
        assert (np.diff(slates.scores[0]) <= 0).all()


def test_a_user_who_rated_every_film_has_a_slate(train: Callable[..., TrainedModel]) -> None:
    """Eight films, all rated by user 1; as many as there are, and not one more."""
    films = tuple(Film(movie_id, f"Film {movie_id}", None, ()) for movie_id in range(1, 9))
    user_ids, movie_ids = np.array([1] * 8 + [2, 2]), np.array([*range(1, 9), 3, 5])
    ratings = Ratings(user_ids, movie_ids, np.full(10, 4, dtype=np.float32), np.arange(10))
    model = train(kind="popularity", films=films, ratings=ratings)
    maker = SlateMaker("popularity", model.arrays)
    assert maker.recommend([1], [NOBODY], 6).movie_ids.tolist() == [[3, 5, 1, 2, 4, 6]]
    assert sorted(maker.recommend([1], [NOBODY], 8).movie_ids[0].tolist()) == list(range(1, 9))
    with pytest.raises(InvalidRequestError, match="there are 8 films in the catalogue; ask for fewer"):
        maker.recommend([1], [NOBODY], 9)


def test_more_like_this_never_holds_the_film_itself(maker: SlateMaker) -> None:
    for movie_id in ALL_FILMS:
        slates = maker.recommend([NOBODY], [movie_id], N_FILMS - 1)
        assert set(slates.movie_ids[0].tolist()) == ALL_FILMS - {movie_id}


def test_a_history_is_worth_what_the_same_ratings_are_to_ease(
    models: dict[str, TrainedModel], ratings: Ratings
) -> None:
    """Every user's films as the history of nobody known: the same films as that user's."""
    maker = SlateMaker("ease", models["ease"].arrays)
    for user_id in np.unique(ratings.user_ids).tolist():
        history = sorted(seen_films(ratings, user_id))
        known = maker.recommend([user_id], [NOBODY], 5)
        unknown = maker.recommend([NOBODY], [NOBODY], 5, [history])
        assert unknown.movie_ids.tolist() == known.movie_ids.tolist()
        assert unknown.scores * len(history) == pytest.approx(known.scores, abs=1e-3)
        assert not unknown.is_known_user.any()


def test_a_history_decides_for_nobody_known_alone(maker: SlateMaker) -> None:
    """Beside a film, for a known user, or where no film of it is in the catalogue, it says nothing."""
    history = [7, 17, 7, 999_999, NOBODY]
    for user_id, movie_id in ((2, NOBODY), (NOBODY, 27), (2, 27)):
        with_history = maker.recommend([user_id], [movie_id], 6, [history])
        assert with_history.movie_ids.tolist() == maker.recommend([user_id], [movie_id], 6).movie_ids.tolist()
    popular = maker.recommend([NOBODY], [NOBODY], 6).movie_ids.tolist()
    assert maker.recommend([NOBODY], [NOBODY], 6, [[999_999, NOBODY]]).movie_ids.tolist() == popular
    own = maker.recommend([NOBODY], [NOBODY], N_FILMS - 2, [history]).movie_ids[0].tolist()
    assert set(own) == ALL_FILMS - {7, 17}
    with pytest.raises(InvalidRequestError, match="118 films beside those of the history"):
        maker.recommend([NOBODY], [NOBODY], N_FILMS - 1, [history])


def test_an_unknown_user_gets_the_popular_films_and_is_flagged(maker: SlateMaker, ratings: Ratings) -> None:
    """Counted by hand from the ratings; ties by movie_id."""
    ids, counts = np.unique(ratings.movie_ids, return_counts=True)
    popular = [movie_id for _, movie_id in sorted(zip(-counts, ids.tolist(), strict=True))][:6]
    slates = maker.recommend([NOBODY, 999_999, 2], [NOBODY] * 3, 6)
    assert slates.movie_ids[0].tolist() == popular
    assert slates.movie_ids[1].tolist() == popular
    assert slates.is_known_user.tolist() == [False, False, True]
    assert slates.scores[0, 0] == pytest.approx(counts.max() / 90, abs=1e-6)


def test_an_unknown_film_is_no_film(maker: SlateMaker) -> None:
    home, unknown = (maker.recommend([2], [movie_id], 6) for movie_id in (NOBODY, 999_999))
    assert home.movie_ids.tolist() == unknown.movie_ids.tolist()


@given(lengths=st.tuples(st.integers(1, 60), st.integers(1, 60)), user=st.sampled_from([NOBODY, 2, 47, 101]))
def test_a_longer_slate_begins_with_the_shorter_one(
    maker: SlateMaker, lengths: tuple[int, int], user: int
) -> None:
    short, long = sorted(lengths)
    for film in (NOBODY, 17):
        beginning = maker.recommend([user], [film], short).movie_ids[0]
        assert maker.recommend([user], [film], long).movie_ids[0, :short].tolist() == beginning.tolist()


def test_slates_beyond_the_stored_ranking_continue_it(maker: SlateMaker) -> None:
    """The small world has 120 films, 100 are stored: the last 19 are ranked on demand."""
    long = maker.recommend([NOBODY], [17], N_FILMS - 1)
    stored = maker.recommend([NOBODY], [17], STORED_FILMS)
    assert long.movie_ids[0, :STORED_FILMS].tolist() == stored.movie_ids[0].tolist()
    assert len(set(long.movie_ids[0].tolist())) == N_FILMS - 1
    assert (np.diff(long.scores[0]) <= 0).all()


def test_a_batch_answers_as_each_request_alone_does(maker: SlateMaker) -> None:
    users, films = [2, NOBODY, 47, 2, 999_999], [NOBODY, 17, 27, NOBODY, NOBODY]
    batch = maker.recommend(users, films, 9)
    for index, (user_id, movie_id) in enumerate(zip(users, films, strict=True)):
        alone = maker.recommend([user_id], [movie_id], 9)
        assert alone.movie_ids[0].tolist() == batch.movie_ids[index].tolist()
        assert alone.scores[0].tolist() == batch.scores[index].tolist()


def test_films_without_a_score_fill_the_end_by_popularity(models: dict[str, TrainedModel]) -> None:
    """EASE scores no film under 5 ratings; nobody rated the last ten films, so they come by id."""
    maker = SlateMaker("ease", models["ease"].arrays)
    slates = maker.recommend([NOBODY], [7], N_FILMS - 1)
    assert slates.movie_ids[0, -10:].tolist() == [10 * number + 7 for number in range(110, 120)]
    n_filled = N_FILMS - models["ease"].manifest.n_scored_films
    assert (slates.scores[0] < FILL_SCORE).sum() == n_filled


def test_a_slate_longer_than_there_are_films_is_refused(maker: SlateMaker) -> None:
    with pytest.raises(InvalidRequestError, match="there are 120 films in the catalogue"):
        maker.recommend([2], [NOBODY], N_FILMS + 1)
    with pytest.raises(InvalidRequestError, match="there are 119 films like film 17"):
        maker.recommend([2], [17], N_FILMS)
    with pytest.raises(InvalidRequestError, match="there are 120 films in the catalogue"):
        maker.recommend([NOBODY], [NOBODY], LONGEST_SLATE)


@pytest.mark.parametrize("kind", ["svd", "ease", "als"])
def test_a_personal_model_learns_whose_films_are_whose(models: dict[str, TrainedModel], kind: str) -> None:
    """User u likes films whose number is u modulo 3; a slate at random would hold a third of them.

    Of the 540 films shown at least 80% must be of their user's taste, and more than popularity finds.
    """
    shares = {}
    for name in (kind, "popularity"):
        maker = SlateMaker(name, models[name].arrays)
        users = models[name].arrays["user_ids"]
        slates = maker.recommend(users.tolist(), [NOBODY] * len(users), 6)
        numbers, tastes = (slates.movie_ids - 7) // 10, ((users - 2) // 3) % 3
        shares[name] = (numbers % 3 == tastes[:, None]).mean()
    assert shares[kind] > 0.8
    assert shares[kind] > shares["popularity"] + 0.2


@pytest.mark.parametrize("kind", ["svd", "ease", "als"])
def test_like_films_are_of_the_same_taste(models: dict[str, TrainedModel], kind: str) -> None:
    """Over the 60 most watched films at least 80% of the six films most like them are of their taste."""
    films = [10 * number + 7 for number in range(60) if number % 40 != 10]
    slates = SlateMaker(kind, models[kind].arrays).recommend([NOBODY] * len(films), films, 6)
    tastes = (np.array(films) - 7) // 10 % 3
    assert ((slates.movie_ids - 7) // 10 % 3 == tastes[:, None]).mean() > 0.8


@pytest.mark.parametrize("kind", ["ease", "svd"])
def test_the_parts_of_all_films_of_a_user_sum_to_the_score(
    models: dict[str, TrainedModel], ratings: Ratings, kind: str
) -> None:
    """Three users and their first three films; what is answered are the five highest parts."""
    model = models[kind]
    maker = SlateMaker(kind, model.arrays)
    for user_id in (2, 8, 44):
        slate = maker.recommend([user_id], [NOBODY], 3)
        for movie_id, score in zip(slate.movie_ids[0].tolist(), slate.scores[0].tolist(), strict=True):
            reasons = maker.explain(user_id, (), movie_id)
            seen = seen_films(ratings, user_id)
            assert set(reasons.movie_ids) <= seen
            assert reasons.parts == sorted(reasons.parts, reverse=True)
            assert min(reasons.parts) > 0
            row = sorted({*ratings.user_ids.tolist()}).index(user_id)
            rated = maker._history.ratings[[row]]
            parts = maker._ranker.parts(
                rated.indices.astype(np.int64), maker._column_by_film[movie_id], rated.data
            )
            assert parts.sum() == pytest.approx(score, abs=2e-4)
            assert reasons.parts == pytest.approx(sorted(parts, reverse=True)[:5], abs=1e-5)


@pytest.mark.parametrize("kind", ["ease", "svd", "als"])
def test_films_of_a_history_speak_for_what_is_like_them(models: dict[str, TrainedModel], kind: str) -> None:
    """Films of one taste, every third, speak for a fourth; one of another taste says less or nothing."""
    maker = SlateMaker(kind, models[kind].arrays)
    reasons = maker.explain(NOBODY, [7, 37, 17], 67)
    assert set(reasons.movie_ids[:2]) == {7, 37}
    assert min(reasons.parts) > 0


@pytest.mark.parametrize(
    ("kind", "user_id", "history", "movie_id"),
    [
        ("popularity", 2, [], 67),
        ("ease", NOBODY, [], 67),
        ("ease", NOBODY, [7], 999_999),
        ("ease", 2, [], 1197),
    ],
)
def test_nothing_speaks_where_a_score_rests_on_no_history(
    models: dict[str, TrainedModel], kind: str, user_id: int, history: list[int], movie_id: int
) -> None:
    """Popular films, nobody known, a film not in the catalogue, a film that nobody rated."""
    reasons = SlateMaker(kind, models[kind].arrays).explain(user_id, history, movie_id)
    assert (reasons.movie_ids, reasons.parts) == ([], [])
