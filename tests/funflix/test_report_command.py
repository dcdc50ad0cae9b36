"""`funflix report` as a user runs it: guardrails of the experiment file, a second opinion, exit codes."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import Completed, run_command

from experiment import (
    Click,
    Event,
    EventLog,
    Exposure,
    Impression,
    RunFinished,
    RunStarted,
    Slate,
    VisitorSeen,
)

RUN = "run-1"
EXPERIMENT = """
[experiment]
name = "small"
salt = "s"
baseline_ctr = 0.1
[design]
mde = 0.5
[[variants]]
name = "control"
model = "m"
[[variants]]
name = "treatment"
model = "n"
"""
GUARDRAIL = '[[guardrails]]\nmetric = "{metric}"\nmargin = 0.2\n'


def visit(visitor_id: str, variant: str, *, has_clicked: bool) -> Iterator[Event]:
    """One home slate of one film; who clicks leaves the home page, all others bounce."""
    who = {"run_id": RUN, "visitor_id": visitor_id}
    yield VisitorSeen(**who)
    yield Exposure(**who, variant=variant)
    for surface in ("home", "film") if has_clicked else ("home",):
        slate_id = f"{visitor_id}-{surface}"
        yield Slate(**who, slate_id=slate_id, surface=surface, variant=variant, latency_ms=5.0)
        yield Impression(**who, slate_id=slate_id, position=1, movie_id=1, served_at=0, viewed_at=1)
    if has_clicked:
        yield Click(
            **who,
            click_id=f"{visitor_id}-home:1",
            slate_id=f"{visitor_id}-home",
            surface="home",
            position=1,
            movie_id=1,
            variant=variant,
        )


def report(workspace: Path, metric: str, *arguments: str) -> Completed:
    """Record 40 visitors a variant, of whom 4 and 36 click, with a guardrail; and report."""
    text = EXPERIMENT + GUARDRAIL.format(metric=metric)
    with EventLog.open(workspace / "events.db") as log:
        log.record(
            RunStarted(
                run_id=RUN, kind="simulated", experiment="small", experiment_toml=text, experiment_hash="f00d"
            )
        )
        for variant, n_clicked in (("control", 4), ("treatment", 36)):
            for number in range(40):
                log.record(*visit(f"{variant}{number}", variant, has_clicked=number < n_clicked))
        log.record(RunFinished(run_id=RUN))
    return run_command("report", "--workspace", str(workspace), *arguments)


def test_a_guardrail_that_is_held_leaves_the_verdict_and_exit_code_0(tmp_path: Path) -> None:
    result = report(tmp_path, "bounce_rate", "--resample", "200", "--json")
    document = json.loads(result.stdout)
    assert result.returncode == 0, result.stderr
    assert document["verdict"]["code"] == "ship"
    assert [guardrail["held"] for guardrail in document["guardrails"]] == [True]
    assert "bootstrap, permutation" in [opinion["analysis"] for opinion in document["sensitivity"]]


@pytest.mark.parametrize("metric", ["latency_p95", "coverage"])
def test_a_guardrail_that_is_not_held_is_exit_code_3(tmp_path: Path, metric: str) -> None:
    """40 slates are too few for a p95; every group of visitors is shown one film, so nothing varies."""
    result = report(tmp_path, metric)
    assert result.returncode == 3
    assert result.stdout.startswith("Keep control: treatment is better")
    assert "FAILED" in result.stdout
    assert "latency_p95" not in result.stdout
    assert f"guardrail not held: {metric.replace('_', ' ')} of treatment" in result.stderr
