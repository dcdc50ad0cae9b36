import json
import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stats import (
    Arm,
    ArmOutcomes,
    Design,
    InvalidOutcomesError,
    Outcomes,
    Report,
    Run,
    build_report,
    compare_bayesian,
    render_html,
    render_text,
    report_to_json,
)

MakeReport = Callable[..., Report]
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)

# The shape promised in the design document, section 3.5; extended since, never broken.
PROMISED = json.loads("""
{"schema": 1, "experiment": "newer-data", "run": "...", "generated_at": "...",
 "verdict": {"code": "ship", "sentence": "..."},
 "health": {"srm": {"p_value": 0.61, "ok": true}, "crossovers": 0,
            "fallback_share": {"control": 0.0, "treatment": 0.0}, "excluded": {"bots": 0, "holdout": 0}},
 "design": {"alternative": "greater", "alpha": 0.05, "power": 0.9, "mde": 0.04, "planned_per_variant": 925},
 "primary": {"metric": "visitor_ctr", "baseline": 0.07,
   "arms": [{"variant": "control", "n": 925, "successes": 66, "rate": 0.0714, "ci": [0.056, 0.090],
             "vs_baseline": {"difference": 0.0014, "p_value": 0.45, "method": "exact binomial"}}],
   "comparison": {"control": "control", "treatment": "treatment", "difference": 0.041,
                  "difference_ci": [0.01, 0.07], "lift": 0.58, "lift_ci": [0.2, 1.1], "statistic": 2.9,
                  "p_value": 0.002, "significant": true}},
 "secondary": [], "guardrails": [], "truth": null}
""")


def missing_from(promised: Any, given: Any, path: str = "") -> Iterator[str]:  # noqa: ANN401 - any JSON
    """Yield where a document lacks a promised key or has a value of another type."""
    if isinstance(promised, dict):
        if not isinstance(given, dict):
            yield path
            return
        for key, value in promised.items():
            if key in given:
                yield from missing_from(value, given[key], f"{path}.{key}")
            else:
                yield f"{path}.{key}"
    elif isinstance(promised, list):
        for index, value in enumerate(promised):
            yield from missing_from(value, given[index], f"{path}[{index}]")
    elif promised is not None and type(promised) is not type(given):
        yield path


def test_the_json_has_the_promised_shape(make_report: MakeReport) -> None:
    document = json.loads(json.dumps(report_to_json(make_report((925, 66), (925, 104))), allow_nan=False))
    assert list(missing_from(PROMISED, document)) == []


def test_the_numbers_are_those_of_the_design_documents_example(make_report: MakeReport) -> None:
    """66 and 104 of 925: the example's rounded figures (0.0714, [0.056, 0.090], 0.0014, 0.45, 0.58)."""
    primary = report_to_json(make_report((925, 66), (925, 104)))["primary"]
    control = primary["arms"][0]
    assert control["rate"] == pytest.approx(0.0714, abs=5e-5)
    assert control["ci"] == pytest.approx([0.0565, 0.0898], abs=5e-5)
    assert control["vs_baseline"]["difference"] == pytest.approx(0.0014, abs=5e-5)
    assert control["vs_baseline"]["p_value"] == pytest.approx(0.45, abs=5e-3)
    assert primary["comparison"]["lift"] == pytest.approx(0.58, abs=5e-3)
    assert primary["comparison"]["significant"] is True


def test_text_json_and_html_agree(make_report: MakeReport) -> None:
    """Every number of the JSON's primary part stands, rounded, in the text and in the page."""
    report = make_report((925, 66), (925, 104))
    document = report_to_json(report)
    comparison, secondary = document["primary"]["comparison"], document["secondary"][0]
    arms = document["primary"]["arms"] + secondary["arms"]
    expected = [f"{100 * arm['rate']:.2f}%" for arm in arms]
    expected += [f"{100 * low:.2f}% to {100 * high:.2f}%" for low, high in (arm["ci"] for arm in arms)]
    expected += [
        f"{arm['vs_baseline']['difference'] * 100:+.2f} points" for arm in document["primary"]["arms"]
    ]
    for found in (comparison, secondary["comparison"]):
        low, high = found["difference_ci"]
        expected += [
            f"{100 * found['difference']:+.2f} points",
            f"{100 * low:+.2f} to {100 * high:+.2f} points",
        ]
        low, high = found["lift_ci"]
        expected += [f"{100 * found['lift']:+.1f}%", f"{100 * low:+.1f}% to {100 * high:+.1f}%"]
        expected += [f"z = {found['statistic']:.3f}", f"p = {found['p_value']:.4f}"]
    expected += [
        f"Design effect {secondary['design_effect']:.2f}",
        f"{document['design']['planned_total']:,}",
    ]
    for form in (render_text(report), render_html(report).replace("&#39;", "'")):
        flat = " ".join(form.split())
        assert [number for number in expected if number not in flat] == []
        assert document["verdict"]["sentence"] in flat


