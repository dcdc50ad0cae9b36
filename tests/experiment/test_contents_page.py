import subprocess
import sys
from pathlib import Path

import experiment


def test_the_contents_page_lists_every_public_name() -> None:
    public = {name for name in vars(experiment) if not name.startswith("_")}
    modules = {name for name in public if f"experiment.{name}" in sys.modules}
    assert set(experiment.__all__) == public - modules


def test_importing_makes_no_file_and_starts_no_thread(tmp_path: Path) -> None:
    code = "import os, threading, experiment; print(os.listdir(), threading.active_count())"
    finished = subprocess.run(
        [sys.executable, "-B", "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        timeout=60,
    )
    assert finished.stdout == "[] 1\n"
