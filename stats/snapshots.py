"""The two arms at one moment of a run, while visitors come."""

from collections.abc import Sequence
from dataclasses import dataclass

from scipy.special import ndtri

from stats.design import Design
from stats.errors import NotEnoughDataError
from stats.proportions import Arm, proportion_test
from stats.tails import Alternative


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Control and treatment as they stood when the first so many visitors had come."""

    control: Arm
    treatment: Arm

    @property
    def n(self) -> int:
        """Visitors in both arms."""
        return self.control.n + self.treatment.n

    @property
    def information(self) -> float:
        """Visitors that arms of equal size would need to know as much; 0 where an arm is empty."""
        return 4 * self.control.n * self.treatment.n / self.n if self.n else 0.0


def snapshots_of(history: Sequence[Sequence[Arm]], design: Design) -> tuple[Snapshot, ...]:
    """Return the two arms the design compares at each moment; an arm nobody has met yet is empty."""
    found = []
    for moment in history:
        arms = {arm.variant: arm for arm in moment}
        control, treatment = (arms.get(variant) or Arm(variant, 0, 0) for variant in design.variants[:2])
        found.append(Snapshot(control, treatment))
    return tuple(found)


def z_statistic(snapshot: Snapshot, alternative: Alternative) -> float | None:
    """Return the z statistic; of an exact test, the normal score of its p-value."""
    try:
        test = proportion_test(snapshot.control, snapshot.treatment, alternative=alternative)
    except NotEnoughDataError:
        return None
    if test.statistic is not None:
        return test.statistic
    tail = test.p_value / 2 if alternative == "two-sided" else test.p_value
    score = -float(ndtri(min(max(tail, 1e-300), 1 - 1e-16)))
    ahead = snapshot.treatment.rate >= snapshot.control.rate
    if alternative == "two-sided":
        return abs(score) if ahead else -abs(score)
    return -score if alternative == "less" else score
