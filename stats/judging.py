"""From the counts of simulated experiments to a verdict: each rate against the band of what it should be."""

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from stats.errors import NotEnoughDataError
from stats.estimates import Interval
from stats.srm import SRM_ALARM
from stats.study import StudyPlan, plan_study
from stats.study_options import StudyOptions
from stats.trials import Scenario, Tally, TrialPlan
from stats.validation import Check, Cost, Validation
from stats.visitor_pool import Floats, VisitorPool
from stats.wording import exact_percent

BAND = 0.999
"""How much of the counts of a sound rate its band holds."""

_FEW_CLICKERS = 15  # of an arm: below, exact tests and intervals are cautious
_SOME = 0.01


def judge_trials(
    plan: TrialPlan, tallies: Mapping[Scenario, Tally], assigned: Tally | None = None
) -> Validation:
    """Judge the tallies of all scenarios.

    Args:
        plan: what the experiments were made of.
        tallies: of no-effect, true-effect, mde and split.
        assigned: of experiments assigned by the experiment's own code, each with another salt.

    Raises:
        NotEnoughDataError: a scenario has no experiment.
    """
    for scenario, tally in tallies.items():
        if not tally["n"]:
            raise NotEnoughDataError(f"no experiment was made for {scenario!r}; make at least 1")
    planned = _planned(plan, tallies["no-effect"])
    return Validation(
        plan=plan,
        checks=tuple(_checks(plan, tallies, assigned, planned)),
        costs=_costs(plan, tallies),
        p_values=tallies["no-effect"].p_values,
        planned=planned,
        power_seen=_power_seen(plan, tallies),
        design_effect=_mean(tallies["no-effect"].design_effects),
    )


def band_of(n: int, nominal: float, *, side: str = "both") -> Interval:
    """Return the rates that 99.9% of counts of n experiments have at the nominal rate.

    Args:
        n: experiments.
        nominal: the rate.
        side: both; most judges only too many, least only too few.

    >>> band_of(10_000, 0.05)
    Interval(low=0.043, high=0.0573)
    """
    # Imported here: it takes a second that nobody else should wait.
    from scipy.stats import binom

    low, high = binom.interval(BAND, n, nominal)
    return Interval(0.0 if side == "most" else float(low) / n, 1.0 if side == "least" else float(high) / n)


def _checks(
    plan: TrialPlan, tallies: Mapping[Scenario, Tally], assigned: Tally | None, planned: StudyPlan
) -> list[Check]:
    design, null, alpha = plan.design, tallies["no-effect"], plan.design.alpha
    is_thin = _is_thin(plan, null)
    is_cautious = is_thin or (design.sequential != "none" and plan.fault == "none")
    side = "most" if is_cautious else "both"
    checks = [_check("false_alarms", "false alarms", null["decided"], null["n"], alpha, side)]
    if assigned is not None:
        title = "false alarms, own assignment code"
        checks.append(_check("false_alarms_assigned", title, assigned["decided"], assigned["n"], alpha, side))
        title = "sample-ratio alarms, own assignment code"
        checks.append(_check("srm_assigned", title, assigned["srm"], assigned["n"], SRM_ALARM, "most"))
    checks += [
        _check("srm", "sample-ratio alarms", null["srm"], null["n"], SRM_ALARM, "both"),
        _check("guarded", f"false alarms, {plan.n_peeks} O'Brien-Fleming looks", null["guarded"], null["n"],
               alpha, "most"),
        _check("impressions", "false alarms, impression CTR", null["impressions"], null["n"], alpha,
               "most" if _few_clicks(plan) else "both"),
    ]  # fmt: skip
    checks += _coverages(plan, tallies, is_thin=is_thin)
    power = tallies["mde"]
    title = f"power at the MDE, planned {exact_percent(round(planned.power, 4))}"
    checks.append(_check("power", title, power["decided"], power["n"], planned.power, "least"))
    return checks


