"""Thousands of experiments on a known population, analysed as a real one is, and what came of them counted.

Every experiment draws its visitors from a pool (with replacement: the pool is the population, its rates are
the truth), assigns them at random, and is analysed by the functions a report is made with. Experiments come
in blocks, each with a generator of its own, so that the result does not depend on who computes which block.
"""

import math
from collections import Counter

import numpy as np

from stats._trial_history import TrialHistory
from stats.ctr import compare_ctr
from stats.design import Design
from stats.errors import NotEnoughDataError
from stats.estimates import Comparison
from stats.proportions import Arm, compare, wilson_interval
from stats.sequential import Boundary, even_fractions, spending_boundary
from stats.srm import SRM_ALARM, srm_check
from stats.tails import p_value_of
from stats.trials import BLOCK, Scenario, Tally, TrialPlan
from stats.visitor_pool import Booleans, Floats, VisitorPool, arm_of, ratio_arm_of

_BIAS = 1.12  # who would click is sent to the treatment so much more often
_FAULTY_SHARE = 1.04  # 52% where 50% are meant
_SEEDS = {"no-effect": 1, "true-effect": 2, "mde": 3, "split": 4}


def try_block(plan: TrialPlan, scenario: Scenario, block: int, n_experiments: int = BLOCK) -> Tally:
    """Make one block of experiments.

    Args:
        plan: what they are made of.
        scenario: no-effect draws both arms from the control; true-effect the treatment from the treatment;
            mde from the improved control; split only counts visitors, with 52% in the treatment.
        block: which, from 0.
        n_experiments: of the block.
    """
    rng = np.random.default_rng([plan.seed, _SEEDS[scenario], block])
    if scenario == "split":
        return _split_block(plan, rng, n_experiments)
    control, treatment = plan.control, plan.pool_of(scenario)
    if plan.fault == "wrong-unit":
        control, treatment = control.coming_twice(), treatment.coming_twice()
    tallier = _Tallier(plan, treatment)
    shape = (n_experiments, plan.n_visitors)
    drawn = rng.integers(len(plan.control), size=shape)
    chances = rng.random(shape)
    for who, chance in zip(drawn, chances, strict=True):
        rows = control.columns[who]
        tallier.add(rows, treatment.columns[who], chance < _shares(plan, rows[:, 1] > 0))
    return tallier.tally()


def try_assignments(plan: TrialPlan, assignments: list[Booleans]) -> Tally:
    """Make experiments without an effect on the pool's first visitors, assigned as the caller did.

    Args:
        plan: what they are made of; `n_visitors` is not looked at.
        assignments: of each experiment, who of the first visitors is in the treatment.
    """
    tallier = _Tallier(plan, plan.control)
    for treated in assignments:
        rows = plan.control.columns[: len(treated)]
        tallier.add(rows, rows, treated)
    return tallier.tally()


def _split_block(plan: TrialPlan, rng: np.random.Generator, n_experiments: int) -> Tally:
    counts: Counter[str] = Counter(n=n_experiments)
    for n_treated in rng.binomial(plan.n_visitors, plan.treatment_share * _FAULTY_SHARE, n_experiments):
        counts["srm"] += _is_srm(plan, plan.n_visitors - int(n_treated), int(n_treated))
    return Tally(counts, np.empty(0), np.empty(0))


def _shares(plan: TrialPlan, would_click: Booleans) -> Floats:
    """The chance of each visitor to be in the treatment: one number, but for planted faults."""
    share = plan.treatment_share
    if plan.fault == "faulty-split":
        share *= _FAULTY_SHARE
    if plan.fault == "biased-assignment":
        return np.where(would_click, share * _BIAS, share)
    return np.full(len(would_click), share)


