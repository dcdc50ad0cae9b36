from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace

import msgspec
import numpy as np
import pytest

from simulator.behaviour import (
    Dynamics,
    FilmGuide,
    Mind,
    Moment,
    Moments,
    Past,
    Pasts,
    PopulationError,
    Session,
    film_guide,
)
from simulator.behaviour.dynamics import (
    MS_PER_DAY,
    MS_PER_HOUR,
    fatigue,
    repeat_exposure,
    satiation,
    start_ms,
    taste_drift,
)

NOW_MS = 1_800_000_000_000


@dataclass(frozen=True)
class ListedFilm:
    """A film as the guide needs it."""

    movie_id: int
    genres: tuple[str, ...]
    title: str = "A film"


@pytest.fixture
def guide() -> FilmGuide:
    """Film 1 is a drama, 2 a comedy, 3 both, 4 of no genre."""
    films = [
        ListedFilm(2, ("Comedy",)),
        ListedFilm(1, ("Drama",)),
        ListedFilm(4, ()),
        ListedFilm(3, ("Drama", "Comedy")),
    ]
    return film_guide(films, popular=[2])


def moments_of(past: Past, at_ms: int = NOW_MS) -> Moments:
    return Moments.of(Moment(at_ms, past=past))


def test_a_film_watched_costs_its_like_and_half_of_it_is_back_after_a_half_life(guide: FilmGuide) -> None:
    """Cosines to a drama by hand: itself 1, a comedy 0, both 1/sqrt(2), no genre 0, an unknown film 0."""
    settings = Dynamics(satiation=2.0, satiation_half_life_days=3.0)
    films = np.array([[1, 2, 3, 4, 99]])
    at_once = satiation(settings, guide, moments_of(Past(watched=((1, NOW_MS),))), films)
    assert at_once[0] == pytest.approx([2.0, 0.0, np.sqrt(2), 0.0, 0.0])
    later = moments_of(Past(watched=((1, NOW_MS - 3 * MS_PER_DAY),)))
    assert satiation(settings, guide, later, films) == pytest.approx(at_once / 2)
    twice = moments_of(Past(watched=((1, NOW_MS - 3 * MS_PER_DAY), (1, NOW_MS))))
    assert satiation(settings, guide, twice, films) == pytest.approx(1.5 * at_once)


def test_odds_of_a_film_shown_n_times_fall_as_a_power_of_n_and_one() -> None:
    """Shown 0, 1 and 3 times: utility lost is 0.5 ln 1, 0.5 ln 2, 0.5 ln 4."""
    pasts = moments_of(Past(shown=(8, 9, 9, 9))).pasts
    lost = repeat_exposure(Dynamics(repeat_exposure=0.5), pasts, np.array([[7, 8, 9]]))
    assert lost[0] == pytest.approx([0.0, 0.5 * np.log(2), 0.5 * np.log(4)])


def test_taste_drifts_by_its_sd_in_a_day_and_by_a_power_in_several(guide: FilmGuide) -> None:
    """The sd over 20,000 visitors is within 2% of 0.7, and of 0.7 x 32**0.4 = 2.8 after 32 days."""
    visitors = np.arange(20_000)
    films = np.tile([1, 3, 4], (20_000, 1))
    moved = {}
    for days in (0, 1, 32):
        at_ms = np.full(20_000, NOW_MS + days * MS_PER_DAY)
        moments = Moments(at_ms, np.zeros(20_000), Pasts.none(20_000))
        moved[days] = taste_drift(
            Dynamics(taste_drift=0.7),
            guide,
            moments,
            films,
            seed=1,
            visitor_index=visitors,
            since_ms=NOW_MS,
        )
    assert (moved[0] == 0).all()
    assert moved[1][:, :2].std(axis=0) == pytest.approx([0.7, 0.7], rel=0.02)
    assert moved[32] == pytest.approx(moved[1] * 4.0)
    assert (moved[1][:, 2] == 0).all()
    assert np.corrcoef(moved[1][:, 0], moved[1][:, 1])[0, 1] == pytest.approx(np.sqrt(0.5), abs=0.03)


