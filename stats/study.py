"""A whole experiment planned: visitors, looks, several treatments, power curve, days.

`stats.planning` sizes one comparison of independent trials. Here that comparison is put into its experiment:
on impression CTR a visitor is worth m / design effect trials; several treatments share alpha and the control;
several looks share alpha over time; and visitors come at so many a day.
"""

import math
from dataclasses import dataclass

from stats._reach import PowerPoint, Reach
from stats.classical_looks import classical_inflation
from stats.ctr_planning import plan_for_impressions
from stats.errors import InvalidDesignError
from stats.planning import Plan, plan
from stats.study_options import StudyOptions, comparison_alpha, require_sound

_MOST_DAYS = 10**7
_MOST_CLASSICAL_LOOKS = 10  # more take seconds to integrate


@dataclass(frozen=True, slots=True)
class PlannedLook:
    """One look: when it comes, and what it takes to stop there.

    Args:
        n_visitors: in all variants.
        critical_value: what the statistic must reach in the direction of the alternative.
        stops: chance to stop here, and not before, under a true change of the MDE.
    """

    number: int
    n_visitors: int
    critical_value: float
    stops: float


@dataclass(frozen=True, slots=True)
class StudyPlan:
    """An experiment's sizes, and what it can and cannot detect. Make it with `plan_study`.

    Args:
        needed: control and one treatment, as they must be to detect the MDE; its alpha is that of one
            comparison.
        alpha: chance of any false alarm in the experiment.
        n_visitors: in all variants: those given, else those needed.
        power: chance that these visitors detect a true change of the MDE.
        detectable: smallest change these visitors detect with the power asked for; None if there is none.
        curve: power by true change, rising.
        looks: planned looks; empty for one look and for always-valid.
        expected_visitors: on average, under a true change of the MDE; None without planned looks.
        classical_inflation: what the boundary of O'Brien & Fleming, or Pocock's, as first published would
            cost, where looks are planned by alpha spending and are at most ten; None else.
        days: until the last visitor has come; None without `visitors_per_day`.
    """

    needed: Plan
    alpha: float
    options: StudyOptions
    n_visitors: int
    power: float
    detectable: float | None
    curve: tuple[PowerPoint, ...]
    looks: tuple[PlannedLook, ...]
    expected_visitors: float | None
    days: int | None
    classical_inflation: float | None = None

    @property
    def n_needed(self) -> int:
        """Visitors needed in all variants."""
        return self.needed.n_control + (self.options.n_variants - 1) * self.needed.n_treatment


def plan_study(
    *,
    baseline: float,
    mde: float,
    alpha: float = 0.05,
    power: float = 0.9,
    alternative: str = "greater",
    options: StudyOptions | None = None,
) -> StudyPlan:
    """Plan an experiment: its visitors, or what given visitors can detect.

    Args:
        baseline: the control's rate of the metric, in (0, 1).
        mde: the smallest absolute change worth detecting, positive.
        alpha: chance of any false alarm, over all treatments and looks.
        power: chance to detect the MDE in one treatment.
        alternative: greater, less or two-sided.
        options: metric, variants, looks, traffic.

    Raises:
        InvalidDesignError: naming the value, the rule and the way out.

    Source: Fleiss, Tytun & Ury (1980) for the size; Kish (1965), section 8.2 for the design effect; Dunnett,
        JASA 50 (1955), 1096-1121 for several treatments; Jennison & Turnbull (2000), chapter 7 for the looks.

    >>> plan_study(baseline=0.07, mde=0.04).n_needed
    1850
    >>> plan_study(baseline=0.07, mde=0.04, options=StudyOptions(n_variants=3)).needed.n_per_variant
    1095
    """
    chosen = options or StudyOptions()
    require_sound(chosen)
    needed = _needed(chosen, baseline=baseline, mde=mde, alpha=alpha, power=power, alternative=alternative)
    n_needed = needed.n_control + (chosen.n_variants - 1) * needed.n_treatment
    n_visitors = n_needed if chosen.n_visitors is None else chosen.n_visitors
    reach = Reach(needed, chosen, n_visitors)
    looks = _looks(reach)
    return StudyPlan(
        needed=needed,
        alpha=alpha,
        options=chosen,
        n_visitors=n_visitors,
        power=reach.power_at(mde),
        detectable=mde if n_visitors == n_needed else reach.detectable(),
        curve=reach.curve(),
        looks=looks,
        expected_visitors=_expected(looks, n_visitors) if looks else None,
        days=_days(n_visitors, chosen.visitors_per_day),
        classical_inflation=_classical_inflation(needed),
    )


def _classical_inflation(needed: Plan) -> float | None:
    if needed.spending in ("none", "always-valid") or needed.n_looks > _MOST_CLASSICAL_LOOKS:
        return None
    return classical_inflation(
        needed.n_looks,
        alpha=needed.alpha,
        power=needed.power,
        alternative=needed.alternative,
        spending=needed.spending,
    )


def _needed(
    options: StudyOptions, *, baseline: float, mde: float, alpha: float, power: float, alternative: str
) -> Plan:
    each = comparison_alpha(
        alpha, n_treatments=options.n_variants - 1, alternative=alternative, correction=options.correction
    )
    planned = plan(
        baseline=baseline,
        mde=mde,
        alpha=each,
        power=power,
        alternative=alternative,
        treatment_share=options.treatment_share,
        n_looks=options.n_looks,
        spending=options.sequential,
    )
    if options.metric == "visitor_ctr":
        return planned
    return plan_for_impressions(
        planned,
        impressions_per_visitor=options.impressions_per_visitor,
        design_effect=options.design_effect,
    )


def _looks(reach: Reach) -> tuple[PlannedLook, ...]:
    needed = reach.needed
    if needed.spending in ("none", "always-valid"):
        return ()
    fractions, values = reach.boundary()
    chances = reach.crossings(reach.drift_at(needed.mde))
    return tuple(
        PlannedLook(number, math.ceil(fraction * reach.n_visitors - 1e-9), value, chance)
        for number, (fraction, value, chance) in enumerate(zip(fractions, values, chances, strict=True), 1)
    )


def _expected(looks: tuple[PlannedLook, ...], n_visitors: int) -> float:
    """Return the average number of visitors: the last look ends whatever has not stopped before."""
    stopped = sum(look.stops * look.n_visitors for look in looks[:-1])
    return stopped + (1 - sum(look.stops for look in looks[:-1])) * n_visitors


def _days(n_visitors: int, per_day: float | None) -> int | None:
    if per_day is None:
        return None
    days = n_visitors / per_day
    if days > _MOST_DAYS:
        raise InvalidDesignError(
            f"{per_day!r} visitors a day bring {n_visitors:,} visitors in more than {_MOST_DAYS:,} days; "
            "plan for a larger mde, or more traffic"
        )
    return math.ceil(days - 1e-9)
