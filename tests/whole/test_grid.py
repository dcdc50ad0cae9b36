"""Runs on a real Selenium Grid: the rows of the http run of their seed, and no session left behind."""

import signal
from pathlib import Path

import pytest
import requests
from selenium_grid import grid_running
from stage import Stage

_SEED = ("--seed", "7")
_N = 24


def n_sessions(grid_url: str) -> int:
    """Browsers that the Grid runs just now."""
    nodes = requests.get(f"{grid_url}/status", timeout=60).json()["value"]["nodes"]
    return sum(slot["session"] is not None for node in nodes for slot in node["slots"])


@pytest.mark.soak
@pytest.mark.browser
def test_a_run_killed_on_a_grid_leaves_no_session_and_resumes_to_the_rows_of_http(
    stage: Stage, tmp_path: Path
) -> None:
    """24 visitors in the browsers of two nodes, the runner killed midway, against 24 by HTTP."""
    with grid_running(tmp_path) as grid_url:
        process = stage.start(
            "simulate", "--grid", grid_url, "--visitors", str(_N), "--screenshots", "12", *_SEED
        )
        stage.stop_after(process, 8, signal.SIGKILL)
        stage.wait_until(lambda: not stage.processes(), timeout_s=120)
        stage.wait_until(lambda: n_sessions(grid_url) == 0, timeout_s=120)
        assert 8 <= stage.n_done() < _N
        by_grid = stage.run("simulate", "--resume", "--grid", grid_url, "--screenshots", "12").strip()
        assert n_sessions(grid_url) == 0
    assert stage.n_done() == _N
    assert list((stage.root / "reports" / by_grid / "screenshots").glob("*.png"))
    by_http = stage.run("simulate", "--engine", "http", "--visitors", str(_N), *_SEED).strip()
    assert stage.clicks(by_grid) == stage.clicks(by_http) != []
    assert stage.plays(by_grid) == stage.plays(by_http)


def test_a_dead_grid_is_told_before_a_run_begins(stage: Stage) -> None:
    told = stage.refusal("simulate", "--visitors", "5", "--grid", "http://127.0.0.1:9")
    assert "--grid 'http://127.0.0.1:9': nobody answers" in told
    assert not (stage.root / "events.db").exists()
