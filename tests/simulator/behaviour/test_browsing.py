from dataclasses import replace
from types import SimpleNamespace

import msgspec
import numpy as np
import pytest
import scipy.stats

from catalog import Film
from simulator.behaviour import (
    DETOUR_KINDS,
    NO_DETOUR,
    Detour,
    Detours,
    FilmGuide,
    Identity,
    Mind,
    Moment,
    Moments,
    Persona,
    Session,
    SignIn,
    Visitor,
    film_guide,
)
from simulator.behaviour.browsing import draw_backs, draw_detours
from simulator.behaviour.draws import Floats, Integers

POPULAR = [30, 10, 20]
GENRES = {"genre-drama": [40, 50, 60], "genre-war": [70, 80]}
FILMS = [Film(number, f"Film {number}", 2000, ("Drama",)) for number in range(10, 100, 10)]
GUIDE = film_guide(FILMS, POPULAR, GENRES)
WORTH = {30: 1.0, 10: 3.0, 20: 2.0, 40: 5.0, 50: 0.0, 60: 0.0, 70: 1.9, 80: 2.1}
N = 20_000


def drawn(session: Session, *, visit: int = 0, n: int = N, guide: FilmGuide = GUIDE) -> Detours:
    """The detours of visitors who all think the same of each film."""

    def worth(places: Integers, films: Integers) -> Floats:
        return np.tile([WORTH[film] for film in films.tolist()], (len(places), 1))

    return draw_detours(session, guide, worth, seed=1, visitor_index=np.arange(n), visit=visit)


@pytest.mark.parametrize(("in_genre_rows", "shares"), [(0.25, [1, 1, 1, 1]), (0.7, [1, 1, 1, 7])])
def test_as_many_make_a_detour_as_asked_and_each_kind_as_often(
    in_genre_rows: float, shares: list[int]
) -> None:
    """20,000 visitors, a share of 0.3; a binomial and a chi-square test alarm 1 time in 1,000 each."""
    detours = drawn(Session(detour_share=0.3, genre_row_share=in_genre_rows))
    goes = detours.kinds != NO_DETOUR
    assert scipy.stats.binomtest(int(goes.sum()), N, 0.3).pvalue > 0.001
    expected = np.array(shares) / sum(shares) * goes.sum()
    assert scipy.stats.chisquare(np.bincount(detours.kinds[goes]), expected).pvalue > 0.001


def test_each_visit_goes_for_the_next_best_film_and_then_round_without_lists() -> None:
    """Worth 1, 3 and 2: films 10, 20, 30 in turn; nothing is put into a list a second time."""
    films = []
    for visit in range(5):
        detours = drawn(Session(detour_share=1.0, genre_row_share=0.0), visit=visit, n=500)
        (film,) = np.unique(detours.movie_ids)
        films.append(int(film))
        has_lists = (detours.kinds == DETOUR_KINDS.index("my_list")).any()
        assert has_lists == (visit < 3)
    assert films == [10, 20, 30, 10, 20]


def test_the_row_of_a_genre_is_the_one_whose_films_are_liked_best_in_the_mean() -> None:
    """Means 5/3 and 2: the row of 70 and 80, though one film of the other is liked most of all."""
    session = Session(detour_share=1.0, genre_row_share=1.0)
    assert [np.unique(drawn(session, visit=v, n=50).movie_ids).tolist() for v in range(3)] == [
        [80],
        [70],
        [80],
    ]
    without = drawn(session, n=500, guide=film_guide(FILMS, POPULAR))
    assert set(without.kinds.tolist()) == {0, 1, 2}


def test_rows_of_genres_change_no_other_draw() -> None:
    """Who went elsewhere without them still goes there, or to such a row: 20,000 visitors."""
    before, after = (drawn(Session(detour_share=0.3, genre_row_share=share)) for share in (0.0, 0.25))
    is_moved = after.kinds == DETOUR_KINDS.index("genre_row")
    assert (after.kinds == before.kinds)[~is_moved].all()
    assert (after.movie_ids == before.movie_ids)[~is_moved].all()
    assert (before.kinds[is_moved] != NO_DETOUR).all()


def test_as_many_go_back_as_asked() -> None:
    """20,000 visitors, a share of 0.3; alarms 1 time in 1,000."""
    backs = draw_backs(0.3, seed=1, visitor_index=np.arange(N), visit=0)
    assert scipy.stats.binomtest(int(backs.sum()), N, 0.3).pvalue > 0.001
    assert (draw_backs(0.3, seed=1, visitor_index=np.arange(N), visit=1) != backs).any()


