"""Simulated experiments and the verdict on them: sound rules pass, every planted fault is found."""

import dataclasses
import json
import re
from functools import reduce

import numpy as np
import pytest
import scipy.stats

from stats import (
    BLOCK,
    FAULTS,
    SCENARIOS,
    Arm,
    Design,
    InvalidDesignError,
    InvalidOutcomesError,
    NotEnoughDataError,
    RatioArm,
    Tally,
    TrialPlan,
    Validation,
    VisitorPool,
    band_of,
    compare,
    compare_ctr,
    judge_trials,
    render_validation,
    render_validation_html,
    try_assignments,
    try_block,
    validation_to_json,
)

N_POOL = 8_000
N_VISITORS = 1_850


def pool(readiness: float = 1.0) -> VisitorPool:
    """Clustered, heavy-tailed visitors: readiness is beta, slates looked at Zipf; design effect 2."""
    rng = np.random.default_rng(20_261_150)
    impressions = 6 * np.minimum(rng.zipf(2.5, N_POOL), 30)
    clicks = rng.binomial(impressions, np.minimum(1, readiness * rng.beta(0.7, 27.3, N_POOL)))
    return VisitorPool.from_visitors(clicks > 0, clicks, impressions)


CONTROL, TREATMENT, IMPROVED, WORSENED = pool(), pool(1.2), pool(1.35), pool(0.7)


def trial_plan(design: Design | None = None, **changes: object) -> TrialPlan:
    plan = TrialPlan(design or Design(baseline=0.18), CONTROL, TREATMENT, IMPROVED, N_VISITORS, seed=11)
    return dataclasses.replace(plan, **changes)