def test_pages_looked_at_tire_and_rest_helps() -> None:
    """Two pages now and one a half-life ago count 2.5; after another half-life 1.25."""
    settings = Dynamics(fatigue=0.2, fatigue_half_life_hours=2.0)
    past = Past(pages_ms=(NOW_MS - 2 * MS_PER_HOUR, NOW_MS, NOW_MS))
    assert fatigue(settings, moments_of(past))[0] == pytest.approx(0.5)
    assert fatigue(settings, moments_of(past, NOW_MS + 2 * MS_PER_HOUR))[0] == pytest.approx(0.25)


def test_the_first_simulated_day_begins_at_midnight_utc() -> None:
    """2026-01-05 00:00 UTC by the calendar: 20,458 days after the epoch."""
    assert start_ms(date(2026, 1, 5)) == 20_458 * MS_PER_DAY


PAST = Past(
    shown=(10, 20, 30, 40, 50, 60),
    pages_ms=(NOW_MS - 5000, NOW_MS - 1000),
    watched=((70, NOW_MS - MS_PER_DAY),),
)


@pytest.mark.parametrize(
    ("dynamics", "changes_worth", "changes_outside"),
    [
        (Dynamics(), False, False),
        (Dynamics(satiation=1.0), True, False),
        (Dynamics(repeat_exposure=1.0), True, False),
        (Dynamics(taste_drift=1.0), True, False),
        (Dynamics(fatigue=1.0), False, True),
    ],
)
def test_the_mind_heeds_each_of_the_dynamics(
    world: SimpleNamespace, dynamics: Dynamics, *, changes_worth: bool, changes_outside: bool
) -> None:
    population = msgspec.structs.replace(world.population, dynamics=dynamics)
    mind = Mind(population, world.truth, seed=7, outside_option=2.0, guide=world.guide)
    someone = world.visitors[:1]
    slate, moments = np.array([[10, 20, 30, 80, 90, 150]]), moments_of(PAST)
    plain = world.mind.worth(someone, slate, moments)
    assert np.array_equal(plain, world.mind.worth(someone, slate))
    assert np.array_equal(mind.worth(someone, slate, moments), plain) != changes_worth
    outside = mind.outside(someone, moments)
    assert np.array_equal(outside, world.mind.outside(someone, moments)) != changes_outside
    assert mind.has_memory == bool(dynamics.satiation or dynamics.repeat_exposure or dynamics.fatigue)


def test_how_often_a_film_was_shown_is_no_reason_not_to_finish_it(world: SimpleNamespace) -> None:
    """Repeat exposure is about clicks: watches of 400 visitors stay, while satiation changes them."""
    films = world.random_slates(400, 1)[:, 0]
    pasts = Pasts(np.tile(films[:, None], (1, 9)), *(np.full((400, 1), v) for v in (0, films[0], NOW_MS)))
    moments = Moments(np.full(400, NOW_MS), np.zeros(400), pasts)
    plain = world.mind.watches(world.visitors, films, moments).watch_s
    for dynamics, is_equal in ((Dynamics(repeat_exposure=9.0), True), (Dynamics(satiation=9.0), False)):
        population = msgspec.structs.replace(world.population, dynamics=dynamics)
        mind = Mind(population, world.truth, seed=7, outside_option=2.0, guide=world.guide)
        assert np.array_equal(mind.watches(world.visitors, films, moments).watch_s, plain) == is_equal


@pytest.mark.parametrize(
    ("tables", "key"),
    [
        ({"dynamics": Dynamics(satiation=0.5)}, "satiation"),
        ({"dynamics": Dynamics(taste_drift=0.5)}, "taste_drift"),
        ({"session": Session(detour_share=0.5)}, "detour_share"),
    ],
)
def test_a_mind_that_needs_to_know_the_films_says_so(
    world: SimpleNamespace, tables: dict[str, object], key: str
) -> None:
    population = msgspec.structs.replace(world.population, **tables)
    with pytest.raises(PopulationError, match=rf"{key} = 0\.5: visitors need to know the films"):
        Mind(population, world.truth, seed=7, outside_option=2.0)
