"""Fixtures that every package's tests share."""

import os
import signal
from pathlib import Path

import hypothesis
import pytest

# A deadline of milliseconds fails on a busy machine, and says nothing about the code. With the same examples
# each time a failure comes of a change; the soak is where new examples are sought.
hypothesis.settings.register_profile("repeatable", deadline=None, derandomize=True)
hypothesis.settings.register_profile("exploring", deadline=None)
hypothesis.settings.load_profile("exploring" if os.environ.get("FUNFLIX_SOAK") == "full" else "repeatable")

# What a shell starts in the background ignores ctrl-C, and so would every command that a test interrupts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

_BESIDE_THE_PROJECT = Path(__file__).parents[2] / "shared" / "data" / "ml-latest-small"


@pytest.fixture(scope="session")
def movielens_path() -> Path:
    """The folder of ml-latest-small; skips the test without it."""
    path = Path(os.environ.get("FUNFLIX_TEST_MOVIELENS", _BESIDE_THE_PROJECT))
    if not (path / "ratings.csv").is_file():
        pytest.skip(f"no MovieLens data at {path}; set FUNFLIX_TEST_MOVIELENS to a folder of ml-latest-small")
    return path
