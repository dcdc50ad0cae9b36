import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.browser
PROGRAM = Path(__file__).with_name("killed_run.py")


@pytest.mark.parametrize(
    ("how", "moment", "n_browsers"),
    [
        (signal.SIGKILL, "mid-visit", 2),
        (signal.SIGKILL, "browsers starting", 2),
        (signal.SIGTERM, "mid-visit", 1),
        (signal.SIGINT, "mid-visit", 1),
    ],
)
def test_no_process_and_no_profile_outlives_the_runner(
    *,
    how: signal.Signals,
    moment: str,
    n_browsers: int,
    site_url: str,
    tmp_path: Path,
    processes_marked: Callable[[str], list[str]],
    eventually: Callable[..., bool],
) -> None:
    """The runner alone is signalled; everything it started carries its environment and is found by that."""
    mark = f"FUNFLIX_TEST_MARK={uuid.uuid4()}"
    environment = {**os.environ, "TMPDIR": str(tmp_path), **dict([mark.split("=")])}
    runner = subprocess.Popen(
        [sys.executable, str(PROGRAM), site_url, str(n_browsers)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert runner.stdout is not None
    assert runner.stdout.readline() == b"starting\n"
    if moment == "mid-visit":
        assert runner.stdout.readline() == b"looking\n"
    # Runner and guardian; of each browser its worker, and mid-visit its driver and processes of its own.
    n_enough = 2 + 3 * n_browsers if moment == "mid-visit" else 5
    assert eventually(lambda: len(processes_marked(mark)) >= n_enough, within_s=20)
    assert list(tmp_path.glob("funflix-browsers-*"))

    runner.send_signal(how)
    runner.communicate(timeout=30)

    assert eventually(lambda: processes_marked(mark) == [], within_s=20), processes_marked(mark)
    assert eventually(lambda: list(tmp_path.iterdir()) == [], within_s=10), list(tmp_path.iterdir())
