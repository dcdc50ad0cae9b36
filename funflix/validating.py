"""Proof of an experiment's error rates on the workspace's own set-up, by thousands of experiments."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from experiment import CONTROL, assign_texts, load_experiment
from funflix.trial_population import TrialPopulation, visit_all_arms
from simulator.behaviour import parse_population
from stats import (
    BLOCK,
    SCENARIOS,
    Tally,
    TrialPlan,
    Validation,
    judge_trials,
    try_assignments,
    try_block,
)
from website import design_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from experiment import Experiment
    from funflix.workspace import Workspace

_MOST_ASSIGNED = 1_000  # experiments by the experiment's own hash, which costs more than all else
_OF_OTHERS = 5  # a fifth of the experiments without an effect goes to each scenario with one
_LEAST = 100
_FEW = 1_000  # experiments: below, other processes take longer to start than they save


@dataclass(frozen=True, slots=True)
class ValidationSettings:
    """How much is tried.

    Args:
        n_experiments: without an effect; a fifth as many with the treatment's effect, and with the MDE.
        n_visitors: of each experiment; None for as many as the experiment plans.
        seed: of the population and of all experiments.
        n_jobs: processes; the result does not depend on it.
        fault: planted, to see it found.
    """

    n_experiments: int
    n_visitors: int | None
    seed: int
    n_jobs: int
    fault: str = "none"


def validate_setup(
    workspace: Workspace,
    settings: ValidationSettings,
    *,
    say: Callable[[str], None] = lambda _line: None,
    on_done: Callable[[int, int], None] = lambda _done, _total: None,
) -> Validation:
    """Try the workspace's experiment thousands of times on its own population, models and files.

    Args:
        workspace: prepared.
        settings: how much is tried.
        say: told what goes on.
        on_done: told how many blocks of experiments are done, of how many.

    Raises:
        FunflixError, InvalidDesignError: the set-up cannot be run.
    """
    experiment = load_experiment(workspace.experiment)
    text = workspace.population.read_text(encoding="utf-8")
    design = design_of(experiment)
    n_visitors = settings.n_visitors or design.planned.n_total
    population = visit_all_arms(
        workspace,
        experiment,
        parse_population(text, source=str(workspace.population)),
        seed=settings.seed,
        n_visitors=n_visitors,
        on_progress=say,
    )
    plan = TrialPlan(
        design=design,
        control=population.control,
        treatment=population.treatment,
        improved=population.improved,
        n_visitors=n_visitors,
        seed=settings.seed,
        fault=settings.fault,
    )
    return run_trials(plan, population, experiment, settings, on_done=on_done)


def run_trials(
    plan: TrialPlan,
    population: TrialPopulation,
    experiment: Experiment,
    settings: ValidationSettings,
    *,
    on_done: Callable[[int, int], None] = lambda _done, _total: None,
) -> Validation:
    """Make all experiments, in `n_jobs` processes, and judge them."""
    # Imported here: `funflix --help` must not wait for it.
    from joblib import Parallel, delayed

    tasks = [
        delayed(try_block)(plan, scenario, number, size)
        for scenario in SCENARIOS
        for number, size in _blocks(settings.n_experiments, is_null=scenario == "no-effect")
    ]
    owners = [
        scenario
        for scenario in SCENARIOS
        for _ in _blocks(settings.n_experiments, is_null=scenario == "no-effect")
    ]
    n_assigned = 0 if plan.fault != "none" else min(settings.n_experiments, _MOST_ASSIGNED)
    for first in range(0, n_assigned, BLOCK):
        numbers = range(first, min(first + BLOCK, n_assigned))
        tasks.append(delayed(_try_own_assignment)(plan, experiment, population.visitor_ids, numbers))
    n_jobs = 1 if settings.n_experiments < _FEW else settings.n_jobs
    found: list[Tally] = []
    for tally in Parallel(n_jobs=n_jobs, return_as="generator")(tasks):
        found.append(tally)
        on_done(len(found), len(tasks))
    tallies = {
        scenario: reduce(
            Tally.merged, (t for t, owner in zip(found, owners, strict=False) if owner == scenario)
        )
        for scenario in SCENARIOS
    }
    assigned = reduce(Tally.merged, found[len(owners) :]) if n_assigned else None
    return judge_trials(plan, tallies, assigned)


def _blocks(n_experiments: int, *, is_null: bool) -> list[tuple[int, int]]:
    """Numbers and sizes of the blocks of a scenario."""
    n = n_experiments if is_null else max(n_experiments // _OF_OTHERS, _LEAST)
    return [(number, min(BLOCK, n - number * BLOCK)) for number in range(-(-n // BLOCK))]


def _try_own_assignment(
    plan: TrialPlan, experiment: Experiment, visitor_ids: tuple[str, ...], numbers: range
) -> Tally:
    """Experiments assigned by the code that assigns real visitors, each with another salt."""
    names = np.array(visitor_ids[: min(plan.n_visitors, len(plan.control))], dtype=np.bytes_)
    assignments = []
    for number in numbers:
        salted = msgspec.structs.replace(
            experiment,
            salt=f"{experiment.salt}:validate:{plan.seed}:{number}",
            holdout=0.0,
            variants=tuple(variant for variant in experiment.variants if variant.name in plan.weights),
        )
        control = [variant.name for variant in salted.variants].index(CONTROL)
        assignments.append(assign_texts(salted, names) != control)
    return try_assignments(plan, assignments)
