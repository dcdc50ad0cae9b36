"""An experiment decided on impression CTR: plan, test, verdict, report."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
import scipy.stats

from stats import (
    Arm,
    ArmOutcomes,
    Design,
    InvalidDesignError,
    InvalidOutcomesError,
    Outcomes,
    RatioArm,
    Report,
    Run,
    Truth,
    build_report,
    compare,
    compare_ctr,
    ctr_against_baseline,
    plan,
    plan_for_impressions,
    render_html,
    render_text,
    report_to_json,
)

DESIGN = Design(
    primary_metric="impression_ctr", baseline=0.02, mde=0.01, impressions_per_visitor=6.0, design_effect=2.0
)
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def arm_of(rng: np.random.Generator, variant: str, n: int, rate: float) -> ArmOutcomes:
    """Visitors who differ in readiness (beta) and in how many slates of six they look at."""
    impressions = 6 * rng.geometric(0.5, n)
    clicks = rng.binomial(impressions, rng.beta(30 * rate, 30 * (1 - rate), n))
    return ArmOutcomes(
        Arm(variant, n, int(np.count_nonzero(clicks))), RatioArm.from_visitors(variant, clicks, impressions)
    )


def report_of(*arms: ArmOutcomes, design: Design = DESIGN, run: Run | None = None) -> Report:
    return build_report(Outcomes(run or Run("r", status="done"), arms), design, generated_at=NOW)


def test_a_visitor_is_worth_their_impressions_over_the_design_effect() -> None:
    """4,371 independent trials per variant are 4,371 * 2 / 6 visitors; Kish (1965)."""
    trials = plan(baseline=0.02, mde=0.01)
    assert trials.n_per_variant == 4_371
    assert DESIGN.planned.n_per_variant == 1_457
    assert plan_for_impressions(trials) == trials
    with pytest.raises(InvalidDesignError, match="impressions_per_visitor is -1"):
        plan_for_impressions(trials, impressions_per_visitor=-1)


def test_the_report_is_decided_by_the_delta_method_over_visitors() -> None:
    rng = np.random.default_rng(20_261_127)
    control, treatment = arm_of(rng, "control", 1_457, 0.02), arm_of(rng, "treatment", 1_457, 0.04)
    assert control.impressions is not None
    assert treatment.impressions is not None
    report = report_of(control, treatment)
    assert report.primary.comparison == compare_ctr(control.impressions, treatment.impressions).comparison
    assert report.primary.arms[1].vs_baseline == ctr_against_baseline(treatment.impressions, 0.02)
    assert report.verdict.code == "ship"
    assert "of its impressions were clicked against" in report.verdict.sentence
    assert f"{100 * treatment.impressions.ctr:.2f}%" in report.verdict.sentence
    text = " ".join(render_text(report).split())
    for words in (
        "PRIMARY METRIC: IMPRESSION CTR",
        "Design effect",
        "WRONG, for comparison only",
        "Clustered t",
    ):
        assert words in text
    assert "Impression CTR of each arm" in render_html(report)


def test_json_keeps_its_keys_and_adds_impressions() -> None:
    rng = np.random.default_rng(20_261_128)
    document = report_to_json(
        report_of(arm_of(rng, "control", 900, 0.02), arm_of(rng, "treatment", 900, 0.02))
    )
    json.dumps(document, allow_nan=False)
    primary = document["primary"]
    assert primary["metric"] == "impression_ctr"
    assert {"variant", "n", "successes", "rate", "ci", "vs_baseline", "impressions", "clicks"} <= set(
        primary["arms"][0]
    )
    assert primary["design_effect"] > 1
    assert primary["naive"]["is_valid"] is False
    assert [metric["metric"] for metric in document["secondary"]] == ["visitor_ctr"]


def test_visitor_ctr_stands_beside_it_as_a_secondary_metric() -> None:
    """Two-sided, by the same tests as where it decides; nothing of it where requests are split."""
    rng = np.random.default_rng(20_261_130)
    arms = arm_of(rng, "control", 900, 0.02), arm_of(rng, "treatment", 900, 0.04)
    report = report_of(*arms)
    (found,) = report.pairs[0].metrics
    expected = compare(arms[0].visitors, arms[1].visitors, alternative="two-sided")
    assert (found.metric, found.comparison) == ("visitor_ctr", expected)
    assert found.holm_p_value == expected.p_value
    text = " ".join(render_text(report).split())
    assert f"visitor CTR {arms[0].visitors.rate:.2%} {arms[1].visitors.rate:.2%}" in text
    split = replace(DESIGN, assignment="request")
    assert report_of(*arms, design=split).pairs[0].metrics == ()


def test_it_raises_false_alarms_at_alpha_and_has_its_planned_power() -> None:
    """1,000 A/A and 400 A/B reports of the planned size: 5% within the 99.9% band; power 90% within 6 points.

    A pilot of 20,000 visitors per arm measures impressions per visitor and the design effect first.
    """
    rng = np.random.default_rng(20_261_129)
    pilot = [arm_of(rng, "c", 20_000, 0.02).impressions, arm_of(rng, "t", 20_000, 0.03).impressions]
    assert pilot[0] is not None
    assert pilot[1] is not None
    effect = compare_ctr(pilot[0], pilot[1]).design_effect
    assert effect is not None
    seen = pilot[0].impressions / pilot[0].n
    planned = plan_for_impressions(
        plan(baseline=0.02, mde=0.01), impressions_per_visitor=seen, design_effect=effect
    )

    def significant(rate: float, n_experiments: int) -> int:
        found = 0
        for _ in range(n_experiments):
            arms = [arm_of(rng, name, planned.n_per_variant, at) for name, at in (("c", 0.02), ("t", rate))]
            assert arms[0].impressions is not None
            assert arms[1].impressions is not None
            p_value = compare_ctr(arms[0].impressions, arms[1].impressions).comparison.p_value
            assert p_value is not None
            found += p_value < 0.05
        return found

    fewest, most = scipy.stats.binom.interval(0.999, n=1_000, p=0.05)
    assert fewest <= significant(0.02, 1_000) <= most
    assert significant(0.03, 400) / 400 == pytest.approx(0.9, abs=0.06)


@pytest.mark.parametrize("visitors", [[], [(0, 0)], [(1, 6)], [(0, 6)] * 50, [(6, 6)] * 50, [(0, 0)] * 9])
def test_thin_data_have_words_and_null(visitors: list[tuple[int, int]]) -> None:
    arms = tuple(
        ArmOutcomes(
            Arm(name, len(visitors), sum(clicks > 0 for clicks, _ in visitors)),
            RatioArm.from_visitors(name, [clicks for clicks, _ in visitors], [seen for _, seen in visitors]),
        )
        for name in ("control", "treatment")
    )
    report = report_of(*arms)
    assert report.primary.comparison.p_value is None
    assert report.primary.comparison.missing
    json.dumps(report_to_json(report), allow_nan=False)
    assert max(len(line) for line in render_text(report).splitlines()) <= 80
    render_html(report)


def test_counts_of_visitors_alone_cannot_decide_it() -> None:
    with pytest.raises(InvalidOutcomesError, match="'control' has no impressions"):
        report_of(ArmOutcomes(Arm("control", 9, 1)), ArmOutcomes(Arm("treatment", 9, 1)))


def test_the_simulators_truth_of_visitor_ctr_is_not_compared_with_it() -> None:
    rng = np.random.default_rng(20_261_130)
    run = Run("r", status="done", truth=Truth({"control": 0.07}, difference=0.03))
    report = report_of(arm_of(rng, "control", 500, 0.02), arm_of(rng, "treatment", 500, 0.02), run=run)
    assert report.truth is None
