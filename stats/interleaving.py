"""Interleaving: both models' films in one slate, and whose films are clicked?

In a team draft each shown film belongs to the model that drafted it. Every visitor is their own control,
which needs far fewer visitors than an A/B test, but measures preference between films side by side, not the
change of the CTR.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from stats.baseline import against_baseline
from stats.errors import InvalidOutcomesError, NotEnoughDataError
from stats.estimates import Interval
from stats.means import MeanArm, t_p_value, t_quantile
from stats.proportions import MIN_VISITORS, Arm, wilson_interval
from stats.tails import Alternative, as_alternative


@dataclass(frozen=True, slots=True)
class Interleaved:
    """What visitors preferred.

    Args:
        n_treatment: visitors with more clicks on the treatment's films.
        n_control: with more on the control's.
        n_ties: with as many on both, none included.
        preference: n_treatment / (n_treatment + n_control).
        sign_p_value: exact binomial test of an even preference.
        margin: mean over all visitors of clicks on the treatment's films minus those on the control's.
        margin_p_value: Student's one-sample t test of no margin.
    """

    alternative: Alternative
    n_treatment: int
    n_control: int
    n_ties: int
    preference: float
    preference_ci: Interval
    sign_p_value: float
    margin: float
    margin_ci: Interval
    margin_p_value: float


def analyse_team_draft(
    control_clicks: npt.ArrayLike,
    treatment_clicks: npt.ArrayLike,
    *,
    alternative: str = "greater",
    confidence: float = 0.95,
) -> Interleaved:
    """Compare the clicks on both models' films, visitor by visitor.

    Args:
        control_clicks: clicks on films the control drafted, per visitor, shape (n_visitors,).
        treatment_clicks: on films the treatment drafted, of the same visitors.
        alternative: greater (the treatment is preferred), less or two-sided.
        confidence: two-sided coverage of both intervals.

    Raises:
        InvalidOutcomesError: arrays of different shapes, or negative clicks.
        NotEnoughDataError: fewer than two visitors who preferred one, or margins that do not vary.

    Source: Radlinski, Kurup & Joachims (CIKM 2008), doi:10.1145/1458082.1458092; Chapelle, Joachims,
    Radlinski & Yue, ACM TOIS 30 (2012), article 6, doi:10.1145/2094072.2094078.
    """
    direction = as_alternative(alternative)
    margins = _margins(control_clicks, treatment_clicks)
    wins, losses = int(np.count_nonzero(margins > 0)), int(np.count_nonzero(margins < 0))
    if wins + losses < MIN_VISITORS:
        raise NotEnoughDataError(
            f"{wins + losses} of {margins.size} visitors preferred one model; a test needs at least "
            f"{MIN_VISITORS}"
        )
    decided = Arm("treatment", wins + losses, wins)
    values = MeanArm.from_visitors("margin", margins)
    error = math.sqrt(values.error_variance)
    if error == 0:
        raise NotEnoughDataError("all visitors have the same margin; a test needs variation")
    half = t_quantile(confidence, values.n - 1) * error
    return Interleaved(
        alternative=direction,
        n_treatment=wins,
        n_control=losses,
        n_ties=int(margins.size) - wins - losses,
        preference=decided.rate,
        preference_ci=wilson_interval(decided, confidence=confidence),
        sign_p_value=against_baseline(decided, 0.5, alternative=direction).p_value,
        margin=values.mean,
        margin_ci=Interval(values.mean - half, values.mean + half),
        margin_p_value=t_p_value(values.mean / error, values.n - 1, direction),
    )


def _margins(control_clicks: npt.ArrayLike, treatment_clicks: npt.ArrayLike) -> npt.NDArray[np.int64]:
    control, treatment = (np.asarray(clicks, dtype=np.int64) for clicks in (control_clicks, treatment_clicks))
    if control.shape != treatment.shape or control.ndim != 1:
        raise InvalidOutcomesError(
            f"control clicks have shape {control.shape!r}, treatment clicks {treatment.shape!r}; give both "
            "for each visitor"
        )
    if control.size and min(control.min(), treatment.min()) < 0:
        raise InvalidOutcomesError("a visitor has fewer than 0 clicks; clicks are counts")
    return treatment - control
