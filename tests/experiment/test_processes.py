"""The event log among processes: killed, forked, racing, and on a disk that is full."""

import contextlib
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

from experiment.connections import reading

KILLED_CHILD = """
import sys, threading
from pathlib import Path
from experiment import Click, EventLog

first, path = int(sys.argv[1]), Path(sys.argv[2])
log = EventLog.open(path)
printing = threading.Lock()

def click(thread):
    for number in range(10**9):
        click_id = f"{first}-{thread}-{number}"
        log.record(Click(run_id="r", visitor_id="v", click_id=click_id, slate_id=click_id, surface="home",
                         position=1, movie_id=1, variant="control"))
        with printing:
            print(click_id, flush=True)

for thread in range(4):
    threading.Thread(target=click, args=(thread,)).start()
"""

FULL_DISK_CHILD = """
import resource, sys
from pathlib import Path
from experiment import Click, EventLog, EventLogError

def clicks(numbers):
    who = {"run_id": "r" * 100, "visitor_id": "v", "variant": "control"}
    place = {"surface": "home", "position": 1, "movie_id": 1}
    return [Click(**who, **place, click_id=str(n), slate_id=str(n)) for n in numbers]

path = Path(sys.argv[1])
log = EventLog.open(path)
assert log.record(*clicks(range(10))).n_stored == 10
unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, unlimited[1]))
try:
    log.record(*clicks(range(10, 10_000)))
except EventLogError as error:
    print(error)
resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)
print(log.record(*clicks(range(5, 15))).is_stored)
log.close()
"""

FORKING_PARENT = """
import os, sys, threading
from pathlib import Path
from experiment import EventLog, Impression

path = Path(sys.argv[1])
log = EventLog.open(path)

def impressions(who, n):
    for position in range(1, n + 1):
        what = {"run_id": "r", "visitor_id": "v", "movie_id": 1, "served_at": 1}
        log.record(Impression(**what, slate_id=who, position=position))

threads = [threading.Thread(target=impressions, args=(f"parent-{index}", 150)) for index in range(4)]
for thread in threads:
    thread.start()
children = []
for index in range(4):
    impressions(f"main-{index}", 10)
    child = os.fork()
    if child == 0:
        impressions(f"child-{index}", 100)
        log.close()
        os._exit(0)
    children.append(child)
for thread in threads:
    thread.join()
assert [os.waitpid(child, 0)[1] for child in children] == [0, 0, 0, 0]
log.close()
"""

OPENING_CHILD = """
import sys
from pathlib import Path
from experiment import EventLog, Impression

print("ready", flush=True)
sys.stdin.readline()
with EventLog.open(Path(sys.argv[1])) as log:
    what = {"run_id": "r", "visitor_id": "v", "movie_id": 1, "served_at": 1}
    log.record(Impression(**what, slate_id=sys.argv[2], position=1))
"""


def start(code: str, *arguments: object) -> subprocess.Popen[str]:
    # Python 3.12 warns of forks of threaded processes, which is what one test is about.
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", code, *map(str, arguments)]
    # A session of its own, so that whatever it forks can be ended with it.
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    )


def finish(process: subprocess.Popen[str], message: str = "") -> str:
    """What the process printed; it must end well, within a minute, and nothing of it is left behind."""
    try:
        output, _ = process.communicate(message, timeout=60)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode == 0
    return output


def select(path: Path, sql: str) -> list[tuple[str, ...]]:
    """Read as a report does: by a connection that cannot write, whatever state a killed process left."""
    with reading(path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        return [tuple(row) for row in connection.execute(sql)]


def test_no_acknowledged_click_is_lost_to_kill_9_and_none_is_there_twice(log_path: Path) -> None:
    """Six kills, each at a random moment after the first acknowledgement; at least 100 clicks in all."""
    rng = random.Random(20_260_101)
    acknowledged: list[str] = []
    for kill in range(6):
        with start(KILLED_CHILD, kill, log_path) as child:
            assert child.stdout is not None
            n_before_kill = rng.randrange(20, 200)
            acknowledged += [child.stdout.readline().strip() for _ in range(n_before_kill)]
            child.kill()
            acknowledged += [line.strip() for line in child.stdout if line.endswith("\n")]
    stored = [click_id for (click_id,) in select(log_path, "SELECT click_id FROM clicks")]
    assert len(acknowledged) >= 100
    assert set(acknowledged) <= set(stored)
    assert len(stored) == len(set(stored))


def test_a_full_disk_fails_the_event_stores_none_of_it_and_is_survived(log_path: Path) -> None:
    """The disk is full for files above 300 kB; 9,990 clicks need more."""
    error, is_stored = finish(start(FULL_DISK_CHILD, log_path)).splitlines()
    assert "events.db" in error
    assert "cannot be written" in error
    assert is_stored == str((False,) * 5 + (True,) * 5)
    assert len(select(log_path, "SELECT click_id FROM clicks")) == 15


def test_a_process_may_fork_while_its_threads_record(log_path: Path) -> None:
    """4 threads and 4 children on one log: nothing is lost, nor stored by parent and child both."""
    finish(start(FORKING_PARENT, log_path))
    counts = dict(select(log_path, "SELECT slate_id, COUNT(*) FROM impressions GROUP BY slate_id"))
    expected = {f"parent-{i}": 150 for i in range(4)} | {f"main-{i}": 10 for i in range(4)}
    assert counts == expected | {f"child-{i}": 100 for i in range(4)}


def test_processes_that_open_a_new_log_at_once_all_succeed(log_path: Path) -> None:
    children = [start(OPENING_CHILD, log_path, index) for index in range(4)]
    for child in children:
        assert child.stdout is not None
        child.stdout.readline()  # all are imported and ready before the first may go
    for child in children:
        assert child.stdin is not None
        child.stdin.write("go\n")
        child.stdin.flush()
    for child in children:
        finish(child)
    assert select(log_path, "SELECT slate_id FROM impressions ORDER BY 1") == [("0",), ("1",), ("2",), ("3",)]
