"""The brain of the how-to "Bring your own click model", sent to a real site by the code that stands there."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
from docs_pages import blocks

from catalog import Film, Ratings
from experiment import DEFAULT_EXPERIMENT_TOML
from simulator.behaviour import Mind, Moment, Population, draw_visitors, fit_truth

if TYPE_CHECKING:
    import pytest

    from tests.e2e.conftest import Site

_SHOWN = tuple(range(41, 47))  # by both models of the site, to everybody


def _module(name: str, text: str, monkeypatch: pytest.MonkeyPatch) -> Any:  # noqa: ANN401  whatever the page defines
    module = ModuleType(name)
    monkeypatch.setitem(sys.modules, name, module)
    exec(compile(text, name, "exec"), module.__dict__)  # noqa: S102  our own documentation
    return module


def test_visitors_with_a_brain_of_their_own_do_on_the_site_what_it_decides(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """40 visitors, an outside option at which many click: each click is at the position the brain says."""
    brains, senders = (
        next(text for text in blocks("how-to/bring-your-own-click-model.md", "python") if part in text)
        for part in ("class TakesTheFirst", "def send")
    )
    films = [
        Film(number, f"Film {number}", 1950 + number, ("Drama", "War")[: 1 + number % 2])
        for number in range(1, 91)
    ]
    users, movies = (column.ravel() for column in np.mgrid[1:31, 1:61:3])
    stars = (1 + (users * movies) % 5).astype(np.float32)
    population = Population()
    truth = fit_truth(films, Ratings(users, movies, stars, np.arange(len(users))), population, seed=5)
    mind = Mind(population, truth, seed=5, outside_option=1.0)
    brain = _module("my_brain", brains, monkeypatch).TakesTheFirst(mind)
    visitors = draw_visitors(population, truth, n_visitors=40, seed=5)
    results = _module("my_sender", senders, monkeypatch).send(
        visitors,
        brain,
        site_url=site.url,
        event_log=site.path,
        secret="a-secret-of-at-least-thirty-two-characters",
        experiment_toml=DEFAULT_EXPERIMENT_TOML,
        experiment_name="newer-data",
        run_id="own-brain",
    )
    assert [result.error for result in results] == [None] * 40
    decided = {
        visitor.visitor_id: brain.look(visitor, _SHOWN, Moment(visitor.arrival_ms)).chosen_position
        for visitor in visitors
    }
    clicked = dict(
        site.rows(
            "SELECT visitor_id, position FROM counted_clicks WHERE run_id = 'own-brain' AND surface = 'home'"
        )
    )
    assert clicked == {visitor_id: position for visitor_id, position in decided.items() if position}
    assert 5 < len(clicked) < 40
