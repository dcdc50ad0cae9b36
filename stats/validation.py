"""The verdict on an experiment's error rates: what thousands of simulated experiments say of them.

An error rate is sound when its count lies in the band that holds 99.9% of such counts if the rate is the
nominal one. Rules that are cautious by construction (exact tests, boundaries at few looks, a power that is
planned with a correction) are held to the side that matters.
"""

from dataclasses import dataclass

from stats.estimates import Interval
from stats.proportions import Arm, wilson_interval
from stats.study import StudyPlan
from stats.trials import TrialPlan
from stats.visitor_pool import Floats
from stats.wording import exact_percent, rate

_NAMED = 3  # failures, in the sentence; the table has all


@dataclass(frozen=True, slots=True)
class Check:
    """One error rate against what it should be.

    Args:
        key: its name in JSON.
        title: its name in print.
        count: of the experiments, in how many it happened.
        n: experiments.
        nominal: the rate it should have.
        band: rates that 99.9% of sound counts have; one-sided, the other end is 0 or 1.
    """

    key: str
    title: str
    count: int
    n: int
    nominal: float
    band: Interval

    @property
    def rate(self) -> float:
        """The share of experiments."""
        return self.count / self.n

    @property
    def interval(self) -> Interval:
        """The rate's own 95% interval, Wilson."""
        return wilson_interval(Arm(self.key, self.n, self.count))

    @property
    def is_ok(self) -> bool:
        """Whether the rate lies in its band."""
        return self.band.low <= self.rate <= self.band.high


@dataclass(frozen=True, slots=True)
class Cost:
    """What a common mistake, or a fault, does on this population; shown, never judged."""

    key: str
    title: str
    count: int
    n: int
    remark: str

    @property
    def rate(self) -> float:
        """The share of experiments."""
        return self.count / self.n

    @property
    def interval(self) -> Interval:
        """The rate's own 95% interval, Wilson."""
        return wilson_interval(Arm(self.key, self.n, self.count))


@dataclass(frozen=True, slots=True, eq=False)
class Validation:
    """All that simulated experiments say of a set-up. Make it with `judge_trials`.

    Args:
        checks: error rates and coverages, judged.
        costs: of common mistakes.
        p_values: of experiments without an effect.
        planned: what the plan promises for these visitors.
        power_seen: true change and power as simulated: no effect, the treatment as it is, the MDE.
        design_effect: of the impressions; None where there were too few.
    """

    plan: TrialPlan
    checks: tuple[Check, ...]
    costs: tuple[Cost, ...]
    p_values: Floats
    planned: StudyPlan
    power_seen: tuple[tuple[float, Cost], ...]
    design_effect: float | None

    @property
    def is_sound(self) -> bool:
        """Whether every error rate lies in its band."""
        return all(check.is_ok for check in self.checks)

    @property
    def sentence(self) -> str:
        """The verdict in a sentence or two."""
        alarms = self.checks[0]
        found = (
            f"in {alarms.n:,} experiments without an effect, of {self.plan.n_visitors:,} visitors each, the "
            f"rule found one in {rate(alarms.rate)} (nominal {exact_percent(alarms.nominal)})"
        )
        failed = [check for check in self.checks if not check.is_ok]
        if not failed:
            return f"Sound: {found}. All {len(self.checks)} error rates lie in their 99.9% bands."
        reasons = "; ".join(
            f"{check.title} {rate(check.rate)}, band {rate(check.band.low)} to {rate(check.band.high)}"
            for check in failed[:_NAMED]
        )
        more = f"; and {len(failed) - _NAMED} more" if len(failed) > _NAMED else ""
        return f"NOT sound: {found}. Outside their 99.9% bands: {reasons}{more}."
