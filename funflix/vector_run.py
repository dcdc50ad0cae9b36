"""A run by the vector engine: whole visits at once, from the model endpoint into the event log or a lake."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from experiment import BulkLog, EventLogError, EventReader, Lake, LakeManifest
from funflix.errors import FunflixError
from funflix.simulation import Tally
from recommender_client import RecommenderClientError
from simulator import SimulatorError
from simulator.engines import PART_SIZE, LakeRun, VectorRun, Workers, run_vector_parts, run_vector_visits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
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
        FunflixError: an endpoint gives no usable answer, or the log cannot be written; the run can be
            resumed.
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
    pace = _Pace(n_total=len(visitors), n_done_before=len(done), on_progress=on_progress)
    with resumable(), BulkLog(event_log) as log:
        run_vector_visits(
            pending,
            run,
            attempts=reader.next_attempts(run.run_id),
            record=log.record,
            on_done=pace.note,
            stop=threading.Event(),
        )
    return pace.tally()


def make_lake_visits(
    run: LakeRun,
    n_visitors: int,
    *,
    workers: Workers,
    on_progress: Callable[[Tally], None],
    part_size: int = PART_SIZE,
) -> Tally:
    """Make every visit of the run that its lake does not have yet.

    Args:
        run: the run.
        n_visitors: how many come.
        workers: who makes the visits.
        on_progress: told after some parts.
        part_size: visitors of a part, in a new lake; one that was begun keeps its own.

    Raises:
        FunflixError: an endpoint gives no usable answer, or the lake cannot be written; the run can be
            resumed.
        KeyboardInterrupt: interrupted; the run can be resumed.
    """
    with resumable():
        manifest = Lake(run.folder).begin(
            LakeManifest(run_id=run.run_id, n_visitors=n_visitors, part_size=part_size)
        )
        pace = _Pace(n_visitors, n_done_in_lake(run.folder), on_progress)
        run_vector_parts(run, manifest, workers=workers, on_done=pace.note, stop=threading.Event())
    return pace.tally()


def n_done_in_lake(folder: Path) -> int:
    """Visits whose events are in the lake at `folder`; 0 where there is none yet.

    Raises:
        EventLogError: it is the lake of another version.
    """
    lake = Lake(folder)
    done = lake.done_parts()
    if not done:
        return 0
    manifest = lake.manifest()
    return sum(len(manifest.visitors_of(part)) for part in done)


@contextmanager
def resumable() -> Iterator[None]:
    """What ends a run before its last visit is one line that says how to go on."""
    try:
        yield
    except (RecommenderClientError, EventLogError, SimulatorError) as error:
        raise FunflixError(f"{error}; mend that and continue with --resume") from error


@dataclass(slots=True)
class _Pace:
    """How a run stands, and how long it will take."""

    n_total: int
    n_done_before: int
    on_progress: Callable[[Tally], None]
    _n_made: int = 0
    _started: float = field(default_factory=time.monotonic)

    def note(self, n_visits: int) -> None:
        self._n_made += n_visits
        self.on_progress(self.tally())

    def tally(self) -> Tally:
        left = self.n_total - self.n_done_before - self._n_made
        seconds = time.monotonic() - self._started
        pace = self._n_made / max(seconds, 1e-9)
        return Tally(
            n_done=self.n_done_before + self._n_made,
            n_total=self.n_total,
            n_failed_attempts=0,
            by_engine={VECTOR: self._n_made},
            seconds=seconds,
            seconds_left=left / pace if self._n_made else None,
        )
