"""Calibration: the outside option that gives the control its baseline, and the true CTR of every arm.

Both are expectations in closed form over the noise of the choice, given which positions each visitor
examines. Every arm's CTR is over all visitors, as if all had been in that arm, so the truth carries no error
of assignment.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, TypedDict

import numpy as np
import numpy.typing as npt

from simulator.behaviour import CalibrationError, Mind, Visitors

_Floats = npt.NDArray[np.float64]
# Halvings of the bracket; from any bracket of log-odds this ends below one part in 10**12.
_N_HALVINGS = 60
_BRACKET_MARGIN = 40.0
# Scores are computed for so many visitors at a time: memory is then that of the scores alone.
_AT_A_TIME = 65_536


class SlateRows(Protocol):
    """Slates of visitors in their order: an array (n_visitors, slate_size), or what slices into one."""

    def __getitem__(self, visitors: slice, /) -> npt.NDArray[np.int64]:
        """The slates of these visitors, movie ids (n_visitors, slate_size)."""


class ArmTruth(TypedDict):
    """True rates of one arm, as JSON."""

    visitor_ctr: float


@dataclass(frozen=True, slots=True)
class TrueCtrs:
    """True visitor CTR of each arm over one set of visitors.

    Args:
        visitor_ctr: by variant, the control first; fractions.
    """

    visitor_ctr: Mapping[str, float]

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

    def to_json(self) -> "dict[str, ArmTruth | float]":
        """What a run stores as its truth: `visitor_ctr` by variant, then `difference` and `lift`."""
        arms: dict[str, ArmTruth | float] = {
            variant: ArmTruth(visitor_ctr=ctr) for variant, ctr in self.visitor_ctr.items()
        }
        if len(arms) > 1:
            arms |= {"difference": self.difference, "lift": self.lift}
        return arms

    def _first_two(self) -> tuple[float, float]:
        if len(self.visitor_ctr) < 2:  # noqa: PLR2004  a comparison has two sides
            raise CalibrationError(
                f"slates of {len(self.visitor_ctr)} variant; a difference needs 2: give a treatment too"
            )
        control, treatment, *_ = self.visitor_ctr.values()
        return control, treatment


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """A mind that clicks as often as it should, and what it then truly does in each arm.

    Args:
        mind: the mind with its outside option in place.
        truth: true visitor CTR of each arm.
    """

    mind: Mind
    truth: TrueCtrs


def calibrate(
    mind: Mind,
    visitors: Visitors,
    slates: Mapping[str, SlateRows],
    *,
    control: str = "control",
    baseline_ctr: float,
) -> Calibration:
    """Solve for the outside option, unless the population file gives it, and compute every arm's true CTR.

    Args:
        mind: decides for the population; its own outside option is not looked at.
        visitors: over whom CTRs are taken: the whole population, also when a run takes only some of it.
        slates: home slates of all visitors under each variant.
        control: the variant that is to have the baseline.
        baseline_ctr: visitor CTR of the control, in (0, 1).

    Raises:
        CalibrationError: there is no such variant, or even with all temptation too few visitors look.
    """
    if control not in slates:
        raise CalibrationError(
            f"no slates of variant {control!r}; there are {', '.join(slates)}; name one of them"
        )
    scores = {variant: _click_scores(mind, visitors, of_variant) for variant, of_variant in slates.items()}
    given = mind.population.choice.outside_option
    outside = _solve(scores[control], baseline_ctr) if given is None else given
    ordered = [control, *(variant for variant in slates if variant != control)]
    truth = TrueCtrs({variant: visitor_ctr(scores[variant], outside) for variant in ordered})
    return Calibration(mind.with_outside_option(outside), truth)


def visitor_ctr(scores: _Floats, outside_option: float) -> float:
    """Expected share of visitors who click, from their click scores, (n_visitors,)."""
    # exp(700) is near the largest float; such a chance is 0 in any case, as it is for a score of -inf.
    return float(np.mean(1.0 / (1.0 + np.exp(np.minimum(outside_option - scores, 700.0)))))


def _click_scores(mind: Mind, visitors: Visitors, slates: SlateRows) -> _Floats:
    parts = [slice(start, start + _AT_A_TIME) for start in range(0, len(visitors), _AT_A_TIME)]
    return np.concatenate([np.empty(0), *(mind.click_scores(visitors[part], slates[part]) for part in parts)])


def _solve(scores: _Floats, baseline_ctr: float) -> float:
    """The outside option at which the expected CTR, which falls with it, is the baseline."""
    looking = scores[np.isfinite(scores)]
    most = len(looking) / max(len(scores), 1)
    if not 0 < baseline_ctr < most:
        raise CalibrationError(
            f"baseline CTR {baseline_ctr!r}: must be above 0 and below {most:.4f}, the share of "
            f"{len(scores):,} visitors who look at any film; change baseline_ctr, or patience in "
            "the population file"
        )
    low, high = float(looking.min()) - _BRACKET_MARGIN, float(looking.max()) + _BRACKET_MARGIN
    for _ in range(_N_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if visitor_ctr(scores, middle) > baseline_ctr else (low, middle)
    return (low + high) / 2
