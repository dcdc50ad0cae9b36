"""`funflix report --compare` as a user runs it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import experiment as log
from funflix.command_line import cli


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """Two runs of forty visitors with different populations, and one nobody came to."""
    with log.EventLog.open(tmp_path / "events.db") as events:
        for seed, n_visitors in ((1, 40), (2, 40), (3, 0)):
            events.record(
                log.RunStarted(
                    run_id=f"run-{seed}",
                    kind="simulated",
                    experiment="newer-data",
                    experiment_toml=log.DEFAULT_EXPERIMENT_TOML,
                    experiment_hash=log.experiment_hash(log.DEFAULT_EXPERIMENT_TOML),
                    population_toml=f"[population]\nsize = {seed}\n",
                    seed=seed,
                )
            )
            for number in range(n_visitors):
                events.record(*_visit(f"run-{seed}", number))
    return tmp_path


def _visit(run_id: str, number: int) -> list[log.Event]:
    who = {"run_id": run_id, "visitor_id": f"s-{number:06}"}
    variant, slate_id = ("control", "treatment")[number % 2], f"{run_id}-{number}"
    of_slate = {**who, "slate_id": slate_id, "position": 1}
    events: list[log.Event] = [
        log.VisitorSeen(**who),
        log.Exposure(**who, variant=variant),
        log.Slate(**who, slate_id=slate_id, surface="home", variant=variant),
        log.Impression(**of_slate, movie_id=1, served_at=0),
    ]
    if number % 4 == 0 or number % 8 == 1:
        events.append(log.Click(**of_slate, click_id=slate_id, surface="home", movie_id=1, variant=variant))
    return events


def report(workspace: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["report", "--workspace", str(workspace), *arguments])


def test_two_runs_stand_side_by_side(workspace: Path, tmp_path: Path) -> None:
    page = tmp_path / "comparison.html"
    found = json.loads(report(workspace, "--compare", "run-1", "run-2", "--json", "--html", str(page)).stdout)
    assert [run["run"] for run in found["runs"]] == ["run-1", "run-2"]
    assert [arm["n"] for run in found["runs"] for arm in run["arms"]] == [20] * 4
    assert {"population", "seed"} <= {row["setting"] for row in found["differing"]}
    assert "run-2" in page.read_text(encoding="utf-8")
    text = report(workspace, "--compare", "run-1", "run-2").stdout
    assert " ".join(text.split()).startswith(found["sentence"])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--compare", "run-1", "run-9"), "run-9"),
        (("--compare", "run-1", "run-2", "--run", "run-1"), "leave --run"),
    ],
)
def test_what_cannot_be_compared_says_why(workspace: Path, arguments: tuple[str, ...], words: str) -> None:
    result = report(workspace, *arguments)
    assert result.exit_code != 0
    assert words in result.stderr + str(result.exception)


def test_a_run_nobody_came_to_is_said_to_be_one(workspace: Path) -> None:
    """No number stands where there are no data."""
    text = report(workspace, "--compare", "run-1", "run-3").stdout
    assert "cannot be compared" in text
    assert "n/a" in text
