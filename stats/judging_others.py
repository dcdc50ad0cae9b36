"""Judges traffic that was not split into arms: an interleaved draft, and impressions with propensities."""

from typing import Final

from stats.errors import NotEnoughDataError
from stats.estimates import attempt
from stats.interleaving import analyse_team_draft
from stats.off_policy_sums import OffPolicySums, Ratio, p_value_against
from stats.other_designs import (
    FEW_EFFECTIVE,
    HEAVY_WEIGHT,
    Demands,
    InterleavingResult,
    LoggedPolicy,
    OffPolicyResult,
    OtherDesigns,
    OtherResults,
    PolicyValue,
    TeamDraft,
)
from stats.wording import counted, exact_percent

LEAST_REWARDED: Final = 5
"""With fewer rewarded impressions that the target policy would show, no normal approximation holds."""

THIN_OVERLAP: Final = 0.1
"""Under this part of effective impressions, the policies hardly show the same films."""


def judge_others(others: OtherDesigns, demands: Demands) -> OtherResults:
    """Judge what there is of other designs."""
    return OtherResults(
        interleaving=judge_interleaving(others.draft, demands) if others.draft else None,
        off_policy=judge_off_policy(others.logged, demands) if others.logged else None,
    )


def judge_interleaving(draft: TeamDraft, demands: Demands) -> InterleavingResult:
    """Test whose films visitors prefer; data too thin for a test are said, and raise nothing."""
    missing: list[str] = []
    found = attempt(
        lambda: analyse_team_draft(
            draft.control_clicks,
            draft.treatment_clicks,
            n_visitors=draft.n_visitors,
            alternative=demands.alternative,
            confidence=demands.confidence,
        ),
        missing,
    )
    return InterleavingResult(
        draft, demands.alternative, demands.alpha, demands.confidence, found, "; ".join(missing)
    )


def judge_off_policy(logged: LoggedPolicy, demands: Demands) -> OffPolicyResult:
    """Estimate the target policy's value by each method; thin data are said, and raise nothing.

    Source: `stats.off_policy` names those of the methods. That weights have mean 1 is the control variate of
        Swaminathan & Joachims (NIPS 2015), section 4.
    """
    sums, missing, confidence = logged.sums, list[str](), demands.confidence
    earned = attempt(lambda: sums.ratio("rewards", "impressions", confidence=confidence), missing)
    weight = attempt(lambda: sums.ratio("weights", "impressions", confidence=confidence), missing)
    estimates: tuple[PolicyValue, ...] = ()
    if earned is not None:
        estimates = attempt(lambda: _estimates(sums, earned, demands), missing) or ()
    return OffPolicyResult(
        logged=logged,
        alternative=demands.alternative,
        alpha=demands.alpha,
        confidence=confidence,
        logging_value=None if earned is None else earned.value,
        logging_ci=None if earned is None else earned.interval,
        estimates=estimates,
        mean_weight=None if weight is None else weight.value,
        mean_weight_p_value=None if weight is None else p_value_against(weight, 1.0, "two-sided"),
        missing="; ".join(missing),
        warnings=_warnings(sums) if estimates else (),
    )


def _estimates(sums: OffPolicySums, earned: Ratio, demands: Demands) -> tuple[PolicyValue, ...]:
    wanted = [("IPS", "weighted_rewards", "impressions"), ("SNIPS", "weighted_rewards", "weights")]
    if not sums.totals["weights"] > 0:
        raise NotEnoughDataError("the target policy shows none of the logged films; nothing tells its value")
    if sums.n_rewarded < LEAST_REWARDED:
        raise NotEnoughDataError(
            f"{sums.n_rewarded} of the {LEAST_REWARDED} rewarded impressions that an interval needs, among "
            "those the target policy would show"
        )
    wanted += [("doubly robust", "corrected", "impressions")] if sums.has_predictions else []
    found = []
    for method, above, below in wanted:
        estimate = sums.ratio(above, below, confidence=demands.confidence)
        if not (estimate.standard_error and earned.standard_error):
            raise NotEnoughDataError("all visitors earned at the same rate; an interval needs variation")
        change = sums.difference(estimate, earned, confidence=demands.confidence)
        found.append(
            PolicyValue(
                method,
                estimate.value,
                estimate.interval,
                change.value,
                change.interval,
                p_value_against(change, 0.0, demands.alternative),
            )
        )
    return tuple(found)


def _warnings(sums: OffPolicySums) -> tuple[str, ...]:
    """Say what makes intervals of weighted means too short."""
    effective, n = sums.effective_n, sums.n_impressions
    worth = f"weighted, the {counted(n, 'impression')} are worth {effective:,.0f}"
    found = []
    if effective < FEW_EFFECTIVE:
        found.append(f"{worth}; under {FEW_EFFECTIVE}, intervals are too short: log more")
    if effective < THIN_OVERLAP * n:
        found.append(
            f"{worth}: under {exact_percent(THIN_OVERLAP)}, the policies hardly show the same films (thin "
            "overlap)"
        )
    if sums.heaviest_share > HEAVY_WEIGHT:
        found.append(
            f"one impression has {exact_percent(sums.heaviest_share)} of all weight (weight "
            f"{sums.largest_weight:.3g}); a single reward decides"
        )
    return tuple(found)
