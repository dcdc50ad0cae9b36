from types import SimpleNamespace

import msgspec
import numpy as np
import pytest
import scipy.stats

from simulator.behaviour import CalibrationError, Choice, Mind, Session, draw_visitors
from simulator.calibration import Calibration, calibrate
from simulator.true_ctrs import TrueCtrs


def oracle_slates(world: SimpleNamespace, n_visitors: int) -> np.ndarray:
    """Of 30 random films, the six that each visitor likes best."""
    visitors = world.visitors[:n_visitors]
    offered = world.random_slates(n_visitors, 30)
    best = np.argsort(-world.mind.worth(visitors, offered), axis=1)[:, :6]
    return np.take_along_axis(offered, best, axis=1)


def calibrated(world: SimpleNamespace) -> Calibration:
    slates = {"treatment": oracle_slates(world, 400), "control": world.random_slates(400)}
    return calibrate(world.mind, world.visitors, slates, baseline_ctr=0.07)


def test_the_control_has_the_baseline(world: SimpleNamespace) -> None:
    assert calibrated(world).truth.visitor_ctr["control"] == pytest.approx(0.07, abs=1e-9)


def test_visits_click_as_often_as_the_calibration_promised(world: SimpleNamespace) -> None:
    """Clicks of 20,000 visitors of the calibrated mind; the binomial test alarms at most 1 time in 1,000.

    The chances differ between visitors, so the count varies less than a binomial one: the test is safe.
    """
    visitors = draw_visitors(world.population, world.truth, n_visitors=20_000, seed=7)
    slates = world.random_slates(20_000)
    mind = calibrate(world.mind, visitors, {"control": slates}, baseline_ctr=0.07).mind
    looks = mind.looks(visitors, slates)
    n_clicked = int((looks.chosen_positions > 0).sum())
    assert scipy.stats.binomtest(n_clicked, 20_000, 0.07).pvalue > 0.001


def test_an_arm_that_ranks_by_truth_is_truly_better(world: SimpleNamespace) -> None:
    truth = calibrated(world).truth
    assert truth.visitor_ctr["treatment"] > 0.2
    assert truth.difference == truth.visitor_ctr["treatment"] - truth.visitor_ctr["control"]
    assert truth.lift == pytest.approx(truth.difference / 0.07)


def test_true_ctrs_are_stored_as_the_report_reads_them() -> None:
    truth = TrueCtrs({"control": 0.25, "treatment": 0.375}).to_json()
    assert truth == {
        "control": {"visitor_ctr": 0.25},
        "treatment": {"visitor_ctr": 0.375},
        "difference": 0.125,
        "lift": 0.5,
    }
    assert TrueCtrs({"control": 0.25}).to_json() == {"control": {"visitor_ctr": 0.25}}


def test_a_given_outside_option_is_kept(world: SimpleNamespace) -> None:
    population = msgspec.structs.replace(world.population, choice=Choice(outside_option=3.25))
    mind = Mind(population, world.truth, seed=7, outside_option=0.0)
    result = calibrate(mind, world.visitors, {"control": world.random_slates(400)}, baseline_ctr=0.07)
    assert result.mind.outside_option == 3.25
    assert result.truth.visitor_ctr["control"] != pytest.approx(0.07, abs=1e-3)


def test_a_baseline_that_the_impatient_cannot_reach_is_refused(world: SimpleNamespace) -> None:
    population = msgspec.structs.replace(world.population, session=Session(patience_median_s=0.2))
    mind = Mind(population, world.truth, seed=7, outside_option=0.0)
    with pytest.raises(
        CalibrationError, match=r"baseline CTR 0\.9: must be above 0 and below 0\.\d+, the share"
    ):
        calibrate(mind, world.visitors, {"control": world.random_slates(400)}, baseline_ctr=0.9)


def test_a_control_without_slates_is_refused(world: SimpleNamespace) -> None:
    with pytest.raises(CalibrationError, match="no slates of variant 'control'; there are treatment"):
        calibrate(world.mind, world.visitors, {"treatment": world.random_slates(400)}, baseline_ctr=0.07)


def test_one_arm_has_no_difference_and_no_clicks_no_lift() -> None:
    with pytest.raises(CalibrationError, match="slates of 1 variant"):
        _ = TrueCtrs({"control": 0.1}).difference
    with pytest.raises(CalibrationError, match="true CTR of 0"):
        _ = TrueCtrs({"control": 0.0, "treatment": 0.1}).lift
