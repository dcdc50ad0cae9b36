"""What can go wrong in a command, and the exit code it ends with."""

from enum import IntEnum


class ExitCode(IntEnum):
    """How a command ended; scripts and CI may rely on these."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    CHECK_FAILED = 3
    INTERRUPTED = 130


class FunflixError(Exception):
    """A command cannot go on; its message is the one line the user reads."""

    exit_code = ExitCode.FAILED


class SetupError(FunflixError):
    """Something the command needs is missing or wrong in the workspace, the settings or the input."""

    exit_code = ExitCode.USAGE


class CheckFailedError(FunflixError):
    """The command did its work, and what it checked did not hold."""

    exit_code = ExitCode.CHECK_FAILED
