"""Two runs side by side: laws, a second witness, its own error rate, and every form."""

import dataclasses
import json
from collections.abc import Callable

import numpy as np
import pytest
import scipy.stats

from stats import (
    Arm,
    Design,
    InvalidOutcomesError,
    Report,
    Run,
    compare_runs,
    compare_segments,
    newcombe_interval,
    render_run_comparison,
    render_run_comparison_html,
    run_comparison_to_json,
)

MakeReport = Callable[..., Report]
FIRST = Run("run-1", "newer-data", "simulated", "done", "5f" * 32, 7, "http", settings={"funflix": "0.1.0"})
SECOND = dataclasses.replace(FIRST, run_id="run-2", seed=8, engine="vector")


def test_swapping_the_runs_turns_the_change_round(make_report: MakeReport) -> None:
    first = make_report((925, 66), (925, 101), run=FIRST)
    second = make_report((900, 60), (950, 80), run=SECOND)
    there, back = compare_runs(first, second), compare_runs(second, first)
    (one,), (other,) = there.effects, back.effects
    assert one.change is not None
    assert other.change == pytest.approx(-one.change)
    assert one.p_value == pytest.approx(other.p_value)
    assert one.pooled == pytest.approx(other.pooled)
    assert [rate.difference for rate in there.rates] == pytest.approx(
        [-(rate.difference or 0) for rate in back.rates]
    )


def test_a_run_agrees_with_itself(make_report: MakeReport) -> None:
    report = make_report((925, 66), (925, 101), run=FIRST)
    found = compare_runs(report, report)
    (effect,) = found.effects
    assert (effect.change, effect.p_value) == (0.0, 1.0)
    assert effect.pooled == pytest.approx(effect.first)
    assert found.differing == ()
    assert found.is_same_crowd
    assert "Nothing that is recorded." in render_run_comparison(found)


def test_cochrans_q_and_newcombe_say_the_same(make_report: MakeReport) -> None:
    """Q of two studies is the square of z; rates across runs by Newcombe's interval."""
    counts = ((925, 66), (925, 101)), ((900, 90), (950, 70))
    first, second = (make_report(*arms, run=run) for arms, run in zip(counts, (FIRST, SECOND), strict=True))
    found = compare_runs(first, second)
    segments = {
        name: (Arm("control", *arms[0]), Arm("treatment", *arms[1]))
        for name, arms in zip("ab", counts, strict=True)
    }
    witness = compare_segments(segments)
    (effect,) = found.effects
    assert effect.statistic is not None
    assert witness.statistic == pytest.approx(effect.statistic**2, rel=0.01)
    assert witness.p_value == pytest.approx(effect.p_value, rel=0.05)
    assert found.is_conflict
    assert effect.pooled is None
    interval = newcombe_interval(Arm("c", 925, 66), Arm("c", 900, 90))
    assert found.rates[0].difference_ci == interval


def test_the_pooled_difference_is_weighed_by_precision_and_lies_between(make_report: MakeReport) -> None:
    """By hand: weights are one over the variance of each difference."""
    first = make_report((925, 66), (925, 101), run=FIRST)
    second = make_report((9_000, 640), (9_000, 900), run=SECOND)
    (effect,) = compare_runs(first, second).effects
    differences = 101 / 925 - 66 / 925, 260 / 9_000
    variances = [
        sum(k / n * (1 - k / n) / n for n, k in arms)
        for arms in (((925, 66), (925, 101)), ((9_000, 640), (9_000, 900)))
    ]
    assert effect.pooled == pytest.approx(np.average(differences, weights=1 / np.array(variances)))
    assert effect.pooled_ci is not None
    assert effect.pooled_ci.high - effect.pooled_ci.low == pytest.approx(
        2 * 1.959964 * (1 / sum(1 / v for v in variances)) ** 0.5, rel=1e-6
    )


def test_runs_of_one_truth_contradict_each_other_in_5_percent(make_report: MakeReport) -> None:
    """400 pairs of runs of 925 + 925 at 7% and 11%, within the 99.9% band."""
    rng = np.random.default_rng(20_261_160)
    clicks = rng.binomial(925, [0.07, 0.11, 0.07, 0.11], (400, 4)).tolist()
    conflicts = sum(
        compare_runs(
            make_report((925, a), (925, b), run=FIRST), make_report((925, c), (925, d), run=SECOND)
        ).is_conflict
        for a, b, c, d in clicks
    )
    low, high = scipy.stats.binom.interval(0.999, 400, 0.05)
    assert low <= conflicts <= high


def test_what_differs_is_named_and_what_is_alike(make_report: MakeReport) -> None:
    counts = (925, 66), (925, 101)
    found = compare_runs(
        make_report(*counts, run=FIRST),
        make_report(*counts, run=SECOND),
        facts={"population": ("aa", "bb"), "nothing": ("", "")},
    )
    assert {name for name, _, _ in found.differing} == {"seed", "engine", "population"}
    assert {"experiment", "experiment file", "funflix"} <= set(found.same)
    assert not found.is_same_crowd


def test_thin_runs_say_what_is_missing(make_report: MakeReport) -> None:
    """Nobody clicked in one run; one visitor in another."""
    full = make_report((925, 66), (925, 101), run=FIRST)
    for thin in (make_report((5, 0), (5, 0), run=SECOND), make_report((1, 0), (1, 1), run=SECOND)):
        found = compare_runs(full, thin)
        (effect,) = found.effects
        assert effect.p_value is None
        assert effect.missing
        assert "cannot be compared" in found.sentence
        assert "n/a" in render_run_comparison(found)
        assert run_comparison_to_json(found)["effects"][0]["change"] is None


def test_runs_of_other_metrics_or_arms_are_refused(make_report: MakeReport) -> None:
    visitors = make_report((925, 66), (925, 101), run=FIRST)
    impressions = make_report((925, 66), (925, 101), design=Design(primary_metric="impression_ctr"))
    with pytest.raises(InvalidOutcomesError, match="compare runs of one metric"):
        compare_runs(visitors, impressions)
    arms = visitors.primary.arms
    other = dataclasses.replace(
        visitors, primary=dataclasses.replace(visitors.primary, arms=(arms[0],)), run=SECOND
    )
    with pytest.raises(InvalidOutcomesError, match="needs 'control' and a treatment in both"):
        compare_runs(visitors, other)


@pytest.mark.parametrize("metric", ["visitor_ctr", "impression_ctr"])
def test_every_form_says_the_same(make_report: MakeReport, metric: str) -> None:
    design = Design(primary_metric=metric, baseline=0.02, mde=0.01)
    first = make_report((925, 66), (925, 101), run=FIRST, design=design)
    second = make_report((925, 80), (925, 90), run=SECOND, design=design)
    found = compare_runs(first, second)
    text, document, page = (
        render_run_comparison(found),
        run_comparison_to_json(found),
        render_run_comparison_html(found),
    )
    assert all(len(line) <= 80 for line in text.splitlines())
    assert " ".join(text.split()).startswith(found.sentence)
    assert json.loads(json.dumps(document, allow_nan=False))["sentence"] == found.sentence
    assert document["metric"] == metric
    assert metric not in text
    assert "normal approximations here" in " ".join(text.split())
    assert found.sentence[1:] in page
    assert "prefers-color-scheme: dark" in page
    assert "<script" not in page
