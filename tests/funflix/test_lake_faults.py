"""What may end a run into a lake: each is one line that names the way on, and the run goes on to its end."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import small_vector_run as small
from pyarrow import parquet

from experiment import Lake
from funflix.errors import FunflixError
from funflix.vector_run import n_done_in_lake
from simulator.engines import Workers
from simulator.engines.vector_workers import Backend


@pytest.fixture
def environment() -> dict[str, str]:
    """In which another process finds the test's world."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(small.__file__).parent), *sys.path])}


@pytest.mark.parametrize(("backend", "module"), [("dask", "distributed"), ("ray", "ray")])
def test_a_backend_that_is_not_installed_names_its_extra(
    tmp_path: Path, backend: Backend, module: str
) -> None:
    try:
        __import__(module)
    except ImportError:
        pass
    else:
        pytest.skip(f"{module} is installed")
    with pytest.raises(FunflixError, match=rf"funflix\[{backend}\].*--resume"):
        small.make_lake(small.lake_run(tmp_path, small.experiment_of()), Workers(2, backend))


def test_a_scheduler_that_does_not_answer_is_named_and_the_run_can_be_resumed(tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    nobody = Workers(2, "dask", "nonsense")
    with pytest.raises(FunflixError, match=r"'nonsense': no cluster of dask answers.*--resume"):
        small.make_lake(small.lake_run(tmp_path, small.experiment_of()), nobody)


def test_a_dead_endpoint_is_said_in_a_line_that_names_the_way_on(tmp_path: Path) -> None:
    experiment = small.experiment_of()
    with pytest.raises(FunflixError, match="cannot be reached; mend that and continue with --resume"):
        small.make_lake(small.lake_run(tmp_path, experiment, is_alive=False))
    assert small.make_lake(small.lake_run(tmp_path, experiment)) == small.N_VISITORS


def test_a_lake_that_cannot_be_written_is_said_in_a_line_by_every_worker(tmp_path: Path) -> None:
    """A folder stands where the file of one part belongs."""
    blocked = tmp_path / "plays" / "part-000002.parquet"
    blocked.mkdir(parents=True)
    for workers in (Workers(), Workers(2)):
        with pytest.raises(FunflixError, match=r"cannot be written: .*continue with --resume"):
            small.make_lake(small.lake_run(tmp_path, small.experiment_of()), workers)
    blocked.rmdir()
    small.make_lake(small.lake_run(tmp_path, small.experiment_of()))
    assert n_done_in_lake(tmp_path) == small.N_VISITORS


def test_a_worker_that_is_killed_is_said_in_a_line_and_the_run_goes_on(tmp_path: Path) -> None:
    """Each worker is killed (SIGKILL) as it makes its first part; then all five are made here."""
    experiment = small.experiment_of()
    deadly = small.lake_run(tmp_path, experiment, is_deadly=True)
    with pytest.raises(FunflixError, match=r"one of 2 workers was ended.*fewer.*continue with --resume$"):
        small.make_lake(deadly, Workers(2))
    assert n_done_in_lake(tmp_path) == 0
    assert small.make_lake(small.lake_run(tmp_path, experiment)) == small.N_VISITORS


_LIMITED = """
import resource, sys
from pathlib import Path
import small_vector_run as small
from funflix.errors import FunflixError
run = small.lake_run(Path(sys.argv[1]), small.experiment_of())
small.make_lake(run)
(run.folder / "visits" / "part-000003.parquet").unlink()
resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, resource.RLIM_INFINITY))
try:
    small.make_lake(run)
except FunflixError as error:
    print(error)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print(small.make_lake(run))
"""


def test_files_that_may_not_grow_are_said_in_a_line_and_the_run_goes_on(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    """A process that may write files of 2,000 bytes at most, as under a quota; then it may write any."""
    told = printed([sys.executable, "-c", _LIMITED, str(tmp_path)], environment)
    assert "cannot be written: File too large; the parts written before are kept" in told[0]
    assert told[0].endswith("continue with --resume")
    assert told[1:] == ["120"]


_FULL = """
import subprocess, sys
from pathlib import Path
import small_vector_run as small
from funflix.errors import FunflixError
run = small.lake_run(Path(sys.argv[1]) / "lake", small.experiment_of())
try:
    small.make_lake(run)
except FunflixError as error:
    print(error)
subprocess.run(["mount", "-o", "remount,size=20m", sys.argv[1]], check=True)
print(small.make_lake(run))
"""


def test_a_full_disk_is_said_in_a_line_and_the_run_goes_on(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    """A file system of 96 kB in memory, in a name space of its own; then it gets room."""
    alone = ["unshare", "--map-root-user", "--mount", "sh", "-c"]
    mount = 'mount -t tmpfs -o size=96k none "$0"'
    if not shutil.which("unshare") or subprocess.run([*alone, mount, tmp_path], check=False).returncode:
        pytest.skip("no file system may be mounted here")
    told = printed([*alone, f'{mount} && "$1" -c "$2" "$0"', tmp_path, sys.executable, _FULL], environment)
    assert "cannot be written: the disk is full; the parts written before are kept" in told[0]
    assert told[0].endswith("continue with --resume")
    assert 0 < int(told[1]) < small.N_VISITORS


_ENDLESS = """
import sys
from pathlib import Path
import small_vector_run as small
from funflix.vector_run import make_lake_visits
from simulator.engines import Workers
run = small.lake_run(Path(sys.argv[1]), small.experiment_of())
make_lake_visits(run, 400_000, workers=Workers(2), part_size=400,
    on_progress=lambda tally: print(tally.n_done, flush=True))
"""


def test_a_run_that_is_killed_leaves_no_worker_and_whole_parts(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    """SIGKILL once the first parts are done: its workers end by themselves."""
    with subprocess.Popen(
        [sys.executable, "-c", _ENDLESS, str(tmp_path)], stdout=subprocess.PIPE, env=environment, text=True
    ) as process:
        assert process.stdout is not None
        assert int(process.stdout.readline()) > 0
        workers = children_of(process.pid)
        assert len(workers) >= 2
        process.send_signal(signal.SIGKILL)
        assert process.stdout.read() is not None
    deadline, pause = time.monotonic() + 60, threading.Event()
    while any(is_running(pid) for pid in workers) and time.monotonic() < deadline:
        pause.wait(0.05)
    assert not [pid for pid in workers if is_running(pid)]
    done = Lake(tmp_path).done_parts()
    assert done
    files = [tmp_path / "visits" / f"part-{part:06d}.parquet" for part in list(done)[:3]]
    assert [parquet.read_metadata(path).num_rows for path in files] == [400] * len(files)


def children_of(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(child) for child in text.split()]


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def printed(command: list[str | Path], environment: dict[str, str]) -> list[str]:
    """The lines that a command prints, which has to end well."""
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()
