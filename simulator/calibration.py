"""Calibration: the outside option that gives the control its baseline, and the true CTR of every arm.

Both are expectations in closed form over the noise of the choice, given which positions each visitor
examines and when they come back (see `prospects`). Every arm's CTR is over all visitors, as if all had been
in that arm, so the truth carries no error of assignment.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from simulator.behaviour import CalibrationError, Mind, Visitors
from simulator.prospects import Prospects, SlateRows, find_prospects
from simulator.true_ctrs import TrueCtrs

__all__ = ["Calibration", "SlateRows", "calibrate", "true_visitor_ctr"]

# Halvings of the bracket; from any bracket of log-odds this ends below one part in 10**12.
_N_HALVINGS = 60
_BRACKET_MARGIN = 40.0


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
    given = mind.population.choice.outside_option
    of_control = find_prospects(mind, visitors, slates[control])
    outside = _solve(of_control, baseline_ctr) if given is None else given
    ctrs = {control: of_control.visitor_ctr(outside)}
    for variant, of_variant in slates.items():
        if variant != control:
            ctrs[variant] = find_prospects(mind, visitors, of_variant).visitor_ctr(outside)
    return Calibration(mind.with_outside_option(outside), TrueCtrs(ctrs))


def true_visitor_ctr(mind: Mind, visitors: Visitors, slates: SlateRows) -> float:
    """The true CTR of an arm that shows these slates, under a mind that is calibrated."""
    return find_prospects(mind, visitors, slates).visitor_ctr(mind.outside_option)


def _solve(prospects: Prospects, baseline_ctr: float) -> float:
    """The outside option at which the expected CTR, which falls with it, is the baseline."""
    if not 0 < baseline_ctr < prospects.most:
        raise CalibrationError(
            f"baseline CTR {baseline_ctr!r}: must be above 0 and below {prospects.most:.4g}, the share of "
            f"{prospects.n_visitors:,} visitors who look at any film; change baseline_ctr, or patience in "
            "the population file"
        )
    finite = prospects.scores[np.isfinite(prospects.scores)]
    low, high = float(finite.min()) - _BRACKET_MARGIN, float(finite.max()) + _BRACKET_MARGIN
    for _ in range(_N_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if prospects.visitor_ctr(middle) > baseline_ctr else (low, middle)
    return (low + high) / 2
