"""A user at the command line: commands on one workspace, and a way to see what they leave behind."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from command_line import run_command

_MARK = "FUNFLIX_TEST_MARK"
# A second process of each server takes as long to start as the first; test_durability.py has them.
_ONE_PROCESS_EACH = {"FUNFLIX_SERVER_WORKERS": "1"}
_CLICKS = "SELECT visitor_id, surface, position, movie_id, variant FROM counted_clicks WHERE run_id = ?"
_PLAYS = "SELECT visitor_id, movie_id, watch_s, is_completed FROM counted_plays WHERE run_id = ?"


@dataclass(frozen=True)
class Stage:
    """One workspace, and the commands of a user on it. Everything they start carries `mark`."""

    root: Path
    mark: str = field(default_factory=lambda: uuid.uuid4().hex)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Begin a command."""
        return subprocess.Popen(
            [sys.executable, "-c", "from funflix.command_line import main; main()", *arguments],
            env={**_ONE_PROCESS_EACH, **os.environ, "FUNFLIX_WORKSPACE": str(self.root), _MARK: self.mark},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, expect: int = 0) -> str:
        """Run a command to its end; its stdout."""
        process = self.start(*arguments)
        output, errors = process.communicate(timeout=600)
        assert process.returncode == expect, errors
        return output

    def refusal(self, *arguments: str) -> str:
        """What a command prints to stderr that is refused with exit code 2; run in this process."""
        done = run_command(*arguments, "--workspace", str(self.root))
        assert (done.returncode, done.stdout) == (2, ""), done.stderr
        return done.stderr

    def run_here(self, *arguments: str, expect: int = 0) -> str:
        """Run a command to its end in this process; its stdout. For commands that leave no process behind."""
        done = run_command(*arguments, "--workspace", str(self.root))
        assert done.returncode == expect, done.stderr
        return done.stdout

    def stop_after(self, process: subprocess.Popen[str], n_visits: int, how: signal.Signals) -> str:
        """Send a signal once so many visits are done; what the command had printed to stderr."""
        self.wait_until(lambda: self.n_done() >= n_visits or process.poll() is not None)
        process.send_signal(how)
        return process.communicate(timeout=240)[1]

    def wait_until(self, holds: Callable[[], bool], timeout_s: float = 240) -> None:
        """Look again and again until something holds; fails the test when it never does."""
        deadline = time.monotonic() + timeout_s
        while not holds():
            assert time.monotonic() < deadline, f"not so within {timeout_s} s"
            threading.Event().wait(0.05)

    def processes(self) -> list[int]:
        """The processes that commands on this stage started and that still run."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                environment = (folder / "environ").read_bytes()
                state = (folder / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
            except OSError:
                continue
            if self.mark.encode() in environment and state != "Z":
                found.append(int(folder.name))
        return found

    def rows(self, sql: str, *values: object) -> list[tuple[object, ...]]:
        """What the event log holds, sorted."""
        with closing(sqlite3.connect(f"file:{self.root / 'events.db'}?mode=ro", uri=True)) as connection:
            return sorted(connection.execute(sql, values).fetchall())

    def n_done(self) -> int:
        """Visits that the latest run's ledger has as done; 0 before there is a ledger."""
        try:
            ((n,),) = self.rows(
                "SELECT COUNT(*) FROM visits WHERE status = 'done' AND run_id ="
                " (SELECT run_id FROM runs ORDER BY started_at DESC, rowid DESC LIMIT 1)"
            )
        except sqlite3.OperationalError:
            return 0
        assert isinstance(n, int)
        return n

    def clicks(self, run_id: str) -> list[tuple[object, ...]]:
        """The clicks that count in a run."""
        return self.rows(_CLICKS, run_id)

    def plays(self, run_id: str) -> list[tuple[object, ...]]:
        """The plays that count in a run."""
        return self.rows(_PLAYS, run_id)

    def latest_run(self) -> str:
        """The run begun last."""
        ((run_id,),) = self.rows("SELECT run_id FROM runs ORDER BY started_at DESC, rowid DESC LIMIT 1")
        return str(run_id)

    def report(self, run_id: str) -> dict[str, object]:
        """The report of a run, as JSON."""
        report = json.loads(self.run_here("report", "--run", run_id, "--json"))
        assert isinstance(report, dict)
        return report
