from types import SimpleNamespace

import msgspec
import numpy as np
import pytest
import scipy.stats

from simulator.behaviour import NO_USER, Identity, Mind, Moment, Population, Visitors, draw_visitors
from simulator.behaviour.identity import person_indexes


def drawn(world: SimpleNamespace, identity: Identity, *, n_visitors: int = 4_000) -> Visitors:
    population: Population = msgspec.structs.replace(world.population, identity=identity)
    return draw_visitors(population, world.truth, n_visitors=n_visitors, seed=7)


def test_by_default_every_visitor_is_a_person_who_is_logged_in_if_the_persona_is(
    world: SimpleNamespace,
) -> None:
    assert np.array_equal(world.visitors.person_index, world.visitors.index)


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_so_many_persons_have_a_second_device(share: float) -> None:
    """20,000 visitors; of their persons the share with two devices, binomial, alarms 1 time in 1,000."""
    identity = Identity(second_device_share=share)
    persons = person_indexes(identity, seed=3, visitor_index=np.arange(20_000))
    n_devices = np.unique(persons, return_counts=True)[1]
    assert set(n_devices.tolist()) <= {1, 2}
    n_two = int((n_devices == 2).sum())
    assert scipy.stats.binomtest(n_two, len(n_devices), share).pvalue > 0.001


def test_two_devices_of_a_person_agree_in_taste_and_persona_and_are_two_visitors(
    world: SimpleNamespace,
) -> None:
    visitors = drawn(world, Identity(second_device_share=1.0), n_visitors=400)
    first, second = visitors.take(np.arange(0, 400, 2)), visitors.take(np.arange(1, 400, 2))
    for column in ("person_index", "persona_index", "user_id", "taste_user_id"):
        assert np.array_equal(getattr(first, column), getattr(second, column)), column
    assert set(first.visitor_ids).isdisjoint(second.visitor_ids)
    slates = world.random_slates(200)
    worth = [world.mind.worth(devices, slates) for devices in (first, second)]
    assert np.array_equal(*worth)
    chosen = [world.mind.looks(devices, slates).chosen_positions for devices in (first, second)]
    assert not np.array_equal(*chosen)
    assert (first.arrival_ms != second.arrival_ms).all()


def test_a_device_that_is_not_logged_in_browses_as_nobody_with_the_same_tastes(
    world: SimpleNamespace,
) -> None:
    """4,000 visitors, 60% of those who could be are logged in; binomial, alarms 1 time in 1,000."""
    visitors, all_in = drawn(world, Identity(login_rate=0.6)), drawn(world, Identity())
    could = all_in.user_id != NO_USER
    n_in = int((visitors.user_id[could] != NO_USER).sum())
    assert scipy.stats.binomtest(n_in, int(could.sum()), 0.6).pvalue > 0.001
    assert (visitors.user_id[~could] == NO_USER).all()
    assert np.array_equal(visitors.taste_user_id, all_in.taste_user_id)


def test_one_visitor_alone_decides_as_among_many_on_any_device(world: SimpleNamespace) -> None:
    identity = Identity(second_device_share=0.7, login_rate=0.5)
    population = msgspec.structs.replace(world.population, identity=identity)
    mind = Mind(population, world.truth, seed=7, outside_option=0.0)
    visitors = draw_visitors(population, world.truth, n_visitors=60, seed=7)
    slates = world.random_slates(60)
    looks = mind.looks(visitors, slates)
    alone = [
        mind.look(visitor, slate.tolist(), Moment(visitor.arrival_ms))
        for visitor, slate in zip(visitors, slates, strict=True)
    ]
    assert [look.chosen_position or 0 for look in alone] == looks.chosen_positions.tolist()
    assert (looks.chosen_positions > 0).any()
