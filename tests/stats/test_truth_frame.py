"""What frames the truth in a report: reference arms, and how model scores agree with it."""

import json
from datetime import UTC, datetime

import pytest

from stats import Arm, ArmOutcomes, Design, Outcomes, Run, Truth, build_report, render_text, report_to_json
from stats.readers.run_truth import read_truth

STORED = {
    "control": {"visitor_ctr": 0.07, "score_rank_correlation": 0.21, "score_correlation": 0.26},
    "treatment": {"visitor_ctr": 0.11},
    "difference": 0.04,
    "lift": 0.57,
    "references": {"random": 0.01, "popularity": 0.05, "oracle": 0.35, "strange": "no number"},
}


def outcomes(truth: Truth | None) -> Outcomes:
    run = Run("r", kind="simulated", status="done", truth=truth)
    arms = tuple(
        ArmOutcomes(Arm(name, 925, clicked), n_slates=925)
        for name, clicked in (("control", 66), ("treatment", 104))
    )
    return Outcomes(run, arms)


def test_references_and_correlations_are_read_where_they_are_numbers() -> None:
    truth = read_truth(json.loads(json.dumps(STORED)))
    assert truth is not None
    assert truth.visitor_ctr == {"control": 0.07, "treatment": 0.11}
    assert truth.references == {"random": 0.01, "popularity": 0.05, "oracle": 0.35}
    assert truth.score_rank_correlation == {"control": 0.21}
    assert truth.score_correlation == {"control": 0.26}


@pytest.mark.parametrize("references", [None, 3, []])
def test_a_truth_without_references_has_none(references: object) -> None:
    truth = read_truth({"control": {"visitor_ctr": 0.07}, "references": references})
    assert truth is not None
    assert truth.references == {}


def test_a_report_prints_and_stores_what_frames_the_truth() -> None:
    report = build_report(
        outcomes(read_truth(STORED)), Design(), generated_at=datetime(2026, 1, 1, tzinfo=UTC)
    )
    text = " ".join(render_text(report).split())
    assert "Reference arms, never shown: random 1.00%, popularity 5.00%, oracle 35.00%." in text
    assert "scores with the truth, within visitors: control 0.21 (linear 0.26)." in text
    truth = report_to_json(report)["truth"]
    assert truth["references"] == {"random": 0.01, "popularity": 0.05, "oracle": 0.35}
    assert truth["control"]["score_rank_correlation"] == 0.21
    assert truth["treatment"]["score_rank_correlation"] is None


def test_a_truth_of_rates_alone_says_no_more() -> None:
    truth = Truth({"control": 0.07, "treatment": 0.11}, difference=0.04)
    report = build_report(outcomes(truth), Design(), generated_at=datetime(2026, 1, 1, tzinfo=UTC))
    assert "Reference arms" not in render_text(report)
    assert report_to_json(report)["truth"]["references"] is None
