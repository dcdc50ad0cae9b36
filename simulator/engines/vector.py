"""The vector engine: whole visits of many visitors at once, without a site.

Slates are asked of the model endpoints in batches, every decision is taken over arrays, and the event log
gets the rows that the same visits leave through the site. Visits are made in chunks; a chunk is stored in one
transaction with its lines of the ledger, so a run that is killed goes on with the next chunk.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from experiment import EventTable, Experiment, assign_request, assign_texts
from recommender_client import RecommenderClient
from simulator.behaviour import Mind, Visitors
from simulator.engines.vector_events import Roll, roll_of
from simulator.engines.vector_instruments import recorded_events
from simulator.engines.vector_slates import HomeAnswers, Integers, SlateShelf
from simulator.engines.vector_thoughts import HomeThoughts
from simulator.engines.vector_walk import ArmsOf, Walk, walk

# Larger chunks decide and store no faster; smaller ones keep memory small, and what a killed run loses.
CHUNK = 16_384


@dataclass(frozen=True, slots=True, eq=False)
class VectorRun:
    """What the visits of one run depend on.

    Args:
        run_id: its name in the event log.
        experiment: what is tested; says who gets which arm.
        mind: decides for the visitors.
        clients: asks the endpoint of each variant, by the variant's name; give them a time limit that fits a
            batch of 100, and the films of the catalogue.
        popular: films that the holdout is shown, in order; needed only where there is a holdout.
        n_ratings: of each user of the ratings data, by user id; goes into the log with the visitor.
    """

    run_id: str
    experiment: Experiment
    mind: Mind
    clients: Mapping[str, RecommenderClient]
    popular: Sequence[int] = ()
    n_ratings: Mapping[int, int] = field(default_factory=dict)


def run_vector_visits(
    visitors: Visitors,
    run: VectorRun,
    *,
    attempts: Mapping[str, int],
    record: Callable[[Sequence[EventTable]], object],
    on_done: Callable[[int], None],
    stop: threading.Event,
    chunk_size: int = CHUNK,
) -> None:
    """Make the visits of all visitors.

    Args:
        visitors: who visits, in this order.
        run: the run they belong to.
        attempts: which try the visit of a visitor is, by id; 1 for those not named.
        record: stores the events of a chunk, all or none.
        on_done: told after each chunk how many visits it had.
        stop: once set, no new chunk begins.
        chunk_size: visitors of a chunk; memory grows with it.

    Raises:
        RecommenderClientError: an endpoint gives no usable answer; nothing of the chunk is stored.
        UnknownFilmError: a slate shows a film that the truth does not know.
    """
    engine = VectorEngine(visitors, run)
    for start in range(0, len(visitors), chunk_size):
        if stop.is_set():
            return
        chunk = visitors[start : start + chunk_size]
        roll = roll_of(run.run_id, chunk, attempts=attempts, n_ratings=run.n_ratings)
        record(recorded_events(engine.walk(chunk, roll), roll, engine.shelf, run.mind))
        on_done(len(chunk))


class VectorEngine:
    """Makes visits of one run; what is learnt of slates and tastes serves all chunks.

    Args:
        visitors: all who may come.
        run: the run they belong to.
        answers: their home slates, where they have been asked for before.
    """

    def __init__(self, visitors: Visitors, run: VectorRun, *, answers: HomeAnswers | None = None) -> None:
        self.shelf = SlateShelf(
            run.experiment, run.clients, popular=run.popular, user_ids=visitors.user_id, answers=answers
        )
        self._run = run
        self._thoughts = HomeThoughts(
            run.mind.truth, self.shelf.home, visitors, n_arms=len(self.shelf.arm_names)
        )

    def walk(self, visitors: Visitors, roll: Roll) -> Walk:
        """The whole visits of these visitors, who are called so."""
        return walk(
            visitors,
            mind=self._run.mind,
            shelf=self.shelf,
            thoughts=self._thoughts,
            arms_of=self._arms_of(roll),
        )

    def _arms_of(self, roll: Roll) -> ArmsOf:
        experiment = self._run.experiment
        if experiment.assignment == "visitor":
            arms = assign_texts(experiment, roll.names)
            return lambda places, _steps, _surface: arms[places]

        place_of = {name: arm for arm, name in enumerate(self.shelf.arm_names)}

        def arms_of_requests(places: Integers, steps: Integers, surface: str) -> Integers:
            requests = zip(
                *(
                    texts.astype(np.str_).tolist()
                    for texts in (roll.names[places], roll.ids(places, steps, surface))
                ),
                strict=True,
            )
            names = [assign_request(experiment, *request).variant for request in requests]
            return np.array([place_of[name] for name in names], dtype=np.int64)

        return arms_of_requests
