"""Outcomes and reports made from a few numbers."""

from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np
import pytest
from detailed_arms import arm_with_details
from pair_reports import report_on

from stats import (
    Arm,
    ArmOutcomes,
    Design,
    Outcomes,
    RatioArm,
    Report,
    Resampling,
    Run,
    Truth,
    build_report,
)

DONE = Run(
    run_id="run-7",
    experiment="newer-data",
    kind="simulated",
    status="done",
    experiment_hash="5f" * 32,
    seed=7,
    engine="http",
    n_visitors=1_850,
    started_at=1_790_000_000_000,
    finished_at=1_790_000_090_000,
    truth=Truth({"control": 0.0701, "treatment": 0.1080}, difference=0.0379, lift=0.5407),
)

MakeOutcomes = Callable[..., Outcomes]
MakeReport = Callable[..., Report]


def arm_outcomes(
    variant: str, n: int, n_clicked: int, *, n_fallbacks: int = 0, n_crossovers: int = 0
) -> ArmOutcomes:
    """One home slate of six viewed films for each visitor; who clicks, clicks once, every third one twice."""
    clicks = np.zeros(n, dtype=np.int64)
    clicks[:n_clicked] = 1
    clicks[:n_clicked:3] = 2
    return ArmOutcomes(
        visitors=Arm(variant, n, n_clicked),
        impressions=RatioArm.from_visitors(variant, clicks, np.full(n, 6)),
        n_slates=n,
        n_fallbacks=n_fallbacks,
        n_crossovers=n_crossovers,
    )


@pytest.fixture
def make_outcomes() -> MakeOutcomes:
    """(visitors, clicked) of control and treatment -> outcomes of the run `DONE`, or of the run given."""

    def make(
        control: tuple[int, int],
        treatment: tuple[int, int],
        *,
        run: Run = DONE,
        n_bots: int = 0,
        **faults: int,
    ) -> Outcomes:
        arms = (arm_outcomes("control", *control), arm_outcomes("treatment", *treatment, **faults))
        return Outcomes(run, arms, n_bots=n_bots)

    return make


@pytest.fixture
def make_report(make_outcomes: MakeOutcomes) -> MakeReport:
    """(visitors, clicked) of control and treatment -> the report on them."""

    def make(
        control: tuple[int, int],
        treatment: tuple[int, int],
        *,
        design: Design | None = None,
        run: Run = DONE,
        **faults: int,
    ) -> Report:
        outcomes = make_outcomes(control, treatment, run=run, **faults)
        return build_report(outcomes, design or Design(), generated_at=datetime(2026, 11, 22, tzinfo=UTC))

    return make


@pytest.fixture(scope="session")
def arms() -> tuple[ArmOutcomes, ArmOutcomes]:
    """Two arms with every detail."""
    rng = np.random.default_rng(7)
    return (
        arm_with_details("control", 925, 66, rng=rng),
        arm_with_details("treatment", 925, 104, rng=rng, n_bots=3),
    )


@pytest.fixture(scope="session")
def report(arms: tuple[ArmOutcomes, ArmOutcomes]) -> Report:
    """The report on them."""
    return report_on(arms, resampling=Resampling(500, seed=3))
