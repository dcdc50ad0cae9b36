from dataclasses import replace
from types import SimpleNamespace

import msgspec
import numpy as np
import scipy.stats

from simulator.behaviour import Choice, Mind, Moment, Moments, Population, Visitors, Watch


def test_one_visitor_alone_decides_as_among_many_to_the_last_bit(world: SimpleNamespace) -> None:
    """400 visitors, home and film pages, in one array and one by one."""
    slates = world.random_slates(400)
    spent_s = np.linspace(0, 60, 400)
    arrival = Moments.arrival(world.visitors)
    for n_clicks in (0, 1, 2):
        together = world.mind.looks(world.visitors, slates, replace(arrival, spent_s=spent_s, depth=n_clicks))
        for place, visitor in enumerate(world.visitors):
            moment = Moment(visitor.arrival_ms, depth=n_clicks, spent_s=float(spent_s[place]))
            alone = world.mind.look(visitor, slates[place].tolist(), moment)
            assert alone.dwell_s == together.dwell_s[place]
            assert (alone.chosen_position or 0) == together.chosen_positions[place]
    watches = world.mind.watches(world.visitors, slates[:, 0])
    for place, visitor in enumerate(world.visitors):
        expected = Watch(float(watches.watch_s[place]), bool(watches.is_completed[place]))
        found = world.mind.watch(visitor, int(slates[place, 0]), Moment(visitor.arrival_ms))
        assert found == (expected if watches.is_played[place] else None)


def test_utilities_alone_and_among_many_are_equal_bits(world: SimpleNamespace) -> None:
    """Where choices agree by luck, utilities would not: all 400 x 6 of them, in shuffled order too."""
    slates = world.random_slates(400)
    together = world.mind.worth(world.visitors, slates)
    for place in range(400):
        alone = world.mind.worth(world.visitors[place : place + 1], slates[place : place + 1])
        assert np.array_equal(alone[0], together[place])
    order = np.random.default_rng(1).permutation(400)
    assert np.array_equal(world.mind.worth(world.visitors.take(order), slates[order]), together[order])


def test_choices_follow_their_closed_form(world: SimpleNamespace) -> None:
    """Clicks of 20,000 visitors against the sum of their chances, normal band; alarms 1 time in 1,000."""
    visitors = many(world, 20_000)
    slates = world.random_slates(20_000)
    chances = 1 / (1 + np.exp(world.mind.outside_option - world.mind.click_scores(visitors, slates)[:, 0]))
    looks = world.mind.looks(visitors, slates)
    n_clicks = int((looks.chosen_positions > 0).sum())
    sd = np.sqrt((chances * (1 - chances)).sum())
    assert abs(n_clicks - chances.sum()) < scipy.stats.norm.isf(0.0005) * sd


def test_choices_on_another_slate_do_not_follow_it(world: SimpleNamespace) -> None:
    """The planted fault: chances reckoned with taste turned off miss the same band."""
    visitors = many(world, 20_000)
    slates = world.random_slates(20_000)
    dull = replaced(world, Choice(taste_strength=0))
    chances = 1 / (1 + np.exp(world.mind.outside_option - dull.click_scores(visitors, slates)[:, 0]))
    looks = world.mind.looks(visitors, slates)
    sd = np.sqrt((chances * (1 - chances)).sum())
    n_clicks = int((looks.chosen_positions > 0).sum())
    assert abs(n_clicks - chances.sum()) > scipy.stats.norm.isf(0.0005) * sd


def test_a_better_film_is_clicked_more_the_stronger_taste_is(world: SimpleNamespace) -> None:
    visitors = many(world, 2_000)
    slates = world.random_slates(2_000)
    rank_of_choice = []
    for strength in (0.0, 1.0, 4.0):
        mind = replaced(world, Choice(taste_strength=strength), outside_option=-50.0)
        chosen = mind.looks(visitors, slates).chosen_positions
        worth = world.mind.worth(visitors, slates)
        is_chosen = chosen > 0
        better = (worth > np.take_along_axis(worth, np.maximum(chosen - 1, 0)[:, None], axis=1)).sum(axis=1)
        rank_of_choice.append(better[is_chosen].mean())
    assert rank_of_choice[0] > rank_of_choice[1] + 0.2 > rank_of_choice[2] + 0.4


def test_a_film_page_is_clicked_less_and_hops_end(world: SimpleNamespace) -> None:
    visitors = many(world, 20_000)
    slates = world.random_slates(20_000)
    n_clicks = [
        int(
            (
                world.mind.looks(visitors, slates, Moments.arrival(visitors, depth=step)).chosen_positions > 0
            ).sum()
        )
        for step in (0, 1, 2)
    ]
    assert n_clicks[0] > n_clicks[1] > 0
    assert n_clicks[2] == 0


def test_a_population_that_never_hops_can_be_had(world: SimpleNamespace) -> None:
    mind = replaced(world, Choice(film_page_odds=0))
    looks = mind.looks(world.visitors, world.random_slates(400), Moments.arrival(world.visitors, depth=1))
    assert (looks.chosen_positions == 0).all()


def test_an_empty_or_short_slate_is_looked_at_as_it_is(world: SimpleNamespace) -> None:
    visitor = world.visitors[0]
    empty = world.mind.look(visitor, [], Moment(visitor.arrival_ms))
    assert (empty.dwell_s, empty.chosen_position) == (0.0, None)
    assert world.mind.look(visitor, [10, 20], Moment(visitor.arrival_ms)).dwell_s <= 3.6


def test_liked_films_are_played_and_finished_more(world: SimpleNamespace) -> None:
    visitors = many(world, 4_000)
    films = world.random_slates(4_000, 1)[:, 0]
    liked = world.mind.worth(visitors, films[:, None])[:, 0] > 0
    watches = world.mind.watches(visitors, films)
    assert watches.is_played[liked].mean() > watches.is_played[~liked].mean()
    assert watches.is_completed[liked].mean() > watches.is_completed[~liked].mean()
    runtime_s = world.population.watch.runtime_s
    assert (watches.watch_s[watches.is_completed] == runtime_s).all()
    given_up = watches.watch_s[watches.is_played & ~watches.is_completed]
    assert ((given_up >= 1) & (given_up < runtime_s) & (given_up == np.floor(given_up))).all()
    assert (watches.watch_s[~watches.is_played] == 0).all()


def many(world: SimpleNamespace, n_visitors: int) -> Visitors:
    """The first visitors of the world, and as many more."""
    places = np.arange(n_visitors) % len(world.visitors)
    crowd = world.visitors.take(places)
    return Visitors(
        crowd.seed,
        crowd.persona_names,
        np.arange(n_visitors),
        crowd.persona_index,
        crowd.user_id,
        crowd.taste_user_id,
        crowd.arrival_ms,
        np.arange(n_visitors),
    )


def replaced(world: SimpleNamespace, choice: Choice, *, outside_option: float | None = None) -> Mind:
    population: Population = msgspec.structs.replace(world.population, choice=choice)
    outside = world.mind.outside_option if outside_option is None else outside_option
    return Mind(population, world.truth, seed=7, outside_option=outside)
