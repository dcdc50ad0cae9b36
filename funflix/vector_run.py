"""A run by the vector engine: whole visits at once, from the model endpoint straight into the event log."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import numpy as np

from experiment import BulkLog, EventReader
from funflix.errors import FunflixError
from funflix.simulation import Tally
from recommender_client import RecommenderClientError
from simulator.engines import VectorRun, run_vector_visits

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from simulator.behaviour import Visitors

VECTOR = "vector"


def make_vector_visits(
    run: VectorRun, visitors: Visitors, *, event_log: Path, on_progress: Callable[[Tally], None]
) -> Tally:
    """Make every visit of the run that the ledger does not have yet.

    Args:
        run: the run.
        visitors: all its visitors.
        event_log: the SQLite file.
        on_progress: told after each chunk of visits.

    Raises:
        FunflixError: a model endpoint gives no usable answer; the run can be resumed.
        KeyboardInterrupt: interrupted; the run can be resumed.
    """
    reader = EventReader(event_log)
    done = reader.done_visitors(run.run_id)
    if done:
        names = visitors.visitor_ids
        pending = visitors.take(
            np.array([place for place, name in enumerate(names) if name not in done], dtype=np.intp)
        )
    else:
        pending = visitors
    n_made, started = 0, time.monotonic()

    def tally() -> Tally:
        left = len(pending) - n_made
        pace = n_made / max(time.monotonic() - started, 1e-9)
        return Tally(
            n_done=len(done) + n_made,
            n_total=len(visitors),
            n_failed_attempts=0,
            by_engine={VECTOR: n_made},
            seconds_left=left / pace if n_made else None,
        )

    def note(n_visits: int) -> None:
        nonlocal n_made
        n_made += n_visits
        on_progress(tally())

    try:
        with BulkLog(event_log) as log:
            run_vector_visits(
                pending,
                run,
                attempts=reader.next_attempts(run.run_id),
                record=log.record,
                on_done=note,
                stop=threading.Event(),
            )
    except RecommenderClientError as error:
        raise FunflixError(f"{error}; mend that and continue with --resume") from error
    return tally()
