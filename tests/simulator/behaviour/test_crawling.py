from types import SimpleNamespace

import msgspec
import numpy as np
import scipy.stats

from simulator.behaviour import Mind, Moments, Persona, Population, draw_visitors, people

CRAWLER = Persona(name="crawler", weight=1.0, is_bot=True, is_logged_out=True, bot_pages=3)


def half_bots(world: SimpleNamespace) -> tuple[Mind, Population]:
    """Nobody of the people clicks."""
    population: Population = msgspec.structs.replace(
        world.population, personas=(Persona(name="somebody"), CRAWLER)
    )
    return Mind(population, world.fit(population), seed=7, outside_option=900.0), population


def test_a_bot_opens_its_pages_one_after_the_other_and_views_none(world: SimpleNamespace) -> None:
    mind, population = half_bots(world)
    visitors = draw_visitors(population, mind.truth, n_visitors=600, seed=7)
    is_bot = visitors.persona_index == 1
    for n_clicks in range(5):
        looks = mind.looks(visitors, world.random_slates(600), Moments.arrival(visitors, depth=n_clicks))
        assert ((looks.chosen_positions[is_bot] > 0) == (n_clicks < 3)).all()
        assert (looks.dwell_s[is_bot] < 1).all()
        assert (looks.chosen_positions[~is_bot] == 0).all()


def test_a_bot_opens_any_position_alike(world: SimpleNamespace) -> None:
    """3,000 bots over 6 positions, chi-square; alarms 1 time in 1,000."""
    mind, population = half_bots(world)
    visitors = draw_visitors(population, mind.truth, n_visitors=6_000, seed=7)
    bots = visitors.take(np.flatnonzero(visitors.persona_index == 1))
    looks = mind.looks(bots, world.random_slates(len(bots)))
    counts = np.bincount(looks.chosen_positions, minlength=7)[1:]
    assert scipy.stats.chisquare(counts).pvalue > 0.001


def test_a_bot_plays_nothing_and_is_none_of_the_people(world: SimpleNamespace) -> None:
    mind, population = half_bots(world)
    visitors = draw_visitors(population, mind.truth, n_visitors=600, seed=7)
    is_bot = visitors.persona_index == 1
    watches = mind.watches(visitors, world.random_slates(600, 1)[:, 0])
    assert not watches.is_played[is_bot].any()
    assert watches.is_played[~is_bot].any()
    assert people(population, visitors).index.tolist() == visitors.index[~is_bot].tolist()


def test_an_empty_slate_offers_a_bot_nothing(world: SimpleNamespace) -> None:
    mind, population = half_bots(world)
    visitors = draw_visitors(population, mind.truth, n_visitors=20, seed=7)
    looks = mind.looks(visitors, np.empty((20, 0), dtype=np.int64))
    assert (looks.chosen_positions == 0).all()
