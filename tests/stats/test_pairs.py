"""What a report says beyond the primary metric: metrics, CUPED, strata, segments, days, second opinions."""

import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from pair_reports import report_on
from statsmodels.stats.multitest import multipletests

from stats import (
    Arm,
    ArmDetails,
    ArmOutcomes,
    Design,
    GuardrailRule,
    Report,
    fisher_test,
    render_html,
    render_text,
    report_to_json,
)


def test_every_section_is_in_text_json_and_html(report: Report) -> None:
    text, page, document = render_text(report), render_html(report), report_to_json(report)
    for title in (
        "Secondary metrics",
        "Less noise: visitor CTR by CUPED and strata",
        "Segments by persona: visitor CTR",
        "Day by day: visitor CTR of those first exposed then",
        "What was shown on the home page",
        "Sensitivity: the same visitors, analysed otherwise",
    ):
        assert title.upper() in text
        assert title in page
    for key in ("cuped", "stratified", "segments", "daily", "shown", "sensitivity"):
        assert document[key]
    assert max(len(line) for line in text.splitlines()) <= 80


def test_the_text_names_the_verdict_first_and_details_after_the_primary_metric(report: Report) -> None:
    text = render_text(report)
    order = [
        text.index(part)
        for part in (
            "Ship treatment",
            "TRUST CHECKS",
            "PRIMARY METRIC",
            "BAYESIAN",
            "SECONDARY METRICS",
            "SEGMENTS",
            "SENSITIVITY",
            "REPRODUCTION",
        )
    ]
    assert order == sorted(order)
    assert order[0] == 0


def test_secondary_metrics_are_welch_and_z_tests_adjusted_by_holm(
    arms: tuple[ArmOutcomes, ArmOutcomes], report: Report
) -> None:
    """Means by scipy from their statistics, the adjustment by statsmodels; 1e-9."""
    metrics = {result.metric: result for result in report.pairs[0].metrics}
    assert set(metrics) == {"plays_per_visitor", "watch_s_per_visitor", "bounce_rate"}
    for name in ("plays_per_visitor", "watch_s_per_visitor"):
        control, treatment = (arm.details.values[name] for arm in arms if arm.details)
        expected = scipy.stats.ttest_ind_from_stats(
            treatment.mean,
            math.sqrt(treatment.variance),
            treatment.n,
            control.mean,
            math.sqrt(control.variance),
            control.n,
            equal_var=False,
        )
        assert metrics[name].comparison.p_value == pytest.approx(expected.pvalue, rel=1e-9)
    p_values = [result.comparison.p_value for result in metrics.values()]
    adjusted = multipletests(p_values, method="holm")[1]
    assert [result.holm_p_value for result in metrics.values()] == pytest.approx(adjusted.tolist())


def test_the_past_by_counts_is_the_past_by_visitors() -> None:
    """CUPED's sums from counts of equal visitors against numpy's covariance of the visitors themselves."""
    rng = np.random.default_rng(11)
    past, clicked = rng.poisson(4, size=500), rng.random(500) < 0.2
    pasts = {
        value: Arm("a", int((past == value).sum()), int(clicked[past == value].sum()))
        for value in np.unique(past).tolist()
    }
    found = ArmDetails(pasts=pasts).clicked_by_past("a")
    covariance = np.cov(clicked.astype(float), np.log1p(past))
    assert found.products / 499 == pytest.approx(covariance[0, 1])
    assert found.past.variance == pytest.approx(covariance[1, 1])
    assert found.value.variance == pytest.approx(covariance[0, 0])


def test_cuped_takes_out_what_the_past_explains() -> None:
    """Clicks that follow the past closely: the variance falls by about the squared correlation."""
    rng = np.random.default_rng(5)
    arms = []
    for variant in ("control", "treatment"):
        past = rng.poisson(5, size=3_000)
        clicked = rng.random(3_000) < np.clip((past - 2) / 8, 0.02, 0.95)
        pasts = {
            float(value): Arm(variant, int((past == value).sum()), int(clicked[past == value].sum()))
            for value in np.unique(past)
        }
        arms.append(ArmOutcomes(Arm(variant, 3_000, int(clicked.sum())), details=ArmDetails(pasts=pasts)))
    cuped = report_on(arms).pairs[0].cuped
    assert cuped is not None
    assert cuped.variance_reduction is not None
    assert cuped.correlation is not None
    assert cuped.variance_reduction == pytest.approx(cuped.correlation**2, abs=0.01)
    assert cuped.variance_reduction > 0.2


