"""Proof of an experiment's error rates on the workspace's own set-up, by thousands of experiments."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from experiment import CONTROL, assign_texts, load_experiment
from funflix.trial_population import TrialPopulation, visit_all_arms
from simulator.behaviour import parse_population
from simulator.engines import Workers, handing_out
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
    from collections.abc import Callable, Sequence

    from experiment import Experiment
    from funflix.workspace import Workspace
    from stats.trials import Scenario

_MOST_ASSIGNED = 1_000  # experiments by the experiment's own hash, which costs more than all else
_OF_OTHERS = 5  # a fifth of the experiments without an effect goes to each scenario with one
_LEAST = 100
_BLOCKS_A_CALL = 5
_CALLS_A_ROUND = 2  # for each worker; between two rounds progress is told and Ctrl-C is heard
_FEW = 1_000  # experiments: below, processes of this machine take longer to start than they save


@dataclass(frozen=True, slots=True)
class ValidationSettings:
    """How much is tried.

    Args:
        n_experiments: without an effect; a fifth as many with the treatment's effect, and with the MDE.
        n_visitors: of each experiment; None for as many as the experiment plans.
        seed: of the population and of all experiments.
        workers: who makes the experiments; the result does not depend on it.
        fault: planted, to see it found.
    """

    n_experiments: int
    n_visitors: int | None
    seed: int
    workers: Workers = field(default_factory=Workers)
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
    """Make all experiments, by the workers of the settings, and judge them."""
    n_assigned = 0 if plan.fault != "none" else min(settings.n_experiments, _MOST_ASSIGNED)
    calls: list[tuple[object, ...]] = [
        (plan, scenario, blocks)
        for scenario in SCENARIOS
        for blocks in _shares(_blocks(settings.n_experiments, is_null=scenario == "no-effect"))
    ]
    own = [
        (plan, experiment, population.visitor_ids, range(first, min(first + BLOCK, n_assigned)))
        for first in range(0, n_assigned, BLOCK)
    ]
    is_cluster = settings.workers.backend != "loky"
    workers = settings.workers if is_cluster or settings.n_experiments >= _FEW else Workers()
    size, total, done = _CALLS_A_ROUND * workers.n_workers, len(calls) + len(own), 0

    def made(function: Callable[..., Tally], of_function: Sequence[tuple[object, ...]]) -> list[Tally]:
        nonlocal done
        tallies: list[Tally] = []
        for start in range(0, len(of_function), size):
            tallies.extend(hand_out(function, of_function[start : start + size]))
            on_done(done + len(tallies), total)
        done += len(tallies)
        return tallies

    with handing_out(workers) as hand_out:
        found, assigned = made(_try_blocks, calls), made(_try_own_assignment, own)
    by_scenario = {
        scenario: reduce(
            Tally.merged, [tally for tally, call in zip(found, calls, strict=True) if call[1] == scenario]
        )
        for scenario in SCENARIOS
    }
    return judge_trials(plan, by_scenario, reduce(Tally.merged, assigned) if assigned else None)


def _shares(blocks: list[tuple[int, int]]) -> list[list[tuple[int, int]]]:
    """Blocks that one worker makes at a time: a call takes the whole population along."""
    return [blocks[start : start + _BLOCKS_A_CALL] for start in range(0, len(blocks), _BLOCKS_A_CALL)]


def _try_blocks(plan: TrialPlan, scenario: Scenario, blocks: list[tuple[int, int]]) -> Tally:
    return reduce(Tally.merged, [try_block(plan, scenario, number, size) for number, size in blocks])


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
