from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from experiment import (
    Click,
    EventLog,
    EventLogError,
    Exposure,
    VisitorSeen,
    erase_visitor,
    rows_of_visitor,
)

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A log of two visitors of the same run, and one of the same name in another run."""
    path = tmp_path / "events.db"
    with EventLog.open(path) as log:
        for run_id, visitor_id in (("live", "ann"), ("live", "bob"), ("run-1", "ann")):
            who = {"run_id": run_id, "visitor_id": visitor_id, "attempt": 1, "simulated_at": None}
            place = {"surface": "home", "position": 1, "movie_id": 3, "variant": "control"}
            log.record(
                VisitorSeen(**who, user_id=None, persona=None, user_agent="", is_bot=False),
                Exposure(**who, variant="control", router_claim=None),
                Click(**who, click_id=f"{run_id}-{visitor_id}", slate_id=f"{run_id}-{visitor_id}", **place),
            )
    return path


def test_a_visitor_s_rows_are_found_in_every_table(path: Path) -> None:
    found = rows_of_visitor(path, "live", "ann")
    assert {table: len(rows) for table, rows in found.items()} == {"clicks": 1, "exposures": 1, "visitors": 1}
    assert found["clicks"][0]["click_id"] == "live-ann"


def test_erasing_takes_one_visitor_of_one_run(path: Path) -> None:
    assert erase_visitor(path, "live", "ann") == 3
    assert rows_of_visitor(path, "live", "ann") == {}
    assert len(rows_of_visitor(path, "live", "bob")) == 3
    assert len(rows_of_visitor(path, "run-1", "ann")) == 3
    assert erase_visitor(path, "live", "ann") == 0


def test_a_file_that_is_no_log_is_named(tmp_path: Path) -> None:
    with pytest.raises(EventLogError, match="absent"):
        rows_of_visitor(tmp_path / "absent.db", "live", "ann")