def _coverages(plan: TrialPlan, tallies: Mapping[Scenario, Tally], *, is_thin: bool) -> list[Check]:
    confidence, side = plan.design.confidence, "least" if is_thin else "both"
    level = exact_percent(confidence)
    null, effect = tallies["no-effect"], tallies["true-effect"]
    title, count = f"{level} interval of the control's rate covers", null["control rate covered"]
    found = [_check("covers_rate", title, count, null["n"], confidence, side)]
    named = (("no effect", "null", null), ("true effect", "effect", effect))
    for metric, words in (("visitors", "visitor CTR"), ("impressions", "impression CTR")):
        thin = is_thin or (metric == "impressions" and _few_clicks(plan))
        for of in ("difference", "lift"):
            for when, key, tally in named:
                n = tally[f"{metric} {of} estimated"]
                if n:
                    title = f"{level} interval of the {of} covers, {words}, {when}"
                    count = tally[f"{metric} {of} covered"]
                    found.append(
                        _check(
                            f"covers_{metric}_{of}_{key}",
                            title,
                            count,
                            n,
                            confidence,
                            "least" if thin else "both",
                        )
                    )
    return found


def _check(key: str, title: str, count: int, n: int, nominal: float, side: str) -> Check:  # noqa: PLR0917 - a row of a table
    return Check(key, title, count, n, nominal, band_of(n, nominal, side=side))


def _costs(plan: TrialPlan, tallies: Mapping[Scenario, Tally]) -> tuple[Cost, ...]:
    null, split = tallies["no-effect"], tallies["split"]
    alpha = exact_percent(plan.design.alpha)
    design_effect = _mean(null.design_effects)
    clustering = "too few clicks to measure" if design_effect is None else f"{design_effect:.2f}"
    return (
        Cost("peeking", f"peeking {plan.n_peeks} times at a fixed test", null["peeked"], null["n"],
             f"false alarms, where {alpha} were meant"),
        Cost("wrong_unit", "taking impressions for independent", null["naive"], null["n"],
             f"false alarms; the design effect of the impressions is {clustering}"),
        Cost("faulty_split", "a split of 52 to 48 where even was meant", split["srm"], split["n"],
             "noticed by the sample-ratio check"),
    )  # fmt: skip


def _power_seen(plan: TrialPlan, tallies: Mapping[Scenario, Tally]) -> tuple[tuple[float, Cost], ...]:
    sign = -1 if plan.design.alternative == "less" else 1
    seen = []
    named: tuple[tuple[Scenario, str], ...]
    named = (("no-effect", "no effect"), ("true-effect", "as it is"), ("mde", "the MDE"))
    for scenario, words in named:
        tally, pool = tallies[scenario], plan.pool_of(scenario)
        change = _rate(plan, pool) - _rate(plan, plan.control)
        seen.append((sign * change, Cost(scenario, words, tally["decided"], tally["n"], "")))
    return tuple(seen)


def _planned(plan: TrialPlan, null: Tally) -> StudyPlan:
    """What the plan promises for these visitors, at this population's own rates."""
    design = plan.design
    baseline = _rate(plan, plan.control)
    change = abs(_rate(plan, plan.improved) - baseline)
    options = StudyOptions(
        metric=design.primary_metric,
        treatment_share=plan.treatment_share,
        n_looks=design.n_looks if design.is_group_sequential else 1,
        sequential=design.sequential,
        n_visitors=plan.n_visitors,
    )
    if design.primary_metric == "impression_ctr":
        options = replace(
            options,
            impressions_per_visitor=float(plan.control.columns[:, 3].mean()),
            design_effect=_mean(null.design_effects) or 1.0,
        )
    return plan_study(
        baseline=baseline,
        mde=change,
        alpha=design.alpha,
        power=design.power,
        alternative=design.alternative,
        options=options,
    )


def _rate(plan: TrialPlan, pool: VisitorPool) -> float:
    is_impressions = plan.design.primary_metric == "impression_ctr"
    return pool.impression_ctr if is_impressions else pool.visitor_ctr


def _is_thin(plan: TrialPlan, null: Tally) -> bool:
    share = min(plan.treatment_share, 1 - plan.treatment_share)
    rates = plan.control.visitor_ctr, 1 - plan.control.visitor_ctr
    return null["exact"] > _SOME * null["n"] or plan.n_visitors * share * min(rates) < _FEW_CLICKERS


def _few_clicks(plan: TrialPlan) -> bool:
    share = min(plan.treatment_share, 1 - plan.treatment_share)
    return bool(plan.n_visitors * share * plan.control.columns[:, 2].mean() < _FEW_CLICKERS)


def _mean(values: Floats) -> float | None:
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size and math.isfinite(known.mean()) else None
