from __future__ import annotations

from typing import TYPE_CHECKING

from experiment import RunFinished, RunResumed
from website import site_of
from website.dashboard.boards import BoardReader

if TYPE_CHECKING:
    from collections.abc import Callable

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
