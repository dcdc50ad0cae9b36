"""Interleaving: both models' films in one slate, and whose films are clicked?

In a team draft each shown film belongs to the model that drafted it, its *team*. Every visitor is their own
control, which needs far fewer visitors than an A/B test, but measures preference between films side by side,
not the change of the CTR.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from stats.baseline import against_baseline
from stats.errors import InvalidOutcomesError, NotEnoughDataError
from stats.estimates import Interval
from stats.means import MeanArm, t_p_value, t_quantile
from stats.proportions import MIN_VISITORS, Arm, wilson_interval
from stats.tails import Alternative, as_alternative

BALANCE_ALARM: Final = 0.001
"""Teams whose shares of the slates differ at this level were not drafted fairly: the level of SRM."""

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Interleaved:
    """What visitors preferred.

    Args:
        n_treatment: visitors with more clicks on the treatment's films.
        n_control: with more on the control's.
        n_ties: with as many on both, none included.
        n_without_click: those of the ties who clicked nothing.
        preference: n_treatment / (n_treatment + n_control).
        sign_p_value: exact binomial test of an even preference.
        delta: (n_treatment + ties / 2) / n - 1/2, over the n visitors who clicked: 0 for no preference, at
            most 1/2.
        margin: mean over all visitors of clicks on the treatment's films minus those on the control's.
        margin_ci: None where all visitors have the same margin, as is the p-value.
        margin_p_value: Student's one-sample t test of no margin.
    """

    alternative: Alternative
    n_treatment: int
    n_control: int
    n_ties: int
    n_without_click: int
    preference: float
    preference_ci: Interval
    sign_p_value: float
    delta: float
    delta_ci: Interval
    margin: float
    margin_ci: Interval | None
    margin_p_value: float | None


@dataclass(frozen=True, slots=True)
class TeamBalance:
    """How many films each team had in the slates: a fair draft gives both as many, but for chance.

    Args:
        n_control: impressions of the control's films.
        n_treatment: of the treatment's.
        p_value: of a difference by chance, by Student's t over visitors; None where it does not vary.
    """

    n_control: int
    n_treatment: int
    p_value: float | None

    @property
    def is_ok(self) -> bool:
        """Whether chance explains the difference."""
        if self.p_value is None:
            return self.n_control == self.n_treatment
        return self.p_value >= BALANCE_ALARM


def analyse_team_draft(
    control_clicks: npt.ArrayLike,
    treatment_clicks: npt.ArrayLike,
    *,
    n_visitors: npt.ArrayLike | None = None,
    alternative: str = "greater",
    confidence: float = 0.95,
) -> Interleaved:
    """Compare the clicks on both models' films, visitor by visitor.

    Args:
        control_clicks: clicks on films the control drafted, per visitor, shape (n_visitors,).
        treatment_clicks: on films the treatment drafted, of the same visitors.
        n_visitors: how many visitors each entry stands for; None for one.
        alternative: greater (the treatment is preferred), less or two-sided.
        confidence: two-sided coverage of all intervals.

    Raises:
        InvalidOutcomesError: arrays of different shapes, or negative clicks.
        NotEnoughDataError: fewer than two visitors who preferred one.

    Source: Radlinski, Kurup & Joachims (CIKM 2008), doi:10.1145/1458082.1458092; `delta` is
        that of Chapelle, Joachims, Radlinski & Yue, ACM TOIS 30 (2012), article 6,
        doi:10.1145/2094072.2094078, with visitors for queries.

    >>> found = analyse_team_draft([0, 1, 0, 2, 1], [1, 0, 2, 2, 3])
    >>> found.n_treatment, found.n_control, found.n_ties, found.preference, round(found.delta, 3)
    (3, 1, 1, 0.75, 0.2)
    """
    direction = as_alternative(alternative)
    control, treatment, counts = _as_counts(control_clicks, treatment_clicks, n_visitors)
    margins, n = treatment - control, int(counts.sum())
    wins, losses = _won(margins, counts)
    n_without_click = int(counts[control + treatment == 0].sum())
    decided = Arm("treatment", wins + losses, wins)
    values, halves = _mean_of("margin", margins, counts), _halves(wins, losses, n - n_without_click)
    margin_ci, margin_p_value = _margin_test(values, direction, confidence)
    return Interleaved(
        alternative=direction,
        n_treatment=wins,
        n_control=losses,
        n_ties=n - wins - losses,
        n_without_click=n_without_click,
        preference=decided.rate,
        preference_ci=wilson_interval(decided, confidence=confidence),
        sign_p_value=against_baseline(decided, 0.5, alternative=direction).p_value,
        delta=halves.mean,
        delta_ci=_delta_interval(halves, decided, confidence),
        margin=values.mean,
        margin_ci=margin_ci,
        margin_p_value=margin_p_value,
    )


def _won(margins: Counts, counts: Counts) -> tuple[int, int]:
    """Return the visitors of either sign, treatment's first."""
    wins, losses = int(counts[margins > 0].sum()), int(counts[margins < 0].sum())
    if wins + losses < MIN_VISITORS:
        raise NotEnoughDataError(
            f"{wins + losses} of {counts.sum()} visitors preferred one model; a test needs at least "
            f"{MIN_VISITORS}"
        )
    return wins, losses