THIN = {
    "no exposure": ((0, 0), (0, 0)),
    "one visitor": ((1, 0), (0, 0)),
    "one visitor in each arm": ((1, 0), (1, 1)),
    "an empty arm": ((925, 66), (0, 0)),
    "no clicks": ((925, 0), (925, 0)),
    "no clicks in control": ((400, 0), (400, 12)),
    "all clicked": ((925, 925), (925, 925)),
    "all of one arm clicked": ((925, 925), (925, 900)),
}


@pytest.mark.parametrize(("control", "treatment"), THIN.values(), ids=THIN.keys())
@pytest.mark.parametrize("alternative", ["greater", "less", "two-sided"])
def test_thin_data_are_null_in_json_and_words_in_text(
    make_report: MakeReport, control: tuple[int, int], treatment: tuple[int, int], alternative: str
) -> None:
    design = Design(alternative=alternative, baseline=0.11 if alternative == "less" else 0.07)  # type: ignore[arg-type]  # parametrised
    report = make_report(control, treatment, design=design)
    document, text = report_to_json(report), render_text(report)
    json.dumps(document, allow_nan=False)
    comparison = document["primary"]["comparison"]
    if comparison["p_value"] is None or comparison["lift"] is None:
        assert comparison["missing"]
        sentence = comparison["missing"][0]
        assert sentence[1:] in " ".join(text.split())
    if not control[0]:
        assert document["primary"]["arms"][0]["rate"] is None
    for word in ("nan", "inf", "none "):
        assert word not in text.lower().replace("none of", "").replace("inconclusive", "")
    render_html(report)


def test_an_absent_rate_is_never_zero(make_report: MakeReport) -> None:
    """Nobody exposed: no rate, no interval, no share of fallbacks; nobody clicked: a rate of 0."""
    document = report_to_json(make_report((925, 0), (0, 0)))
    control, treatment = document["primary"]["arms"]
    assert (control["rate"], control["ci"][0]) == (0.0, 0.0)
    assert (treatment["rate"], treatment["ci"], treatment["vs_baseline"]) == (None, None, None)
    assert document["health"]["fallback_share"] == {"control": 0.0, "treatment": None}
    assert document["secondary"][0]["arms"][1]["rate"] is None


def test_a_running_run_says_when_its_p_value_becomes_valid(make_report: MakeReport) -> None:
    """Significant already at 400 + 400, yet no result: planned are 1,850."""
    run = Run("r", kind="simulated", status="running")
    report = make_report((400, 20), (400, 60), run=run)
    document, text = report_to_json(report), " ".join(render_text(report).split())
    assert document["primary"]["comparison"]["p_value"] < 0.001
    assert document["primary"]["comparison"]["significant"] is None
    assert document["primary"]["is_final"] is False
    assert report.verdict.code == "inconclusive"
    assert "valid only at the planned size" in document["notices"][0]
    assert text.index("valid only at the planned size") < text.index("p = ")
    # After each of the three tests: primary, baseline, impressions.
    assert text.count("Not a result: it is valid only at the planned size of 1,850 visitors.") == 3


def test_a_run_marked_as_running_may_have_been_killed(make_report: MakeReport) -> None:
    """A killed process leaves `running` behind; live traffic is never resumed."""
    for sequential in ("none", "obrien-fleming", "always-valid"):
        for n in (400, 1_000):
            design = Design(sequential=sequential)
            run = Run("r", kind="simulated", status="running")
            (first, *_) = make_report((n, 20), (n, 60), run=run, design=design).notices
            assert first.startswith("This run is still going, or was killed: resume it then")
            assert f"{2 * n:,}" in first
    (live, *_) = make_report((400, 20), (400, 60), run=Run("live", kind="live", status="running")).notices
    assert "killed" not in live
    assert "resume" not in live


@pytest.mark.parametrize(
    "run", [Run("r", status="running"), Run("live", kind="live"), Run("live", kind="live", status="running")]
)
def test_a_run_that_goes_on_past_its_plan_warns_of_looking_again(make_report: MakeReport, run: Run) -> None:
    report = make_report((1_000, 70), (1_000, 115), run=run)
    assert report.verdict.code == "ship"
    assert "every further look adds to the chance of a false alarm" in " ".join(report.notices)


def test_a_finished_run_below_its_plan_shows_no_result_either(make_report: MakeReport) -> None:
    report = make_report((100, 5), (100, 15))
    assert report.primary.is_significant is None
    assert "Not a result" in render_text(report)


def test_notices_tell_what_numbers_do_not(make_report: MakeReport) -> None:
    interrupted = make_report((100, 5), (100, 15), run=Run("r", status="interrupted"))
    short = make_report((900, 66), (900, 104), run=Run("r", status="done", n_visitors=1_850))
    bots = make_report((0, 0), (0, 0), n_bots=12)
    stale = make_report((925, 120), (925, 160))
    narrow = make_report((925, 66), (925, 86))
    assert "was interrupted; resume it" in interrupted.notices[0]
    assert "50 visitors of the 1,850 sent never reached" in short.notices[0]
    assert any("All 12 visitors seen were flagged as bots" in notice for notice in bots.notices)
    assert "control itself runs at 12.97%" in stale.notices[0]
    assert narrow.primary.is_significant
    assert "reaches 0 although the test is significant" in narrow.notices[0]
    assert make_report((925, 66), (925, 104)).notices == ()


