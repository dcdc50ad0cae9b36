"""A report on traffic without arms: an interleaved draft, impressions with propensities, or both."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from stats.errors import InvalidDesignError
from stats.interleaving import BALANCE_ALARM
from stats.judging_others import judge_others
from stats.other_designs import (
    FEW_EFFECTIVE,
    HEAVY_WEIGHT,
    WEIGHTS_ALARM,
    Demands,
    InterleavingResult,
    OffPolicyResult,
    OtherDesigns,
    OtherResults,
)
from stats.outcomes import Run
from stats.tails import as_alternative, require_fraction
from stats.verdict import Verdict
from stats.wording import exact_percent, p_phrase, policy_change, policy_value, rate, rate_interval

_TO_BE_TESTED: Final = "How far that moves the CTR, an A/B test tells."
_EVEN: Final = 0.5


@dataclass(frozen=True, slots=True)
class ArmlessReport:
    """All such a report prints. Make it with `build_armless_report`."""

    generated_at: datetime
    run: Run
    demands: Demands
    verdict: Verdict
    others: OtherResults

    @property
    def notices(self) -> tuple[str, ...]:
        """What to know before reading the numbers."""
        return (
            (
                "p-values here are of one look, at a number of visitors fixed beforehand; each look more "
                "adds to the chance of a false alarm."
            ),
        )

    @property
    def failed_check(self) -> str:
        """What failed, in words; empty where nothing did."""
        return self.verdict.sentence if self.verdict.code == "invalid" else ""


def build_armless_report(
    run: Run, others: OtherDesigns, demands: Demands, *, generated_at: datetime
) -> ArmlessReport:
    """Analyse traffic that was not split into arms.

    Where there are both, what visitors preferred decides: off-policy estimates never ship anything.

    Raises:
        InvalidDesignError: there is neither, or a demand is out of range.
    """
    as_alternative(demands.alternative)
    require_fraction("alpha", demands.alpha)
    require_fraction("confidence", demands.confidence)
    results = judge_others(others, demands)
    if results.failures:
        failures = "; ".join(results.failures)
        verdict = Verdict("invalid", f"Invalid: {failures}. Find the cause before reading any result.")
    elif results.interleaving is not None:
        verdict = _by_preference(results.interleaving)
    elif results.off_policy is not None:
        verdict = _by_value(results.off_policy)
    else:
        raise InvalidDesignError("nothing to report; give interleaved or logged impressions")
    return ArmlessReport(generated_at, run, demands, verdict, results)


def armless_rule(report: ArmlessReport) -> tuple[str, ...]:
    """Return the rule of the verdict, in words; the first case that applies decides."""
    alpha = exact_percent(report.demands.alpha)
    direction = report.demands.alternative
    interval = exact_percent(report.demands.confidence)
    if report.others.interleaving is None:
        return (
            (
                f"invalid: the mean of target chance / propensity is not 1 (p < {WEIGHTS_ALARM:g}): "
                "propensities and log do not fit;"
            ),
            (
                f"inconclusive: under {FEW_EFFECTIVE} effective impressions, or one has over "
                f"{exact_percent(HEAVY_WEIGHT)} of all weight;"
            ),
            f"keep-control: the {interval} interval of the difference lies on the wrong side of 0;",
            "inconclusive: in every other case; an estimate from a log alone ships nothing.",
        )
    return (
        f"invalid: the teams differ in films shown (p < {BALANCE_ALARM:g}), or weights have no mean of 1;",
        f"ship: the sign test (alternative: {direction}) is under {alpha} and most prefer the treatment;",
        f"keep-control: that test is under {alpha}, or the {interval} interval lies below 50%;",
        "inconclusive: in every other case.",
    )


def _by_preference(result: InterleavingResult) -> Verdict:
    found, draft = result.found, result.draft
    if found is None:
        return Verdict("inconclusive", f"Inconclusive: no test can be made; {result.missing}.")
    sided = "two-sided" if found.alternative == "two-sided" else "one-sided"
    shares = (
        f"of {found.n_treatment + found.n_control:,} visitors who preferred one model's films, "
        f"{rate(found.preference)} preferred {draft.treatment}'s ({exact_percent(result.confidence)} "
        f"interval {rate_interval(found.preference_ci)}; {sided} {p_phrase(found.sign_p_value)})"
    )
    is_significant = found.sign_p_value < result.alpha
    if is_significant and found.preference > _EVEN:
        return Verdict("ship", f"Ship {draft.treatment}: {shares}. {_TO_BE_TESTED}")
    if found.preference < _EVEN and (is_significant or found.preference_ci.high < _EVEN):
        return Verdict("keep-control", f"Keep {draft.control}: {shares}. {_TO_BE_TESTED}")
    return Verdict("inconclusive", f"Inconclusive: no preference is shown; {shares}.")


def _by_value(result: OffPolicyResult) -> Verdict:
    best = result.best
    if best is None:
        return Verdict("inconclusive", f"Inconclusive: nothing can be estimated; {result.missing}.")
    is_share = result.is_share
    worth = (
        f"an impression of the target policy is worth {policy_value(best.value, is_share=is_share)} "
        f"({best.method}) against {policy_value(result.logging_value, is_share=is_share)} as logged, "
        f"{policy_change(best.difference, best.difference_ci, is_share=is_share)}"
    )
    if not result.is_reliable:
        return Verdict("inconclusive", f"Inconclusive: the log cannot tell; {result.warnings[0]}.")
    low, high = best.difference_ci.low, best.difference_ci.high
    if result.alternative == "less":
        low, high = -high, -low
    if high < 0:
        return Verdict("keep-control", f"Keep the logging policy: {worth}.")
    if low <= 0:
        return Verdict("inconclusive", f"Inconclusive: no difference is shown; {worth}.")
    doubt = " Read the warnings first." if result.warnings else ""
    return Verdict("inconclusive", f"Worth an A/B test, not yet a decision: {worth}.{doubt}")