def test_strata_too_small_for_a_variance_are_put_together() -> None:
    """Two personas of one control visitor each become one stratum of the two."""
    arms = [
        ArmOutcomes(
            Arm(variant, 202, 30),
            details=ArmDetails(
                segments={
                    "persona": {
                        "many": Arm(variant, 200, 29),
                        "one": Arm(variant, 1, 0),
                        "two": Arm(variant, 1, 1),
                    }
                }
            ),
        )
        for variant in ("control", "treatment")
    ]
    found = report_on(arms).pairs[0].stratified
    assert found is not None
    assert (found.n_strata, found.missing) == (2, "")
    assert found.found is not None


def test_beyond_twenty_segments_the_smallest_are_put_together() -> None:
    arms = [
        ArmOutcomes(
            Arm(variant, sum(range(10, 40)), 30),
            details=ArmDetails(segments={"country": {f"c{n}": Arm(variant, n, 1) for n in range(10, 40)}}),
        )
        for variant in ("control", "treatment")
    ]
    (segments,) = report_on(arms).pairs[0].segments
    names = [segment.segment for segment in segments.found.segments]
    assert len(names) == 20
    assert names[-1] == "others"
    assert segments.arms[-1][0].n == sum(range(10, 21))
    assert sum(control.n for control, _ in segments.arms) == sum(range(10, 40))


def test_simpsons_paradox_is_shouted() -> None:
    """In each segment the treatment is better; overall it looks worse, for it holds more of the shy one."""
    control = {"keen": Arm("control", 900, 450), "shy": Arm("control", 100, 5)}
    treatment = {"keen": Arm("treatment", 100, 60), "shy": Arm("treatment", 900, 90)}
    arms = [
        ArmOutcomes(
            Arm(name, 1_000, sum(arm.successes for arm in cells.values())),
            details=ArmDetails(segments={"persona": cells}),
        )
        for name, cells in (("control", control), ("treatment", treatment))
    ]
    report = report_on(arms)
    assert "SIMPSON'S PARADOX" in render_text(report)
    assert report.verdict.code == "invalid"  # the split by persona is broken, too
    assert report_to_json(report)["segments"][0]["is_simpson"] is True


def test_the_second_opinions_agree_and_the_wrong_one_says_so(report: Report) -> None:
    opinions = {opinion.name: opinion for opinion in report.pairs[0].opinions}
    assert list(opinions)[-1] == "WRONG: per impression"
    assert not opinions["WRONG: per impression"].is_valid
    expected = scipy.stats.fisher_exact([[104, 821], [66, 859]], alternative="greater").pvalue
    assert opinions["Fisher exact"].p_value == pytest.approx(expected)
    assert opinions["bootstrap, permutation"].p_value == pytest.approx(expected, abs=0.01)
    bots = opinions["bots counted too"]
    assert bots.difference == pytest.approx(104 / 928 - 66 / 925)


@given(
    n=st.tuples(st.integers(2, 60), st.integers(2, 60)),
    shares=st.tuples(st.floats(0, 1), st.floats(0, 1)),
    alternative=st.sampled_from(["greater", "less", "two-sided"]),
)
def test_fishers_test_is_that_of_scipy(
    n: tuple[int, int], shares: tuple[float, float], alternative: str
) -> None:
    control, treatment = (
        Arm(name, size, round(share * size))
        for name, size, share in zip(("control", "treatment"), n, shares, strict=True)
    )
    table = [[arm.successes, arm.n - arm.successes] for arm in (treatment, control)]
    expected = scipy.stats.fisher_exact(table, alternative=alternative).pvalue
    found = fisher_test(control, treatment, alternative=alternative).p_value
    assert found == pytest.approx(expected, rel=1e-8, abs=1e-12)


def test_every_section_with_p_values_of_one_look_says_when_they_become_valid(
    arms: tuple[ArmOutcomes, ArmOutcomes],
) -> None:
    """Metrics, CUPED and strata, segments, days, guardrails: 925 an arm do for 4 points, not for 2."""
    rules = (GuardrailRule("bounce_rate", 0.02),)
    done = report_on(arms, Design(guardrails=rules))
    running = report_on(arms, Design(guardrails=rules, mde=0.02))
    sentence = "No p-value here is a result before the planned size"
    assert sentence not in " ".join(render_text(done).split())
    n_segmented = len(running.pairs[0].segments)
    assert " ".join(render_text(running).split()).count(sentence) == 4 + n_segmented
    assert render_html(running).count(sentence) == 4 + n_segmented
