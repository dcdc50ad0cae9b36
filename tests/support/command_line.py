"""A command of `funflix` run in this process: one of its own takes two seconds to load what it needs."""

import contextlib
import io
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

from funflix.command_line import main


@dataclass(frozen=True)
class Completed:
    """How a command ended, and what it printed."""

    returncode: int
    stdout: str
    stderr: str


def run_command(*arguments: str, cwd: Path | None = None) -> Completed:
    """Run a command to its end, as a shell would; call it from the main thread."""
    stdout, stderr, code = io.StringIO(), io.StringIO(), 0
    argv, on_sigterm = sys.argv, signal.getsignal(signal.SIGTERM)
    sys.argv = ["funflix", *arguments]
    try:
        with (
            contextlib.redirect_stdout(stdout),
            contextlib.redirect_stderr(stderr),
            contextlib.chdir(cwd or Path.cwd()),
        ):
            main()
    except SystemExit as ending:
        code = int(ending.code or 0)
    finally:
        sys.argv = argv
        signal.signal(signal.SIGTERM, on_sigterm)
    return Completed(code, stdout.getvalue(), stderr.getvalue())
