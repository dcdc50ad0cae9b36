"""What a report says beyond the primary metric: metrics, CUPED, strata, segments, days, second opinions."""

import json
import math
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
import scipy.stats
from detailed_arms import arm_with_details
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from stats import (
    Arm,
    ArmDetails,
    ArmOutcomes,
    Design,
    GuardrailRule,
    Latencies,
    MeanArm,
    Outcomes,
    RatioArm,
    Report,
    Resampling,
    Run,
    build_report,
    fisher_test,
    render_html,
    render_text,
    report_to_json,
)
from stats.wording import points

NOW = datetime(2026, 11, 22, tzinfo=UTC)
DONE = Run("run-7", experiment="newer-data", kind="simulated", status="done")


def report_on(
    arms: Sequence[ArmOutcomes], design: Design | None = None, resampling: Resampling | None = None
) -> Report:
    return build_report(
        Outcomes(DONE, tuple(arms)), design or Design(), generated_at=NOW, resampling=resampling
    )


@pytest.fixture(scope="module")
def arms() -> tuple[ArmOutcomes, ArmOutcomes]:
    rng = np.random.default_rng(7)
    return (
        arm_with_details("control", 925, 66, rng=rng),
        arm_with_details("treatment", 925, 104, rng=rng, n_bots=3),
    )


@pytest.fixture(scope="module")
def report(arms: tuple[ArmOutcomes, ArmOutcomes]) -> Report:
    return report_on(arms, resampling=Resampling(500, seed=3))


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


def test_an_effect_that_fades_is_seen_day_by_day() -> None:
    """From +20 points on day 1 to none on day 5, 2,000 visitors an arm and day."""
    control = {day: Arm("control", 2_000, 200) for day in range(5)}
    treatment = {day: Arm("treatment", 2_000, 600 - 100 * day) for day in range(5)}
    arms = [
        ArmOutcomes(
            Arm(name, 10_000, sum(arm.successes for arm in days.values())), details=ArmDetails(days=days)
        )
        for name, days in (("control", control), ("treatment", treatment))
    ]
    report = report_on(arms)
    daily = report.pairs[0].daily
    assert daily is not None
    assert daily.novelty is not None
    assert daily.novelty.slope == pytest.approx(-0.05, abs=0.005)
    assert [day.day for day in daily.days] == [1, 2, 3, 4, 5]
    assert "the effect fades (novelty)" in " ".join(render_text(report).split())


@pytest.mark.parametrize(
    ("clicked", "answer"),
    [(range(200, 700, 100), "fades (novelty)"), (range(600, 100, -100), "grows (learning)")],
)
def test_a_harm_fades_towards_no_difference_and_grows_away_from_it(clicked: range, answer: str) -> None:
    """A treatment 20 points worse on the first day or on the last, 2,000 visitors an arm and day."""
    days = {
        "control": [Arm("control", 2_000, 600)] * 5,
        "treatment": [Arm("treatment", 2_000, n) for n in clicked],
    }
    arms = [
        ArmOutcomes(
            Arm(name, 10_000, sum(arm.successes for arm in cells)),
            details=ArmDetails(days=dict(enumerate(cells))),
        )
        for name, cells in days.items()
    ]
    assert f"the effect {answer}" in " ".join(render_text(report_on(arms)).split())


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


def test_the_page_draws_a_forest_and_the_days_with_their_numbers_in_words(report: Report) -> None:
    page = render_html(report)
    drawn = {
        figure.get("aria-labelledby"): figure
        for figure in (
            ET.fromstring(svg)  # noqa: S314 - our own page
            for svg in re.findall(r"<svg.*?</svg>", page, re.DOTALL)
        )
    }
    forest = drawn["figure-segments-persona-title figure-segments-persona-description"]
    days = drawn["figure-daily-title figure-daily-description"]
    pair = report.pairs[0]
    for segment in pair.segments[0].found.segments:
        assert f"{segment.segment} {points(segment.comparison.difference)}" in (forest.findtext("desc") or "")
    assert pair.daily is not None
    for day in pair.daily.days:
        assert f"day {day.day} {points(day.difference)}" in (days.findtext("desc") or "")
    assert len(forest.findall("circle")) == 3
    assert len(days.findall("circle")) == 5
    assert "slope" in (days.findtext("desc") or "")


def test_the_fitted_line_goes_through_the_days_it_was_fitted_to() -> None:
    """Differences on a line exactly: middle and slope give each of them back."""
    arms = [
        ArmOutcomes(
            Arm(name, 3_000, 300),
            details=ArmDetails(days={day: Arm(name, 1_000, 100 + gain * day) for day in range(3)}),
        )
        for name, gain in (("control", 0), ("treatment", 10))
    ]
    daily = report_on(arms).pairs[0].daily
    assert daily is not None
    found = daily.novelty
    assert found is not None
    for day, difference in zip(found.days, found.differences, strict=True):
        line = found.middle_difference + found.slope * (day - found.middle_day)
        assert line == pytest.approx(difference)
