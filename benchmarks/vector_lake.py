"""Runs of any size in the vector engine: events kept as Parquet, by several processes, in bounded memory.

    python benchmarks/vector_lake.py                                   # half a million visitors, one process
    python benchmarks/vector_lake.py --visitors 10000000 --workers 2   # ten million, two
    python benchmarks/vector_lake.py --backend ray --workers 2         # workers of Ray, or of Dask

The lake is written into a temporary folder and deleted. CPU seconds are those of this process and of the
workers it started (of Dask and Ray, which outlive this measurement, those of this process alone, so no rate
is told for them). Slates come from a hash instead of an endpoint. With numba installed, processes that assign
more than a million visitors hash them by it.
"""

import argparse
import importlib.util
import resource
import tempfile
import threading
import time
from functools import partial
from pathlib import Path

from joblib.externals.loky import get_reusable_executor
from vector_engine import HashedModel

from catalog import split_ratings, synthetic_dataset
from experiment import DEFAULT_EXPERIMENT_TOML, Lake, LakeManifest, parse_experiment
from simulator.behaviour import Mind, Population, fit_truth
from simulator.engines import BACKENDS, PART_SIZE, LakeRun, Workers, run_vector_parts
from stats.readers import open_lake

_SEED = 7
_OUTSIDE_OPTION = 4.5  # about 7% of visitors click
_TARGET = 1_000_000


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="funflix-bench-") as folder:
        run = _run(Path(folder))
        manifest = Lake(run.folder).begin(
            LakeManifest(run_id="run", n_visitors=options.visitors, part_size=PART_SIZE)
        )
        began_s, began_cpu_s = time.perf_counter(), _cpu_s()
        run_vector_parts(
            run,
            manifest,
            workers=Workers(options.workers, options.backend),
            on_done=lambda _: None,
            stop=threading.Event(),
        )
        get_reusable_executor().shutdown(wait=True)  # its workers' seconds count once they are gone
        wall_s, cpu_s = time.perf_counter() - began_s, _cpu_s() - began_cpu_s
        n_bytes = sum(path.stat().st_size for path in run.folder.rglob("*.parquet"))
        with open_lake(run.folder) as lake:
            n_slates = int(lake.execute("SELECT count(*) AS n FROM slates").rows[0]["n"])
    fast = "with" if importlib.util.find_spec("numba") else "without"
    print(f"{options.visitors:,} visitors, {n_slates:,} slates")
    print(f"{options.workers} x {options.backend}, {fast} numba")
    print(f"wall time                    {wall_s:>14,.1f} s")
    if options.backend == "loky":
        print(f"slates per core-second       {n_slates / cpu_s:>14,.0f}  (target {_TARGET:,})")
    print(f"bytes a slate                {n_bytes / n_slates:>14,.1f}")
    print(f"peak memory of this process  {_peak_mb(resource.RUSAGE_SELF):>14,.0f} MB")
    print(f"  largest of the workers     {_peak_mb(resource.RUSAGE_CHILDREN):>14,.0f} MB")


def _run(folder: Path) -> LakeRun:
    dataset, population = synthetic_dataset(seed=_SEED), Population()
    truth = fit_truth(dataset.films, split_ratings(dataset, seed=_SEED).held_out, population, seed=_SEED)
    experiment = parse_experiment(DEFAULT_EXPERIMENT_TOML)
    movie_ids = tuple(film.movie_id for film in dataset.films)
    models = {variant.name: HashedModel(variant.model, movie_ids) for variant in experiment.variants}
    mind = Mind(population, truth, seed=_SEED, outside_option=_OUTSIDE_OPTION)
    return LakeRun("run", experiment, mind, partial(dict, models), folder / "lake")


def _cpu_s() -> float:
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def _peak_mb(who: int) -> float:
    return resource.getrusage(who).ru_maxrss / 1024


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--visitors", type=int, default=500_000)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--backend", choices=BACKENDS, default="loky")
    return parser.parse_args()


if __name__ == "__main__":
    main()