def minded(world: SimpleNamespace, session: Session) -> Mind:
    population = msgspec.structs.replace(world.population, session=session)
    return Mind(population, world.truth, seed=7, outside_option=2.0, guide=world.guide)


def test_one_visitor_alone_makes_the_detour_made_among_many(world: SimpleNamespace) -> None:
    mind = minded(world, Session(detour_share=0.5))
    moments = Moments.arrival(world.visitors)
    together = mind.detours(world.visitors, moments)
    for place, visitor in enumerate(world.visitors):
        alone = mind.detour(visitor, Moment(visitor.arrival_ms))
        if together.kinds[place] == NO_DETOUR:
            assert alone is None
        else:
            kind, movie_id = DETOUR_KINDS[together.kinds[place]], int(together.movie_ids[place])
            row = world.guide.row_of(movie_id)
            assert alone == Detour(kind, movie_id, f"Film {movie_id}", row)
            assert (row in {"genre-long", "genre-short"}) == (kind == "genre_row")
            assert (movie_id in world.guide.popular) == (kind != "genre_row")


def test_one_visitor_alone_goes_back_as_among_many_and_no_bot_does(world: SimpleNamespace) -> None:
    mind = minded(world, Session(back_share=0.5))
    together = mind.go_back(world.visitors, Moments.arrival(world.visitors))
    assert [mind.goes_back(who, Moment(who.arrival_ms)) for who in world.visitors] == together.tolist()
    assert 0 < together.sum() < len(together)
    bots = msgspec.structs.replace(
        mind.population,
        personas=tuple(msgspec.structs.replace(one, is_bot=True) for one in mind.population.personas),
    )
    assert not replace(mind, population=bots).go_back(world.visitors, Moments.arrival(world.visitors)).any()


def test_some_choose_their_profile_and_newcomers_name_the_genres_of_their_persona(
    world: SimpleNamespace,
) -> None:
    """All at a share of 1, none at 0; bots never."""
    persona = Persona(name="fan", likes=("Drama", "War"))
    population = msgspec.structs.replace(
        world.population,
        identity=Identity(profile_share=1.0),
        personas=(persona, Persona(name="crawler", is_bot=True)),
    )
    mind = Mind(population, world.truth, seed=7, outside_option=2.0)
    fan = Visitor(index=1, visitor_id="v", persona="fan", user_id=12, arrival_ms=0)
    assert mind.sign_in(fan) == SignIn(12, ("Drama", "War"))
    assert mind.sign_in(replace(fan, user_id=None)) == SignIn(None, ("Drama", "War"))
    assert mind.sign_in(replace(fan, persona="crawler")) is None
    nobody = msgspec.structs.replace(population, identity=Identity(profile_share=0.0))
    assert replace(mind, population=nobody).sign_in(fan) is None


def test_one_visitor_alone_comes_back_when_among_many(world: SimpleNamespace) -> None:
    mind = minded(world, Session(return_share=0.8, return_gap_median_hours=5.0))
    together = mind.next_visits_ms(world.visitors, Moments.arrival(world.visitors))
    alone = [mind.next_visit_ms(visitor, Moment(visitor.arrival_ms)) for visitor in world.visitors]
    assert [-1 if next_ms is None else next_ms for next_ms in alone] == together.tolist()
    assert None in alone
    assert any(alone)


def test_a_site_without_a_popular_row_has_no_detours(world: SimpleNamespace) -> None:
    population = msgspec.structs.replace(world.population, session=Session(detour_share=1.0))
    mind = Mind(population, world.truth, 7, outside_option=2.0, guide=film_guide(world.films, []))
    kinds = mind.detours(world.visitors, Moments.arrival(world.visitors)).kinds
    assert (kinds == NO_DETOUR).all()


def test_a_guide_knows_genres_by_length_one_and_titles_of_popular_films(world: SimpleNamespace) -> None:
    guide = film_guide(world.films, [30, 10])
    lengths = np.sqrt((guide.genres**2).sum(axis=1))
    assert lengths[:-1] == pytest.approx(1.0)
    assert lengths[-1] == 0
    assert guide.titles == {30: "Film 30", 10: "Film 10"}
    assert guide.rows(np.array([10, 11, 2000, 9999])).tolist() == [0, 200, 199, 200]
