"""The vector engine for runs of any size: visitors drawn part by part, each part stored as files of a lake.

A part depends on nothing but the run and its number. So parts are made in any order, in any process, and
memory is that of the parts being made, however many visitors come.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from experiment import Experiment, Lake, LakeManifest
from recommender_client import RecommenderClient
from simulator.behaviour import Mind, Visitors, draw_visitors
from simulator.engines.vector import CHUNK, VectorEngine, VectorRun
from simulator.engines.vector_events import roll_of
from simulator.engines.vector_instruments import recorded_events
from simulator.engines.vector_lake import lake_tables_of
from simulator.engines.vector_slates import HomeAnswers

# Visitors of one part: enough that its files are worth opening, few enough that a killed run loses little.
PART_SIZE = 8 * CHUNK


@dataclass(frozen=True, slots=True, eq=False)
class LakeRun:
    """What the visits of one run depend on, and where their events go; can be sent to other processes.

    Args:
        run_id: its name in the event log.
        experiment: what is tested; says who gets which arm.
        mind: decides for the visitors, who are of its population and seed.
        make_clients: makes the client of each variant, in every process anew.
        folder: of the lake; the same for all processes.
        popular: films that the holdout is shown, in order; needed only where there is a holdout.
        n_ratings: of each user of the ratings data, by user id.
        stock: what has been asked for; `stocked` fills it.
    """

    run_id: str
    experiment: Experiment
    mind: Mind
    make_clients: Callable[[], Mapping[str, RecommenderClient]]
    folder: Path
    popular: Sequence[int] = ()
    n_ratings: Mapping[int, int] = field(default_factory=dict)
    stock: "Stock | None" = None


@dataclass(frozen=True, slots=True, eq=False)
class Stock:
    """What is known before the first visit, and the same for all parts.

    Args:
        guests: as few visitors as have every user and every taste that come.
        answers: their home slates.
    """

    guests: Visitors
    answers: HomeAnswers


def stocked(run: LakeRun, manifest: LakeManifest) -> LakeRun:
    """The run, once all home slates of its visitors have been asked for.

    Raises:
        RecommenderClientError: an endpoint gives no usable answer.
    """
    guests = _guests(run.mind, manifest)
    return replace(run, stock=Stock(guests, _engine(run, guests).shelf.answers))


def make_part(run: LakeRun, manifest: LakeManifest, part: int) -> int:
    """Make the visits of one part and store them in the lake; how many they are.

    Raises:
        RecommenderClientError: an endpoint gives no usable answer; nothing of the part is done.
        EventLogError: the lake cannot be written; nothing of the part is done.
    """
    engine = _ENGINES.of(run)
    indexes = manifest.visitors_of(part)
    visitors = _draw(run.mind, indexes.start, indexes.stop)
    roll = roll_of(run.run_id, visitors, n_ratings=run.n_ratings)
    # All at once: of many small tables, most of the time goes into their number.
    walk = engine.walk(visitors, roll)
    Lake(run.folder).write(
        part, recorded_events(walk, roll, engine.shelf, run.mind, tables_of=lake_tables_of)
    )
    return len(indexes)


class _Engines:
    """The engine of the run that this process works for: what it has learnt of tastes serves later parts."""

    def __init__(self) -> None:
        self._key: tuple[str, Path] | None = None
        self._engine: VectorEngine | None = None

    def of(self, run: LakeRun) -> VectorEngine:
        key = (run.run_id, run.folder)
        if self._engine is None or self._key != key:
            assert run.stock is not None, "`stocked` comes before the first part"
            self._key, self._engine = key, _engine(run, run.stock.guests, run.stock.answers)
        return self._engine


_ENGINES = _Engines()


def _engine(run: LakeRun, guests: Visitors, answers: HomeAnswers | None = None) -> VectorEngine:
    in_process = VectorRun(
        run.run_id, run.experiment, run.mind, run.make_clients(), run.popular, run.n_ratings
    )
    return VectorEngine(guests, in_process, answers=answers)


def _guests(mind: Mind, manifest: LakeManifest) -> Visitors:
    """As few visitors as have every user and every taste that come in the run."""
    users, tastes = np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    for part in range(manifest.n_parts):
        indexes = manifest.visitors_of(part)
        visitors = _draw(mind, indexes.start, indexes.stop)
        users = np.union1d(users, visitors.user_id)
        tastes = np.union1d(tastes, visitors.taste_user_id)
    n_guests = max(len(users), len(tastes))
    some = _draw(mind, 0, n_guests)
    return replace(some, user_id=np.resize(users, n_guests), taste_user_id=np.resize(tastes, n_guests))


def _draw(mind: Mind, start: int, stop: int) -> Visitors:
    return draw_visitors(
        mind.population, mind.truth, n_visitors=stop - start, seed=mind.seed, first_index=start
    )
