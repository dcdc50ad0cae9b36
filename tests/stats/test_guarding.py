"""Guardrails of a design: judged, printed, and what they do to the verdict."""

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
import pytest
import scipy.stats
from detailed_arms import arm_with_details

from experiment import parse_experiment
from experiment.definition import GUARDRAIL_METRICS as METRICS_OF_THE_FILE
from stats import (
    GUARDRAIL_METRICS,
    ArmOutcomes,
    Design,
    GuardrailResult,
    GuardrailRule,
    InvalidDesignError,
    Outcomes,
    Report,
    Run,
    build_report,
    decision_rule,
    render_text,
    report_to_json,
)
from stats.verdict import blocked_by
from website import design_of

NOW = datetime(2026, 11, 22, tzinfo=UTC)
DONE = Run("run-7", kind="simulated", status="done")


def report_on(arms: Sequence[ArmOutcomes], *rules: GuardrailRule) -> Report:
    return build_report(Outcomes(DONE, tuple(arms)), Design(guardrails=rules), generated_at=NOW)


@pytest.fixture(scope="module")
def slower() -> tuple[ArmOutcomes, ArmOutcomes]:
    """The treatment wins clicks, and takes twice as long."""
    rng = np.random.default_rng(7)
    return (
        arm_with_details("control", 925, 66, rng=rng),
        arm_with_details("treatment", 925, 104, rng=rng, mean_latency=40.0),
    )


def test_the_file_and_the_statistics_know_the_same_metrics() -> None:
    assert set(METRICS_OF_THE_FILE) == set(GUARDRAIL_METRICS)


def test_a_guardrail_of_the_file_reaches_the_report() -> None:
    experiment = parse_experiment(
        '[experiment]\nname = "e"\nsalt = "s"\n[design]\nn_looks = 3\nsequential = "pocock"\n'
        '[[variants]]\nname = "control"\nmodel = "m"\n[[variants]]\nname = "treatment"\nmodel = "n"\n'
        '[[guardrails]]\nmetric = "latency_p95"\nmargin = 20.0\n'
    )
    design = design_of(experiment)
    assert design.guardrails == (GuardrailRule("latency_p95", 20.0),)
    assert design.planned.n_looks == 3


def test_a_better_treatment_that_may_do_harm_is_not_shipped(
    slower: tuple[ArmOutcomes, ArmOutcomes],
) -> None:
    assert report_on(slower).verdict.code == "ship"
    report = report_on(slower, GuardrailRule("latency_p95", 10.0), GuardrailRule("bounce_rate", 0.02))
    assert report.verdict.code == "keep-control"
    assert "latency p95 may be worse by 10 ms or more" in report.verdict.sentence
    assert report.failed_check.startswith("guardrail not held: latency p95 of treatment")
    text = render_text(report)
    assert "FAILED  latency p95, ms" in text
    assert "held    bounced" in text
    assert "every guardrail is held" in " ".join(decision_rule(report.design))


def test_guardrails_that_are_held_change_nothing(slower: tuple[ArmOutcomes, ArmOutcomes]) -> None:
    report = report_on(slower, GuardrailRule("latency_p95", 60.0), GuardrailRule("fallback_rate", 0.01))
    assert report.verdict == report_on(slower).verdict
    assert report.failed_check == ""
    assert [rule["held"] for rule in report_to_json(report)["guardrails"]] == [True, True]


def test_a_guardrail_that_cannot_be_judged_is_not_held() -> None:
    rng = np.random.default_rng(1)
    arms = [
        ArmOutcomes(arm.visitors, arm.impressions)
        for arm in (
            arm_with_details("control", 925, 66, rng=rng),
            arm_with_details("treatment", 925, 104, rng=rng),
        )
    ]
    report = report_on(arms, GuardrailRule("dwell_s", 5.0))
    (judged,) = report.pairs[0].guardrails
    assert not judged.is_held
    assert judged.missing == "nothing tells the dwell of an arm"
    assert report.verdict.code == "keep-control"


def test_before_the_planned_size_no_guardrail_fails_a_report() -> None:
    rng = np.random.default_rng(2)
    arms = (
        arm_with_details("control", 100, 7, rng=rng),
        arm_with_details("treatment", 100, 11, rng=rng, mean_latency=90.0),
    )
    report = report_on(arms, GuardrailRule("latency_p95", 1.0))
    assert report.verdict.code == "inconclusive"
    assert report.failed_check == ""
    assert not report.pairs[0].guardrails[0].is_held


def test_the_guardrail_of_a_mean_is_welchs_test_against_the_margin(
    slower: tuple[ArmOutcomes, ArmOutcomes],
) -> None:
    """By scipy's test from statistics, the margin added to the treatment's mean; 1e-9."""
    report = report_on(slower, GuardrailRule("watch_s_per_visitor", 25.0))
    control, treatment = (arm.details.values["watch_s_per_visitor"] for arm in slower if arm.details)
    expected = scipy.stats.ttest_ind_from_stats(
        treatment.mean + 25.0,
        np.sqrt(treatment.variance),
        treatment.n,
        control.mean,
        np.sqrt(control.variance),
        control.n,
        equal_var=False,
        alternative="greater",
    )
    found = report.pairs[0].guardrails[0].found
    assert found is not None
    assert found.p_value == pytest.approx(expected.pvalue, rel=1e-9)


@pytest.mark.parametrize(
    ("metric", "margin", "message"),
    [
        ("latency", 1.0, "'latency' is unknown; use one of latency_p95"),
        ("latency_p95", 0.0, "margin 0.0; it must be above 0"),
        ("bounce_rate", 1.0, "below 1 for a share"),
    ],
)
def test_an_impossible_guardrail_says_why(metric: str, margin: float, message: str) -> None:
    with pytest.raises(InvalidDesignError, match=message):
        GuardrailRule(metric, margin)


@pytest.mark.parametrize(
    ("metric", "margin", "words"),
    [
        ("latency_p95", 10.0, "latency p95 may be worse by 10 ms or more"),
        ("bounce_rate", 0.02, "bounce rate may be worse by 2 points or more"),
        ("plays_per_visitor", 0.5, "plays may be worse by 0.5 or more"),
    ],
)
def test_a_sentence_names_a_guardrail_in_words(metric: str, margin: float, words: str) -> None:
    broken = GuardrailResult(metric, margin, "treatment", (None, None), None, "")
    assert words in blocked_by([broken], "treatment is better", Design()).sentence
