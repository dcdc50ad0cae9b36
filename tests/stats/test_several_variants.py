"""A report on a control and several treatments."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
import pytest
import scipy.stats
from detailed_arms import arm_with_details
from statsmodels.stats.multitest import multipletests

from stats import (
    Arm,
    ArmOutcomes,
    Design,
    GuardrailRule,
    Outcomes,
    Report,
    Run,
    build_report,
    compare_bayesian,
    decision_rule,
    plan,
    plan_study,
    render_html,
    render_text,
    report_to_json,
)
from stats.study_options import StudyOptions

THREE = {"control": 1.0, "older": 1.0, "newer": 1.0}
DONE = Run("run-7", kind="simulated", status="done")


def report_on(arms: Sequence[ArmOutcomes], design: Design) -> Report:
    return build_report(Outcomes(DONE, tuple(arms)), design, generated_at=datetime(2026, 11, 22, tzinfo=UTC))


def three_arms(n: int, *clicked: int) -> list[ArmOutcomes]:
    rng = np.random.default_rng(9)
    return [arm_with_details(name, n, k, rng=rng) for name, k in zip(THREE, clicked, strict=True)]


@pytest.fixture(scope="module")
def report() -> Report:
    return report_on(three_arms(1_095, 77, 110, 130), Design(weights=THREE))


def test_the_plan_is_that_of_a_study_of_three_variants() -> None:
    planned = Design(weights=THREE).planned
    study = plan_study(baseline=0.07, mde=0.04, options=StudyOptions(n_variants=3))
    assert planned.n_per_variant == study.needed.n_per_variant
    assert planned.n_total == 3 * planned.n_per_variant


def test_an_uneven_split_gives_every_treatment_what_it_needs() -> None:
    """A treatment of half the weight decides the size of all; each pair has at least its own plan."""
    design = Design(weights={"control": 2.0, "older": 2.0, "newer": 1.0})
    planned = design.planned
    for name, size in (("older", planned.n_treatment), ("newer", planned.n_others)):
        weight = design.weights[name]
        alone = plan(baseline=0.07, mde=0.04, alpha=planned.alpha, treatment_share=weight / (weight + 2.0))
        assert planned.n_control >= alone.n_control
        assert size >= alone.n_treatment


def test_the_best_of_those_that_are_better_is_shipped(report: Report) -> None:
    assert report.verdict.code == "ship"
    assert report.verdict.sentence.startswith("Ship newer, the best of 2 that are better of 2:")
    assert "after Dunnett" in report.verdict.sentence
    assert "of several such, the best" in " ".join(decision_rule(report.design))


def test_adjusted_p_values_are_those_of_dunnetts_test() -> None:
    """Against scipy's Dunnett on the 0/1 values; it takes a common variance, hence arms nearly alike."""
    arms = three_arms(1_095, 95, 100, 104)
    found = report_on(arms, Design(weights=THREE)).primary.several
    samples = [
        np.r_[np.ones(arm.visitors.successes), np.zeros(arm.visitors.n - arm.visitors.successes)]
        for arm in arms
    ]
    expected = scipy.stats.dunnett(
        *samples[1:], control=samples[0], alternative="greater", rng=np.random.default_rng(1)
    )
    adjusted = [several.adjusted_p_value for several in found]
    assert adjusted == pytest.approx(expected.pvalue.tolist(), abs=0.004)


def test_none_better_keeps_the_control_and_names_all() -> None:
    report = report_on(three_arms(1_095, 77, 80, 70), Design(weights=THREE))
    assert report.verdict.code == "keep-control"
    assert "none of 2 treatments" in report.verdict.sentence
    assert "older" in report.verdict.sentence
    assert "newer" in report.verdict.sentence


def test_too_few_visitors_decide_nothing() -> None:
    """1,850 would do for two variants; three are planned on 3,285."""
    report = report_on(three_arms(700, 40, 90, 120), Design(weights=THREE))
    assert report.verdict.code == "inconclusive"
    assert "of the planned 3,285" in report.verdict.sentence
    assert report.primary.is_significant is None


