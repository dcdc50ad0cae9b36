"""Secondary metrics that are ratios of two sums over visitors."""

import pytest

from stats import ArmDetails, MeanArm
from stats.means import ratio_arm
from stats.secondary import secondary_metrics


def test_stars_stand_among_the_secondary_metrics_where_anybody_rated() -> None:
    """14 ratings of 40 stars by 5 visitors against 12 of 45 by 4; an arm without any has no mean."""
    control = ratio_arm("control", {"n": 5, "x": 40, "y": 14, "xx": 352, "yy": 42, "xy": 119})
    treatment = ratio_arm("treatment", {"n": 4, "x": 45, "y": 12, "xx": 527, "yy": 38, "xy": 141})
    found = {
        arm: secondary_metrics(
            ArmDetails(ratios={"stars_per_rating": control}),
            ArmDetails(ratios={"stars_per_rating": other}),
            confidence=0.95,
        )[0]
        for arm, other in (("rated", treatment), ("unrated", MeanArm("treatment", 0, 0.0, 0.0)))
    }
    assert [arm.value for arm in found["rated"].arms] == pytest.approx([40 / 14, 45 / 12])
    assert found["rated"].comparison.test == "delta method, Welch t over visitors"
    assert found["rated"].holm_p_value == found["rated"].comparison.p_value is not None
    assert [arm.value for arm in found["unrated"].arms] == [pytest.approx(40 / 14), None]
    assert found["unrated"].comparison.difference is None
    assert found["unrated"].comparison.missing