def team_balance(
    control_impressions: int, treatment_impressions: int, *, n_visitors: int, squares: float
) -> TeamBalance:
    """Test whether both teams had as many films in the slates.

    Args:
        control_impressions: of the control's films.
        treatment_impressions: of the treatment's.
        n_visitors: who saw them.
        squares: over visitors, the sum of (treatment's - control's impressions)^2.
    """
    total = treatment_impressions - control_impressions
    values = MeanArm(
        "lead", n_visitors, total / max(n_visitors, 1), max(0.0, squares - total**2 / max(n_visitors, 1))
    )
    p_value = None
    if n_visitors >= MIN_VISITORS and values.error_variance > 0:
        statistic = values.mean / math.sqrt(values.error_variance)
        p_value = t_p_value(statistic, n_visitors - 1, "two-sided")
    return TeamBalance(control_impressions, treatment_impressions, p_value)


def _margin_test(
    values: MeanArm, direction: Alternative, confidence: float
) -> tuple[Interval | None, float | None]:
    error = math.sqrt(values.error_variance)
    if error == 0:
        return None, None
    half = t_quantile(confidence, values.n - 1) * error
    interval = Interval(values.mean - half, values.mean + half)
    return interval, t_p_value(values.mean / error, values.n - 1, direction)


def _halves(wins: int, losses: int, n: int) -> MeanArm:
    """Return 1/2 for each win, -1/2 for each loss and 0 for a tie of visitors who clicked, as a mean."""
    mean = (wins - losses) / (2 * n)
    return MeanArm("delta", n, mean, max(0.0, (wins + losses) / 4 - n * mean**2))


def _delta_interval(halves: MeanArm, decided: Arm, confidence: float) -> Interval:
    """Return Student's interval within its bounds; where nobody differs, that of the preference."""
    error = math.sqrt(halves.error_variance)
    if error == 0:
        preference = wilson_interval(decided, confidence=confidence)
        return Interval(preference.low - 0.5, preference.high - 0.5)
    half = t_quantile(confidence, halves.n - 1) * error
    return Interval(max(-0.5, halves.mean - half), min(0.5, halves.mean + half))


def _mean_of(name: str, values: Counts, counts: Counts) -> MeanArm:
    n = int(counts.sum())
    mean = float(values @ counts) / n
    return MeanArm(name, n, mean, float((values - mean) ** 2 @ counts))


def _as_counts(
    control_clicks: npt.ArrayLike, treatment_clicks: npt.ArrayLike, n_visitors: npt.ArrayLike | None
) -> tuple[Counts, Counts, Counts]:
    control, treatment = (np.asarray(clicks, dtype=np.int64) for clicks in (control_clicks, treatment_clicks))
    counts = np.ones_like(control) if n_visitors is None else np.asarray(n_visitors, dtype=np.int64)
    if not control.shape == treatment.shape == counts.shape or control.ndim != 1:
        raise InvalidOutcomesError(
            f"control clicks have shape {control.shape!r}, treatment clicks {treatment.shape!r}; give both "
            "for each visitor"
        )
    if control.size and min(control.min(), treatment.min(), counts.min()) < 0:
        raise InvalidOutcomesError("a visitor has fewer than 0 clicks; clicks are counts")
    return control, treatment, counts
