"""What can be asked of the engines, and which run has a use for it."""

import importlib.util
from pathlib import Path
from typing import Any

import pytest

from funflix.engine_options import EngineOptions
from funflix.errors import SetupError
from simulator.engines import BrowserNotFoundError, LatencyLog
from simulator.engines.vector_workers import Backend


@pytest.mark.parametrize(
    ("options", "engine", "words"),
    [
        ({"grid_url": "http://127.0.0.1:9"}, "http", "--grid is for engine 'browser'"),
        ({"is_headed": True}, "vector", "--headed is for engine 'browser', and this run has 'vector'"),
        ({"slow_motion_s": 0.5}, "http", "--slow-motion is for engine 'browser'"),
        ({"screenshot_every": 2}, "http", "--screenshots is for engine 'browser'"),
        ({"rate_per_s": 5.0}, "browser", "--rate is for engine 'http', and this run has 'browser'"),
    ],
)
def test_an_option_that_a_run_has_no_use_for_is_refused(
    options: dict[str, Any], engine: str, words: str
) -> None:
    with pytest.raises(SetupError, match=words):
        EngineOptions(**options).require_use({engine: 10})


def test_a_run_of_both_engines_has_a_use_for_all() -> None:
    EngineOptions("http://127.0.0.1:9", True, 0.5, 2, 5.0).require_use({"browser": 1, "http": 1})


def test_only_a_run_of_this_machines_browsers_needs_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing on PATH, and a Selenium Manager that may not download."""
    monkeypatch.delenv("FUNFLIX_BROWSER", raising=False)
    for name, value in (("PATH", tmp_path), ("SE_OFFLINE", "true"), ("SE_CACHE_PATH", tmp_path)):
        monkeypatch.setenv(name, str(value))
    with pytest.raises(BrowserNotFoundError, match="Selenium Manager found none"):
        EngineOptions().require_browser({"browser": 1, "http": 9})
    EngineOptions().require_browser({"browser": 0, "http": 9})
    EngineOptions("http://127.0.0.1:9").require_browser({"browser": 1})


@pytest.mark.parametrize(("asked", "n_workers"), [(None, 1), (3, 3)])
def test_windows_come_one_at_a_time_unless_asked(asked: int | None, n_workers: int) -> None:
    counts = EngineOptions(is_headed=True).n_workers({"browser": 4, "http": 8}, asked)
    assert counts == {"browser": n_workers, "http": asked or 8}


def test_a_dead_grid_is_at_fault_before_a_run_begins() -> None:
    with pytest.raises(SetupError, match=r"--grid 'http://127\.0\.0\.1:9': nobody answers"):
        EngineOptions("http://127.0.0.1:9").n_workers({"browser": 4}, None)


def test_engines_made_to_order_are_those_there_are(tmp_path: Path) -> None:
    engines = EngineOptions().engines(screenshot_folder=tmp_path, latencies=LatencyLog())
    assert set(engines) == {"browser", "http"}


@pytest.mark.parametrize(("backend", "module"), [("dask", "distributed"), ("ray", "ray")])
def test_a_backend_that_is_not_installed_is_at_fault_before_a_run_begins(
    backend: Backend, module: str
) -> None:
    options = EngineOptions(backend=backend)
    if importlib.util.find_spec(module) is None:
        with pytest.raises(SetupError, match=rf"funflix\[{backend}\]"):
            options.require_use_by_vector(has_lake=True, n_workers=2)
    else:
        options.require_use_by_vector(has_lake=True, n_workers=2)
