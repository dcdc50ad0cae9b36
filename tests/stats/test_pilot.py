import numpy as np
import pytest

from stats import (
    Arm,
    ArmOutcomes,
    NotEnoughDataError,
    Outcomes,
    RatioArm,
    Run,
    compare_ctr,
    measure_pilot,
    naive_impression_test,
)


def outcomes(n: int = 4_000, *names: str) -> Outcomes:
    """Visitors who click on all of their films or on none: as clustered as can be."""
    rng = np.random.default_rng(20_261_141)
    arms = []
    for name in names or ("control", "treatment"):
        impressions = np.full(n, 5)
        clicks = 5 * rng.binomial(1, 0.1, n)
        arms.append(
            ArmOutcomes(
                Arm(name, n, int(np.count_nonzero(clicks))), RatioArm.from_visitors(name, clicks, impressions)
            )
        )
    return Outcomes(Run("run-7"), tuple(arms))


def test_a_pilot_of_perfect_clusters_has_the_cluster_size_as_design_effect() -> None:
    """Five impressions that are all clicked or none: Kish's 1 + (m - 1) rho with rho = 1; to 1%."""
    pilot = measure_pilot(outcomes())
    assert pilot.design_effect == pytest.approx(5, rel=0.01)
    assert pilot.impressions_per_visitor == 5
    assert pilot.n_visitors == 8_000
    assert pilot.visitor_ctr == pytest.approx(pilot.impression_ctr) == pytest.approx(0.1, abs=0.02)


def test_the_design_effect_is_that_of_the_report() -> None:
    found = outcomes()
    arms = [arm.impressions for arm in found.arms]
    assert arms[0] is not None
    assert arms[1] is not None
    report = compare_ctr(arms[0], arms[1])
    assert measure_pilot(found).design_effect == report.design_effect
    naive = naive_impression_test(arms[0], arms[1]).statistic
    assert report.comparison.statistic is not None
    assert naive is not None
    assert (naive / report.comparison.statistic) ** 2 == pytest.approx(5, rel=0.02)


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (outcomes(4, "control"), "needs 'control' and a treatment"),
        (outcomes(4, "a", "b"), "needs 'control' and a treatment"),
        (outcomes(1), "too thin for a pilot"),
        (
            Outcomes(Run("r"), (ArmOutcomes(Arm("control", 9, 1)), ArmOutcomes(Arm("b", 9, 1)))),
            "has no impressions",
        ),
    ],
)
def test_a_run_that_cannot_be_a_pilot_says_why(found: Outcomes, words: str) -> None:
    with pytest.raises(NotEnoughDataError, match=words):
        measure_pilot(found)
