"""Laws that whole reports obey: arms swapped, order changed, data thin or extreme."""

import json
import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from pair_reports import report_on

from stats import (
    Arm,
    ArmDetails,
    ArmOutcomes,
    Design,
    GuardrailRule,
    Latencies,
    MeanArm,
    RatioArm,
    Resampling,
    render_html,
    render_text,
    report_to_json,
)


def test_swapping_the_arms_turns_every_difference_round(arms: tuple[ArmOutcomes, ArmOutcomes]) -> None:
    design = Design(alternative="two-sided", mde=0.04)
    there = report_on(arms, design).pairs[0]
    swapped = Design(
        alternative="two-sided", mde=0.04, weights={"treatment": 1.0, "control": 1.0}, control="treatment"
    )
    back = report_on(arms[::-1], swapped).pairs[0]
    for one, other in zip(there.metrics, back.metrics, strict=True):
        assert one.comparison.difference == pytest.approx(-(other.comparison.difference or 0))
        assert one.comparison.p_value == pytest.approx(other.comparison.p_value)
        assert one.comparison.lift is not None
        assert other.comparison.lift is not None
        assert (1 + one.comparison.lift) * (1 + other.comparison.lift) == pytest.approx(1)
    for one_cuped, other_cuped in ((there.cuped, back.cuped),):
        assert one_cuped is not None
        assert other_cuped is not None
        assert one_cuped.comparison.p_value == pytest.approx(other_cuped.comparison.p_value)
    assert there.segments[0].found.statistic == pytest.approx(back.segments[0].found.statistic)
    assert there.daily is not None
    assert back.daily is not None
    assert there.daily.novelty is not None
    assert back.daily.novelty is not None
    assert there.daily.novelty.slope == pytest.approx(-back.daily.novelty.slope)


def test_the_order_of_segments_days_and_pasts_is_irrelevant(arms: tuple[ArmOutcomes, ArmOutcomes]) -> None:
    turned = [
        replace(
            arm,
            details=replace(
                arm.details,
                segments={
                    name: dict(reversed(cells.items())) for name, cells in arm.details.segments.items()
                },
                days=dict(reversed(arm.details.days.items())),
                pasts=dict(reversed(arm.details.pasts.items())),
            ),
        )
        for arm in arms
        if arm.details is not None
    ]
    one, other = report_to_json(report_on(arms)), report_to_json(report_on(turned))
    for key in ("segments", "daily", "stratified"):
        assert one[key] == other[key]
    assert one["cuped"]["comparison"]["p_value"] == pytest.approx(other["cuped"]["comparison"]["p_value"])


THIN: dict[str, tuple[tuple[int, int], tuple[int, int]]] = {
    "nobody": ((0, 0), (0, 0)),
    "one visitor": ((1, 0), (0, 0)),
    "one each": ((1, 1), (1, 0)),
    "no clicks": ((400, 0), (400, 0)),
    "all clicks": ((400, 400), (400, 400)),
    "rates 0 and 1": ((400, 0), (400, 400)),
    "no click against twelve": ((400, 0), (400, 12)),
    "a thousand million": ((10**9, 7 * 10**7), (10**9, 7 * 10**7 + 10**6)),
}


def extreme_arm(variant: str, n: int, n_clicked: int) -> ArmOutcomes:
    """An arm whose every detail follows from two numbers."""
    whole = Arm(variant, n, n_clicked)
    half = Arm(variant, n // 2, n_clicked // 2)
    rest = Arm(variant, n - half.n, n_clicked - half.successes)
    sums = RatioArm(variant, n, n_clicked, 6 * n, n_clicked, 36 * n, 6 * n_clicked)
    if n == 0:
        return ArmOutcomes(whole, sums, details=ArmDetails())
    return ArmOutcomes(
        whole,
        sums,
        n_slates=n,
        details=ArmDetails(
            values={"plays_per_visitor": MeanArm.from_arm(whole), "dwell_s": MeanArm(variant, n, 0.0, 0.0)},
            shares={"bounce_rate": Arm(variant, n, n - n_clicked), "fallback_rate": Arm(variant, n, 0)},
            segments={"persona": {"buff": half, "family": rest}, "device": {"phone": whole}},
            days={0: half, 1: rest},
            pasts={0: half, 3: rest},
            bots=Arm(variant, 0, 0),
            beacons=Arm(variant, n_clicked, 0),
            latencies=Latencies({5.0: 1}),
        ),
    )


@pytest.mark.parametrize("counts", THIN.values(), ids=THIN.keys())
def test_thin_and_extreme_data_give_words_and_never_nan(
    counts: tuple[tuple[int, int], tuple[int, int]],
) -> None:
    guardrails = tuple(
        GuardrailRule(metric, 0.1)
        for metric in ("latency_p95", "bounce_rate", "fallback_rate", "dwell_s", "coverage")
    )
    arms = [
        extreme_arm(name, *numbers) for name, numbers in zip(("control", "treatment"), counts, strict=True)
    ]
    report = report_on(arms, Design(guardrails=guardrails), Resampling(100, seed=1))
    document = report_to_json(report)
    json.dumps(document, allow_nan=False)
    assert all(math.isfinite(number) for number in numbers_in(document))
    assert " nan" not in render_text(report).lower()
    assert ">nan" not in render_html(report).lower()
    for guardrail in document["guardrails"]:
        assert (guardrail["p_value"] is None) == bool(guardrail["missing"])


def numbers_in(value: Any) -> Iterator[float]:  # noqa: ANN401 - any JSON
    """Yield every number of a document."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from numbers_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from numbers_in(inner)
    elif isinstance(value, float):
        yield value
