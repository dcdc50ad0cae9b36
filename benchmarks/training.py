"""How long the two models of the shipped experiment take to train, beside one plain matrix inversion.

    python benchmarks/training.py                  # the synthetic catalogue
    python benchmarks/training.py --dataset PATH   # any MovieLens folder or zip

EASE is in the main the inversion of a matrix of films by films; so the ratio says what the rest costs.
"""

import argparse
import functools
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from catalog import find_dataset, split_ratings
from recommender import train_model

_SEED = 7
_N_INVERTED = 4_000


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--dataset", default="synthetic", help="a MovieLens folder or zip")
    with tempfile.TemporaryDirectory() as folder:
        dataset = find_dataset(parser.parse_args().dataset, folder=Path(folder), seed=_SEED).dataset
    split = split_ratings(dataset, seed=_SEED)
    train = functools.partial(train_model, films=dataset.films, held_out=split.held_out, seed=_SEED)
    square = np.random.default_rng(_SEED).normal(size=(_N_INVERTED, _N_INVERTED)).astype(np.float32)
    taken = {
        f"inversion of {_N_INVERTED:,} x {_N_INVERTED:,}": _timed(lambda: np.linalg.inv(square)),
        "older-svd": _timed(lambda: train("older-svd", "svd", ratings=split.control)),
        "newer-ease": _timed(lambda: train("newer-ease", "ease", ratings=split.treatment)),
    }
    plain_s, _ = next(iter(taken.values()))
    print(f"{dataset.name}: {len(dataset.ratings):,} ratings of {len(dataset.films):,} films")
    print(f"{'':<34}{'seconds':>10}{'CPU-s':>10}{'ratio':>10}")
    for name, (seconds, cpu_s) in taken.items():
        print(f"{name:<34}{seconds:>10.1f}{cpu_s:>10.1f}{seconds / plain_s:>10.1f}")


def _timed(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds of the wall and of the processors."""
    started, cpu_started = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - started, time.process_time() - cpu_started


if __name__ == "__main__":
    main()
