"""Does the effect differ between segments? Each segment's difference, adjusted for their number.

Read it as a hint for the next experiment: segments have less power than the whole, and are many.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from scipy.special import chdtrc

from stats.errors import InvalidOutcomesError, NotEnoughDataError
from stats.estimates import Comparison, attempt
from stats.means import MeanArm
from stats.multiplicity import benjamini_hochberg, holm
from stats.proportions import Arm, compare, rate_difference
from stats.stratification import compare_stratified


@dataclass(frozen=True, slots=True)
class SegmentComparison:
    """One segment; the adjusted p-values are None where there is no test."""

    segment: str
    comparison: Comparison
    holm_p_value: float | None
    benjamini_hochberg_p_value: float | None


@dataclass(frozen=True, slots=True)
class Heterogeneity:
    """All segments, and whether they differ by more than chance.

    Args:
        statistic: Cochran's Q over the segments that have a test; None for fewer than two.
        p_value: of Q: small when the differences are not one and the same.
        is_simpson: the difference over all visitors has another sign than the one weighed by segment: the
            arms hold the segments in unequal shares, which a sound assignment does not do.
    """

    segments: tuple[SegmentComparison, ...]
    statistic: float | None
    p_value: float | None
    is_simpson: bool


def compare_segments(
    segments: Mapping[str, tuple[Arm, Arm]], *, alternative: str = "two-sided", confidence: float = 0.95
) -> Heterogeneity:
    """Compare the visitor CTR of two arms in each segment.

    Args:
        segments: segment -> its control and its treatment.
        alternative: greater, less or two-sided.
        confidence: two-sided coverage of every interval, each by itself.

    Raises:
        InvalidOutcomesError: no segment.

    Source: Cochran, Biometrics 10 (1954), 101-129; Holm (1979); Benjamini & Hochberg (1995).
    """
    if not segments:
        raise InvalidOutcomesError("no segment was given; give at least one")
    found = {
        name: compare(control, treatment, alternative=alternative, confidence=confidence)
        for name, (control, treatment) in segments.items()
    }
    tested = [name for name, comparison in found.items() if comparison.p_value is not None]
    p_values = [comparison.p_value for comparison in found.values() if comparison.p_value is not None]
    by_holm = dict(zip(tested, holm(p_values), strict=True))
    by_rate = dict(zip(tested, benjamini_hochberg(p_values), strict=True))
    statistic, freedom = _cochran_q(segments)
    return Heterogeneity(
        segments=tuple(
            SegmentComparison(name, comparison, by_holm.get(name), by_rate.get(name))
            for name, comparison in found.items()
        ),
        statistic=statistic,
        p_value=None if statistic is None else float(chdtrc(freedom, statistic)),
        is_simpson=_is_simpson(segments),
    )


def _cochran_q(segments: Mapping[str, tuple[Arm, Arm]]) -> tuple[float | None, int]:
    """Return Q and its degrees of freedom; segments without a click know nothing and are left out."""
    differences, weights = [], []
    for control, treatment in segments.values():
        if min(control.n, treatment.n) and control.successes + treatment.successes:
            differences.append(treatment.rate - control.rate)
            weights.append(1 / (_smoothed_variance(control) + _smoothed_variance(treatment)))
    if len(weights) < 2:  # noqa: PLR2004 - one segment cannot differ from itself
        return None, 0
    centre = math.fsum(w * d for w, d in zip(weights, differences, strict=True)) / math.fsum(weights)
    return math.fsum(w * (d - centre) ** 2 for w, d in zip(weights, differences, strict=True)), (
        len(weights) - 1
    )


def _smoothed_variance(arm: Arm) -> float:
    """Return the rate's variance with half a success and half a failure added: no click is no certainty."""
    rate = (arm.successes + 0.5) / (arm.n + 1)
    return rate * (1 - rate) / arm.n


def _is_simpson(segments: Mapping[str, tuple[Arm, Arm]]) -> bool:
    """Say whether all visitors together show the opposite of the segments weighed by their size."""
    whole = [
        Arm("all", sum(arm.n for arm in arms), sum(arm.successes for arm in arms))
        for arms in zip(*segments.values(), strict=True)
    ]
    overall = attempt(lambda: rate_difference(whole[0], whole[1]), [])
    strata = {
        name: (MeanArm.from_arm(control), MeanArm.from_arm(treatment))
        for name, (control, treatment) in segments.items()
        if control.n + treatment.n
    }
    try:
        weighed = compare_stratified(strata, alternative="two-sided").difference
    except (NotEnoughDataError, InvalidOutcomesError):
        return False
    return overall is not None and overall * weighed < 0