class _Tallier:
    """Analyses experiments one by one, as a report does, and counts."""

    def __init__(self, plan: TrialPlan, treatment: VisitorPool) -> None:
        self._plan = plan
        design = plan.design
        self._is_impressions = design.primary_metric == "impression_ctr"
        self._visitor_rates = plan.control.visitor_ctr, treatment.visitor_ctr
        self._impression_rates = plan.control.impression_ctr, treatment.impression_ctr
        self._peeks = _boundary(design, plan.n_peeks, "obrien-fleming")
        self._looks = (
            _boundary(design, design.n_looks, design.sequential) if design.is_group_sequential else None
        )
        self._counts: Counter[str] = Counter()
        self._p_values: list[float] = []
        self._design_effects: list[float] = []

    def tally(self) -> Tally:
        """What came of those added."""
        return Tally(self._counts, np.array(self._p_values), np.array(self._design_effects))

    def add(self, control: Floats, treatment: Floats, treated: Booleans) -> None:
        """Analyse one experiment: the columns of all its visitors in either arm, and who is in which."""
        weights = treated.astype(np.float64)
        sums = (1 - weights) @ control, weights @ treatment
        self._counts["n"] += 1
        visitors = self._add_visitors(*(arm_of(name, x) for name, x in zip("ct", sums, strict=True)))
        impressions, is_naive = self._add_impressions(sums)
        primary = impressions if self._is_impressions else visitors
        self._p_values.append(math.nan if primary.p_value is None else primary.p_value)
        history = TrialHistory(control[:, 1], treatment[:, 1], treated)
        is_fixed = _is_alarm(primary.p_value, self._plan.design.alpha)
        is_peeked = self._add_peeks(history) or is_fixed
        self._counts["peeked"] += is_peeked
        self._counts["decided"] += self._is_decided(
            history, is_fixed=is_fixed, is_naive=is_naive, is_peeked=is_peeked
        )

    def _add_visitors(self, control: Arm, treatment: Arm) -> Comparison:
        design = self._plan.design
        found = compare(control, treatment, alternative=design.alternative, confidence=design.confidence)
        self._counts["srm"] += _is_srm(self._plan, control.n, treatment.n)
        self._counts["visitors"] += _is_alarm(found.p_value, design.alpha)
        self._counts["exact"] += (found.test or "").startswith("Fisher")
        difference, lift = _truth(*self._visitor_rates)
        self._count_covered("visitors", found, difference, lift)
        if control.n:
            around = wilson_interval(control, confidence=design.confidence)
            self._counts["control rate covered"] += around.contains(self._visitor_rates[0])
        return found

    def _add_impressions(self, sums: tuple[Floats, Floats]) -> tuple[Comparison, bool]:
        design = self._plan.design
        arms = [ratio_arm_of(name, x) for name, x in zip("ct", sums, strict=True)]
        found = compare_ctr(*arms, alternative=design.alternative, confidence=design.confidence)
        self._counts["impressions"] += _is_alarm(found.comparison.p_value, design.alpha)
        self._count_covered("impressions", found.comparison, *_truth(*self._impression_rates))
        self._design_effects.append(math.nan if found.design_effect is None else found.design_effect)
        is_naive = found.naive is not None and found.naive.p_value < design.alpha
        self._counts["naive"] += is_naive
        return found.comparison, is_naive

    def _count_covered(self, metric: str, found: Comparison, difference: float, lift: float | None) -> None:
        if found.difference_ci is not None:
            self._counts[f"{metric} difference estimated"] += 1
            self._counts[f"{metric} difference covered"] += found.difference_ci.contains(difference)
        if found.lift_ci is not None and lift is not None:
            self._counts[f"{metric} lift estimated"] += 1
            self._counts[f"{metric} lift covered"] += found.lift_ci.contains(lift)

    def _add_peeks(self, history: TrialHistory) -> bool:
        """Look ten times: whether a fixed test would have stopped; counts O'Brien-Fleming likewise."""
        design = self._plan.design
        scores = history.statistics(self._plan.n_peeks, design)
        self._counts["guarded"] += self._peeks.first_crossed(scores) is not None
        return any(p_value_of(score, design.alternative) < design.alpha for score in scores)

    def _is_decided(self, history: TrialHistory, *, is_fixed: bool, is_naive: bool, is_peeked: bool) -> bool:
        """Whether the experiment's own rule finds an effect, or the planted faulty one."""
        design = self._plan.design
        if self._plan.fault == "wrong-unit":
            return is_naive
        if self._plan.fault == "peeking":
            return is_peeked
        if self._looks is not None:
            scores = history.statistics(len(self._looks.fractions), design)
            return self._looks.first_crossed(scores) is not None
        if design.sequential == "always-valid":
            return history.ever_valid(design)
        return is_fixed


def _boundary(design: Design, n_looks: int, spending: str) -> Boundary:
    return spending_boundary(
        even_fractions(n_looks), alpha=design.alpha, alternative=design.alternative, spending=spending
    )


def _is_srm(plan: TrialPlan, n_control: int, n_treatment: int) -> bool:
    observed = dict(zip(plan.weights, (n_control, n_treatment), strict=True))
    try:
        found = srm_check(observed, plan.weights)
    except NotEnoughDataError:
        return False
    return found.p_value < SRM_ALARM


def _is_alarm(p_value: float | None, alpha: float) -> bool:
    return p_value is not None and p_value < alpha


def _truth(control: float, treatment: float) -> tuple[float, float | None]:
    return treatment - control, treatment / control - 1 if control else None
