"""Panels that follow the run from its first visitor: cumulative lift, exposures, what peeking would do."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from website.dashboard.board import Board
from website.dashboard.traffic_values import (
    ExposureMoment,
    ExposuresPanel,
    LiftPanel,
    LiftPoint,
    LiftSeries,
    PeekingPanel,
    PeekPoint,
)
from website.dashboard.values import Range
from website.words import gettext, whole

if TYPE_CHECKING:
    from stats import Arm, Comparison, Design

_WIDEST = 7.5  # standard errors: a wider interval says nothing


@dataclass(frozen=True, slots=True)
class _Stand:
    """Both arms as they stood at the end of one moment."""

    at: int
    control: "Arm"
    treatment: "Arm"


def make_lift(board: Board) -> LiftPanel | None:
    """Lift of all visitors so far, moment by moment; None before both arms have visitors."""
    report = board.report
    if report is None:
        return None
    design = report.design
    series = []
    for treatment in design.treatments:
        points = tuple(_lift_point(stand, design) for stand in _stands(board, design, treatment))
        if any(point.lift is not None for point in points):
            series.append(LiftSeries(treatment, points))
    if not series:
        return None
    return LiftPanel(design.control, design.confidence, board.traffic.arrival_width_ms, tuple(series))


def make_exposures(board: Board) -> ExposuresPanel | None:
    """Visitors by moment and variant; None before the first."""
    if not board.traffic.arrivals:
        return None
    variants = _variants(board)
    counts: dict[int, dict[str, int]] = {}
    for arrival in board.traffic.arrivals:
        counts.setdefault(arrival.started_at, {})[arrival.variant] = arrival.n
    width = board.traffic.arrival_width_ms
    moments = tuple(
        ExposureMoment(at, tuple(counts.get(at, {}).get(variant, 0) for variant in variants))
        for at in range(min(counts), max(counts) + 1, width)
    )
    totals = tuple(sum(column) for column in zip(*(m.counts for m in moments), strict=True))
    return ExposuresPanel(variants, width, totals, moments)


def make_peeking(board: Board) -> PeekingPanel | None:
    """What a look at each moment would have said; None before there is any test."""
    report = board.report
    if report is None:
        return None
    design = report.design
    points = tuple(
        _running_minimum(_peek_point(stand, design) for stand in _stands(board, design, design.treatment))
    )
    looks = [point for point in points if point.fixed_p_value is not None]
    if not looks:
        return None
    fixed = [
        point for point in looks if point.fixed_p_value is not None and point.fixed_p_value < design.alpha
    ]
    valid = [
        point for point in looks if point.valid_p_value is not None and point.valid_p_value < design.alpha
    ]
    fixed_at, valid_at = (hits[0].n if hits else None for hits in (fixed, valid))
    return PeekingPanel(
        treatment=design.treatment,
        alpha=design.alpha,
        alternative=design.alternative,
        width_ms=board.traffic.arrival_width_ms,
        points=points,
        n_looks=len(looks),
        n_fixed_below_alpha=len(fixed),
        fixed_stopped_at=fixed_at,
        valid_stopped_at=valid_at,
        sentence=_peeking_sentence(len(looks), len(fixed), fixed_at, valid_at),
    )


def _variants(board: Board) -> tuple[str, ...]:
    seen = sorted({arrival.variant for arrival in board.traffic.arrivals})
    if board.report is None:
        return tuple(seen)
    planned = board.report.design.variants
    return (*planned, *(variant for variant in seen if variant not in planned))


def _stands(board: Board, design: "Design", treatment: str) -> Iterator[_Stand]:
    from stats import Arm

    arms = {variant: Arm(variant, 0, 0) for variant in (design.control, treatment)}
    moments: dict[int, dict[str, Arm]] = {}
    for arrival in board.traffic.arrivals:
        before = arms.get(arrival.variant)
        if before is None:
            continue
        arms[arrival.variant] = Arm(
            arrival.variant, before.n + arrival.n, before.successes + arrival.n_clicked
        )
        moments[arrival.started_at] = dict(arms)
    width = board.traffic.arrival_width_ms
    for started_at, stood in moments.items():
        yield _Stand(started_at + width, stood[design.control], stood[treatment])


def _lift_point(stand: _Stand, design: "Design") -> LiftPoint:
    found = _always_valid(stand.control, stand.treatment, design.planned.n_total, design.confidence)
    return LiftPoint(
        at=stand.at,
        n_control=stand.control.n,
        n_treatment=stand.treatment.n,
        clicked_control=stand.control.successes,
        clicked_treatment=stand.treatment.successes,
        difference=found.difference,
        difference_interval=range_of(found.difference_ci),
        lift=found.lift,
        lift_interval=range_of(found.lift_ci),
    )


def range_of(interval: object) -> Range | None:
    """The interval of `stats` as the API has it."""
    from stats import Interval

    return Range(interval.low, interval.high) if isinstance(interval, Interval) else None


@lru_cache(maxsize=4_096)  # all but the last moments of a run stay as they were
def _always_valid(control: "Arm", treatment: "Arm", planned_total: int, confidence: float) -> "Comparison":
    """Compare two arms with intervals widened so that all of them over time cover the truth together."""
    from dataclasses import replace
    from statistics import NormalDist

    from stats import always_valid_critical_value, compare

    if not min(control.n, treatment.n):
        return compare(control, treatment, alternative="two-sided", confidence=confidence)
    # Information grows with the harmonic mean of the arms, as in `stats.always_valid_comparison`.
    fraction = 4 * control.n * treatment.n / (control.n + treatment.n) / planned_total
    critical = always_valid_critical_value(fraction, alpha=1 - confidence, alternative="two-sided")
    wide = 1 - 2 * NormalDist().cdf(-min(critical, _WIDEST))
    found = compare(control, treatment, alternative="two-sided", confidence=wide)
    if critical > _WIDEST or not _has_enough(control, treatment):
        return replace(found, difference_ci=None, lift_ci=None)
    return found


def _has_enough(control: "Arm", treatment: "Arm") -> bool:
    """Whether an always-valid statement may be made of these arms."""
    from stats import NotEnoughDataError, always_valid_comparison

    try:
        always_valid_comparison(control, treatment, planned_total=1)
    except NotEnoughDataError:
        return False
    return True


def _peek_point(stand: _Stand, design: "Design") -> PeekPoint:
    n = stand.control.n + stand.treatment.n
    fixed, valid = _p_values(
        stand.control, stand.treatment, design.planned.n_total, design.alternative, design.alpha
    )
    return PeekPoint(stand.at, n, fixed, valid)


@lru_cache(maxsize=4_096)
def _p_values(
    control: "Arm", treatment: "Arm", planned_total: int, alternative: str, alpha: float
) -> tuple[float | None, float | None]:
    """The p-value of a fixed horizon, and one that holds at any moment; None where there is no test."""
    from stats import NotEnoughDataError, always_valid_comparison, compare

    fixed = compare(control, treatment, alternative=alternative).p_value
    try:
        valid = always_valid_comparison(
            control, treatment, planned_total=planned_total, alternative=alternative, alpha=alpha
        ).p_value
    except NotEnoughDataError:
        return fixed, None
    return fixed, valid


def _running_minimum(points: Iterator[PeekPoint]) -> Iterator[PeekPoint]:
    """An always-valid p-value never rises again: evidence once seen stays seen."""
    best: float | None = None
    for point in points:
        if point.valid_p_value is not None:
            best = point.valid_p_value if best is None else min(best, point.valid_p_value)
        yield PeekPoint(point.at, point.n, point.fixed_p_value, best)


def _peeking_sentence(n_looks: int, n_fixed: int, fixed_at: int | None, valid_at: int | None) -> str:
    if fixed_at is None:
        peeker = gettext(
            "The fixed-horizon p-value was never under alpha in %(n)s looks: no peeker would stop.",
            n=whole(n_looks),
        )
    else:
        peeker = gettext(
            "The fixed-horizon p-value was under alpha at %(n_fixed)s of %(n)s looks; whoever stops at the "
            "first would have stopped at %(at)s visitors.",
            n_fixed=whole(n_fixed),
            n=whole(n_looks),
            at=whole(fixed_at),
        )
    valid = (
        gettext("The always-valid p-value never was.")
        if valid_at is None
        else gettext("The always-valid one got there at %(at)s.", at=whole(valid_at))
    )
    return f"{peeker} {valid}"
