"""Whole runs by the command line: equal for equal seeds, resumable after any end, and nothing left behind."""

import shutil
import signal
import threading
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from stage import Stage

from funflix.processes import free_port

_N = 120
_HTTP = ("simulate", "--engine", "http", "--visitors", str(_N), "--seed", "7")


@dataclass(frozen=True)
class Complete:
    """A complete run of 120 visitors with seed 7, and what came of it."""

    stage: Stage
    run_id: str

    def require_same(self, stage: Stage, run_id: str) -> None:
        """Fail unless another run ended with the same clicks and plays."""
        assert self.stage.clicks(self.run_id)
        assert stage.clicks(run_id) == self.stage.clicks(self.run_id)
        assert stage.plays(run_id) == self.stage.plays(self.run_id)


@pytest.fixture(scope="session")
def complete(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Complete:
    """Made once, never cut short."""
    stage = Stage(Path(shutil.copytree(prepared, tmp_path_factory.mktemp("complete") / "workspace")))
    run_id = stage.run(*_HTTP).strip()
    assert stage.n_done() == _N
    assert stage.processes() == []
    return Complete(stage, run_id)


def test_a_second_run_of_one_seed_has_equal_clicks_and_one_of_another_has_not(
    stage: Stage, complete: Complete
) -> None:
    complete.require_same(stage, stage.run(*_HTTP).strip())
    other = stage.run(*_HTTP[:-1], "8").strip()
    assert stage.clicks(other) != complete.stage.clicks(complete.run_id)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_run_cut_short_resumes_to_the_same_end(
    stage: Stage, complete: Complete, how: signal.Signals
) -> None:
    process = stage.start(*_HTTP)
    stage.stop_after(process, 20, how)
    assert process.returncode == (-signal.SIGKILL if how == signal.SIGKILL else 130)
    stage.wait_until(lambda: not stage.processes(), timeout_s=120)
    assert 20 <= stage.n_done() < _N
    resumed = stage.run("simulate", "--resume").strip()
    assert stage.n_done() == _N
    complete.require_same(stage, resumed)


@pytest.mark.browser
def test_a_killed_run_of_browsers_leaves_no_process_and_resumes_to_the_same_end(
    stage: Stage, complete: Complete
) -> None:
    """The first 16 visitors of the population are the same ones, whatever its size and the engine."""
    process = stage.start("simulate", "--engine", "browser", "--visitors", "16", "--seed", "7")
    stage.stop_after(process, 5, signal.SIGKILL)
    stage.wait_until(lambda: not stage.processes(), timeout_s=120)
    assert 5 <= stage.n_done() < 16
    resumed = stage.run("simulate", "--resume").strip()
    first = {f"s7-{index:06d}" for index in range(16)}
    by_http = complete.stage
    assert stage.clicks(resumed) == [row for row in by_http.clicks(complete.run_id) if row[0] in first]
    assert stage.plays(resumed) == [row for row in by_http.plays(complete.run_id) if row[0] in first]


def test_text_and_json_of_a_report_agree(complete: Complete) -> None:
    stage, run_id = complete.stage, complete.run_id
    text = " ".join(stage.run_here("report", "--run", run_id).split())
    report = stage.report(run_id)
    verdict, primary, truth = report["verdict"], report["primary"], report["truth"]
    assert isinstance(verdict, dict)
    assert isinstance(primary, dict)
    assert verdict["code"] == "inconclusive"
    assert verdict["sentence"] in text
    for arm in primary["arms"]:
        assert f"{arm['variant']} {arm['n']} {arm['successes']} {arm['rate']:.2%}" in text
    assert truth is not None
    assert sum(arm["n"] for arm in primary["arms"]) == _N
    assert sum(arm["successes"] for arm in primary["arms"]) == len(
        {row[0] for row in stage.clicks(run_id) if row[1] == "home"}
    )


def test_nothing_to_resume_is_said(stage: Stage) -> None:
    assert "no run to resume" in stage.refusal("simulate", "--resume")


@pytest.mark.parametrize(
    ("site", "words"),
    [
        ("foo", "must be a URL"),
        ("http://127.0.0.1:9", "nobody answers"),
    ],
)
def test_a_site_that_cannot_be_visited_is_refused_before_a_run_begins(
    stage: Stage, site: str, words: str
) -> None:
    assert words in stage.refusal(*_HTTP, "--site", site)
    assert not (stage.root / "events.db").exists()


def test_a_machine_without_a_browser_is_told_in_one_line_before_a_run_begins(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Nothing on PATH, and a Selenium Manager that may not download."""
    monkeypatch.delenv("FUNFLIX_BROWSER", raising=False)
    for name, value in (("PATH", tmp_path), ("SE_OFFLINE", "true"), ("SE_CACHE_PATH", tmp_path)):
        monkeypatch.setenv(name, str(value))
    process = stage.start("simulate", "--visitors", "3")
    _, errors = process.communicate(timeout=240)
    assert process.returncode == 2
    (line,) = (line for line in errors.splitlines() if not line.startswith("run "))
    assert "Selenium Manager found none" in line
    assert "apt-get install chromium" in line
    assert not (stage.root / "events.db").exists()


def test_a_served_site_can_be_simulated_on_and_stops_at_ctrl_c(stage: Stage, tmp_path: Path) -> None:
    port = free_port()
    # The synthetic catalogue has no films of TMDB, so nobody is asked for a poster.
    serving = stage.start("serve", "--port", str(port), "--tmdb-key", "a-key")
    assert serving.stdout is not None
    url = serving.stdout.readline().strip()
    assert url == f"http://127.0.0.1:{port}"
    home = requests.get(url, timeout=60)
    assert home.ok
    assert "not endorsed or certified by TMDB" in home.text
    run_id = stage.run(*_HTTP, "--site", url).strip()
    ((n_by_hand,),) = stage.rows("SELECT COUNT(*) FROM exposures WHERE run_id = 'live'")
    ((n_simulated,),) = stage.rows("SELECT COUNT(*) FROM exposures WHERE run_id = ?", run_id)
    assert (n_by_hand, n_simulated) == (1, _N)
    copied = shutil.copytree(stage.root, tmp_path / "copied")
    elsewhere = Stage(copied).start(*_HTTP, "--site", url)
    assert "records into another event log" in elsewhere.communicate(timeout=240)[1]
    experiment = stage.root / "experiment.toml"
    experiment.write_text(
        experiment.read_text(encoding="utf-8").replace('salt = "', 'salt = "x'), encoding="utf-8"
    )
    other = stage.start(*_HTTP, "--site", url)
    assert "runs another experiment" in other.communicate(timeout=240)[1]
    serving.send_signal(signal.SIGINT)
    serving.communicate(timeout=240)
    assert serving.returncode == 130
    assert stage.processes() == []


@pytest.mark.browser
def test_a_demo_interrupted_at_any_point_resumes_to_the_same_result(stage: Stage) -> None:
    """A design of 138 visitors: an MDE of 20 points. Once cut before the run began, once midway."""
    experiment = stage.root / "experiment.toml"
    text = experiment.read_text(encoding="utf-8")
    assert "mde = 0.04" in text
    experiment.write_text(text.replace("mde = 0.04", "mde = 0.2"), encoding="utf-8")
    first = stage.start("demo", "--dataset", "synthetic", "--browsers", "4")
    stage.wait_until((stage.root / "reports" / "demo.json").exists)
    first.send_signal(signal.SIGINT)
    assert "--resume" in first.communicate(timeout=240)[1]
    second = stage.start("demo", "--resume")
    errors = stage.stop_after(second, 20, signal.SIGINT)
    assert (first.returncode, second.returncode) == (130, 130), errors
    stage.wait_until(lambda: not stage.processes(), timeout_s=120)
    assert stage.n_done() >= 20
    report = stage.run("demo", "--resume")
    resumed = stage.latest_run()
    assert "points" in report
    assert (stage.root / "reports" / f"{resumed}.html").exists()
    stage.run("demo", "--dataset", "synthetic", "--browsers", "0")
    uninterrupted = stage.latest_run()
    assert uninterrupted != resumed
    assert stage.clicks(resumed)
    assert stage.clicks(resumed) == stage.clicks(uninterrupted)


@pytest.mark.parametrize("delay_s", [0.0, 0.3, 1.0])
def test_a_command_killed_while_its_servers_start_leaves_none(stage: Stage, delay_s: float) -> None:
    """Whatever had been started by then: waits so long after the first server's process is there."""
    process = stage.start(*_HTTP)
    stage.wait_until(lambda: len(stage.processes()) > 1 or process.poll() is not None)
    threading.Event().wait(delay_s)
    process.kill()
    process.communicate(timeout=240)
    stage.wait_until(lambda: not stage.processes(), timeout_s=120)
    assert stage.processes() == []
