"""How many slates a core shows a second in the vector engine, and what keeping their events costs.

    python benchmarks/vector_engine.py                     # the synthetic catalogue
    python benchmarks/vector_engine.py --dataset PATH      # any MovieLens folder or zip
    python benchmarks/vector_engine.py --visitors 1000000  # more, in the same memory

Each row of visits does all that the first of them does, and more. The plain choice is what a notebook would
do: worth of six films given, Gumbel noise of a NumPy generator, an argmax; it knows no visitor or event. All
are measured in turn, in CPU seconds of one thread, several rounds; the table shows each one's best, for on a
shared machine the others only measure the neighbours. Slates come from a hash instead of an endpoint, as
asking is done once for all visitors of a user.
"""

import argparse
import hashlib
import resource
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from catalog import Dataset, load_dataset, split_ratings, synthetic_dataset
from experiment import DEFAULT_EXPERIMENT_TOML, BulkLog, EventLog, Lake, LakeManifest, parse_experiment
from recommender_client import Feedback, Recommendation, RecommendationRequest
from simulator.behaviour import Mind, Population, Visitors, draw_visitors, fit_truth
from simulator.engines.vector import VectorEngine, VectorRun
from simulator.engines.vector_events import Roll, events_of, roll_of
from simulator.engines.vector_lake import lake_tables_of
from simulator.engines.vector_parts import PART_SIZE
from simulator.engines.vector_walk import Walk

_SEED = 7
_CHUNK = 32_768
_SLATE_SIZE = 6
_TARGET = 1_000_000
_OUTSIDE_OPTION = 4.5  # about 7% of visitors click


@dataclass(frozen=True)
class HashedModel:
    """A model whose slate is a hash of its name, the user and the film."""

    name: str
    movie_ids: Sequence[int]

    def recommend(self, request: RecommendationRequest) -> Recommendation:
        """One slate."""
        key = f"{self.name}:{request.user_id}:{request.movie_id}".encode()
        start = int.from_bytes(hashlib.sha256(key).digest()[:4], "big")
        places = [(start + 7 * step) % len(self.movie_ids) for step in range(request.n_films + 1)]
        films = [self.movie_ids[place] for place in places if self.movie_ids[place] != request.movie_id]
        return Recommendation(tuple(films[: request.n_films]), None, self.name, "v1", True, {}, "", 0.1)

    def recommend_many(self, requests: Sequence[RecommendationRequest]) -> list[Recommendation]:
        """Several slates."""
        return [self.recommend(request) for request in requests]

    def send_feedback(self, feedback: Feedback) -> None:
        """Learn nothing."""

    def is_ready(self) -> bool:
        """Always."""
        return True


@dataclass(frozen=True)
class Bench:
    """Visitors in chunks, and the engine that makes their visits."""

    engine: VectorEngine
    visitors: Visitors

    def walks(self, size: int = _CHUNK) -> Iterator[tuple[Walk, Roll]]:
        """All visits, so many visitors at a time: every slate, view, click and play as columns."""
        for start in range(0, len(self.visitors), size):
            chunk = self.visitors[start : start + size]
            roll = roll_of("run", chunk)
            yield self.engine.walk(chunk, roll), roll


def main() -> None:
    options = _options()
    bench = _bench(options)
    with tempfile.TemporaryDirectory() as folder:
        contestants: dict[str, Callable[[], int]] = {
            "plain NumPy MNL choice alone": lambda: _choose(options.visitors),
            "visits, events kept as columns": lambda: sum(_n_slates(walk) for walk, _ in bench.walks()),
            "  + stored as Parquet (a lake)": lambda: _keep(bench, Path(folder)),
            "  + events as rows of the log": lambda: _rows(bench),
            "  + stored in the event log (SQLite)": lambda: _store(bench, Path(folder)),
        }
        rates = _rates(contestants, options.rounds)
    plain = next(iter(rates.values()))
    print(f"{options.visitors:,} visitors in chunks of {_CHUNK:,}, best of {options.rounds} rounds\n")
    print(f"{'':<40}{'slates per core-second':>24}{'of plain':>12}")
    for name, rate in rates.items():
        print(f"{name:<40}{rate:>24,.0f}{rate / plain:>12.1%}")
    print(f"{'target':<40}{_TARGET:>24,}{_TARGET / plain:>12.1%}")
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\npeak memory of all of this: {peak_mb:,.0f} MB")


def _bench(options: argparse.Namespace) -> Bench:
    dataset: Dataset = (
        synthetic_dataset(seed=_SEED)
        if options.dataset == "synthetic"
        else load_dataset(Path(options.dataset))
    )
    population = Population()
    held_out = split_ratings(dataset, seed=_SEED).held_out
    truth = fit_truth(dataset.films, held_out, population, seed=_SEED)
    visitors = draw_visitors(population, truth, n_visitors=options.visitors, seed=_SEED)
    experiment = parse_experiment(DEFAULT_EXPERIMENT_TOML)
    movie_ids = [film.movie_id for film in dataset.films]
    clients = {variant.name: HashedModel(variant.model, movie_ids) for variant in experiment.variants}
    mind = Mind(population, truth, seed=_SEED, outside_option=_OUTSIDE_OPTION)
    return Bench(VectorEngine(visitors, VectorRun("run", experiment, mind, clients)), visitors)


def _rates(contestants: dict[str, Callable[[], int]], n_rounds: int) -> dict[str, float]:
    best = dict.fromkeys(contestants, 0.0)
    for number in range(n_rounds + 1):  # the first round only warms up
        for name, run in contestants.items():
            began_s = time.process_time()
            n_slates = run()
            if number:
                best[name] = max(best[name], n_slates / (time.process_time() - began_s))
    return best


def _choose(n_visitors: int) -> int:
    rng = np.random.default_rng(_SEED)
    worth = rng.normal(size=(_CHUNK, _SLATE_SIZE + 1))
    for start in range(0, n_visitors, _CHUNK):
        rows = worth[: min(_CHUNK, n_visitors - start)]
        np.argmax(rows + rng.gumbel(size=rows.shape), axis=1)
    return n_visitors


def _n_slates(walk: Walk) -> int:
    return sum(len(page.places) for page in walk.pages)


def _keep(bench: Bench, folder: Path) -> int:
    lake = Lake(folder / "lake")
    lake.begin(LakeManifest(run_id="run", n_visitors=len(bench.visitors), part_size=PART_SIZE))
    n_slates = 0
    for part, (walk, roll) in enumerate(bench.walks(PART_SIZE)):
        lake.write(part, lake_tables_of(walk, roll, bench.engine.shelf))
        n_slates += _n_slates(walk)
    return n_slates


def _rows(bench: Bench) -> int:
    n_slates = 0
    for walk, roll in bench.walks():
        for table in events_of(walk, roll, bench.engine.shelf):
            for _ in table.rows(0):
                pass
        n_slates += _n_slates(walk)
    return n_slates


def _store(bench: Bench, folder: Path) -> int:
    path = folder / "events.db"
    for leftover in folder.glob("events.db*"):
        leftover.unlink()
    EventLog.open(path).close()
    n_slates = 0
    with BulkLog(path) as log:
        for walk, roll in bench.walks():
            log.record(events_of(walk, roll, bench.engine.shelf))
            n_slates += _n_slates(walk)
    return n_slates


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dataset", default="synthetic", help="a MovieLens folder or zip; or synthetic")
    parser.add_argument("--visitors", type=int, default=PART_SIZE, help="visitors of one measurement")
    parser.add_argument("--rounds", type=int, default=3, help="measurements of each")
    return parser.parse_args()


if __name__ == "__main__":
    main()
