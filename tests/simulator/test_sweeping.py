from types import SimpleNamespace
from typing import get_args

import msgspec
import numpy as np
import pytest

from simulator.behaviour import TRUTH_FAMILIES, Choice, Mind, Population, Session, Visitors, draw_visitors
from simulator.behaviour.visit_tables import ChoiceModel
from simulator.calibration import calibrate
from simulator.sweeping import SweepRow, Variation, sweep_truth, usual_variations, vary


def slates_of(world: SimpleNamespace, visitors: Visitors) -> dict[str, np.ndarray]:
    """The control shows six films to all; the treatment the films of the genre a user is known to like."""
    everybody = np.tile(world.movie_ids[:6], (len(visitors), 1))
    liked = (visitors.taste_user_id % 8)[:, None] + 8 * np.arange(1, 7)
    return {"control": everybody, "treatment": world.movie_ids[liked - 1]}


def swept(world: SimpleNamespace, variations: tuple[Variation, ...]) -> list[SweepRow]:
    return list(
        sweep_truth(
            world.films,
            world.held_out,
            variations,
            lambda visitors: slates_of(world, visitors),
            seed=7,
            n_visitors=300,
            baseline_ctr=0.07,
        )
    )


def test_every_variation_has_the_baseline_and_a_truth_of_its_own(world: SimpleNamespace) -> None:
    rows = swept(world, usual_variations(Population()))
    differences = []
    for row in rows:
        assert row.problem == ""
        assert row.truth is not None
        assert row.truth.visitor_ctr["control"] == pytest.approx(0.07, abs=1e-9)
        assert row.truth.difference > 0
        differences.append(round(row.truth.difference, 6))
    assert len(set(differences)) > len(rows) * 0.8


def test_the_usual_variations_change_one_guess_each_and_name_it() -> None:
    variations = usual_variations(Population())
    words = [variation.words for variation in variations]
    assert words[0] == "as it is"
    assert len(set(words)) == len(words)
    assert {"examination_decay 0.72", "taste_strength 1.2", "return_share 0.5, fatigue 0.3"} <= set(words)
    assert {f"model {model}" for model in get_args(ChoiceModel)} - set(words) == {"model mnl"}
    assert {f"truth {family}" for family in TRUTH_FAMILIES} - set(words) == {"truth genre-logit"}
    for variation in variations:
        for name, value in variation.changes.items():
            table, _, key = name.partition(".")
            held = getattr(variation.population, "crowd" if table == "population" else table)
            assert getattr(held, key) == value


def test_a_sweep_starts_from_the_population_it_is_given_and_stays_in_range() -> None:
    steady = msgspec.structs.replace(
        Population(), choice=Choice(examination_decay=0.95, taste_strength=0.0, model="pbm")
    )
    words = [variation.words for variation in usual_variations(steady)]
    assert "examination_decay 1.0" in words
    assert "model mnl" in words
    assert "model pbm" not in words
    assert not [word for word in words if word.startswith("taste_strength")]


def test_a_row_is_what_a_calibration_of_that_population_says(world: SimpleNamespace) -> None:
    variation = vary(Population(), "choice", taste_strength=2.0)
    (row,) = swept(world, (variation,))
    visitors = draw_visitors(variation.population, world.truth, n_visitors=300, seed=7)
    mind = Mind(variation.population, world.truth, seed=7, outside_option=0.0)
    found = calibrate(mind, visitors, slates_of(world, visitors), baseline_ctr=0.07)
    assert row.truth == found.truth
    assert row.outside_option == found.mind.outside_option


def test_a_variation_that_cannot_be_calibrated_says_so_and_the_sweep_goes_on(
    world: SimpleNamespace,
) -> None:
    blind = Variation(msgspec.structs.replace(Population(), session=Session(patience_median_s=0.02)))
    problem, fine = swept(world, (blind, Variation(Population())))
    assert problem.truth is None
    assert "baseline CTR 0.07: must be above 0 and below" in problem.problem
    assert fine.truth is not None
