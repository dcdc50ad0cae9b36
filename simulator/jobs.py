"""What a caller hands to an engine, and what it gets back; the same for every engine."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from simulator.behaviour import BehaviourError, Visitor
from simulator.errors import VisitError
from simulator.instruments import PERFECT_INSTRUMENTS, EventLabel, InstrumentedPages, VisitInstruments
from simulator.visit import Brain, VisitorPages, run_visit

VisitStatus = Literal["done", "failed"]


@dataclass(frozen=True, slots=True)
class VisitJob:
    """One visit to make: a visitor, and which try this is.

    Args:
        visitor: who visits; decides everything that happens in the visit.
        attempt: 1 for the first try; a visitor retried after a failure comes back under the next number.
            Decisions do not depend on it.
        instruments: how the visit is recorded. Decisions do not depend on it either.
    """

    visitor: Visitor
    attempt: int
    instruments: VisitInstruments = PERFECT_INSTRUMENTS


@dataclass(frozen=True, slots=True)
class VisitResult:
    """How one visit ended.

    Args:
        visitor_id: the visitor of the job.
        attempt: the attempt of the job.
        status: `done`, or `failed` when the site or the engine broke off the visit.
        error: one line that says why a failed visit failed; None for a done one.
        n_clicks: recommended films clicked, on any surface.
        n_plays: films played.
        seconds: real time the visit took.
        labels: what its instruments truly did.
    """

    visitor_id: str
    attempt: int
    status: VisitStatus
    error: str | None
    n_clicks: int
    n_plays: int
    seconds: float
    labels: tuple[EventLabel, ...] = ()


class VisitEngine(Protocol):
    """The one signature of all engines: make the visits, report each as it ends, return when all are over.

    `ticket_for` signs the ticket with which the visitor of a job enters the site. `on_done` is called from
    one thread at a time, once for every job that was begun. Once `stop` is set no new visit begins; jobs
    never begun are not reported. A failed visit is reported, never retried here: the caller retries it
    under a new attempt.
    """

    def __call__(
        self,
        jobs: Sequence[VisitJob],
        *,
        site_url: str,
        brain: Brain,
        ticket_for: Callable[[VisitJob], str],
        n_workers: int,
        on_done: Callable[[VisitResult], None],
        stop: threading.Event,
    ) -> None:
        """Make all visits of `jobs`."""


def make_visit(job: VisitJob, brain: Brain, pages: VisitorPages, ticket: str) -> VisitResult:
    """Make one visit; a site that breaks it off gives a failed result, an error in our code is raised."""
    started_s = time.monotonic()
    recorded = InstrumentedPages(pages, job.visitor, job.instruments)
    try:
        record = run_visit(job.visitor, brain, recorded, ticket)
    except (VisitError, BehaviourError) as error:
        seconds = time.monotonic() - started_s
        return VisitResult(job.visitor.visitor_id, job.attempt, "failed", str(error), 0, 0, seconds)
    return VisitResult(
        visitor_id=job.visitor.visitor_id,
        attempt=job.attempt,
        status="done",
        error=None,
        n_clicks=len(record.clicks),
        n_plays=len(record.plays),
        seconds=time.monotonic() - started_s,
        labels=tuple(recorded.labels),
    )