def test_a_guardrail_passes_over_the_best_for_the_next() -> None:
    rng = np.random.default_rng(9)
    arms = [
        arm_with_details("control", 1_095, 77, rng=rng),
        arm_with_details("older", 1_095, 120, rng=rng),
        arm_with_details("newer", 1_095, 140, rng=rng, mean_latency=60.0),
    ]
    design = Design(weights=THREE, guardrails=(GuardrailRule("latency_p95", 10.0),))
    report = report_on(arms, design)
    assert report.verdict.sentence.startswith("Ship older")
    assert report.failed_check == ""
    assert [rule.is_held for pair in report.pairs for rule in pair.guardrails] == [True, False]


def test_where_every_better_treatment_may_do_harm_nothing_is_shipped() -> None:
    rng = np.random.default_rng(9)
    arms = [
        arm_with_details("control", 1_095, 77, rng=rng),
        arm_with_details("older", 1_095, 80, rng=rng),
        arm_with_details("newer", 1_095, 140, rng=rng, mean_latency=60.0),
    ]
    report = report_on(arms, Design(weights=THREE, guardrails=(GuardrailRule("latency_p95", 10.0),)))
    assert report.verdict.code == "keep-control"
    assert report.verdict.is_blocked
    assert report.verdict.sentence.startswith("Keep control: newer is better")
    assert report.failed_check == (
        "guardrail not held: latency p95 of newer; harm of the margin is not ruled out"
    )


def test_json_has_every_treatment_and_the_first_at_the_top(report: Report) -> None:
    document = json.loads(json.dumps(report_to_json(report), allow_nan=False))
    assert document["primary"]["comparison"]["treatment"] == "older"
    assert [arm["variant"] for arm in document["primary"]["arms"]] == list(THREE)
    assert [one["treatment"] for one in document["comparisons"]] == ["older", "newer"]
    first = document["comparisons"][0]
    assert first["cuped"] == document["cuped"]
    assert first["comparison"]["p_value"] == document["primary"]["comparison"]["p_value"]
    assert first["comparison"]["p_value_adjusted"] > first["comparison"]["p_value"]


def test_two_arms_have_no_list_of_comparisons() -> None:
    report = report_on(three_arms(925, 66, 104, 0)[:2], Design(weights={"control": 1.0, "older": 1.0}))
    assert report_to_json(report)["comparisons"] == []
    assert report.primary.several == ()


def test_text_and_page_show_every_treatment(report: Report) -> None:
    text, page = render_text(report), render_html(report)
    for part in ("older: Secondary metrics", "newer: Secondary metrics", "Each treatment against control"):
        assert part.upper() in text
        assert part in page
    assert max(len(line) for line in text.splitlines()) <= 80


def test_impression_ctr_of_several_treatments_is_adjusted_by_holm() -> None:
    design = Design(weights=THREE, primary_metric="impression_ctr", impressions_per_visitor=6.0)
    found = report_on(three_arms(1_095, 77, 110, 130), design).primary
    plain = [several.comparison.p_value for several in found.several]
    expected = multipletests(plain, method="holm")[1]
    assert [several.adjusted_p_value for several in found.several] == pytest.approx(expected.tolist())
    assert found.several_method == "Holm"


def test_each_treatment_has_a_bayesian_reading(report: Report) -> None:
    """As of two variants each; the chances to be the best of all add up to 1."""
    text = render_text(report)
    section = text[text.index("BAYESIAN READING") :].split("\n\n")[0]
    assert [line.split()[0] for line in section.splitlines()[2:5]] == ["control", "older", "newer"]
    assert max(map(len, text.splitlines())) <= 80
    document = report_to_json(report)
    assert sum(document["probability_best"].values()) == pytest.approx(1, abs=1e-6)
    control = Arm("control", 1_095, 77)
    for one, clicked in zip(document["comparisons"], (110, 130), strict=True):
        alone = compare_bayesian(control, Arm(one["treatment"], 1_095, clicked))
        assert one["bayesian"]["probability_better"] == pytest.approx(alone.probability_better)
    assert document["bayesian"] == document["comparisons"][0]["bayesian"]


def test_without_visitors_there_is_no_bayesian_reading() -> None:
    empty = report_on([], Design(weights=THREE))
    assert "BAYESIAN" not in render_text(empty)
    assert report_to_json(empty)["bayesian"] is None
