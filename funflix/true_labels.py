"""What simulated visits truly were: as rows of the event log, and what they say of the site's record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from experiment import EventLabelled, VisitorLabelled
from funflix.progress import say
from simulator.behaviour.instrumentation import have_ad_block, leaves_labels
from stats import label_score_in_words, read_label_score

if TYPE_CHECKING:
    from collections.abc import Iterator

    from funflix.workspace import Workspace
    from simulator.behaviour import Population
    from simulator.jobs import VisitJob, VisitResult


def visitor_labels(population: Population, job: VisitJob, run_id: str) -> Iterator[VisitorLabelled]:
    """What the visitor of a job truly is, where the population has anything that the site's record hides."""
    if leaves_labels(population):
        visitor, instruments = job.visitor, job.instruments
        is_blocked = have_ad_block(instruments.settings, seed=instruments.seed, visitor_index=visitor.index)
        yield VisitorLabelled(
            run_id=run_id,
            visitor_id=visitor.visitor_id,
            attempt=job.attempt,
            simulated_at=visitor.arrival_ms,
            persona=visitor.persona,
            person_index=visitor.index if visitor.person_index is None else visitor.person_index,
            is_bot=instruments.is_bot,
            has_ad_block=bool(is_blocked),
        )


def event_labels(result: VisitResult, run_id: str) -> Iterator[EventLabelled]:
    """What truly happened to the events of a visit that is over."""
    for label in result.labels:
        yield EventLabelled(
            run_id=run_id,
            visitor_id=result.visitor_id,
            attempt=result.attempt,
            simulated_at=label.at_ms,
            label=label.label,
            slate_id=label.slate_id,
            position=label.position,
        )


def say_label_score(workspace: Workspace, run_id: str) -> None:
    """Say how the record of a run compares with the truth about it, where labels of it were left."""
    score = read_label_score(workspace.events, run_id)
    for line in label_score_in_words(score) if score else ():
        say(line)
