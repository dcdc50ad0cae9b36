"""Whole runs of the vector engine: the rows of the http run of their seed, resumable after any end."""

import shutil
import signal
from pathlib import Path

import pytest
from stage import Stage

_N = 100
_IN_CHUNKS = ("simulate", "--engine", "vector", "--visitors", "40000")
_ROWS = (
    "SELECT visitor_id, surface, position, movie_id, is_viewed, is_clicked"
    " FROM impression_outcomes WHERE run_id = ?"
)
_LEDGER = "SELECT visitor_id, attempt, engine, status FROM visits WHERE run_id = ?"
_ATTEMPTS = "SELECT visitor_id, attempt FROM exposures WHERE run_id = ?"


def test_a_vector_run_leaves_the_rows_of_the_http_run_of_its_seed(stage: Stage) -> None:
    options = ("--visitors", str(_N), "--seed", "7")
    by_vector = stage.run("simulate", "--engine", "vector", *options).strip()
    assert stage.processes() == []
    assert stage.n_done() == _N
    by_http = stage.run("simulate", "--engine", "http", *options).strip()
    assert stage.rows(_ROWS, by_vector) == stage.rows(_ROWS, by_http)
    assert stage.clicks(by_vector) == stage.clicks(by_http) != []
    assert stage.plays(by_vector) == stage.plays(by_http)


@pytest.fixture(scope="module")
def whole(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """A run that was never cut short."""
    stage = Stage(Path(shutil.copytree(prepared, tmp_path_factory.mktemp("whole") / "workspace")))
    stage.run(*_IN_CHUNKS)
    return stage


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_vector_run_cut_short_resumes_to_the_same_end(
    stage: Stage, whole: Stage, how: signal.Signals
) -> None:
    """40,000 visitors come in three chunks; the run is cut after the first or the second."""
    complete = whole.latest_run()
    process = stage.start(*_IN_CHUNKS)
    stage.stop_after(process, 1, how)
    stage.wait_until(lambda: not stage.processes(), timeout_s=120)
    n_done, run_id = stage.n_done(), stage.latest_run()
    assert n_done % 16_384 == 0
    assert len(stage.rows(_LEDGER, run_id)) == len(stage.rows(_ATTEMPTS, run_id)) == n_done < 40_000
    assert stage.run("simulate", "--resume").strip() == run_id
    for sql in (_LEDGER, _ATTEMPTS, _ROWS):
        assert stage.rows(sql, run_id) == whole.rows(sql, complete)
    assert stage.clicks(run_id) == whole.clicks(complete)
    assert stage.plays(run_id) == whole.plays(complete)


def test_a_report_on_a_vector_run_finds_its_truth(stage: Stage) -> None:
    """20,000 visitors: the 99.9% interval of each arm, some 0.9 points wide or less, holds its true CTR."""
    run_id = stage.run("simulate", "--engine", "vector", "--visitors", "20000").strip()
    report = stage.report(run_id)
    truth, primary = report["truth"], report["primary"]
    assert isinstance(truth, dict)
    assert isinstance(primary, dict)
    assert truth["control"]["visitor_ctr"] == pytest.approx(0.07, abs=1e-6)
    for arm in primary["arms"]:
        true_ctr = truth[arm["variant"]]["visitor_ctr"]
        standard_error = (true_ctr * (1 - true_ctr) / arm["n"]) ** 0.5
        assert abs(arm["rate"] - true_ctr) < 3.29 * standard_error


def test_a_vector_run_has_no_use_for_a_site(stage: Stage) -> None:
    told = stage.refusal("simulate", "--engine", "vector", "--site", "http://127.0.0.1:9")
    assert "leave --site out" in told
