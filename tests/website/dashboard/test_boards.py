from __future__ import annotations

import os
from typing import TYPE_CHECKING

from experiment import Exposure, RunFinished, RunResumed
from website import site_of
from website.dashboard.boards import BoardReader
from website.dashboard.quiet_log import log_state

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.website.conftest import Studio


def test_a_run_that_has_ended_is_read_once_until_it_is_resumed(
    studio: Studio, record_run: Callable[..., None]
) -> None:
    site = site_of(studio.app)
    reader = BoardReader(site.settings)
    record_run(studio, 4)
    running = reader.read("run-1")
    assert reader.read("run-1") is not running
    site.log.record(RunFinished(run_id="run-1", status="interrupted"))
    ended_ms = site.reader.run("run-1").finished_at
    assert ended_ms is not None
    studio.clock.advance(ended_ms / 1_000 - studio.clock.now.timestamp() + 1)
    assert reader.read("run-1") is not reader.read("run-1")  # late events may still come
    studio.clock.advance(60)
    settled = reader.read("run-1")
    studio.clock.advance(600)
    assert reader.read("run-1") is settled
    assert reader.read("") is settled
    site.log.record(RunResumed(run_id="run-1"))
    assert reader.read("run-1") is not settled
    assert reader.read("run-1").is_running


def let_time_pass(log: Path) -> None:
    """Make the last change of the log's files a minute older."""
    for path in log.parent.glob(f"{log.name}*"):
        status = path.stat()
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns - 60_000_000_000))


def test_while_nothing_is_recorded_a_running_run_is_not_read_again(
    studio: Studio, record_run: Callable[..., None]
) -> None:
    site = site_of(studio.app)
    reader = BoardReader(site.settings)
    record_run(studio, 4)
    let_time_pass(site.settings.event_log_path)
    first = reader.read("run-1")
    studio.clock.advance(40)
    quiet = reader.read("run-1")
    assert quiet.report is first.report
    assert quiet.now_ms == first.now_ms + 40_000
    assert quiet.traffic.feed is first.traffic.feed
    site.log.record(Exposure(run_id="run-1", visitor_id="newcomer", variant="control"))
    busy = reader.read("run-1")
    assert busy.report is not first.report
    assert busy.traffic.pulse.n_exposed == first.traffic.pulse.n_exposed + 1


def test_a_log_that_was_changed_this_moment_has_no_state_to_rely_on(tmp_path: Path) -> None:
    log = tmp_path / "events.db"
    assert log_state(log) is None
    log.touch()
    changed_ns = log.stat().st_mtime_ns
    assert log_state(log, clock_ns=lambda: changed_ns + 100_000_000) is None
    state = log_state(log, clock_ns=lambda: changed_ns + 1_000_000_000)
    assert state is not None
    log.with_name("events.db-wal").write_bytes(b"more")
    assert log_state(log, clock_ns=lambda: changed_ns + 10_000_000_000) != state
