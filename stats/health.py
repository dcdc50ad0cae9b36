"""The trust checks: reasons for which no estimate of a run may be believed."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from stats.design import Design
from stats.estimates import attempt
from stats.outcomes import Outcomes
from stats.proportions import Arm
from stats.srm import SRM_ALARM, SrmCheck, srm_check
from stats.trust import TrustCheck, trust_checks
from stats.wording import counted, exact_percent, p_phrase, rate

MAX_FALLBACK_SHARE = 0.05
"""More fallbacks than this in an arm, and the run has hardly tested that arm's model."""


@dataclass(frozen=True, slots=True)
class Health:
    """What was checked and what was found.

    Args:
        srm: None where there are too few visitors to check the split; `srm_missing` says so.
        crossovers: visitors who met more than one variant.
        fallback_share: variant -> part of its slates not served by its model; None before the first slate.
        failed_attempts: variant -> visits that broke off, mostly made good by a later attempt; far more in
            one arm, and the visitors that count there are others. Empty where nobody kept count.
        failures: one sentence per failed check, empty when all passed.
        are_crossovers_meant: requests were split, so that visitors meet several variants.
        n_repeated_clicks: clicks that arrived again and were refused, so that each counts once; of all arms
            together. None where nobody kept count.
        repeats: variant -> clicks that arrived, and how many of them were such repeats; empty where nobody
            kept count by arm.
        checks: those on parts of the visitors and on what must be alike in all arms, where data allow.
    """

    srm: SrmCheck | None
    srm_missing: str
    crossovers: int
    fallback_share: Mapping[str, float | None]
    failed_attempts: Mapping[str, int]
    n_bots: int
    n_holdout: int
    failures: tuple[str, ...]
    checks: tuple[TrustCheck, ...] = ()
    are_crossovers_meant: bool = False
    n_repeated_clicks: int | None = None
    repeats: Mapping[str, Arm] = field(default_factory=dict)

    @property
    def is_ok(self) -> bool:
        """Whether no check failed."""
        return not self.failures


def check_health(outcomes: Outcomes, design: Design) -> Health:
    """Run every trust check.

    Args:
        outcomes: with one arm for each variant of the design.
        design: gives the intended split.
    """
    missing: list[str] = []
    observed = {arm.visitors.variant: arm.visitors.n for arm in outcomes.arms}
    srm = attempt(lambda: srm_check(observed, design.weights), missing)
    crossovers = sum(arm.n_crossovers for arm in outcomes.arms)
    fallback_share = {arm.visitors.variant: arm.fallback_share for arm in outcomes.arms}
    failures = []
    if srm is not None and not srm.is_ok:
        sizes = " : ".join(f"{observed[variant]:,}" for variant in design.variants)
        failures.append(
            f"the arms ({sizes}) do not have the sizes the split intends (sample-ratio "
            f"{p_phrase(srm.p_value)}, alarm under {SRM_ALARM:g})"
        )
    if crossovers and design.assignment == "visitor":
        failures.append(f"{counted(crossovers, 'visitor')} met more than one variant")
    failures += [
        f"{rate(share)} of {variant}'s slates were fallbacks (limit {exact_percent(MAX_FALLBACK_SHARE)})"
        for variant, share in fallback_share.items()
        if share is not None and share > MAX_FALLBACK_SHARE
    ]
    checks = trust_checks(outcomes.arms, design)
    failures += [check.failure for check in checks if check.state == "failed"]
    return Health(
        srm=srm,
        srm_missing="; ".join(missing),
        crossovers=crossovers,
        are_crossovers_meant=design.assignment == "request",
        fallback_share=fallback_share,
        failed_attempts={
            arm.visitors.variant: arm.n_failed_attempts
            for arm in outcomes.arms
            if arm.n_failed_attempts is not None
        },
        n_bots=outcomes.n_bots,
        n_holdout=outcomes.n_holdout,
        n_repeated_clicks=outcomes.n_repeated_clicks,
        repeats={arm.visitors.variant: arm.repeats for arm in outcomes.arms if arm.repeats is not None},
        failures=tuple(failures),
        checks=checks,
    )
