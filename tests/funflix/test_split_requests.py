"""A run whose requests were split: from its visits to its report, out of the event log and out of a lake."""

import sqlite3
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
import small_vector_run as small

from experiment import EventLog, RunFinished, RunStarted
from funflix.vector_run import make_vector_visits
from simulator.behaviour import draw_visitors
from stats import Design, Outcomes, build_report, read_outcomes, render_text, report_to_json

DESIGN = Design(baseline=0.05, mde=0.04, primary_metric="impression_ctr", assignment="request")
NOW = datetime(2026, 1, 1, tzinfo=UTC)
N_VISITORS = 600


@pytest.fixture(scope="module")
def event_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """600 visitors of two models that differ in nothing but chance; a tenth is held out."""
    path = tmp_path_factory.mktemp("split") / "events.db"
    experiment = small.experiment_of(assignment="request")
    run = small.log_run(experiment)
    visitors = draw_visitors(run.mind.population, run.mind.truth, n_visitors=N_VISITORS, seed=small.SEED)
    with EventLog.open(path) as log:
        log.record(
            RunStarted(
                run_id="run", kind="simulated", experiment="small", experiment_toml="", experiment_hash=""
            )
        )
        make_vector_visits(run, visitors, event_log=path, on_progress=lambda _tally: None)
        log.record(RunFinished(run_id="run"))
    return path


def outcomes_of(path: Path) -> Outcomes:
    return read_outcomes(path, "run", with_details=True, is_split_by_request=True)


def test_clicks_and_impressions_belong_to_the_variant_of_their_slate(event_log: Path) -> None:
    """Counted again from single rows: of the home page, viewed, nobody held out, no bot."""
    seen: Counter[tuple[str, str]] = Counter()
    clicked: Counter[tuple[str, str]] = Counter()
    with closing(sqlite3.connect(event_log)) as connection:
        for visitor, variant, is_viewed, is_clicked in connection.execute(
            "SELECT visitor_id, variant, is_viewed, is_clicked FROM impression_outcomes"
            " WHERE surface = 'home' AND variant <> 'holdout' AND visitor_id IN"
            " (SELECT visitor_id FROM visitor_outcomes WHERE is_bot = 0)"
        ):
            seen[visitor, variant] += is_viewed
            clicked[visitor, variant] += is_clicked
    outcomes = outcomes_of(event_log)
    for arm in outcomes.arms:
        mine = [pair for pair in seen if pair[1] == arm.visitors.variant]
        assert arm.impressions is not None
        assert arm.impressions.n == len(mine)
        assert arm.impressions.impressions == sum(seen[pair] for pair in mine)
        assert arm.impressions.clicks == sum(clicked[pair] for pair in mine)
        assert arm.impressions.clicks_squared == sum(clicked[pair] ** 2 for pair in mine)
        (other,) = {"control", "treatment"} - {arm.visitors.variant}
        in_both = [visitor for visitor, _ in mine if (visitor, other) in seen]
        shared = arm.shared[other]
        assert shared.n == len(in_both) > 50
        assert shared.clicks_impressions == sum(
            clicked[visitor, arm.visitors.variant] * seen[visitor, other] for visitor in in_both
        )
        assert shared.impressions_clicks == sum(
            seen[visitor, arm.visitors.variant] * clicked[visitor, other] for visitor in in_both
        )
    assert sum(arm.visitors.n for arm in outcomes.arms) == len({visitor for visitor, _ in seen})


def test_such_a_run_is_judged_and_the_report_says_what_the_split_costs(event_log: Path) -> None:
    report = build_report(outcomes_of(event_log), DESIGN, generated_at=NOW)
    document = report_to_json(report)
    assert document["health"]["crossovers"] > 50
    assert document["verdict"]["code"] in {"inconclusive", "keep-control", "ship"}
    assert document["design"]["assignment"] == "request"
    assert 0.5 < document["primary"]["error_ratio"] < 1.5
    assert document["sensitivity"] == []
    text = " ".join(render_text(report).split())
    assert "Requests were split, not visitors:" in text
    assert "so no visitor CTR can be compared" in text
    assert "met more than one variant. Find the cause" not in text


def test_visitors_split_and_crossed_over_are_still_no_result(event_log: Path) -> None:
    """The same events under a design that split visitors: each crossover is a fault."""
    by_visitor = Design(baseline=0.05, mde=0.04, primary_metric="impression_ctr")
    report = build_report(read_outcomes(event_log, "run"), by_visitor, generated_at=NOW)
    assert report.verdict.code == "invalid"
    assert "met more than one variant" in report.verdict.sentence
