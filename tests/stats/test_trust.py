"""Trust checks within parts of the visitors, and of what must be alike in all arms."""

from datetime import UTC, datetime

import numpy as np
import pytest
import scipy.stats
from detailed_arms import arm_with_details

from stats import (
    Arm,
    ArmDetails,
    ArmOutcomes,
    Design,
    Outcomes,
    Run,
    TrustCheck,
    build_report,
    check_health,
    render_text,
    report_to_json,
)
from stats.trust import shares_p_value

DONE = Run("run-7", kind="simulated", status="done")


def checks_of(*arms: ArmOutcomes, design: Design | None = None) -> dict[str, TrustCheck]:
    health = check_health(Outcomes(DONE, arms), design or Design())
    return {check.key: check for check in health.checks}


def test_sound_arms_pass_every_check() -> None:
    rng = np.random.default_rng(3)
    arms = [arm_with_details(name, 925, 80, rng=rng, n_bots=9) for name in ("control", "treatment")]
    found = checks_of(*arms)
    assert set(found) == {
        "split_by_persona",
        "split_by_day",
        "balance_before",
        "bots_by_arm",
        "lost_beacons_by_arm",
    }
    assert {check.state for check in found.values()} == {"ok"}


def test_sound_arms_raise_an_alarm_in_no_more_than_one_of_a_thousand() -> None:
    """2,000 A/A assignments of 600 visitors; of five checks at 0.001 each, at most 20 alarms (99.9% band)."""
    rng = np.random.default_rng(20_261_122)
    alarms = 0
    for _ in range(2_000):
        alarms += any(check.state == "failed" for check in checks_of(*aa_arms(rng)).values())
    assert alarms <= scipy.stats.binom.ppf(0.999, 2_000, 0.003)


def aa_arms(rng: np.random.Generator) -> tuple[ArmOutcomes, ArmOutcomes]:
    """600 visitors of three personas and a past, dealt at random."""
    persona, past = rng.integers(0, 3, size=600), rng.poisson(4, size=600)
    is_treated, is_bot = rng.random(600) < 0.5, rng.random(600) < 0.05
    arms = []
    for variant, chosen in (("control", ~is_treated), ("treatment", is_treated)):
        people = chosen & ~is_bot
        arms.append(
            ArmOutcomes(
                Arm(variant, int(people.sum()), 0),
                details=ArmDetails(
                    segments={
                        "persona": {
                            str(kind): Arm(variant, int((people & (persona == kind)).sum()), 0)
                            for kind in range(3)
                        }
                    },
                    pasts={
                        float(value): Arm(variant, int((people & (past == value)).sum()), 0)
                        for value in np.unique(past)
                    },
                    bots=Arm(variant, int((chosen & is_bot).sum()), 0),
                ),
            )
        )
    return arms[0], arms[1]


def test_a_split_that_is_broken_in_one_segment_alone_is_found() -> None:
    """500 : 500 overall; of phones 200 : 60, hidden among 300 : 440 of computers."""
    cells = {
        "control": {"phone": (200, 10), "computer": (300, 20)},
        "treatment": {"phone": (60, 10), "computer": (440, 20)},
    }
    arms = [
        ArmOutcomes(
            Arm(name, 500, 30),
            details=ArmDetails(segments={"device": {key: Arm(name, *n) for key, n in parts.items()}}),
        )
        for name, parts in cells.items()
    ]
    report = build_report(Outcomes(DONE, tuple(arms)), Design(), generated_at=datetime.now(UTC))
    assert report.health.srm is not None
    assert report.health.srm.is_ok
    assert report.verdict.code == "invalid"
    assert "split by device" in report.verdict.sentence
    assert "FAILED  split by device" in render_text(report)


def test_arms_that_differed_before_the_test_are_not_to_be_compared() -> None:
    rng = np.random.default_rng(3)
    arms = (
        arm_with_details("control", 925, 80, rng=rng, past=5.0),
        arm_with_details("treatment", 925, 80, rng=rng, past=6.0),
    )
    assert checks_of(*arms)["balance_before"].state == "failed"


def repeated(n: int, n_refused: int, variant: str) -> ArmOutcomes:
    return ArmOutcomes(Arm(variant, 925, 66), repeats=Arm(variant, n, n_refused))


def test_clicks_repeated_in_one_arm_alone_are_told_and_fail_no_report() -> None:
    """4 of 100 in control, 60 of 160 in treatment; each was counted once, so the estimate stands."""
    arms = (repeated(100, 4, "control"), repeated(160, 60, "treatment"))
    report = build_report(
        Outcomes(DONE, arms, n_repeated_clicks=64), Design(), generated_at=datetime.now(UTC)
    )
    (check,) = report.health.checks
    assert check.key == "repeated_clicks_by_arm"
    assert check.p_value == pytest.approx(scipy.stats.fisher_exact([[96, 4], [100, 60]]).pvalue)
    assert check.state == "unknown"
    assert report.health.is_ok
    text = " ".join(render_text(report).split())
    assert "control 4.00%, treatment 37.50%" in text
    assert "control 4, treatment 60; a click counts once" in text
    assert report_to_json(report)["health"]["repeated_clicks_by_arm"] == {
        "control": {"arrived": 100, "refused": 4, "share": 0.04},
        "treatment": {"arrived": 160, "refused": 60, "share": 0.375},
    }


@pytest.mark.parametrize(("n", "state"), [(0, "ok"), (5, "ok")])
def test_clicks_repeated_alike_pass(n: int, state: str) -> None:
    found = checks_of(repeated(100, n, "control"), repeated(100, n, "treatment"))
    assert found["repeated_clicks_by_arm"].state == state
    assert found["repeated_clicks_by_arm"].p_value == pytest.approx(1.0)


def test_repeated_clicks_are_not_compared_where_an_arm_has_no_click() -> None:
    assert checks_of(repeated(0, 0, "control"), repeated(7, 1, "treatment")) == {}


def test_more_bots_in_one_arm_are_no_chance() -> None:
    rng = np.random.default_rng(3)
    arms = (
        arm_with_details("control", 925, 80, rng=rng, n_bots=2),
        arm_with_details("treatment", 925, 80, rng=rng, n_bots=40),
    )
    found = checks_of(*arms)["bots_by_arm"]
    expected = scipy.stats.fisher_exact([[40, 925], [2, 925]]).pvalue
    assert found.p_value == pytest.approx(expected)
    assert found.state == "failed"


def test_lost_views_fail_a_report_only_where_views_decide() -> None:
    arms = [
        ArmOutcomes(Arm(name, 1_000, 200), details=ArmDetails(beacons=Arm(name, 200, lost)))
        for name, lost in (("control", 2), ("treatment", 60))
    ]
    assert checks_of(*arms)["lost_beacons_by_arm"].state == "unknown"
    assert "doubt the impression CTR" in checks_of(*arms)["lost_beacons_by_arm"].found
    views_decide = Design(primary_metric="impression_ctr")
    assert checks_of(*arms, design=views_decide)["lost_beacons_by_arm"].state == "failed"


def test_shares_of_three_arms_are_compared_by_chi_square() -> None:
    arms = [Arm("a", 300, 30), Arm("b", 200, 30), Arm("c", 100, 30)]
    table = [[arm.successes, arm.n - arm.successes] for arm in arms]
    expected = scipy.stats.chi2_contingency(table, correction=False).pvalue
    assert shares_p_value(arms) == pytest.approx(expected)
    assert shares_p_value([Arm("a", 10, 0), Arm("b", 20, 0)]) == 1.0
    assert shares_p_value([Arm("a", 1, 0), Arm("b", 20, 0)]) is None
