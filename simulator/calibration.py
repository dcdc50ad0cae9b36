"""Calibration: the outside option that gives the control its baseline, and the true CTR of every arm.

Both are expectations in closed form over the noise of the choice, given which positions each visitor
examines. Every arm's CTR is over all visitors, as if all had been in that arm, so the truth carries no error
of assignment.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from simulator.behaviour import CalibrationError, Mind, Visitors
from simulator.true_ctrs import TrueCtrs

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


def true_visitor_ctr(mind: Mind, visitors: Visitors, slates: SlateRows) -> float:
    """The true CTR of an arm that shows these slates, under a mind that is calibrated."""
    return visitor_ctr(_click_scores(mind, visitors, slates), mind.outside_option)


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
