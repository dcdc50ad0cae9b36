"""What an earlier run, or a simulated one, tells about the visitors of an experiment to be planned."""

from dataclasses import dataclass

from stats.ctr import compare_ctr
from stats.errors import NotEnoughDataError
from stats.outcomes import HOLDOUT, Outcomes
from stats.ratio_arm import RatioArm


@dataclass(frozen=True, slots=True)
class Pilot:
    """What a plan needs to know, as measured.

    Args:
        n_visitors: those it was measured on.
        visitor_ctr: of the control.
        impression_ctr: of the control.
        impressions_per_visitor: viewed, over both arms.
        design_effect: variance of the difference over visitors / variance of independent impressions.
    """

    run_id: str
    n_visitors: int
    visitor_ctr: float
    impression_ctr: float
    impressions_per_visitor: float
    design_effect: float


def measure_pilot(outcomes: Outcomes, *, control: str = "control") -> Pilot:
    """Measure a run for planning, on its control and its first treatment.

    Raises:
        NotEnoughDataError: one of them is missing, or too thin for a design effect.
    """
    by_name = {arm.visitors.variant: arm for arm in outcomes.arms if arm.visitors.variant != HOLDOUT}
    others = [name for name in by_name if name != control]
    if control not in by_name or not others:
        raise NotEnoughDataError(
            f"run {outcomes.run.run_id!r} has arms {', '.join(by_name) or 'none'}; a pilot needs {control!r} "
            "and a treatment"
        )
    first, second = by_name[control], by_name[others[0]]
    arms = [_impressions(outcomes, arm.impressions, arm.visitors.variant) for arm in (first, second)]
    found = compare_ctr(*arms)
    n_visitors = sum(arm.n for arm in arms)
    if found.design_effect is None or not first.visitors.n:
        raise NotEnoughDataError(
            f"run {outcomes.run.run_id!r} is too thin for a pilot: {'; '.join(found.comparison.missing)}"
        )
    return Pilot(
        run_id=outcomes.run.run_id,
        n_visitors=n_visitors,
        visitor_ctr=first.visitors.rate,
        impression_ctr=arms[0].ctr,
        impressions_per_visitor=sum(arm.impressions for arm in arms) / n_visitors,
        design_effect=found.design_effect,
    )


def _impressions(outcomes: Outcomes, arm: RatioArm | None, variant: str) -> RatioArm:
    if arm is None:
        raise NotEnoughDataError(
            f"run {outcomes.run.run_id!r} has no impressions of {variant!r}; a pilot needs them"
        )
    return arm
