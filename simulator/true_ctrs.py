"""What a population truly does in each arm, as a run stores it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NotRequired, TypedDict

from simulator.agreement import Agreement
from simulator.behaviour import CalibrationError


class ArmTruth(TypedDict):
    """What is true of one arm, as JSON."""

    visitor_ctr: float
    score_rank_correlation: NotRequired[float]
    score_correlation: NotRequired[float]


@dataclass(frozen=True, slots=True)
class TrueCtrs:
    """True visitor CTR of each arm over one set of visitors, and what frames it.

    Args:
        visitor_ctr: by variant, the control first; fractions.
        references: the same of reference arms, by their names; empty where they were not computed.
        agreement: how well each variant's scores agree with the truth, where that is known.
    """

    visitor_ctr: Mapping[str, float]
    references: Mapping[str, float] = field(default_factory=dict)
    agreement: Mapping[str, Agreement] = field(default_factory=dict)

    @property
    def difference(self) -> float:
        """Treatment minus control, a fraction; of the first treatment where there are several."""
        control, treatment = self._first_two()
        return treatment - control

    @property
    def lift(self) -> float:
        """The difference relative to the control, a fraction.

        Raises:
            CalibrationError: the control's true CTR is 0.
        """
        control, _ = self._first_two()
        if control == 0:
            raise CalibrationError("control has a true CTR of 0; lift needs it above 0; lower outside_option")
        return self.difference / control

    def to_json(self) -> dict[str, object]:
        """What a run stores as its truth: arms by variant, `difference` and `lift`, then `references`."""
        truth: dict[str, object] = {variant: self._arm(variant) for variant in self.visitor_ctr}
        if len(self.visitor_ctr) > 1:
            truth |= {"difference": self.difference, "lift": self.lift}
        if self.references:
            truth["references"] = dict(self.references)
        return truth

    def _arm(self, variant: str) -> ArmTruth:
        arm = ArmTruth(visitor_ctr=self.visitor_ctr[variant])
        if variant in self.agreement:
            arm["score_rank_correlation"] = self.agreement[variant].rank_correlation
            arm["score_correlation"] = self.agreement[variant].correlation
        return arm

    def _first_two(self) -> tuple[float, float]:
        if len(self.visitor_ctr) < 2:  # noqa: PLR2004  a comparison has two sides
            raise CalibrationError(
                f"slates of {len(self.visitor_ctr)} variant; a difference needs 2: give a treatment too"
            )
        control, treatment, *_ = self.visitor_ctr.values()
        return control, treatment
