"""`funflix validate` on a whole set-up: data, models, endpoint, population."""

import json
from pathlib import Path

from stage import Stage


def test_the_shipped_set_up_is_sound_and_a_biased_assignment_is_not(stage: Stage, tmp_path: Path) -> None:
    """200 experiments of 500 visitors each; the planted fault raises false alarms from 5% to some 15%."""
    page = tmp_path / "validation.html"
    short = ("validate", "--experiments", "200", "--visitors", "500", "--jobs", "1", "--json")
    found = json.loads(stage.run(*short, "--html", str(page)))
    assert found["sound"], found["sentence"]
    assert found["population"]["n_visitors"] >= 9_000
    assert abs(found["population"]["visitor_ctr"]["control"] - 0.07) < 0.01
    seen = {entry["key"]: entry["change"] for entry in found["power"]["seen"]}
    assert abs(seen["mde"] - 0.04) < 0.01
    assert "</html>" in page.read_text(encoding="utf-8")
    planted = json.loads(stage.run(*short, "--plant", "biased-assignment", expect=3))
    assert not planted["sound"]
    assert {check["key"] for check in planted["checks"] if not check["ok"]} >= {"false_alarms"}
    assert not list(stage.root.glob("validation-*"))
    assert stage.processes() == []