@pytest.mark.parametrize(
    ("design", "levels"),
    [
        (Design(), "the interval is two-sided, the test is one-sided at 5%"),
        (Design(alternative="two-sided", alpha=0.1), "the interval leaves out 5%, and alpha is 10%"),
    ],
)
def test_the_interval_that_reaches_0_is_explained_by_the_levels_in_use(
    make_report: MakeReport, design: Design, levels: str
) -> None:
    """At the size of the one-sided design 7.1% -> 9.2% has p = 0.05 one-sided, 0.1 two-sided."""
    n = design.planned.n_per_variant
    report = make_report((n, round(0.0714 * n)), (n, round(0.0925 * n)), design=design)
    (sentence,) = [notice for notice in report.notices if "reaches 0" in notice]
    assert "The 95% interval reaches 0" in sentence
    assert levels in sentence


def test_an_interval_and_a_test_of_one_level_are_not_explained_by_their_levels(
    make_report: MakeReport,
) -> None:
    """62 against 85 of 1,124: two-sided p = 0.0497, and Newcombe's 95% interval begins at -0.00004."""
    report = make_report((1_124, 62), (1_124, 85), design=Design(alternative="two-sided"))
    assert report.primary.is_significant
    assert not any("reaches 0" in notice for notice in report.notices)


def test_counts_alone_make_a_report_without_a_secondary_metric() -> None:
    """Counts per arm from anywhere: no run, no impressions, an arm order of its own."""
    arms = (ArmOutcomes(Arm("treatment", 925, 104)), ArmOutcomes(Arm("control", 925, 66)))
    report = build_report(Outcomes(Run("counts"), arms), Design(), generated_at=NOW)
    document = report_to_json(report)
    assert [arm["variant"] for arm in document["primary"]["arms"]] == ["control", "treatment"]
    assert document["secondary"] == []
    assert document["experiment"] is None
    assert document["truth"] is None
    assert document["health"]["fallback_share"] == {"control": None, "treatment": None}


def test_a_variant_of_another_experiment_is_refused() -> None:
    arms = (ArmOutcomes(Arm("blue", 5, 1)),)
    with pytest.raises(InvalidOutcomesError, match="variant 'blue', which the design does not name"):
        build_report(Outcomes(Run("r"), arms), Design(), generated_at=NOW)


def test_impossible_counts_are_refused() -> None:
    with pytest.raises(InvalidOutcomesError, match="7 fallbacks of 6 slates"):
        ArmOutcomes(Arm("control", 5, 1), n_slates=6, n_fallbacks=7)


@settings(max_examples=60, deadline=None)
@given(
    control=st.integers(0, 3_000).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))),
    treatment=st.integers(0, 3_000).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))),
    status=st.sampled_from(["running", "done", "interrupted", ""]),
)
def test_any_counts_make_a_report_of_finite_numbers(
    control: tuple[int, int], treatment: tuple[int, int], status: str
) -> None:
    arms = (ArmOutcomes(Arm("control", *control)), ArmOutcomes(Arm("treatment", *treatment)))
    report = build_report(Outcomes(Run("r", status=status), arms), Design(), generated_at=NOW)
    json.dumps(report_to_json(report), allow_nan=False)
    assert max(len(line) for line in render_text(report).splitlines()) <= 80
    assert report.primary.power is None or math.isfinite(report.primary.power)


def test_swapping_the_names_swaps_the_report(make_report: MakeReport) -> None:
    """The treatment as control: the difference is negated, the lift inverted."""
    swapped = replace(Design(), control="treatment")
    ahead = make_report((925, 66), (925, 104)).primary.comparison
    back = make_report((925, 66), (925, 104), design=swapped).primary.comparison
    assert ahead.difference is not None
    assert back.difference == -ahead.difference
    assert ahead.lift is not None
    assert back.lift == pytest.approx(1 / (1 + ahead.lift) - 1)


def test_the_bayesian_reading_stands_beside_the_test(make_report: MakeReport) -> None:
    """Its numbers are those of `compare_bayesian`; an empty arm has none."""
    found = compare_bayesian(Arm("control", 925, 66), Arm("treatment", 925, 104))
    report = make_report((925, 66), (925, 104))
    assert report.bayesian == found
    document, text = report_to_json(report), " ".join(render_text(report).split())
    assert document["bayesian"]["probability_better"] == found.probability_better
    assert f"treatment is better than control {100 * found.probability_better:.2f}%" in text
    assert "Prior of each rate: Beta(1, 1). It does not decide" in text
    assert report_to_json(make_report((925, 66), (0, 0)))["bayesian"] is None
