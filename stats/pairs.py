"""One treatment against the control beyond the primary metric: every part that the data have."""

from collections.abc import Mapping, Sequence
from typing import Final

from stats.cuped import CupedComparison, compare_cuped
from stats.design import Design
from stats.details import ArmDetails
from stats.estimates import attempt
from stats.guarding import judge_guardrails
from stats.heterogeneity import compare_segments
from stats.means import MeanArm
from stats.novelty import novelty_slope
from stats.outcomes import ArmOutcomes
from stats.pair_results import (
    DailyResult,
    DayResult,
    PairResult,
    SegmentsResult,
    ShownResult,
    StratifiedResult,
)
from stats.proportions import MIN_VISITORS, Arm, newcombe_interval, rate_difference
from stats.second_opinions import Resampling, second_opinions
from stats.secondary import secondary_metrics
from stats.stratification import compare_stratified

OTHERS: Final = "others"
"""The segment of those too few for one of their own."""

_MOST_SEGMENTS: Final = 20

Cells = Mapping[str, tuple[Arm, Arm]]


def compare_pair(
    control: ArmOutcomes, treatment: ArmOutcomes, design: Design, *, resampling: Resampling | None = None
) -> PairResult:
    """Compare two arms on all that their details tell; what the data do not have is absent."""
    names = (control.visitors.variant, treatment.visitors.variant)
    guardrails = judge_guardrails(
        design.guardrails, control.details, treatment.details, names=names, alpha=design.alpha
    )
    details = (control.details or ArmDetails(), treatment.details or ArmDetails())
    segments = segments_of(*details, names)
    cuped, stratified = _cuped(*details, names, design), _stratified(segments, design)
    return PairResult(
        *names,
        metrics=secondary_metrics(
            *details,
            confidence=design.confidence,
            visitors=(control.visitors, treatment.visitors) if _is_visitor_ctr_secondary(design) else None,
        ),
        guardrails=guardrails,
        cuped=cuped,
        past_name=details[0].past_name,
        stratified=stratified,
        segments=tuple(_segments(dimension, cells, design) for dimension, cells in segments.items()),
        daily=_daily(*details, names, design),
        opinions=second_opinions(
            control, treatment, design, cuped=cuped, stratified=stratified, resampling=resampling
        ),
        shown=tuple(
            ShownResult(name, found.n_impressions, found.n_films, found.gini, found.effective_films)
            for name, arm in zip(names, details, strict=True)
            if (found := arm.shown) is not None
        ),
    )


def _is_visitor_ctr_secondary(design: Design) -> bool:
    """Where requests are split, who clicked belongs to no variant."""
    return design.primary_metric == "impression_ctr" and design.assignment == "visitor"


def segments_of(control: ArmDetails, treatment: ArmDetails, names: tuple[str, str]) -> dict[str, Cells]:
    """Return dimension -> segment -> both arms, of the dimensions that have two segments at least.

    Beyond 20 the smallest are put together. A segment that only one arm has is empty in the other.
    """
    found: dict[str, Cells] = {}
    for dimension in dict.fromkeys([*control.segments, *treatment.segments]):
        cells = _aligned(control.segments.get(dimension, {}), treatment.segments.get(dimension, {}), names)
        if len(cells) > 1:
            found[dimension] = _largest(cells, names)
    return found


def days_of(control: ArmDetails, treatment: ArmDetails, names: tuple[str, str]) -> dict[int, tuple[Arm, Arm]]:
    """Return day -> both arms, in order."""
    return {
        day: (
            control.days.get(day, Arm(names[0], 0, 0)),
            treatment.days.get(day, Arm(names[1], 0, 0)),
        )
        for day in sorted({*control.days, *treatment.days})
    }


def _aligned(control: Mapping[str, Arm], treatment: Mapping[str, Arm], names: tuple[str, str]) -> Cells:
    return {
        name: (control.get(name, Arm(names[0], 0, 0)), treatment.get(name, Arm(names[1], 0, 0)))
        for name in sorted({*control, *treatment})
    }


def _largest(cells: Cells, names: tuple[str, str]) -> Cells:
    if len(cells) <= _MOST_SEGMENTS:
        return cells
    by_size = sorted(cells, key=lambda name: -(cells[name][0].n + cells[name][1].n))
    kept = set(by_size[: _MOST_SEGMENTS - 1])
    return {
        **{name: arms for name, arms in cells.items() if name in kept},
        OTHERS: _merged([arms for name, arms in cells.items() if name not in kept], names),
    }


def _merged(cells: Sequence[tuple[Arm, Arm]], names: tuple[str, str]) -> tuple[Arm, Arm]:
    control, treatment = (
        Arm(name, sum(arms[side].n for arms in cells), sum(arms[side].successes for arms in cells))
        for side, name in enumerate(names)
    )
    return control, treatment


def _segments(dimension: str, cells: Cells, design: Design) -> SegmentsResult:
    found = compare_segments(cells, alternative="two-sided", confidence=design.confidence)
    return SegmentsResult(dimension, tuple(cells.values()), found)


def _stratified(segments: Mapping[str, Cells], design: Design) -> StratifiedResult | None:
    """Weigh by the first dimension; strata with an arm too small for a variance are put together."""
    if not segments:
        return None
    dimension, cells = next(iter(segments.items()))
    names = tuple(arm.variant for arm in next(iter(cells.values())))
    strata = {name: arms for name, arms in cells.items() if min(arm.n for arm in arms) >= MIN_VISITORS}
    small = [arms for name, arms in cells.items() if name not in strata]
    if small:
        strata[OTHERS] = _merged([*small, *filter(None, [strata.get(OTHERS)])], (names[0], names[1]))
    missing: list[str] = []
    found = attempt(
        lambda: compare_stratified(
            {name: (MeanArm.from_arm(a), MeanArm.from_arm(b)) for name, (a, b) in strata.items()},
            alternative=design.alternative,
            confidence=design.confidence,
        ),
        missing,
    )
    return StratifiedResult(dimension, len(strata), found, "; ".join(missing))


def _cuped(
    control: ArmDetails, treatment: ArmDetails, names: tuple[str, str], design: Design
) -> CupedComparison | None:
    if not (control.has_past and treatment.has_past):
        return None
    return compare_cuped(
        control.clicked_by_past(names[0]),
        treatment.clicked_by_past(names[1]),
        alternative=design.alternative,
        confidence=design.confidence,
    )


def _daily(
    control: ArmDetails, treatment: ArmDetails, names: tuple[str, str], design: Design
) -> DailyResult | None:
    days = days_of(control, treatment, names)
    if len(days) < 2:  # noqa: PLR2004 - one day is the whole
        return None
    missing: list[str] = []
    novelty = attempt(
        lambda: novelty_slope([(day, *arms) for day, arms in days.items()], confidence=design.confidence),
        missing,
    )
    return DailyResult(
        days=tuple(_day(day, *arms, design.confidence) for day, arms in days.items()),
        novelty=novelty,
        missing="; ".join(missing),
    )


def _day(day: int, control: Arm, treatment: Arm, confidence: float) -> DayResult:
    return DayResult(
        day=day + 1,
        control=control,
        treatment=treatment,
        difference=attempt(lambda: rate_difference(control, treatment), []),
        ci=attempt(lambda: newcombe_interval(control, treatment, confidence=confidence), []),
    )
