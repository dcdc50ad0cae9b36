"""One variant's clicks and viewed impressions: six sums, so that a database can compute them and parts merge.

A clicked impression counts as viewed whether or not its view was reported, so clicks are never more.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from stats.errors import InvalidOutcomesError, NotEnoughDataError
from stats.proportions import MIN_VISITORS

_MIN_CLICKS = 5  # fewer clicks in an arm: the normal tail of the delta method cannot be trusted


@dataclass(frozen=True, slots=True)
class RatioArm:
    """One variant's clicks and impressions, as sums over its visitors.

    Args:
        n: visitors, those without any impression included.
        clicks_squared: the sum over visitors of their clicks squared; `impressions_squared` likewise.
        clicks_impressions: the sum over visitors of clicks times impressions.
    """

    variant: str
    n: int
    clicks: int
    impressions: int
    clicks_squared: int
    impressions_squared: int
    clicks_impressions: int

    def __post_init__(self) -> None:
        if min(self.n, self.clicks, self.impressions) < 0:
            raise InvalidOutcomesError(
                f"arm {self.variant!r} has {self.n!r} visitors, {self.clicks!r} clicks, {self.impressions!r} "
                "impressions; none of them can be negative"
            )

    @classmethod
    def from_visitors(cls, variant: str, clicks: npt.ArrayLike, impressions: npt.ArrayLike) -> Self:
        """Sum up clicks and impressions per visitor, two int arrays of shape (n_visitors,)."""
        clicked, seen = np.asarray(clicks, dtype=np.int64), np.asarray(impressions, dtype=np.int64)
        if clicked.shape != seen.shape or clicked.ndim != 1:
            raise InvalidOutcomesError(
                f"clicks have shape {clicked.shape!r}, impressions {seen.shape!r}; both must be one row of "
                "visitors"
            )
        return cls(
            variant=variant,
            n=int(clicked.size),
            clicks=int(clicked.sum()),
            impressions=int(seen.sum()),
            clicks_squared=int(clicked @ clicked),
            impressions_squared=int(seen @ seen),
            clicks_impressions=int(clicked @ seen),
        )

    def merged(self, other: "RatioArm") -> "RatioArm":
        """Return both sets of visitors as one arm, under this arm's name."""
        return RatioArm(
            variant=self.variant,
            n=self.n + other.n,
            clicks=self.clicks + other.clicks,
            impressions=self.impressions + other.impressions,
            clicks_squared=self.clicks_squared + other.clicks_squared,
            impressions_squared=self.impressions_squared + other.impressions_squared,
            clicks_impressions=self.clicks_impressions + other.clicks_impressions,
        )

    @property
    def ctr(self) -> float:
        """Clicks per viewed impression.

        Raises:
            NotEnoughDataError: no viewed impression.
        """
        if self.impressions == 0:
            raise NotEnoughDataError(
                f"{self.variant} has no viewed impression (views are reported by the page's JavaScript); "
                "an impression CTR needs at least 1"
            )
        return self.clicks / self.impressions

    @property
    def variance(self) -> float:
        """Variance of `ctr` by the delta method over visitors.

        Raises:
            NotEnoughDataError: fewer than two visitors, or no viewed impression.

        Source: Deng, Knoblich & Lu (KDD 2018), section 3.1, doi:10.1145/3219819.3219919.
        """
        if self.n < MIN_VISITORS:
            raise NotEnoughDataError(
                f"{self.variant} has {self.n} of the {MIN_VISITORS} visitors that a variance over visitors "
                "needs"
            )
        _ = self.ctr
        # The sum over visitors of (clicks - ctr * impressions)^2, in whole numbers so that nothing cancels.
        residuals = (
            self.impressions**2 * self.clicks_squared
            - 2 * self.clicks * self.impressions * self.clicks_impressions
            + self.clicks**2 * self.impressions_squared
        )
        return residuals / self.impressions**4 * self.n / (self.n - 1)


def require_clicks(arm: RatioArm) -> None:
    """Refuse an arm whose clicks are too few for a normal approximation over visitors.

    Raises:
        NotEnoughDataError: fewer than two visitors, no viewed impression, or fewer than five clicks.
    """
    _ = arm.variance
    if arm.clicks < _MIN_CLICKS:
        raise NotEnoughDataError(
            f"{arm.variant} has {arm.clicks} of the {_MIN_CLICKS} clicks that the normal approximation over "
            "visitors needs"
        )
