from types import SimpleNamespace

import msgspec
import numpy as np
import pytest
import scipy.stats

from simulator.behaviour import NO_USER, Crowd, Persona, Population, draw_visitors

DAY_MS = 86_400_000
# 2026-01-05, the first simulated day, in seconds since 1970: 56 years of 365 days, 14 leap days, 4 days.
FIRST_DAY_MS = (56 * 365 + 14 + 4) * DAY_MS


def test_more_visitors_leave_those_before_them_as_they_were(world: SimpleNamespace) -> None:
    few = draw_visitors(world.population, world.truth, n_visitors=20, seed=7)
    assert list(few) == list(world.visitors)[:20]
    assert list(few[5:8]) == [few[5], few[6], few[7]]


def test_another_seed_draws_other_visitors(world: SimpleNamespace) -> None:
    others = draw_visitors(world.population, world.truth, n_visitors=400, seed=8)
    assert others[3].visitor_id == "s8-000003"
    assert not np.array_equal(others.user_id, world.visitors.user_id)


def test_personas_come_by_their_weights(world: SimpleNamespace) -> None:
    """20,000 visitors against the weights, chi-square; alarms 1 time in 1,000."""
    visitors = draw_visitors(world.population, world.truth, n_visitors=20_000, seed=1)
    weights = np.array([persona.weight for persona in world.population.personas])
    counts = np.bincount(visitors.persona_index, minlength=len(weights))
    comes = weights > 0
    assert scipy.stats.chisquare(counts[comes], 20_000 * weights[comes] / weights.sum()).pvalue > 0.001
    assert not counts[~comes].any()


def test_only_a_logged_out_persona_browses_as_nobody(world: SimpleNamespace) -> None:
    for visitor in world.visitors:
        assert (visitor.user_id is None) == (visitor.persona == "newcomer")
    is_known = world.visitors.user_id != NO_USER
    assert np.array_equal(world.visitors.user_id[is_known], world.visitors.taste_user_id[is_known])


def test_everybody_has_the_tastes_of_a_user_also_those_who_browse_as_nobody(world: SimpleNamespace) -> None:
    assert set(world.visitors.taste_user_id.tolist()) <= set(world.truth.user_ids.tolist())
    nobody = world.visitors.taste_user_id[world.visitors.user_id == NO_USER]
    assert len(np.unique(nobody)) > 10


def test_visitors_arrive_within_the_simulated_days(world: SimpleNamespace) -> None:
    days = (world.visitors.arrival_ms - FIRST_DAY_MS) / DAY_MS
    assert days.min() >= 0
    assert days.max() < 7
    assert len(np.unique(days.astype(int))) == 7


@pytest.mark.parametrize(("user_fit", "is_drawn_to"), [(2.0, True), (0.0, False)])
def test_a_persona_prefers_users_of_its_taste_by_user_fit(
    world: SimpleNamespace, *, user_fit: float, is_drawn_to: bool
) -> None:
    """Comedy is best liked by 1 user in 8; 2,000 visitors who like it, binomial, alarms 1 time in 1,000."""
    population = msgspec.structs.replace(
        Population(),
        crowd=Crowd(user_fit=user_fit),
        personas=(Persona(name="comedian", likes=("Comedy",)),),
    )
    truth = world.fit(population)
    visitors = draw_visitors(population, truth, n_visitors=2_000, seed=1)
    n_comedy_lovers = int((visitors.user_id % 8 == 2).sum())
    p_value = scipy.stats.binomtest(n_comedy_lovers, 2_000, 1 / 8, alternative="greater").pvalue
    assert (p_value < 0.001) == is_drawn_to


def test_a_new_user_browses_as_somebody_the_data_does_not_know(world: SimpleNamespace) -> None:
    population = msgspec.structs.replace(
        Population(), personas=(Persona(name="cold-start", is_new_user=True),)
    )
    truth = world.fit(population)
    visitors = draw_visitors(population, truth, n_visitors=300, seed=1)
    assert (visitors.user_id != NO_USER).all()
    assert not set(visitors.user_id.tolist()) & set(truth.user_ids.tolist())
    assert set(visitors.taste_user_id.tolist()) <= set(truth.user_ids.tolist())
