"""What many visitors would do in one arm: the population that simulated experiments draw from."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from stats.errors import InvalidOutcomesError, NotEnoughDataError
from stats.proportions import Arm
from stats.ratio_arm import RatioArm

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]

_LEAST_POOL = 100


@dataclass(frozen=True, slots=True, eq=False)
class VisitorPool:
    """What each of many visitors does in one arm.

    Args:
        columns: of each visitor 1, clicked, clicks, impressions, clicks squared, impressions squared, clicks
            times impressions; sums of rows are all that the tests need. (n_visitors, 7).
    """

    columns: Floats

    @classmethod
    def from_visitors(cls, clicked: npt.ArrayLike, clicks: npt.ArrayLike, impressions: npt.ArrayLike) -> Self:
        """Take who clicked a recommended film at home, and clicks and viewed impressions; (n_visitors,) each.

        Raises:
            InvalidOutcomesError: lengths differ, or a visitor has fewer impressions than clicks.
            NotEnoughDataError: fewer than 100 visitors.
        """
        whole = [np.asarray(values, dtype=np.int64) for values in (clicked, clicks, impressions)]
        if len({values.shape for values in whole}) != 1 or whole[0].ndim != 1:
            raise InvalidOutcomesError(
                f"shapes {[values.shape for values in whole]!r}; clicked, clicks and impressions must be one "
                "row of the same visitors"
            )
        if len(whole[0]) < _LEAST_POOL:
            raise NotEnoughDataError(
                f"{len(whole[0])} visitors are too few to draw experiments from; give at least {_LEAST_POOL}"
            )
        has_clicked, n_clicks, n_seen = whole
        if np.any(n_clicks > n_seen):
            raise InvalidOutcomesError("a visitor has more clicks than impressions; a click counts as viewed")
        return cls(
            np.stack(
                [
                    np.ones(len(has_clicked)),
                    has_clicked > 0,
                    n_clicks,
                    n_seen,
                    n_clicks**2,
                    n_seen**2,
                    n_clicks * n_seen,
                ],
                axis=1,
            ).astype(np.float64)
        )

    def coming_twice(self) -> "VisitorPool":
        """The same visitors, each of whom does everything twice alike: a design effect twice as large."""
        return VisitorPool(self.columns * np.array([1.0, 1.0, 2.0, 2.0, 4.0, 4.0, 4.0]))

    def __len__(self) -> int:
        return len(self.columns)

    @property
    def visitor_ctr(self) -> float:
        """The share who click: the truth of experiments that draw from here."""
        return float(self.columns[:, 1].mean())

    @property
    def impression_ctr(self) -> float:
        """Clicks per viewed impression."""
        return float(self.columns[:, 2].sum() / max(self.columns[:, 3].sum(), 1))


def arm_of(variant: str, sums: Floats) -> Arm:
    """Return the visitors of an arm from the sums of their columns."""
    return Arm(variant, round(sums[0]), round(sums[1]))


def ratio_arm_of(variant: str, sums: Floats) -> RatioArm:
    """Return the impressions of an arm from the sums of its visitors' columns."""
    n, _, clicks, impressions, clicks_squared, impressions_squared, products = (round(x) for x in sums)
    return RatioArm(variant, n, clicks, impressions, clicks_squared, impressions_squared, products)
