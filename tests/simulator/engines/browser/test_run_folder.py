import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from simulator.engines.browser.guardian import left_behind
from simulator.engines.browser.run_folder import RunFolder, sweep_stale_folders

LONG_AGO = 1_000_000_000
RUNNER = """
import signal, subprocess, sys
from pathlib import Path
from simulator.engines.browser.run_folder import RunFolder
folder = RunFolder(Path(sys.argv[1]))
sleeper = subprocess.Popen(["sleep", "600"], start_new_session=True)
folder.guard(sleeper.pid)
print(sleeper.pid, flush=True)
signal.pause()
"""


def is_gone(pid: int) -> bool:
    """Whether no such process runs; one that is dead and not yet reaped by its new parent does not run."""
    try:
        return "State:\tZ" in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return True


def test_a_closed_folder_is_gone_and_its_groups_with_it(tmp_path: Path) -> None:
    with RunFolder(tmp_path) as folder:
        (folder.path / "profile").mkdir()
        sleeper = subprocess.Popen(["sleep", "600"], start_new_session=True)
        folder.guard(sleeper.pid)
    assert sleeper.wait(10) == -signal.SIGKILL
    assert list(tmp_path.iterdir()) == []


def test_a_released_group_is_left_alone(tmp_path: Path) -> None:
    sleeper = subprocess.Popen(["sleep", "600"], start_new_session=True)
    with RunFolder(tmp_path) as folder:
        folder.guard(sleeper.pid)
        folder.release(sleeper.pid)
    assert sleeper.poll() is None
    sleeper.kill()
    sleeper.wait()


def test_groups_and_folder_go_when_the_runner_is_killed(
    tmp_path: Path, eventually: Callable[..., bool]
) -> None:
    runner = subprocess.Popen([sys.executable, "-c", RUNNER, str(tmp_path)], stdout=subprocess.PIPE)
    assert runner.stdout is not None
    sleeper = int(runner.stdout.readline())
    assert not is_gone(sleeper)
    runner.kill()
    runner.communicate()
    assert eventually(lambda: is_gone(sleeper))
    assert eventually(lambda: list(tmp_path.iterdir()) == [])


def test_stale_folders_are_swept_and_live_ones_are_not(tmp_path: Path) -> None:
    stale = tmp_path / "funflix-browsers-stale"
    fresh = tmp_path / "funflix-browsers-fresh"
    other = tmp_path / "somebody-else"
    for folder in (stale, fresh, other):
        folder.mkdir()
    with RunFolder(tmp_path) as live:
        for folder in (stale, other, live.path):
            os.utime(folder, (LONG_AGO, LONG_AGO))
        assert sweep_stale_folders(tmp_path) == 1
        assert {folder.name for folder in tmp_path.iterdir()} == {fresh.name, other.name, live.path.name}


def test_a_new_run_sweeps_what_an_old_one_left(tmp_path: Path) -> None:
    stale = tmp_path / "funflix-browsers-stale"
    (stale / "worker-1").mkdir(parents=True)
    os.utime(stale, (LONG_AGO, LONG_AGO))
    with RunFolder(tmp_path):
        assert not stale.exists()


def test_the_guardian_keeps_only_groups_not_taken_back() -> None:
    assert left_behind(["+7\n", "+http://grid/session/a\n", "+8\n", "-7\n", "\n"]) == [
        "8",
        "http://grid/session/a",
    ]
