"""Two runs of an experiment side by side: do they tell the same, and what was different about them?

Two seeds, two populations, two engines, two weeks. Each arm's rate is compared across the runs, and the two
estimates of the treatment's effect are tested for being one and the same.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stats.ctr import compare_ctr
from stats.errors import InvalidOutcomesError, NotEnoughDataError
from stats.estimates import Comparison, Interval, attempt
from stats.outcomes import Run
from stats.proportions import MIN_VISITORS, Arm, compare
from stats.results import ArmResult, Report
from stats.tails import p_value_of, two_sided_z

if TYPE_CHECKING:
    from stats.ratio_arm import RatioArm

CONFLICT = 0.05
"""The p-value under which two runs count as telling different things."""


@dataclass(frozen=True, slots=True)
class EffectOfRuns:
    """A treatment's difference to the control in both runs; None where data are missing.

    Args:
        first: treatment minus control in the first run; `second` likewise.
        change: second minus first.
        p_value: two-sided, of no change: small where the runs contradict each other.
        pooled: the difference by both runs, weighed by their precision; None unless they agree.
    """

    treatment: str
    first: float | None
    first_ci: Interval | None
    second: float | None
    second_ci: Interval | None
    change: float | None
    change_ci: Interval | None
    statistic: float | None
    p_value: float | None
    pooled: float | None
    pooled_ci: Interval | None
    missing: tuple[str, ...]

    @property
    def is_conflict(self) -> bool:
        """Whether the runs contradict each other by more than chance."""
        return self.p_value is not None and self.p_value < CONFLICT


@dataclass(frozen=True, slots=True)
class RunComparison:
    """Two runs side by side. Make it with `compare_runs`.

    Args:
        rates: of each arm both runs have: the second run's rate against the first's, two-sided.
        effects: of each treatment both runs have.
        differing: settings that differ: name, first, second.
        same: names of the settings that are alike.
        is_same_crowd: the runs share seed and population, so their visitors are the same people: they agree
            by more than chance would have it, and the test of conflict is cautious.
    """

    first: Report
    second: Report
    rates: tuple[Comparison, ...]
    effects: tuple[EffectOfRuns, ...]
    differing: tuple[tuple[str, str, str], ...]
    same: tuple[str, ...]
    is_same_crowd: bool

    @property
    def is_conflict(self) -> bool:
        """Whether the runs contradict each other on any treatment."""
        return any(effect.is_conflict for effect in self.effects)

    @property
    def sentence(self) -> str:
        """The comparison in a sentence or two."""
        names = f"{self.first.run.run_id} and {self.second.run.run_id}"
        known = [effect for effect in self.effects if effect.p_value is not None]
        if not known:
            return f"{names} cannot be compared: {_first_reason(self.effects)}."
        least = min(known, key=lambda effect: effect.p_value or 0.0)
        if least.change is None or least.p_value is None:
            return f"{names} cannot be compared."
        found = (
            f"the difference of {least.treatment} changes by {100 * least.change:+.2f} points "
            f"(p {'< 0.0001' if least.p_value < _SMALLEST else f'= {least.p_value:.4f}'})"
        )
        if self.is_conflict:
            return f"{names} contradict each other: {found}."
        verdicts = self.first.verdict.code, self.second.verdict.code
        then = (
            f"; both say {verdicts[0]}"
            if verdicts[0] == verdicts[1]
            else f", though one says {verdicts[0]}, the other {verdicts[1]}"
        )
        return f"{names} are compatible: {found}{then}."


_SMALLEST = 0.0001


def compare_runs(
    first: Report,
    second: Report,
    *,
    facts: Mapping[str, tuple[str, str]] | None = None,
    confidence: float = 0.95,
) -> RunComparison:
    """Compare two runs of one metric.

    Args:
        first: the report of one run.
        second: of the other; its numbers minus the first's are the changes.
        facts: what else is known of both: name -> its value in the first run, and in the second.
        confidence: of the intervals of changes.

    Raises:
        InvalidOutcomesError: the runs have another primary metric, or no two arms in common.

    Source: the test of one effect in two studies is Cochran's Q of two (Biometrics 10 (1954), 101-129); the
        pooled effect is weighed by inverse variance.
    """
    if first.primary.metric != second.primary.metric:
        raise InvalidOutcomesError(
            f"{first.run.run_id} is decided on {first.primary.metric}, {second.run.run_id} on "
            f"{second.primary.metric}; compare runs of one metric"
        )
    arms = _arms_of_both(first, second)
    control = first.design.control
    if control not in arms or len(arms) < MIN_VISITORS:
        raise InvalidOutcomesError(
            f"{first.run.run_id} and {second.run.run_id} have {', '.join(arms) or 'no arm'} in common; a "
            f"comparison needs {control!r} and a treatment in both"
        )
    differing, same = _settings(first.run, second.run, facts or {})
    changed = {name for name, _, _ in differing}
    return RunComparison(
        first=first,
        second=second,
        rates=tuple(_rates(name, *pair, confidence) for name, pair in arms.items()),
        effects=tuple(
            _effect(name, arms[control], pair, confidence) for name, pair in arms.items() if name != control
        ),
        differing=differing,
        same=same,
        is_same_crowd=first.run.seed is not None
        and first.run.kind == "simulated"
        and not changed & {"seed", "population"},
    )


def _arms_of_both(first: Report, second: Report) -> dict[str, tuple[ArmResult, ArmResult]]:
    others = {arm.arm.variant: arm for arm in second.primary.arms}
    return {
        arm.arm.variant: (arm, others[arm.arm.variant])
        for arm in first.primary.arms
        if arm.arm.variant in others
    }


def _rates(name: str, first: ArmResult, second: ArmResult, confidence: float) -> Comparison:
    """The rate of one arm in the second run against the first."""
    if first.impressions is not None and second.impressions is not None:
        return compare_ctr(
            first.impressions, second.impressions, alternative="two-sided", confidence=confidence
        ).comparison
    pair = (Arm(name, arm.arm.n, arm.arm.successes) for arm in (first, second))
    return compare(*pair, alternative="two-sided", confidence=confidence)


def _effect(
    treatment: str,
    controls: tuple[ArmResult, ArmResult],
    treatments: tuple[ArmResult, ArmResult],
    confidence: float,
) -> EffectOfRuns:
    missing: list[str] = []
    z = two_sided_z(confidence)
    found = [
        attempt(lambda pair=pair: _difference(*pair), missing)  # type: ignore[misc]  # a default binds the loop's value
        for pair in zip(controls, treatments, strict=True)
    ]
    intervals = [_around(value, z) for value in found]
    first, second = found
    change = change_ci = statistic = p_value = pooled = pooled_ci = None
    if first is not None and second is not None:
        change, error = second[0] - first[0], math.hypot(first[1], second[1])
        statistic = change / error
        p_value = p_value_of(statistic, "two-sided")
        change_ci = Interval(change - z * error, change + z * error)
        if p_value >= CONFLICT:
            weights = first[1] ** -2, second[1] ** -2
            pooled = (weights[0] * first[0] + weights[1] * second[0]) / sum(weights)
            pooled_ci = _around((pooled, sum(weights) ** -0.5), z)
    return EffectOfRuns(
        treatment=treatment,
        first=None if first is None else first[0],
        first_ci=intervals[0],
        second=None if second is None else second[0],
        second_ci=intervals[1],
        change=change,
        change_ci=change_ci,
        statistic=statistic,
        p_value=p_value,
        pooled=pooled,
        pooled_ci=pooled_ci,
        missing=tuple(missing),
    )


def _difference(control: ArmResult, treatment: ArmResult) -> tuple[float, float]:
    """Treatment minus control, and its standard error."""
    rates, variances = zip(*(_rate_and_variance(arm) for arm in (control, treatment)), strict=True)
    error = math.sqrt(sum(variances))
    if error == 0:
        raise NotEnoughDataError(
            f"nobody, or everybody, clicked in {control.arm.variant} and {treatment.arm.variant}; a "
            "comparison of runs needs some who did and some who did not"
        )
    return rates[1] - rates[0], error


def _rate_and_variance(result: ArmResult) -> tuple[float, float]:
    impressions: RatioArm | None = result.impressions
    if impressions is not None:
        return impressions.ctr, impressions.variance
    arm = result.arm
    if arm.n < MIN_VISITORS:
        raise NotEnoughDataError(
            f"{arm.variant} has {arm.n} visitors in one run; at least {MIN_VISITORS} are needed"
        )
    return arm.rate, arm.rate * (1 - arm.rate) / arm.n


def _around(found: tuple[float, float] | None, z: float) -> Interval | None:
    return None if found is None else Interval(found[0] - z * found[1], found[0] + z * found[1])


def _settings(
    first: Run, second: Run, facts: Mapping[str, tuple[str, str]]
) -> tuple[tuple[tuple[str, str, str], ...], tuple[str, ...]]:
    """Return what differs, and the names of what does not."""
    pairs = {
        "experiment": (first.experiment, second.experiment),
        "experiment file": (_hash(first), _hash(second)),
        "kind": (first.kind, second.kind),
        "engine": (first.engine or "", second.engine or ""),
        "seed": (_text(first.seed), _text(second.seed)),
        "visitors asked for": (_text(first.n_visitors), _text(second.n_visitors)),
        **facts,
    }
    for name in dict.fromkeys([*first.settings, *second.settings]):
        pairs.setdefault(name, (first.settings.get(name, ""), second.settings.get(name, "")))
    known = {name: pair for name, pair in pairs.items() if any(pair)}
    differing = tuple((name, *pair) for name, pair in known.items() if pair[0] != pair[1])
    return differing, tuple(name for name, pair in known.items() if pair[0] == pair[1])


def _hash(run: Run) -> str:
    return (run.experiment_hash or "")[:12]


def _text(value: int | None) -> str:
    return "" if value is None else f"{value}"


def _first_reason(effects: tuple[EffectOfRuns, ...]) -> str:
    return next((reason for effect in effects for reason in effect.missing), "no treatment in both")
