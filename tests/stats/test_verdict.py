from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from stats import Design, InvalidDesignError, Report, Run, Truth, decision_rule, render_text

MakeReport = Callable[..., Report]


@pytest.mark.parametrize(
    ("control", "treatment", "code", "words"),
    [
        ((925, 66), (925, 104), "ship", "11.24% of its visitors clicked against 7.14% of control's"),
        ((925, 66), (925, 68), "keep-control", "rules out a gain of 4 points"),
        ((925, 66), (925, 82), "keep-control", "does not rule out a gain of 4 points"),
        ((925, 104), (925, 66), "keep-control", "no significant gain, -4.11 points"),
        ((920, 66), (929, 104), "inconclusive", "1,849 of the planned 1,850"),
        ((0, 0), (0, 0), "inconclusive", "no visitor was exposed; 1,850 are planned"),
        ((925, 0), (925, 0), "inconclusive", "no visitor of either arm clicked"),
        ((925, 925), (925, 925), "inconclusive", "every visitor of both arms clicked"),
        ((1_100, 66), (900, 104), "invalid", "do not have the sizes the split intends"),
    ],
)
def test_each_verdict_says_why(
    make_report: MakeReport, control: tuple[int, int], treatment: tuple[int, int], code: str, words: str
) -> None:
    verdict = make_report(control, treatment).verdict
    assert verdict.code == code
    assert words in verdict.sentence


def test_arms_of_unequal_size_reach_the_plan_together(make_report: MakeReport) -> None:
    """Assignment is by a hash, so 925 : 925 hardly ever comes out; 905 + 945 are the planned 1,850."""
    assert make_report((905, 66), (945, 110)).verdict.code == "ship"


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"n_crossovers": 1}, "1 visitor met more than one variant"),
        ({"n_crossovers": 1_200}, "1,200 visitors met more than one variant"),
        ({"n_fallbacks": 47}, "5.08% of treatment's slates were fallbacks (limit 5%)"),
    ],
)
def test_a_failed_check_makes_the_verdict_invalid_however_large_the_effect(
    make_report: MakeReport, fault: dict[str, int], words: str
) -> None:
    report = make_report((925, 66), (925, 204), **fault)
    assert report.verdict.code == "invalid"
    assert words in report.verdict.sentence
    assert not report.health.is_ok


def test_a_few_fallbacks_are_part_of_the_treatment(make_report: MakeReport) -> None:
    """46 of 925 slates are 4.97%, under the limit of 5%: intention to treat keeps them."""
    assert make_report((925, 66), (925, 104), n_fallbacks=46).verdict.code == "ship"


def test_a_two_sided_design_never_ships_the_worse_model(make_report: MakeReport) -> None:
    design = Design(alternative="two-sided")
    n = design.planned.n_per_variant
    better = make_report((n, 80), (n, 140), design=design).verdict
    worse = make_report((n, 140), (n, 80), design=design).verdict
    equal = make_report((n, 80), (n, 80), design=design).verdict
    assert better.code == "ship"
    assert (worse.code, worse.sentence.split(";")[0]) == ("keep-control", "Keep control: treatment is worse")
    assert "no significant difference" in equal.sentence


def test_a_design_that_wants_less_ships_the_drop(make_report: MakeReport) -> None:
    """MDE 4 points down from 11%; the best case of a drop is the interval's lower end."""
    design = Design(alternative="less", baseline=0.11)
    n = design.planned.n_per_variant
    assert make_report((n, 120), (n, 70), design=design).verdict.code == "ship"
    kept = make_report((n, 100), (n, 99), design=design).verdict
    assert kept.code == "keep-control"
    assert "rules out a drop of 4 points" in kept.sentence


def test_the_rule_is_written_in_words_with_the_numbers_it_uses() -> None:
    rule = " ".join(decision_rule(Design()))
    for words in ("under 0.001", "5% of an arm's slates", "planned 1,850", "greater", "keep-control"):
        assert words in rule
    assert "treatment is better" in " ".join(decision_rule(Design(alternative="two-sided")))


@pytest.mark.parametrize(
    ("n", "n_clicked", "difference", "is_right", "words"),
    [
        (925, 104, 0.03, True, "By the truth, the verdict is right."),
        (925, 104, -0.01, False, "false alarm"),
        (925, 70, 0.03, False, "misses"),
        (925, 70, 0.0, True, "By the truth, the verdict is right."),
        (92, 10, 0.03, None, ""),
    ],
)
def test_simulated_traffic_tells_whether_the_verdict_was_right(  # noqa: PLR0917 - the table's columns
    make_report: MakeReport,
    n: int,
    n_clicked: int,
    difference: float,
    is_right: bool | None,  # noqa: FBT001 - an expected answer
    words: str,
) -> None:
    """Control has 66 clickers; at 92 per arm the verdict is neither ship nor keep-control."""
    run = Run("r", kind="simulated", status="done", truth=Truth({}, difference=difference))
    report = make_report((n, 66), (n, n_clicked), run=run)
    assert report.truth is not None
    assert report.truth.is_verdict_right is is_right
    assert words in render_text(report)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"weights": {"control": 1.0}}, "1 variants"),
        ({"weights": {"control": 1.0, "b": 1.0, "c": 1.0}, "sequential": "pocock"}, "looks compare two"),
        ({"weights": {"a": 1.0, "b": 1.0}}, "control 'control' is no variant; the variants are a, b"),
        ({"weights": {"control": 1.0, "b": 0.0}}, "weight 0.0"),
        ({"alternative": "up"}, "'up' is unknown"),
        ({"alpha": 0.0}, "alpha is 0.0"),
        ({"baseline": 0.99, "mde": 0.04}, "must stay between 0 and 1"),
        ({"primary_metric": "plays"}, "'plays' cannot be decided on; use visitor_ctr or impression_ctr"),
        ({"primary_metric": "impression_ctr", "sequential": "pocock"}, "looks count visitors who clicked"),
        ({"primary_metric": "impression_ctr", "design_effect": 0.0}, "design_effect is 0.0"),
        ({"sequential": "haybittle"}, "'haybittle' is unknown; use none, obrien-fleming"),
        ({"sequential": "pocock", "n_looks": 0}, "n_looks is 0"),
        ({"confidence": 95}, "confidence is 95"),
    ],
)
def test_an_impossible_design_says_which_value_breaks_which_rule(
    fields: dict[str, Any], message: str
) -> None:
    with pytest.raises(InvalidDesignError, match=message):
        replace(Design(), **fields)


def test_an_uneven_split_is_planned_and_checked_as_such(make_report: MakeReport) -> None:
    """1 : 4 needs more visitors in all; 520 : 2,080 is then no mismatch."""
    design = Design(weights={"control": 1.0, "treatment": 4.0})
    assert design.planned.n_total > 1_850
    assert design.planned.n_treatment == pytest.approx(4 * design.planned.n_control, abs=4)
    planned = design.planned
    report = make_report((planned.n_control, 40), (planned.n_treatment, 300), design=design)
    assert report.health.is_ok
    assert report.verdict.code == "ship"
