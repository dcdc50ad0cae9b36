"""An experiment planned as a whole: against closed forms, simulation and published tables."""

import itertools
import math
import xml.etree.ElementTree as ET

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from stats import (
    InvalidDesignError,
    StudyOptions,
    achieved_power,
    comparison_alpha,
    detectable_effect,
    plan,
    plan_study,
    render_power_curve,
    render_study,
    spending_boundary,
    study_to_json,
)

EVERY_KIND = (
    StudyOptions(),
    StudyOptions(n_visitors=800, visitors_per_day=133),
    StudyOptions(n_looks=5, sequential="obrien-fleming", visitors_per_day=133),
    StudyOptions(sequential="always-valid"),
    StudyOptions(n_variants=4),
    StudyOptions(n_variants=3, correction="bonferroni", n_looks=3, sequential="pocock"),
    StudyOptions(n_variants=3, correction="none"),
    StudyOptions(treatment_share=0.2),
    StudyOptions(metric="impression_ctr", impressions_per_visitor=6.3, design_effect=2.1),
    StudyOptions(n_visitors=6),
)


def test_two_variants_and_one_look_need_what_the_formula_says() -> None:
    """The numbers the project quotes: 925 and 106."""
    assert plan_study(baseline=0.07, mde=0.04).needed == plan(baseline=0.07, mde=0.04)
    assert plan_study(baseline=0.07, mde=0.04).n_visitors == 1_850
    assert plan_study(baseline=0.07, mde=0.15).needed.n_per_variant == 106


@pytest.mark.parametrize(("power", "published"), [(0.80, 219), (0.90, 286)])
def test_fleiss_own_table_comes_out(power: float, published: int) -> None:
    """0.10 against 0.20, two-sided 5%: Fleiss, Levin & Paik (2003), table A.4, corrected for continuity."""
    needed = plan_study(baseline=0.1, mde=0.1, power=power, alternative="two-sided").needed
    assert needed.n_per_variant == pytest.approx(published, abs=1)


def test_given_visitors_detect_what_the_single_comparison_says() -> None:
    """800 visitors, without looks: `achieved_power` and `detectable_effect` of 400 + 400."""
    study = plan_study(baseline=0.07, mde=0.04, options=StudyOptions(n_visitors=800))
    sizes = {"n_control": 400, "n_treatment": 400, "baseline": 0.07}
    assert study.power == pytest.approx(achieved_power(**sizes, mde=0.04), abs=1e-12)
    assert study.detectable == pytest.approx(detectable_effect(**sizes), abs=1e-9)


@pytest.mark.parametrize("options", EVERY_KIND[:9])
def test_the_needed_visitors_reach_the_power_asked_for(options: StudyOptions) -> None:
    """To half a point: sizes are rounded up; and they detect the MDE."""
    study = plan_study(baseline=0.07, mde=0.04, options=options)
    again = plan_study(
        baseline=0.07,
        mde=0.04,
        options=StudyOptions(
            **{
                name: getattr(options, name)
                for name in options.__slots__
                if name not in {"n_visitors", "visitors_per_day"}
            }
        ),
    )
    assert study.n_needed == again.n_visitors
    assert 0.9 <= again.power < 0.905


@settings(max_examples=25, deadline=None)
@given(
    n_visitors=st.integers(200, 100_000),
    kind=st.sampled_from([("none", 1), ("obrien-fleming", 4), ("pocock", 3)]),
    alternative=st.sampled_from(["greater", "two-sided"]),
)
def test_power_rises_with_the_change_and_the_detectable_one_has_the_power_asked_for(
    n_visitors: int, kind: tuple[str, int], alternative: str
) -> None:
    options = StudyOptions(n_visitors=n_visitors, sequential=kind[0], n_looks=kind[1])
    study = plan_study(baseline=0.07, mde=0.04, alternative=alternative, options=options)
    powers = [at.power for at in study.curve if at.power > 0.1]
    assert all(before <= after + 1e-9 for before, after in itertools.pairwise(powers))
    assert study.detectable is not None
    again = plan_study(baseline=0.07, mde=study.detectable, alternative=alternative, options=options)
    assert again.power == pytest.approx(0.9, abs=1e-4)


@pytest.mark.parametrize(("sequential", "n_looks"), [("obrien-fleming", 5), ("pocock", 5), ("pocock", 2)])
def test_simulated_experiments_stop_as_often_as_planned_at_each_look(sequential: str, n_looks: int) -> None:
    """20,000 experiments of the planned size with a true gain of the MDE; each look within 0.8 points.

    The planned chances are those of the continuity-corrected formula, the simulated test is not corrected:
    its power is 1 to 2 points higher in all, so the plan must lie below it by at most 2.5.
    """
    options = StudyOptions(sequential=sequential, n_looks=n_looks)
    study = plan_study(baseline=0.07, mde=0.04, options=options)
    n = study.needed.n_control
    boundary = spending_boundary([k / n_looks for k in range(1, n_looks + 1)], spending=sequential)
    rng = np.random.default_rng(20_261_140)
    steps = np.diff([0, *(math.ceil(n * k / n_looks) for k in range(1, n_looks + 1))])
    clicked = [np.cumsum(rng.binomial(steps, rate, (20_000, n_looks)), axis=1) for rate in (0.07, 0.11)]
    seen = np.cumsum(steps)
    pooled = (clicked[0] + clicked[1]) / (2 * seen)
    z = (clicked[1] - clicked[0]) / seen / np.sqrt(np.maximum(pooled * (1 - pooled), 1e-12) * 2 / seen)
    crossed = z >= np.array(boundary.critical_values)
    ever = np.maximum.accumulate(crossed, axis=1).mean(axis=0)
    planned = np.cumsum([look.stops for look in study.looks])
    assert planned[-1] == pytest.approx(study.power, abs=1e-9)
    assert np.all(ever - planned > -0.01)
    assert ever[-1] - planned[-1] < 0.025
    stopped_at = np.where(crossed.any(axis=1), 2 * seen[crossed.argmax(axis=1)], study.n_visitors)
    assert study.expected_visitors == pytest.approx(stopped_at.mean(), rel=0.06)


