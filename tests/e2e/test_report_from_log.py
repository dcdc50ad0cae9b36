"""From the real event log to the report: what the site and simulator record is what stats counts."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from experiment import (
    Click,
    Event,
    EventLog,
    Exposure,
    Impression,
    RunFinished,
    RunStarted,
    Slate,
    View,
    VisitorSeen,
)
from stats import Design, build_report, read_outcomes, render_text, report_to_json

RUN = "run-1"
TRUTH = {
    "control": {"visitor_ctr": 0.07},
    "treatment": {"visitor_ctr": 0.11},
    "difference": 0.04,
    "lift": 0.5714,
}


def visit(
    visitor_id: str, variant: str, *, positions: tuple[int, ...] = (), attempt: int = 1, is_bot: bool = False
) -> list[Event]:
    """One visitor's home slate of six films: the first four viewed, those at `positions` clicked."""
    who = {"run_id": RUN, "visitor_id": visitor_id, "attempt": attempt}
    slate_id = f"{visitor_id}-{attempt}"
    events: list[Event] = [
        VisitorSeen(**who, is_bot=is_bot),
        Exposure(**who, variant=variant),
        Slate(**who, slate_id=slate_id, surface="home", variant=variant, model="m"),
    ]
    for position in range(1, 7):
        events.append(
            Impression(**who, slate_id=slate_id, position=position, movie_id=position, served_at=1_000)
        )
        if position <= 4:
            events.append(View(**who, slate_id=slate_id, position=position, after_ms=1_500))
    events += [
        Click(
            **who,
            click_id=f"{slate_id}:{position}",
            slate_id=slate_id,
            surface="home",
            position=position,
            movie_id=position,
            variant=variant,
        )
        for position in positions
    ]
    return events


@pytest.fixture
def log_path(tmp_path: Path) -> Path:
    return tmp_path / "events.db"


def started(run_id: str = RUN) -> RunStarted:
    return RunStarted(
        run_id=run_id,
        kind="simulated",
        experiment="newer-data",
        experiment_toml="",
        experiment_hash="f00d",
        seed=7,
        engine="http",
        n_visitors=1_850,
        truth_json=json.dumps(TRUTH),
    )


def test_a_full_run_is_reported_from_the_log(log_path: Path) -> None:
    """925 per arm, 66 and 104 of whom click, one film each: the figures of the design document."""
    with EventLog.open(log_path) as log:
        log.record(started())
        for variant, n_clicked in (("control", 66), ("treatment", 104)):
            events = [
                event
                for index in range(925)
                for event in visit(
                    f"{variant}-{index:03}", variant, positions=(2,) if index < n_clicked else ()
                )
            ]
            log.record(*events)
        log.record(RunFinished(run_id=RUN))
    report = build_report(read_outcomes(log_path, RUN), Design(), generated_at=datetime.now(UTC))
    document = report_to_json(report)
    assert report.verdict.code == "ship"
    assert [arm["successes"] for arm in document["primary"]["arms"]] == [66, 104]
    assert [arm["impressions"] for arm in document["secondary"][0]["arms"]] == [4 * 925, 4 * 925]
    assert [arm["clicks"] for arm in document["secondary"][0]["arms"]] == [66, 104]
    assert document["truth"]["difference_in_ci"] is True
    assert document["reproduction"]["experiment_hash"] == "f00d"
    assert render_text(report).startswith("Ship treatment: 11.24% of its visitors clicked against 7.14%")


def test_retries_bots_crossovers_and_unfinished_runs_are_seen(log_path: Path) -> None:
    """Only the second attempt of a retried visitor counts; the one moved to the other arm crossed over."""
    with EventLog.open(log_path) as log:
        log.record(
            started(),
            *visit("retried", "control", positions=(1, 2)),
            *visit("retried", "control", attempt=2),
            *visit("bot", "control", positions=(1, 2, 3), is_bot=True),
            *visit("moved", "control"),
            *visit("moved", "treatment", attempt=2, positions=(3,)),
        )
        outcomes = read_outcomes(log_path, RUN)
    control, treatment = outcomes.arms
    assert (control.visitors.n, control.visitors.successes) == (1, 0)
    assert (treatment.visitors.n, treatment.visitors.successes) == (1, 1)
    assert treatment.n_crossovers == 1
    assert outcomes.n_bots == 1
    report = build_report(outcomes, Design(), generated_at=datetime.now(UTC))
    assert report.verdict.code == "invalid"
    assert any("valid only at the planned size" in notice for notice in report.notices)
