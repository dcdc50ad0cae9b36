"""How true CTRs move when a guess in the population file moves: the whole truth anew for each variation.

Much of a user model is guessed, as no published number fits. A sweep says which guesses a conclusion needs.
The control is calibrated to its baseline under every variation, for that is what a site would know of itself;
so what moves is what an experiment is about, the other arms.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import get_args

import msgspec

from simulator.behaviour import (
    CalibrationError,
    FilmFacts,
    FilmGuide,
    Mind,
    Population,
    RatingColumns,
    TruthError,
    Visitors,
    draw_visitors,
    fit_truth,
    people,
)
from simulator.behaviour.taste_tables import TruthFamily
from simulator.behaviour.visit_tables import ChoiceModel
from simulator.calibration import calibrate
from simulator.prospects import SlateRows
from simulator.true_ctrs import TrueCtrs

# Shares of the guess itself: no published number says how far it may be off.
_FACTORS = (0.8, 0.9, 1.1, 1.2)


@dataclass(frozen=True, slots=True)
class Variation:
    """A population that differs in one guess.

    Args:
        population: the whole of it.
        changes: what it has instead, by table and key of the file: `choice.model`; empty for nothing.
    """

    population: Population
    changes: Mapping[str, object] = field(default_factory=dict)

    @property
    def words(self) -> str:
        """What was varied, for people: `model pbm`."""
        named = [f"{key.partition('.')[2]} {value}" for key, value in self.changes.items()]
        return ", ".join(named) or "as it is"


@dataclass(frozen=True, slots=True)
class SweepRow:
    """What is true under one variation.

    Args:
        variation: which.
        outside_option: what calibration found, log-odds; None where it failed.
        truth: true CTR of every arm; None where calibration failed.
        problem: why it failed; empty where it did not.
    """

    variation: Variation
    outside_option: float | None
    truth: TrueCtrs | None
    problem: str = ""


def usual_variations(population: Population) -> tuple[Variation, ...]:
    """The population as it is, then each guess varied by itself.

    Position decay and the strength of taste by a tenth and a fifth, up and down; the click models; fatigue,
    where half of the visitors come back; the families of truth, and ratings wholly debiased.
    """
    found = [Variation(population)]
    for key in ("examination_decay", "taste_strength"):
        guess = getattr(population.choice, key)
        values = dict.fromkeys(round(min(guess * factor, _most(key)), 4) for factor in _FACTORS)
        found += [vary(population, "choice", **{key: value}) for value in values if value != guess]
    found += [
        vary(population, "choice", model=model)
        for model in get_args(ChoiceModel)
        if model != population.choice.model
    ]
    returning = vary(population, "session", return_share=0.5)
    found += [returning, vary(returning, "dynamics", fatigue=0.3)]
    found += [
        vary(population, "population", truth=family)
        for family in get_args(TruthFamily)
        if family != population.crowd.truth
    ]
    found.append(vary(population, "taste", debias=1.0))
    return tuple(found)


def vary(start: Population | Variation, table: str, **changes: object) -> Variation:
    """What there is to start from, with other values in one table of its file.

    >>> vary(vary(Population(), "choice", taste_strength=0.5), "dynamics", fatigue=0.3).words
    'taste_strength 0.5, fatigue 0.3'

    Args:
        start: a population, or one that was varied before.
        table: as the file names it.
        changes: new values by key.
    """
    before = start if isinstance(start, Variation) else Variation(start)
    name = "crowd" if table == "population" else table
    changed = msgspec.structs.replace(getattr(before.population, name), **changes)
    return Variation(
        msgspec.structs.replace(before.population, **{name: changed}),
        {**before.changes, **{f"{table}.{key}": value for key, value in changes.items()}},
    )


def sweep_truth(
    films: Sequence[FilmFacts],
    held_out: RatingColumns,
    variations: Sequence[Variation],
    slates_of: Callable[[Visitors], Mapping[str, SlateRows]],
    *,
    seed: int,
    n_visitors: int,
    baseline_ctr: float,
    control: str = "control",
    guide: FilmGuide | None = None,
) -> Iterator[SweepRow]:
    """Fit, calibrate and compute under each variation, one row at a time.

    Args:
        films: the catalogue.
        held_out: ratings that no model sees.
        variations: under what.
        slates_of: the home slates of visitors under each arm; variations may bring other visitors.
        seed: of the visitors and all they do, the same throughout, so that rows differ by their variation.
        n_visitors: over whom CTRs are taken, bots left out.
        baseline_ctr: what the control is calibrated to.
        control: the name of the control.
        guide: the films of the site, for populations that need one.

    Raises:
        PopulationError: a persona names a genre that the catalogue lacks, or a guide is missing.
    """
    for variation in variations:
        population = variation.population
        try:
            truth = fit_truth(films, held_out, population, seed=seed)
            visitors = people(population, draw_visitors(population, truth, n_visitors=n_visitors, seed=seed))
            mind = Mind(population=population, truth=truth, seed=seed, outside_option=0.0, guide=guide)
            found = calibrate(mind, visitors, slates_of(visitors), control=control, baseline_ctr=baseline_ctr)
        except (CalibrationError, TruthError) as error:
            yield SweepRow(variation, None, None, str(error))
        else:
            yield SweepRow(variation, found.mind.outside_option, found.truth)


def _most(key: str) -> float:
    return 1.0 if key == "examination_decay" else 20.0
