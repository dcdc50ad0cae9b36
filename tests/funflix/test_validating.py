"""Simulated experiments in several processes, and by the experiment's own assignment."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from experiment import DEFAULT_EXPERIMENT_TOML, parse_experiment
from funflix.commands.validate import command
from funflix.errors import SetupError
from funflix.trial_population import TrialPopulation
from funflix.validating import ValidationSettings, run_trials
from simulator.engines import Workers
from simulator.engines.vector_workers import Backend
from stats import TrialPlan, VisitorPool, validation_to_json
from website import design_of

EXPERIMENT = parse_experiment(DEFAULT_EXPERIMENT_TOML)


def pool(rate: float) -> VisitorPool:
    rng = np.random.default_rng(20_261_151)
    clicked = rng.random(2_000) < rate
    return VisitorPool.from_visitors(clicked, clicked, np.full(2_000, 6))


POPULATION = TrialPopulation(tuple(f"s7-{k:06}" for k in range(2_000)), pool(0.07), pool(0.09), pool(0.11))


def validated(
    n_jobs: int, fault: str = "none", n_experiments: int = 1_000, backend: Backend = "loky"
) -> dict[str, object]:
    design = design_of(EXPERIMENT)
    plan = TrialPlan(
        design,
        POPULATION.control,
        POPULATION.treatment,
        POPULATION.improved,
        n_visitors=500,
        seed=7,
        fault=fault,
    )
    settings = ValidationSettings(n_experiments, 500, 7, Workers(n_jobs, backend), fault)
    done: list[tuple[int, int]] = []
    found = run_trials(
        plan, POPULATION, EXPERIMENT, settings, on_done=lambda *progress: done.append(progress)
    )
    assert done[-1][0] == done[-1][1]
    return validation_to_json(found)


def test_the_verdict_does_not_depend_on_the_number_of_processes() -> None:
    """1,000 experiments in one process and in two."""
    alone, together = validated(1), validated(2)
    assert alone == together
    assert alone["sound"]


@pytest.mark.parametrize(("backend", "module"), [("dask", "distributed"), ("ray", "ray")])
def test_a_cluster_counts_what_this_process_counts(backend: Backend, module: str) -> None:
    """300 experiments by two local workers of Dask, or of Ray."""
    pytest.importorskip(module)
    assert validated(2, n_experiments=300, backend=backend) == validated(1, n_experiments=300)


@pytest.mark.parametrize(("backend", "module"), [("dask", "distributed"), ("ray", "ray")])
def test_a_backend_that_is_not_installed_is_named_before_anything_begins(
    tmp_path: Path, backend: Backend, module: str
) -> None:
    if importlib.util.find_spec(module) is not None:
        pytest.skip(f"{module} is installed")
    asked = ["--backend", backend, "--workspace", str(tmp_path / "workspace")]
    found = CliRunner().invoke(command, asked)
    assert isinstance(found.exception, SetupError)
    assert f"pip install 'funflix[{backend}]'" in str(found.exception)
    assert list(tmp_path.iterdir()) == []


def test_the_experiments_own_assignment_is_tried_unless_a_fault_is_planted() -> None:
    """100 salts; a planted fault sits in the simulated assignment, so the own one is left out."""
    keys = [check["key"] for check in validated(1, n_experiments=100)["checks"]]  # type: ignore[attr-defined]  # JSON
    assert {"false_alarms_assigned", "srm_assigned"} <= set(keys)
    planted = validated(1, "biased-assignment", 200)
    assert "false_alarms_assigned" not in [check["key"] for check in planted["checks"]]  # type: ignore[attr-defined]  # JSON
    assert not planted["sound"]
