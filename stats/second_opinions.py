"""Would another analysis of the same visitors have said the same? Laid beside the one that decides."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stats.ctr import naive_impression_test
from stats.cuped import CupedComparison
from stats.design import Design
from stats.errors import InvalidDesignError
from stats.estimates import Comparison, attempt
from stats.exact import fisher_test
from stats.outcomes import ArmOutcomes
from stats.pair_results import SecondOpinion, StratifiedResult
from stats.proportions import Arm, compare
from stats.resampling import VisitorTable, compare_by_resampling


@dataclass(frozen=True, slots=True)
class Resampling:
    """A second opinion by resampling: how many draws, and what they begin from.

    Raises:
        InvalidDesignError: fewer than 100 draws.
    """

    n_resamples: int = 2_000
    seed: int = 1

    def __post_init__(self) -> None:
        if self.n_resamples < 100:  # noqa: PLR2004 - as compare_by_resampling
            raise InvalidDesignError(f"n_resamples is {self.n_resamples!r}; use at least 100")


def second_opinions(
    control: ArmOutcomes,
    treatment: ArmOutcomes,
    design: Design,
    *,
    cuped: CupedComparison | None,
    stratified: StratifiedResult | None,
    resampling: Resampling | None,
) -> tuple[SecondOpinion, ...]:
    """Return every other analysis of visitor CTR that these data allow; the wrong one last."""
    arms = (control.visitors, treatment.visitors)
    found = [_plain(arms, design), _exact(arms, design)]
    if cuped is not None and cuped.variance_reduction is not None:
        found.append(_of(cuped.comparison, "CUPED", "the past taken out"))
    if stratified is not None and stratified.found is not None:
        weighed = stratified.found
        found.append(
            SecondOpinion(
                f"stratified by {stratified.dimension}",
                weighed.difference,
                weighed.interval,
                weighed.p_value,
                is_valid=True,
                note=f"{stratified.n_strata} strata weighed by size",
            )
        )
    found += _with_bots(control, treatment, design)
    if resampling is not None:
        found += _resampled(arms, design, resampling)
    found += _naive(control, treatment, design)
    return tuple(opinion for opinion in found if opinion is not None and opinion.p_value is not None)


def _plain(arms: tuple[Arm, Arm], design: Design) -> SecondOpinion:
    comparison = compare(*arms, alternative=design.alternative, confidence=design.confidence)
    return _of(comparison, comparison.test or "z", "one look, all visitors until now")


def _of(comparison: Comparison, name: str, note: str) -> SecondOpinion:
    return SecondOpinion(
        name, comparison.difference, comparison.difference_ci, comparison.p_value, is_valid=True, note=note
    )


def _exact(arms: tuple[Arm, Arm], design: Design) -> SecondOpinion | None:
    test = attempt(lambda: fisher_test(*arms, alternative=design.alternative), [])
    if test is None:
        return None
    return SecondOpinion(test.method, None, None, test.p_value, is_valid=True, note="no approximation")


def _with_bots(control: ArmOutcomes, treatment: ArmOutcomes, design: Design) -> Sequence[SecondOpinion]:
    bots = [arm.details.bots if arm.details else None for arm in (control, treatment)]
    if not sum(found.n for found in bots if found is not None):
        return ()
    together = [
        Arm(
            arm.visitors.variant,
            arm.visitors.n + (found.n if found else 0),
            arm.visitors.successes + (found.successes if found else 0),
        )
        for arm, found in zip((control, treatment), bots, strict=True)
    ]
    comparison = compare(
        together[0], together[1], alternative=design.alternative, confidence=design.confidence
    )
    return (_of(comparison, "bots counted too", "those flagged are people here"),)


def _resampled(arms: tuple[Arm, Arm], design: Design, resampling: Resampling) -> Sequence[SecondOpinion]:
    found = attempt(
        lambda: compare_by_resampling(
            VisitorTable.from_arm(arms[0]),
            VisitorTable.from_arm(arms[1]),
            rng=np.random.default_rng(resampling.seed),
            n_resamples=resampling.n_resamples,
            alternative=design.alternative,
            confidence=design.confidence,
        ),
        [],
    )
    if found is None:
        return ()
    return (
        SecondOpinion(
            "bootstrap, permutation",
            found.difference,
            found.interval,
            found.p_value,
            is_valid=True,
            note=f"{found.n_resamples:,} draws, seed {resampling.seed}",
        ),
    )


def _naive(control: ArmOutcomes, treatment: ArmOutcomes, design: Design) -> Sequence[SecondOpinion]:
    if control.impressions is None or treatment.impressions is None:
        return ()
    sums = (control.impressions, treatment.impressions)
    test = attempt(lambda: naive_impression_test(*sums, alternative=design.alternative), [])
    if test is None:
        return ()
    return (
        SecondOpinion(
            "WRONG: per impression",
            sums[1].ctr - sums[0].ctr,
            None,
            test.p_value,
            is_valid=False,
            note="takes impressions for independent",
        ),
    )
