"""Commands as a user runs them: what they print where, and the exit codes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import run_command as funflix

_HELP_OF = ("demo", "serve", "simulate", "report", "train", "plan", "doctor")


def test_plan_prints_925_visitors_for_the_shipped_design() -> None:
    """DESIGN section 1: Fleiss with continuity correction."""
    result = funflix(
        *("plan", "--baseline", "0.07", "--mde", "0.04", "--alpha", "0.05", "--power", "0.9"),
        *("--alternative", "greater"),
    )
    assert result.returncode == 0
    assert result.stdout.startswith("925 visitors per variant")


def test_plan_as_json_holds_the_same_number() -> None:
    result = funflix("plan", "--json")
    assert json.loads(result.stdout)["n_per_variant"] == 925


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["plan", "--baseline", "7"], "baseline is 7.0"),
        (["plan", "--alternative", "bigger"], "bigger"),
        (["simulate", "--visitors", "0"], "--visitors"),
        (["nonsense"], "nonsense"),
        (["report", "--run", "none"], "no events yet"),
    ],
)
def test_bad_input_is_one_clear_line_and_exit_code_2(
    tmp_path: Path, arguments: list[str], words: str
) -> None:
    result = funflix(*arguments, cwd=tmp_path)
    assert result.returncode == 2
    assert words in result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout == ""


def test_debug_shows_the_traceback_and_no_debug_does_not(tmp_path: Path) -> None:
    """With it in a process of its own, for the interpreter prints it."""
    process = subprocess.run(
        [sys.executable, "-c", "from funflix.command_line import main; main()", "report", "--debug"],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
        cwd=tmp_path,
    )
    assert process.returncode == 1
    assert "Traceback" in process.stderr
    assert "no events yet" in process.stderr
    assert "Traceback" not in funflix("report", cwd=tmp_path).stderr


@pytest.mark.parametrize("command", _HELP_OF)
def test_every_command_explains_itself(command: str) -> None:
    result = funflix(command, "--help")
    assert result.returncode == 0
    assert "Usage: " in result.stdout


def test_doctor_as_json_has_a_remedy_for_whatever_is_missing(tmp_path: Path) -> None:
    result = funflix("doctor", "--json", "--workspace", str(tmp_path))
    findings = json.loads(result.stdout)
    assert {"python", "browser", "disk", "port", "dataset", "models"} <= {row["subject"] for row in findings}
    assert all(row["remedy"] for row in findings if row["status"] == "missing")
    assert result.returncode == (3 if any(row["status"] == "missing" for row in findings) else 0)


def test_importing_any_package_opens_writes_and_prints_nothing(tmp_path: Path) -> None:
    packages = "catalog, experiment, funflix, recommender, recommender_client, simulator, stats, website"
    result = subprocess.run(
        [sys.executable, "-c", f"import {packages}, funflix.applications, funflix.runs"],
        capture_output=True,
        cwd=tmp_path,
        check=True,
        timeout=240,
    )
    assert (result.stdout, result.stderr) == (b"", b"")
    assert list(tmp_path.iterdir()) == []
