from types import SimpleNamespace

import msgspec
import numpy as np
import pytest
import scipy.stats

from simulator.behaviour import DETOUR_KINDS, NO_DETOUR, Detour, Mind, Moment, Moments, Session, film_guide
from simulator.behaviour.browsing import draw_detours

POPULAR = np.array([30, 10, 20])
N = 20_000


def test_as_many_make_a_detour_as_asked_and_each_kind_as_often() -> None:
    """20,000 visitors, a share of 0.3; a binomial and a chi-square test alarm 1 time in 1,000 each."""
    detours = draw_detours(0.3, POPULAR, np.zeros((N, 3)), seed=1, visitor_index=np.arange(N), visit=0)
    goes = detours.kinds != NO_DETOUR
    assert scipy.stats.binomtest(int(goes.sum()), N, 0.3).pvalue > 0.001
    assert scipy.stats.chisquare(np.bincount(detours.kinds[goes], minlength=3)).pvalue > 0.001


def test_each_visit_goes_for_the_next_best_film_and_then_round_without_lists() -> None:
    """Worth 1, 3 and 2: films 10, 20, 30 in turn; nothing is put into a list a second time."""
    worth = np.tile([1.0, 3.0, 2.0], (500, 1))
    films = []
    for visit in range(5):
        detours = draw_detours(1.0, POPULAR, worth, seed=1, visitor_index=np.arange(500), visit=visit)
        (film,) = np.unique(detours.movie_ids)
        films.append(int(film))
        has_lists = (detours.kinds == DETOUR_KINDS.index("my_list")).any()
        assert has_lists == (visit < 3)
    assert films == [10, 20, 30, 10, 20]


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
            movie_id = int(together.movie_ids[place])
            assert alone == Detour(DETOUR_KINDS[together.kinds[place]], movie_id, f"Film {movie_id}")
            assert movie_id in world.guide.popular


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
