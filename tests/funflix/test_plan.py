"""`funflix plan` as a user runs it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from docs_pages import record_small_run

from funflix.command_line import cli


def plan(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["plan", *arguments], catch_exceptions=True)


def test_the_shipped_design_comes_first_with_its_power_curve_below() -> None:
    lines = plan().stdout.splitlines()
    assert lines[0] == "925 visitors per variant, 1850 in all"
    assert "  +4 points    11.00%  90.02%" in lines
    assert plan("--mde", "0.15").stdout.startswith("106 visitors per variant")


def test_given_visitors_traffic_and_looks_are_all_in_one_json() -> None:
    found = json.loads(
        plan("--visitors", "800", "--visitors-per-day", "100", "--sequential", "pocock", "--json").stdout
    )
    assert (found["n_visitors"], found["days"], found["n_looks"]) == (800, 8, 5)
    assert [look["n_visitors"] for look in found["looks"]] == [160, 320, 480, 640, 800]
    assert found["detectable"] > 0.04


def test_several_variants_with_looks_take_bonferroni_unless_told_otherwise() -> None:
    assert "share alpha (dunnett)" in plan("--variants", "3").stdout
    assert "share alpha (bonferroni)" in plan("--variants", "3", "--sequential", "pocock").stdout
    refused = plan("--variants", "3", "--sequential", "pocock", "--correction", "dunnett")
    assert "use bonferroni" in str(refused.exception)


def test_the_power_curve_is_written_as_svg(tmp_path: Path) -> None:
    file = tmp_path / "power.svg"
    result = plan("--svg", str(file))
    assert result.exit_code == 0
    assert file.read_text(encoding="utf-8").startswith("<?xml")
    assert str(file) in result.stderr


def test_a_pilot_gives_baseline_impressions_and_design_effect(tmp_path: Path) -> None:
    """A run of forty visitors, of whom every fifth clicks its only impression."""
    record_small_run(tmp_path / "events.db")
    where = ("--workspace", str(tmp_path), "--pilot", "run-1", "--mde", "0.1", "--json")
    impressions = json.loads(plan("--metric", "impression_ctr", *where).stdout)
    visitors = json.loads(plan(*where).stdout)
    assert impressions["pilot"]["n_visitors"] == 40
    assert impressions["design_effect"] == impressions["pilot"]["design_effect"]
    assert impressions["baseline"] == impressions["pilot"]["impression_ctr"]
    assert visitors["baseline"] == visitors["pilot"]["visitor_ctr"] == pytest.approx(0.2)
    assert visitors["design_effect"] is None
    given = json.loads(plan("--metric", "impression_ctr", "--design-effect", "3", *where).stdout)
    assert given["design_effect"] == 3
    assert "Measured on 40 visitors of run run-1" in plan(*where[:-1]).stdout


def test_a_pilot_with_the_default_mde_is_told_so(tmp_path: Path) -> None:
    """Four points suit a baseline of 7%, not the impression CTR of a pilot; JSON on stdout stays alone."""
    record_small_run(tmp_path / "events.db")
    where = ("--workspace", str(tmp_path), "--pilot", "run-1", "--json")
    told = plan("--metric", "impression_ctr", *where)
    assert "the MDE is the default of 4 points, from the pilot's baseline of" in told.stderr
    assert "by --mde" in told.stderr
    assert json.loads(told.stdout)["pilot"]["run"] == "run-1"
    assert plan("--metric", "impression_ctr", "--mde", "0.04", *where).stderr == ""
    assert plan(*where).stderr == ""
    assert plan("--metric", "impression_ctr").stderr == ""


def test_rates_are_printed_as_exactly_as_they_are_told() -> None:
    """1% and a quarter of half a point is 1.125%; a measured baseline has at most four digits."""
    assert "  +0.125 points  1.125%" in plan("--baseline", "0.01", "--mde", "0.005").stdout
    measured = plan("--baseline", "0.00989010989").stdout
    assert "from 0.989% with power 90%" in measured
    assert "4.989%" in measured


def test_a_pilot_without_events_says_what_to_do(tmp_path: Path) -> None:
    refused = plan("--workspace", str(tmp_path), "--pilot", "none")
    assert "has no events yet" in str(refused.exception)
