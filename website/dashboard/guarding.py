"""Panels of guardrails and segments: what may not get worse, and for whom the effect differs."""

from typing import TYPE_CHECKING

from website.dashboard.board import Board
from website.dashboard.following import range_of
from website.dashboard.sentences import in_language, method_name
from website.dashboard.titles import dimension_name
from website.dashboard.values import (
    ArmRate,
    GuardrailLine,
    GuardrailsPanel,
    SegmentLine,
    SegmentsPanel,
    State,
)
from website.dashboard.wording import p_text
from website.words import gettext

if TYPE_CHECKING:
    from stats import Arm, GuardrailResult, PairResult, SegmentComparison, SegmentsResult

_SUSPECT = 0.05  # a p-value of Cochran's Q worth a sentence


def make_guardrails(board: Board) -> GuardrailsPanel | None:
    """Every guardrail of every treatment; None where the experiment names none."""
    report = board.report
    if report is None:
        return None
    lines = [_guardrail(result) for pair in report.pairs for result in pair.guardrails]
    return GuardrailsPanel(tuple(lines)) if lines else None


def make_segments(board: Board) -> SegmentsPanel | None:
    """Every segment of every dimension; None where nothing divides the visitors."""
    report = board.report
    if report is None:
        return None
    found = [(pair, result) for pair in report.pairs for result in pair.segments]
    if not found:
        return None
    return SegmentsPanel(
        segments=tuple(line for pair, result in found for line in _segments(pair, result)),
        notes=tuple(note for pair, result in found for note in _notes(pair, result)),
    )


def _guardrail(result: "GuardrailResult") -> GuardrailLine:
    found = result.found
    state: State = "unknown"
    words = in_language(result.missing)
    if found is not None:
        # Broken is what is worse beyond doubt; what is merely not shown to be harmless is not.
        state = "ok" if found.is_held else "bad" if found.worsening >= result.margin else "warn"
        words = {
            "ok": gettext("harm of the margin is ruled out"),
            "bad": gettext("worse by the margin or more"),
            "warn": gettext("harm of the margin is not ruled out"),
        }[state]
    return GuardrailLine(
        metric=result.metric,
        treatment=result.treatment,
        margin=result.margin,
        control_value=result.values[0],
        treatment_value=result.values[1],
        worsening=found.worsening if found else None,
        upper=found.upper if found else None,
        p_value=found.p_value if found else None,
        is_held=found.is_held if found else None,
        state=state,
        found=words,
        method=method_name(found.method) if found else "",
    )


def _segments(pair: "PairResult", result: "SegmentsResult") -> tuple[SegmentLine, ...]:
    return tuple(
        _segment(pair, result.dimension, arms, found)
        for arms, found in zip(result.arms, result.found.segments, strict=True)
    )


def _segment(
    pair: "PairResult", dimension: str, arms: "tuple[Arm, Arm]", found: "SegmentComparison"
) -> SegmentLine:
    return SegmentLine(
        dimension=dimension_name(dimension),
        segment=found.segment,
        treatment=pair.treatment,
        arms=tuple(
            ArmRate(arm.variant, arm.successes, arm.n, arm.successes / arm.n if arm.n else None, None)
            for arm in arms
        ),
        difference=found.comparison.difference,
        difference_interval=range_of(found.comparison.difference_ci),
        lift=found.comparison.lift,
        adjusted_p_value=found.holm_p_value,
    )


def _notes(pair: "PairResult", result: "SegmentsResult") -> tuple[str, ...]:
    dimension = dimension_name(result.dimension)
    notes = []
    if result.found.is_simpson:
        notes.append(
            gettext(
                "%(treatment)s, by %(dimension)s: all visitors together show the opposite of their segments "
                "(Simpson's paradox); check the split.",
                treatment=pair.treatment,
                dimension=dimension,
            )
        )
    if result.found.p_value is not None and result.found.p_value < _SUSPECT:
        notes.append(
            gettext(
                "%(treatment)s, by %(dimension)s: the segments' differences are not alike "
                "(Cochran's Q, %(p)s).",
                treatment=pair.treatment,
                dimension=dimension,
                p=p_text(result.found.p_value),
            )
        )
    return tuple(notes)
