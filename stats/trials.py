"""What simulated experiments are made of, and their results as counts that add up."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from stats.design import Design
from stats.errors import InvalidDesignError
from stats.visitor_pool import Floats, VisitorPool

BLOCK = 100
"""Experiments of a block."""

Scenario = Literal["no-effect", "true-effect", "mde", "split"]
Fault = Literal["none", "biased-assignment", "faulty-split", "peeking", "wrong-unit"]

FAULTS = get_args(Fault)
"""What may be planted, to see it found."""

SCENARIOS: tuple[Scenario, ...] = get_args(Scenario)
"""What is tried: no effect, the treatment as it is, an effect of the MDE, and a split of 52 to 48."""

_LEAST_AT_A_LOOK = 50


@dataclass(frozen=True, slots=True, eq=False)
class TrialPlan:
    """What the experiments are made of.

    Args:
        design: whose decision rule is tried.
        control: the population in the control.
        treatment: the population in the treatment as it is.
        improved: the population in a treatment that is truly better (or worse) by the MDE.
        n_visitors: of each experiment, both arms together.
        seed: the same seed, the same experiments.
        n_peeks: looks of somebody who peeks.
        fault: planted, to see it found.
    """

    design: Design
    control: VisitorPool
    treatment: VisitorPool
    improved: VisitorPool
    n_visitors: int
    seed: int
    n_peeks: int = 10
    fault: str = "none"

    def __post_init__(self) -> None:
        if self.fault not in FAULTS:
            raise InvalidDesignError(f"fault {self.fault!r} is unknown; use {', '.join(FAULTS)}")
        if self.n_visitors < self.n_peeks * _LEAST_AT_A_LOOK:
            raise InvalidDesignError(
                f"{self.n_visitors} visitors for an experiment; {self.n_peeks} looks need at least "
                f"{self.n_peeks * _LEAST_AT_A_LOOK}"
            )

    @property
    def weights(self) -> Mapping[str, float]:
        """The intended weights of the two arms compared: the control, and the first treatment."""
        names = [
            self.design.control,
            next(name for name in self.design.weights if name != self.design.control),
        ]
        return {name: self.design.weights[name] for name in names}

    @property
    def treatment_share(self) -> float:
        """The part of both arms' visitors meant for the treatment."""
        control, treatment = self.weights.values()
        return treatment / (control + treatment)

    def pool_of(self, scenario: Scenario) -> VisitorPool:
        """Where a scenario draws its treatment from."""
        return {"true-effect": self.treatment, "mde": self.improved}.get(scenario, self.control)


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """What came of experiments, counted; tallies of parts add up in any order.

    Args:
        counts: how often what happened; `n` is the number of experiments.
        p_values: of the fixed test, one each; NaN where there was none.
        design_effects: of the impressions, one each; NaN where there was none.
    """

    counts: Mapping[str, int]
    p_values: Floats
    design_effects: Floats

    def merged(self, other: "Tally") -> "Tally":
        """Both together."""
        return Tally(
            Counter(self.counts) + Counter(other.counts),
            np.concatenate([self.p_values, other.p_values]),
            np.concatenate([self.design_effects, other.design_effects]),
        )

    def __getitem__(self, name: str) -> int:
        return self.counts.get(name, 0)
