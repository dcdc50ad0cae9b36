"""The vector engine on a small world: its chunks, its questions to the models, and its faults."""

import threading
from collections import Counter
from dataclasses import replace
from types import SimpleNamespace

import msgspec
import numpy as np
import pytest
from vector_stand import EXPERIMENT, N_VISITORS, Stand, stand_of

from experiment import Click, Slate, VisitMade
from experiment.columns import listed
from recommender_client import RecommenderUnavailableError
from simulator.behaviour import (
    UnknownFilmError,
)
from simulator.engines.vector_slates import SlateShelf
from simulator.engines.vector_thoughts import HomeThoughts


@pytest.fixture
def stand(world: SimpleNamespace) -> Stand:
    """The default population; about one in three clicks."""
    return stand_of(world, world.population)


def test_neither_chunks_nor_the_order_of_visitors_change_an_event(stand: Stand) -> None:
    """Chunks of 1, of 50, and visitors in reverse order: the same slates and clicks, ids included."""
    backwards = stand.visitors.take(np.arange(N_VISITORS)[::-1])
    several = [
        replace(stand, recorded=[]).run(),
        replace(stand, recorded=[]).run(chunk_size=1),
        replace(stand, recorded=[]).run(visitors=backwards),
    ]
    for kind, names in ((Slate, ("slate_id", "visitor_id", "variant")), (Click, ("click_id", "movie_id"))):
        first, *others = [one.rows(kind, *names) for one in several]
        assert first
        assert all(other == first for other in others)


def test_each_slate_is_asked_for_once_whatever_the_chunks(stand: Stand) -> None:
    stand.run(chunk_size=7)
    for model in stand.clients.values():
        assert set(model.asked.values()) == {1}
        assert {user for user, film in model.asked if film is None} == {
            None if user < 0 else user for user in stand.visitors.user_id.tolist()
        }


def test_utilities_kept_for_visitors_alike_are_those_of_each_bit_for_bit(stand: Stand) -> None:
    shelf = SlateShelf(EXPERIMENT, stand.clients, popular=(), user_ids=stand.visitors.user_id)
    thoughts = HomeThoughts(stand.mind.truth, shelf.home, stand.visitors, n_arms=len(shelf.arm_names))
    for start in range(0, N_VISITORS, 40):
        who = stand.visitors[start : start + 40]
        arms = who.index % 2
        rows = shelf.home_rows(arms, who.user_id)
        expected = stand.mind.truth.utilities(
            visitor_index=who.index,
            user_ids=who.taste_user_id,
            persona_index=who.persona_index,
            movie_ids=shelf.home.movie_ids[rows],
        )
        assert np.array_equal(thoughts.utilities(who, arms, rows), expected)


def test_a_visitor_comes_back_under_the_attempt_that_is_due(stand: Stand) -> None:
    first = stand.visitors[0].visitor_id
    stand.run(attempts={first: 3})
    attempts = dict(stand.rows(VisitMade, "visitor_id", "attempt"))
    assert attempts.pop(first) == 3
    assert set(attempts.values()) == {1}


def test_an_endpoint_that_fails_leaves_the_chunks_before_it(stand: Stand) -> None:
    """The endpoint fails at one of the last film pages that the whole run asks for."""
    stand.run(chunk_size=20)
    n_first = stand.clients["control"].asked.total() - 3
    failing = replace(
        stand,
        recorded=[],
        clients={
            name: replace(model, asked=Counter(), fails_after=n_first if name == "control" else 10**9)
            for name, model in stand.clients.items()
        },
    )
    with pytest.raises(RecommenderUnavailableError):
        failing.run(chunk_size=20)
    assert 0 < len(failing.recorded) < len(stand.recorded)


def test_nothing_begins_once_it_is_to_stop(stand: Stand) -> None:
    stop = threading.Event()
    stop.set()
    assert stand.run(stop=stop).recorded == []


def test_a_film_outside_the_catalogue_is_named(stand: Stand) -> None:
    strange = {name: replace(model, movie_ids=(*range(901, 931),)) for name, model in stand.clients.items()}
    with pytest.raises(UnknownFilmError, match="film 9"):
        replace(stand, clients=strange).run()


def test_the_holdout_is_shown_popular_films_and_no_model_is_asked(stand: Stand) -> None:
    """Half of 120 visitors are held out."""
    held_out = msgspec.structs.replace(EXPERIMENT, holdout=0.5)
    stand = replace(stand, experiment=held_out).run()
    models = {
        (variant, model)
        for tables in stand.recorded
        for table in tables
        if table.kind is Slate
        for variant, model in zip(
            listed(table.columns["variant"]), listed(table.columns["model"]), strict=True
        )
    }
    assert models == {("control", "one"), ("treatment", "other"), ("holdout", None)}
