"""The guardrails of a design, judged on what an arm's details tell."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np

from stats.details import (
    DIVERSITY_METRICS,
    LATENCY_METRIC,
    MEAN_METRICS,
    SHARE_METRICS,
    ArmDetails,
    Latencies,
)
from stats.errors import InvalidDesignError, NotEnoughDataError
from stats.guardrails import Guardrail, guard_mean, guard_quantile, guard_rate
from stats.means import MeanArm
from stats.metric_names import metric_in_words
from stats.pair_results import GuardrailResult

GUARDRAIL_METRICS: Final = (LATENCY_METRIC, *SHARE_METRICS, *MEAN_METRICS, *DIVERSITY_METRICS)
"""What a guardrail may watch."""

_QUANTILE: Final = 0.95
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class GuardrailRule:
    """A metric that the treatment may worsen by less than a margin, in the metric's own unit.

    Raises:
        InvalidDesignError: an unknown metric, or a margin that is not above 0, or not below 1 for a share.
    """

    metric: str
    margin: float

    def __post_init__(self) -> None:
        if self.metric not in GUARDRAIL_METRICS:
            raise InvalidDesignError(
                f"guardrail metric {self.metric!r} is unknown; use one of {', '.join(GUARDRAIL_METRICS)}"
            )
        if not self.margin > 0 or (self.metric in SHARE_METRICS and self.margin >= 1):
            raise InvalidDesignError(
                f"guardrail {self.metric} has margin {self.margin!r}; it must be above 0"
                f"{', and below 1 for a share' if self.metric in SHARE_METRICS else ''}"
            )


def judge_guardrails(
    rules: Sequence[GuardrailRule],
    control: ArmDetails | None,
    treatment: ArmDetails | None,
    *,
    names: tuple[str, str],
    alpha: float,
) -> tuple[GuardrailResult, ...]:
    """Judge every rule; one whose data are missing is not held, and says why.

    Args:
        rules: of the design.
        control: None where nothing is known of the arm.
        treatment: likewise.
        names: of both variants.
        alpha: chance to pass a treatment that is worse by the margin, of each guardrail.
    """
    arms = (control or ArmDetails(), treatment or ArmDetails())
    return tuple(_judge(rule, arms, names, alpha) for rule in rules)


def _judge(
    rule: GuardrailRule, arms: tuple[ArmDetails, ArmDetails], names: tuple[str, str], alpha: float
) -> GuardrailResult:
    judge = _by_mean
    if rule.metric == LATENCY_METRIC:
        judge = _by_quantile
    elif rule.metric in SHARE_METRICS:
        judge = _by_share
    try:
        values, found, missing = *judge(rule, arms, min(alpha, 0.49)), ""
    except NotEnoughDataError as error:
        missing = str(error).replace(rule.metric, metric_in_words(rule.metric))
        values, found = (None, None), None
    return GuardrailResult(rule.metric, rule.margin, names[1], values, found, missing)


_Judged = tuple[tuple[float | None, float | None], Guardrail]
_Judge = Callable[[GuardrailRule, tuple[ArmDetails, ArmDetails], float], _Judged]


def _by_share(rule: GuardrailRule, arms: tuple[ArmDetails, ArmDetails], alpha: float) -> _Judged:
    control, treatment = (_known(rule.metric, arm.shares.get(rule.metric)) for arm in arms)
    found = guard_rate(
        rule.metric, control, treatment, margin=rule.margin, is_higher_better=False, alpha=alpha
    )
    return (control.rate, treatment.rate), found


def _by_mean(rule: GuardrailRule, arms: tuple[ArmDetails, ArmDetails], alpha: float) -> _Judged:
    control, treatment = (_mean_of(rule.metric, arm) for arm in arms)
    found = guard_mean(
        rule.metric, control, treatment, margin=rule.margin, is_higher_better=True, alpha=alpha
    )
    return (control.mean, treatment.mean), found


def _mean_of(metric: str, arm: ArmDetails) -> MeanArm:
    if metric not in DIVERSITY_METRICS:
        return _known(metric, arm.values.get(metric))
    shown = _known(metric, arm.shown)
    return shown.coverage if metric == "coverage" else shown.diversity


def _by_quantile(rule: GuardrailRule, arms: tuple[ArmDetails, ArmDetails], alpha: float) -> _Judged:
    latencies = tuple(_known(rule.metric, arm.latencies) for arm in arms)
    control, treatment = (_values(found) for found in latencies)
    found = guard_quantile(
        rule.metric,
        control,
        treatment,
        margin=rule.margin,
        quantile=_QUANTILE,
        design_effect=max(found.design_effect for found in latencies),
        alpha=alpha,
    )
    return (float(np.quantile(control, _QUANTILE)), float(np.quantile(treatment, _QUANTILE))), found


def _values(latencies: Latencies) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.repeat(
        np.array(list(latencies.counts), dtype=np.float64), np.array(list(latencies.counts.values()))
    )


def _known(metric: str, part: T | None) -> T:
    if part is None:
        raise NotEnoughDataError(f"nothing tells the {metric_in_words(metric)} of an arm")
    return part
