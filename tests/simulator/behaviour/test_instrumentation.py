from types import SimpleNamespace

import msgspec
import numpy as np
import pytest
import scipy.stats

from simulator.behaviour import Identity, Instrumentation, Persona, Population
from simulator.behaviour.instrumentation import (
    double_clicks,
    have_ad_block,
    leaves_labels,
    lose_views,
)

VISITORS = np.arange(10_000)


@pytest.mark.parametrize("share", [0.0, 0.2, 1.0])
def test_so_many_beacons_and_clicks_go_wrong(share: float) -> None:
    """10,000 visitors, each share against a binomial law; alarms 1 time in 1,000."""
    settings = Instrumentation(beacon_loss=share, ad_block_share=share, double_click_share=share)
    counts = [
        have_ad_block(settings, seed=7, visitor_index=VISITORS).sum(),
        double_clicks(settings, seed=7, visitor_index=VISITORS, step=1).sum(),
    ]
    lost = lose_views(Instrumentation(beacon_loss=share), seed=7, visitor_index=VISITORS, step=1)
    for count in (*counts, lost.sum()):
        assert scipy.stats.binomtest(int(count), len(VISITORS), share).pvalue > 0.001


def test_an_ad_blocker_takes_every_view_of_its_visitor_and_nobody_elses() -> None:
    settings = Instrumentation(ad_block_share=0.3)
    is_blocked = have_ad_block(settings, seed=7, visitor_index=VISITORS)
    for step in (1, 2, 9):
        assert np.array_equal(lose_views(settings, seed=7, visitor_index=VISITORS, step=step), is_blocked)


def test_pages_lose_their_views_each_for_itself() -> None:
    settings = Instrumentation(beacon_loss=0.5)
    first, second = (lose_views(settings, seed=7, visitor_index=VISITORS, step=step) for step in (1, 2))
    both = int((first & second).sum())
    assert scipy.stats.binomtest(both, len(VISITORS), 0.25).pvalue > 0.001


def test_one_visitor_alone_is_recorded_as_among_many() -> None:
    settings = Instrumentation(beacon_loss=0.3, double_click_share=0.4)
    for decide in (lose_views, double_clicks):
        many = decide(settings, seed=7, visitor_index=VISITORS[:50], step=3)
        alone = [bool(decide(settings, seed=7, visitor_index=index, step=3)) for index in range(50)]
        assert alone == many.tolist()


@pytest.mark.parametrize(
    ("change", "leaves"),
    [
        ({}, False),
        ({"instrumentation": Instrumentation(beacon_loss=0.1)}, True),
        ({"instrumentation": Instrumentation(ad_block_share=0.1)}, True),
        ({"instrumentation": Instrumentation(double_click_share=0.1)}, True),
        ({"identity": Identity(second_device_share=0.1)}, True),
        ({"personas": (Persona(name="a"), Persona(name="b", is_bot=True))}, True),
        ({"personas": (Persona(name="a"), Persona(name="b", is_bot=True, weight=0.0))}, False),
    ],
)
def test_labels_are_left_where_the_record_hides_something(
    world: SimpleNamespace, change: dict[str, object], *, leaves: bool
) -> None:
    population: Population = msgspec.structs.replace(world.population, **change)
    assert leaves_labels(population) == leaves
