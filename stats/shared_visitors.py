"""Visitors who are in two arms at once, because requests were split and not visitors."""

from dataclasses import dataclass

from stats.errors import InvalidOutcomesError


@dataclass(frozen=True, slots=True)
class SharedVisitors:
    """What the visitors of both of two arms did in each, as sums over them of products.

    Args:
        n: visitors who have impressions in both arms.
        clicks_clicks: of clicks in this arm times clicks in the other.
        clicks_impressions: of clicks in this arm times impressions in the other.
        impressions_clicks: of impressions in this arm times clicks in the other.
        impressions_impressions: of impressions in this arm times impressions in the other.
    """

    n: int
    clicks_clicks: int
    clicks_impressions: int
    impressions_clicks: int
    impressions_impressions: int

    def __post_init__(self) -> None:
        if min(self.n, self.clicks_clicks, self.clicks_impressions, self.impressions_clicks) < 0:
            raise InvalidOutcomesError(f"{self!r}: sums over visitors of counts are not negative")

    def covariance(self, clicks: int, impressions: int, other_clicks: int, other_impressions: int) -> float:
        """Covariance of the CTRs of both arms, each of so many clicks and impressions, over visitors.

        Source: the delta method for ratios of means, Deng, Knoblich & Lu (KDD 2018), section 3.1,
            doi:10.1145/3219819.3219919: the sum over visitors of the product of their residuals in both arms.
        """
        residuals = (
            impressions * other_impressions * self.clicks_clicks
            - impressions * other_clicks * self.clicks_impressions
            - clicks * other_impressions * self.impressions_clicks
            + clicks * other_clicks * self.impressions_impressions
        )
        return residuals / (impressions * other_impressions) ** 2
