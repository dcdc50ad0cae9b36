"""A sweep of a prepared workspace: what a run would find true under other guesses."""

import pytest
from stage import Stage

from funflix.sweeping import SweptExperiment, sweep_population
from funflix.workspace import Workspace
from simulator.behaviour import Population
from simulator.sweeping import Variation, vary


def few(population: Population) -> tuple[Variation, ...]:
    return (
        Variation(population),
        vary(population, "choice", taste_strength=0.0),
        vary(population, "population", truth="latent"),
    )


def test_a_sweep_calibrates_each_variation_and_finds_other_truths(stage: Stage) -> None:
    """Without taste no arm is better, so the experiment cannot be right to ship."""
    said: list[SweptExperiment] = []
    swept = sweep_population(Workspace(stage.root), variations=few, on_row=said.append)
    assert tuple(said) == swept
    assert stage.processes() == []
    as_it_is, tasteless, latent = (one.row.truth for one in swept)
    assert as_it_is is not None and tasteless is not None and latent is not None  # noqa: PT018  narrows types
    for truth in (as_it_is, tasteless, latent):
        assert truth.visitor_ctr["control"] == pytest.approx(0.07, abs=1e-6)
    assert tasteless.difference == pytest.approx(0, abs=1e-9)
    assert swept[1].ship_chance is None
    assert latent.difference != as_it_is.difference > 0.02
    assert 0.5 < (swept[0].ship_chance or 0) < 1
