"""A fresh event log for each test that asks for one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from experiment import EventLog


@pytest.fixture
def log_path(tmp_path: Path) -> Path:
    """Where the test's event log lies."""
    return tmp_path / "events.db"


@pytest.fixture
def log(log_path: Path) -> Iterator[EventLog]:
    """An empty event log, whose real time is always 1,000 ms after the epoch."""
    with EventLog.open(log_path, clock=lambda: 1_000) as log:
        yield log