@pytest.mark.parametrize("alternative", ["greater", "less", "two-sided"])
def test_several_treatments_are_tested_at_the_level_of_the_joint_normal(alternative: str) -> None:
    """Three treatments of the control's size, correlation 1/2; scipy's joint normal; tolerance 1e-4."""
    alpha = comparison_alpha(0.05, n_treatments=3, alternative=alternative, correction="dunnett")
    tail = alpha / 2 if alternative == "two-sided" else alpha
    critical = scipy.stats.norm.isf(tail)
    covariance = np.full((3, 3), 0.5) + 0.5 * np.eye(3)
    low = [-critical] * 3 if alternative == "two-sided" else None
    stays = scipy.stats.multivariate_normal.cdf(
        [critical] * 3, np.zeros(3), covariance, lower_limit=low, rng=np.random.default_rng(3)
    )
    assert 1 - stays == pytest.approx(0.05, abs=1e-4)
    assert comparison_alpha(0.06, n_treatments=3, alternative=alternative, correction="bonferroni") == 0.02
    assert 0.05 / 3 < alpha < 0.05


def test_a_design_effect_multiplies_the_visitors_and_their_impressions_divide_them() -> None:
    """Kish: twice the design effect, twice the visitors; ten impressions each, a tenth; rounding apart."""
    single = plan_study(baseline=0.02, mde=0.005, options=StudyOptions(metric="impression_ctr"))
    clustered = StudyOptions(metric="impression_ctr", design_effect=2, impressions_per_visitor=10)
    assert plan_study(baseline=0.02, mde=0.005, options=clustered).n_needed == pytest.approx(
        single.n_needed * 0.2, abs=2
    )


@pytest.mark.parametrize(("per_day", "days"), [(1_850, 1), (1_849, 2), (133, 14), (0.5, 3_700)])
def test_days_are_rounded_up(per_day: float, days: int) -> None:
    assert plan_study(baseline=0.07, mde=0.04, options=StudyOptions(visitors_per_day=per_day)).days == days


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (StudyOptions(metric="revenue"), "metric 'revenue' is unknown"),
        (StudyOptions(n_variants=1), "needs a control and at least 1 treatment"),
        (StudyOptions(n_variants=3, treatment_share=0.3), "share the visitors evenly"),
        (StudyOptions(n_variants=3, n_looks=2, sequential="pocock"), "use bonferroni"),
        (StudyOptions(n_variants=3, correction="scheffe"), "correction 'scheffe' is unknown"),
        (StudyOptions(n_visitors=1), "need at least one each"),
        (StudyOptions(visitors_per_day=0), "must be above 0"),
        (StudyOptions(visitors_per_day=math.nan), "must be above 0"),
        (StudyOptions(visitors_per_day=1e-300), "more than 10,000,000 days"),
        (StudyOptions(design_effect=2), "go with metric 'impression_ctr'"),
        (StudyOptions(metric="impression_ctr", design_effect=-1), "design_effect is -1"),
        (StudyOptions(n_looks=5), "5 looks without a spending function"),
    ],
)
def test_options_that_contradict_each_other_are_refused(options: StudyOptions, words: str) -> None:
    with pytest.raises(InvalidDesignError, match=words):
        plan_study(baseline=0.07, mde=0.04, options=options)


@pytest.mark.parametrize("options", EVERY_KIND)
@pytest.mark.parametrize("alternative", ["greater", "less", "two-sided"])
def test_every_form_says_the_same_in_its_room(options: StudyOptions, alternative: str) -> None:
    """80 columns; the text's numbers are the JSON's; the SVG is whole and tells the curve in words."""
    study = plan_study(baseline=0.3, mde=0.05, alternative=alternative, options=options)
    text, document = render_study(study), study_to_json(study)
    assert all(len(line) <= 80 for line in text.splitlines())
    assert f"{document['n_total']} in all" in text
    assert document["power_at_mde"] == study.power
    assert len(document["looks"]) == (options.n_looks if options.n_looks > 1 else 0)
    assert ("visitors a day" in text) == (document["days"] is not None)
    root = ET.fromstring(render_power_curve(study))  # noqa: S314 - our own output
    found = {child.tag.rpartition("}")[2]: child.text or "" for child in root}
    assert root.get("role") == "img"
    assert found["title"] == f"Power of {study.n_visitors:,} visitors by true change"
    assert "5 points: power" in found["desc"]
    assert "prefers-color-scheme: dark" in found["style"]


def test_an_svg_escapes_and_draws_the_curve_from_left_to_right() -> None:
    root = ET.fromstring(render_power_curve(plan_study(baseline=0.07, mde=0.04)))  # noqa: S314 - our own output
    (curve,) = [child.get("d", "") for child in root if child.get("class") == "curve"]
    places = [tuple(map(float, point.split())) for point in curve[1:].split("L")]
    assert len(places) == 40
    assert [x for x, _ in places] == sorted(x for x, _ in places)
    assert places[0][1] > places[-1][1]  # power rises, and y counts from the top


def test_a_study_that_detects_nothing_says_so() -> None:
    study = plan_study(baseline=0.9, mde=0.05, options=StudyOptions(n_visitors=6))
    assert study.detectable is None
    assert "detect no change at all with power 90%" in render_study(study)
    assert study_to_json(study)["detectable"] is None
