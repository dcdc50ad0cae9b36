"""The reference arms as arms of an experiment: an outcome known beforehand."""

import json

import pytest
from stage import Stage

_EXPERIMENT = """
[experiment]
name = "known-outcome"
salt = "known-outcome-1"
"""
_VARIANT = """
[[variants]]
name = "{name}"
model = "{model}"
"""


def test_chance_loses_popularity_is_as_computed_and_the_oracle_wins(stage: Stage) -> None:
    """1,850 visitors in four arms, some 460 each. The oracle's true CTR is 5 times the control's 7%.

    What a served reference arm truly achieves is what was computed without serving it; chance is drawn anew
    at the endpoint, so its two true rates differ by the luck of the draw, under a point.
    """
    models = {"control": "older-svd", "chance": "random", "crowd": "popularity", "best": "oracle"}
    variants = "".join(_VARIANT.format(name=name, model=model) for name, model in models.items())
    (stage.root / "experiment.toml").write_text(_EXPERIMENT + variants)
    run = json.loads(stage.run("simulate", "--engine", "vector", "--seed", "7", "--json"))
    truth, references = run["truth"], run["truth"]["references"]
    assert truth["control"]["visitor_ctr"] == pytest.approx(0.07, abs=1e-6)
    assert truth["best"]["visitor_ctr"] == pytest.approx(references["oracle"], abs=1e-9)
    assert truth["crowd"]["visitor_ctr"] == pytest.approx(references["popularity"], abs=1e-9)
    assert truth["chance"]["visitor_ctr"] == pytest.approx(references["random"], abs=0.01)
    assert truth["chance"]["visitor_ctr"] < truth["control"]["visitor_ctr"] < references["oracle"] / 3
    assert truth["best"]["score_rank_correlation"] > truth["control"]["score_rank_correlation"]
    assert abs(truth["chance"]["score_rank_correlation"]) < 0.1
    clicked = dict(
        stage.rows(
            "SELECT variant, avg(clicked) FROM visitor_outcomes WHERE run_id = ? GROUP BY variant",
            run["run"],
        )
    )
    assert clicked["best"] > 2 * clicked["control"] > 2 * clicked["chance"]