def tried(plan: TrialPlan, n: int) -> dict[str, Tally]:
    return {
        scenario: reduce(Tally.merged, (try_block(plan, scenario, k) for k in range(n // BLOCK)))
        for scenario in SCENARIOS
    }


def validation(plan: TrialPlan, n: int = 500) -> Validation:
    return judge_trials(plan, tried(plan, n))


def test_a_block_says_what_the_functions_of_a_report_say_of_each_experiment() -> None:
    """Ten experiments drawn once more by hand, from the generator of their block."""
    plan = trial_plan()
    tally = try_block(plan, "true-effect", 3, 10)
    rng = np.random.default_rng([11, 2, 3])
    drawn, chances = rng.integers(N_POOL, size=(10, N_VISITORS)), rng.random((10, N_VISITORS))
    p_values, effects = [], []
    for who, chance in zip(drawn, chances, strict=True):
        arms, ratios = [], []
        for name, source, mine in (("c", CONTROL, chance >= 0.5), ("t", TREATMENT, chance < 0.5)):
            rows = source.columns[who[mine]]
            arms.append(Arm(name, len(rows), int(rows[:, 1].sum())))
            ratios.append(RatioArm.from_visitors(name, rows[:, 2], rows[:, 3]))
        p_values.append(compare(*arms).p_value)
        effects.append(compare_ctr(*ratios).design_effect)
    assert tally.p_values.tolist() == p_values
    assert tally.design_effects.tolist() == pytest.approx(effects)
    assert tally["visitors"] == tally["decided"] == sum(p < 0.05 for p in p_values if p is not None)


def test_tallies_add_up_in_any_order_and_blocks_do_not_know_of_each_other() -> None:
    plan = trial_plan()
    first, second, third = (try_block(plan, "no-effect", block, 20) for block in range(3))
    left, right = first.merged(second).merged(third), first.merged(second.merged(third))
    assert left.counts == right.counts
    assert left.p_values.tolist() == right.p_values.tolist()
    again = try_block(plan, "no-effect", 1, 20)
    assert again.counts == second.counts
    assert sorted(third.merged(first).p_values) == sorted(first.merged(third).p_values)


@pytest.mark.parametrize(
    "design",
    [
        Design(),
        Design(alternative="two-sided"),
        Design(alternative="less", mde=0.03),
        Design(sequential="obrien-fleming"),
        Design(sequential="pocock", alternative="two-sided"),
        Design(sequential="always-valid"),
        Design(weights={"control": 2.0, "treatment": 1.0}),
        Design(primary_metric="impression_ctr", baseline=0.025, mde=0.005),
    ],
)
def test_a_sound_rule_is_found_sound(design: Design) -> None:
    """500 experiments of each kind; 14 rates, each outside its band for 1 seed in 1,000 (seed 11)."""
    improved = WORSENED if design.alternative == "less" else IMPROVED
    found = validation(trial_plan(design, improved=improved))
    assert [check.title for check in found.checks if not check.is_ok] == []
    assert found.sentence.startswith("Sound: in 500 experiments")


@pytest.mark.parametrize(
    ("fault", "key"),
    [
        ("biased-assignment", "false_alarms"),
        ("faulty-split", "srm"),
        ("peeking", "false_alarms"),
        ("wrong-unit", "false_alarms"),
    ],
)
def test_every_planted_fault_is_found(fault: str, key: str) -> None:
    """500 experiments: a fault raises 5% to 15% at least, or the sample-ratio alarms from 0.1% to 5%."""
    found = validation(trial_plan(Design(alternative="two-sided"), fault=fault))
    failed = {check.key for check in found.checks if not check.is_ok}
    assert key in failed
    assert not found.is_sound
    assert found.sentence.startswith("NOT sound")


def test_every_fault_that_may_be_planted_is_tried_here() -> None:
    marks = test_every_planted_fault_is_found.pytestmark  # type: ignore[attr-defined]  # set by pytest
    assert {fault for fault, _ in marks[0].args[1]} == set(FAULTS) - {"none"}


def test_the_cost_of_the_wrong_unit_is_that_of_its_design_effect() -> None:
    """At a design effect of 2 a two-sided 5% test alarms in 2 Phi(-1.96 / sqrt 2) = 17%; n = 1,000."""
    plan = trial_plan(Design(alternative="two-sided"))
    null = tried(plan, 1_000)["no-effect"]
    design_effect = float(np.mean(null.design_effects))
    expected = 2 * scipy.stats.norm.sf(1.96 / np.sqrt(design_effect))
    assert design_effect == pytest.approx(2, abs=0.15)
    low, high = scipy.stats.binom.interval(0.999, 1_000, expected)
    assert low <= null["naive"] <= high


@pytest.mark.parametrize(("n", "nominal"), [(10_000, 0.05), (500, 0.95), (10_000, 0.001), (100, 0.05)])
def test_bands_hold_at_least_999_of_1000_sound_counts(n: int, nominal: float) -> None:
    band = band_of(n, nominal)
    low, high = round(band.low * n), round(band.high * n)
    held = scipy.stats.binom.cdf(high, n, nominal) - scipy.stats.binom.cdf(low - 1, n, nominal)
    assert held >= 0.999
    assert band_of(n, nominal, side="most").low == 0
    assert band_of(n, nominal, side="least").high == 1


def test_assignments_of_the_callers_own_code_are_analysed_alike() -> None:
    """Half and half by parity: one experiment, its counts by hand."""
    plan = trial_plan()
    treated = np.arange(1_000) % 2 == 1
    tally = try_assignments(plan, [treated])
    rows = CONTROL.columns[:1_000]
    control = Arm("c", 500, int(rows[~treated, 1].sum()))
    treatment = Arm("t", 500, int(rows[treated, 1].sum()))
    assert tally.p_values.tolist() == [compare(control, treatment).p_value]
    assert tally["n"] == 1
    assert tally["srm"] == 0


def test_the_split_scenario_is_noticed_as_often_as_the_chi_square_has_power() -> None:
    """1,850 visitors at 52 to 48 against an alarm of p < 0.001; 2,000 experiments, 99.9% band."""
    plan = trial_plan()
    n_alarms = sum(try_block(plan, "split", block)["srm"] for block in range(20))
    treated = np.arange(N_VISITORS + 1)
    p_values = scipy.stats.chi2.sf((treated - N_VISITORS / 2) ** 2 / (N_VISITORS / 4), 1)
    chance = scipy.stats.binom.pmf(treated, N_VISITORS, 0.52)[p_values < 0.001].sum()
    low, high = scipy.stats.binom.interval(0.999, 2_000, chance)
    assert low <= n_alarms <= high


def test_all_forms_say_the_same() -> None:
    """80 columns; JSON can be written; HTML is offline, printable, dark and light, with told figures."""
    found = validation(trial_plan(), 200)
    text, document, page = render_validation(found), validation_to_json(found), render_validation_html(found)
    assert all(len(line) <= 80 for line in text.splitlines())
    assert " ".join(text.split()).startswith(found.sentence)
    assert json.loads(json.dumps(document, allow_nan=False))["sound"] is found.is_sound
    assert len(document["checks"]) == len(found.checks)
    assert "The rule: visitor CTR, one-sided" in text
    assert sum(document["p_value_histogram"]) == 200
    assert "<script" not in page
    assert "prefers-color-scheme: dark" in page
    assert "@media print" in page
    assert page.count("<svg") == page.count("<desc") == page.count("</figcaption>") == 4
    assert not re.search(r"(src|href)=", page)
    for check in found.checks:
        assert check.title.replace("'", "&#39;") in page


def test_a_sweep_is_a_table_of_the_page() -> None:
    found = validation(trial_plan(), 100)
    page = render_validation_html(found, sweep=[("varied", "ship"), ("model <pbm>", "93%")])
    assert "How the verdict moves with the population" in page
    assert "model &lt;pbm&gt;" in page
    assert "How the verdict moves" not in render_validation_html(found)


def test_a_failed_check_is_said_in_words_not_by_colour() -> None:
    found = validation(trial_plan(fault="faulty-split"), 200)
    assert "FAILED" in render_validation(found)
    assert "Planted on purpose: faulty-split." in render_validation(found)
    assert "NOT sound" in render_validation_html(found)


def test_wrong_input_says_what_is_wrong() -> None:
    with pytest.raises(InvalidDesignError, match="fault 'gremlin' is unknown"):
        trial_plan(fault="gremlin")
    with pytest.raises(InvalidDesignError, match="need at least 500"):
        trial_plan(n_visitors=400)
    with pytest.raises(NotEnoughDataError, match="give at least 100"):
        VisitorPool.from_visitors([1], [1], [1])
    with pytest.raises(InvalidOutcomesError, match="one row of the same visitors"):
        VisitorPool.from_visitors([1] * 100, [1] * 100, [1] * 99)
    with pytest.raises(InvalidOutcomesError, match="more clicks than impressions"):
        VisitorPool.from_visitors([1] * 100, [2] * 100, [1] * 100)
    empty = Tally({}, np.empty(0), np.empty(0))
    with pytest.raises(NotEnoughDataError, match="no experiment was made"):
        judge_trials(trial_plan(), dict.fromkeys(SCENARIOS, empty))


def test_a_population_nobody_of_whom_clicks_is_no_crash() -> None:
    """No test can be made: no alarm, no interval, and power of nothing."""
    nobody = VisitorPool.from_visitors([0] * 200, [0] * 200, [6] * 200)
    plan = TrialPlan(Design(), nobody, TREATMENT, TREATMENT, 500, seed=1)
    tally = try_block(plan, "no-effect", 0, 5)
    assert tally["n"] == 5
    assert tally["decided"] == 0
    assert np.isnan(tally.p_values).all()
