"""CUPED: what visitors did before the experiment explains part of what they do in it; take that part out.

The estimate stays unbiased, for the assignment knows nothing of the past; its variance falls by the square of
the correlation between past and present.
"""

import math
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from stats.errors import InvalidOutcomesError, NotEnoughDataError
from stats.estimates import Comparison, attempt
from stats.means import MeanArm, compare_means
from stats.proportions import MIN_VISITORS


@dataclass(frozen=True, slots=True)
class PairedArm:
    """One variant's values in the experiment and before it, per visitor, with their common variation.

    Args:
        value: in the experiment.
        past: before it, of the same visitors; unaffected by the variant.
        products: the sum over visitors of the product of both deviations from their means.
    """

    value: MeanArm
    past: MeanArm
    products: float

    @classmethod
    def from_visitors(cls, variant: str, values: npt.ArrayLike, past: npt.ArrayLike) -> Self:
        """Sum up two numbers per visitor, arrays of shape (n_visitors,)."""
        now, before = np.asarray(values, dtype=np.float64), np.asarray(past, dtype=np.float64)
        if now.shape != before.shape or now.ndim != 1:
            raise InvalidOutcomesError(
                f"values have shape {now.shape!r}, past values {before.shape!r}; give both for each visitor"
            )
        arms = MeanArm.from_visitors(variant, now), MeanArm.from_visitors(variant, before)
        return cls(*arms, float((now - arms[0].mean) @ (before - arms[1].mean)))

    def merged(self, other: "PairedArm") -> "PairedArm":
        """Return both sets of visitors as one arm, under this arm's name."""
        n = self.value.n + other.value.n
        shift = (other.value.mean - self.value.mean) * (other.past.mean - self.past.mean)
        between = shift * self.value.n * other.value.n / n if n else 0.0
        return PairedArm(
            self.value.merged(other.value),
            self.past.merged(other.past),
            self.products + other.products + between,
        )

    def adjusted(self, theta: float, past_mean: float) -> MeanArm:
        """Return the values with theta times the past's deviation taken out."""
        squares = self.value.squares - 2 * theta * self.products + theta**2 * self.past.squares
        mean = self.value.mean - theta * (self.past.mean - past_mean)
        return MeanArm(self.value.variant, self.value.n, mean, max(0.0, squares))


@dataclass(frozen=True, slots=True)
class CupedComparison:
    """The comparison with the past taken out, and what that was worth.

    Args:
        comparison: of the adjusted means; the lift is over the control's adjusted mean.
        theta: how much a unit of the past predicts; None without data.
        correlation: of past and present; None without data.
        variance_reduction: part of the difference's variance that is gone; a fifth is as good as a quarter
            more visitors. None without data.
    """

    comparison: Comparison
    theta: float | None
    correlation: float | None
    variance_reduction: float | None


def compare_cuped(
    control: PairedArm, treatment: PairedArm, *, alternative: str = "greater", confidence: float = 0.95
) -> CupedComparison:
    """Compare the means of two arms, adjusted for the past; theta is that of all visitors together.

    Where the past does not vary, or is missing, the plain comparison is returned with the reason.

    Source: Deng, Xu, Kohavi & Walker (WSDM 2013), doi:10.1145/2433396.2433413.
    """
    reasons: list[str] = []
    together = control.merged(treatment)
    theta = attempt(lambda: _theta(together), reasons)
    plain = compare_means(control.value, treatment.value, alternative=alternative, confidence=confidence)
    if theta is None:
        return CupedComparison(plain, None, None, None)
    arms = tuple(arm.adjusted(theta, together.past.mean) for arm in (control, treatment))
    comparison = compare_means(*arms, alternative=alternative, confidence=confidence)
    before = attempt(lambda: control.value.error_variance + treatment.value.error_variance, reasons)
    after = attempt(lambda: sum(arm.error_variance for arm in arms), reasons)
    spread = math.sqrt(together.value.squares * together.past.squares)
    return CupedComparison(
        comparison=comparison,
        theta=theta,
        correlation=together.products / spread if spread else None,
        variance_reduction=1 - after / before if before and after is not None else None,
    )


def _theta(together: PairedArm) -> float:
    if together.past.n < MIN_VISITORS or together.past.squares == 0:
        raise NotEnoughDataError("the past of the visitors does not vary; there is nothing to take out")
    return together.products / together.past.squares
