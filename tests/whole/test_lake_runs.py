"""Whole runs into a lake: the report of the event log's run of the same seed, resumable after any end."""

import json
import math
import os
import signal
from pathlib import Path

import pytest
from stage import Stage

_N = 2_000


def n_parts(stage: Stage) -> int:
    """Parts of the latest run that are done."""
    return len(list(stage.root.glob("lake/*/visits/part-*.parquet")))


def is_same(one: object, other: object) -> bool:
    """Whether two parts of reports as JSON are equal, numbers to 9 digits."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(is_same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(is_same, one, other))
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)
    return one == other


def test_a_lake_run_gives_the_report_of_the_event_log(stage: Stage) -> None:
    """2,000 visitors: all that the report computes is equal to 9 digits (sums are taken in other orders)."""
    options = ("simulate", "--engine", "vector", "--visitors", str(_N), "--seed", "7")
    told = json.loads(stage.run(*options, "--output", "parquet", "--workers", "2", "--json"))
    assert told["n_done"] == _N
    assert stage.processes() == []
    assert stage.n_done() == 0
    by_log = stage.run(*options).strip()
    lake, log = stage.report(str(told["run"])), stage.report(by_log)
    for part in ("verdict", "health", "primary", "truth"):
        assert is_same(lake[part], log[part]), (lake[part], log[part])
    again = stage.start("simulate", "--resume", "--run", str(told["run"]))
    assert "is complete" in again.communicate(timeout=240)[1]


@pytest.mark.soak
@pytest.mark.skipif(
    os.environ.get("FUNFLIX_SOAK") != "full", reason="short form: tests/funflix/test_lake_run.py"
)
def test_a_lake_run_that_is_killed_goes_on_with_other_workers(stage: Stage) -> None:
    """400,000 visitors come in four parts; the run is killed after the first or a later one."""
    options = ("simulate", "--engine", "vector", "--output", "parquet", "--visitors", "400000")
    process = stage.start(*options, "--workers", "1")
    stage.wait_until(lambda: n_parts(stage) > 0 or process.poll() is not None, timeout_s=240)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=240)
    stage.wait_until(lambda: not stage.processes(), timeout_s=120)
    assert 0 < n_parts(stage) < 4
    before = {path: path.stat().st_mtime_ns for path in stage.root.glob("lake/*/visits/*.parquet")}
    run_id = stage.run("simulate", "--resume", "--workers", "2").strip()
    assert run_id == stage.latest_run()
    assert n_parts(stage) == 4
    assert {path: path.stat().st_mtime_ns for path in before} == before
    arms = stage.report(run_id)["primary"]["arms"]  # type: ignore[index]  # JSON
    assert sum(arm["n"] for arm in arms) == 400_000


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--engine", "http", "--output", "parquet"), "add --engine vector"),
        (("--engine", "vector", "--workers", "2"), "add --output parquet"),
        (("--engine", "vector", "--backend", "dask"), "leave it out"),
        (("--engine", "vector", "--output", "parquet", "--scheduler", "tcp://x:1"), "--backend dask or ray"),
    ],
)
def test_options_that_a_run_has_no_use_for_are_refused(
    stage: Stage, options: tuple[str, ...], words: str
) -> None:
    assert words in stage.refusal("simulate", *options)


def test_a_lake_that_cannot_be_written_is_one_line_and_the_run_goes_on_later(stage: Stage) -> None:
    """A file stands where the folder of lakes belongs: the superuser could write anywhere else."""
    blocked = stage.root / "lake"
    blocked.write_text("in the way")
    process = stage.start("simulate", "--engine", "vector", "--output", "parquet", "--visitors", "500")
    _, errors = process.communicate(timeout=240)
    assert process.returncode == 1
    (line,) = (line for line in errors.splitlines() if line.startswith("error:"))
    assert "cannot be written: Not a directory" in line
    assert "--resume" in line
    Path(blocked).unlink()
    assert n_parts(stage) == 0
    stage.run("simulate", "--resume")
    assert n_parts(stage) == 1
