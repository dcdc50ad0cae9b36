"""How long the two models of the shipped experiment take to train, beside one plain matrix inversion.

    python benchmarks/training.py                  # the synthetic catalogue
    python benchmarks/training.py --dataset PATH   # any MovieLens folder or zip
    python benchmarks/training.py --ratings 10000000 --films 10000   # made up, 125 ratings a user

EASE is in the main the inversion of a matrix of films by films; so the ratio says what the rest costs. Memory
is the most that the process had until then, the ratings included.
"""

import argparse
import functools
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from catalog import Dataset, Film, Ratings, find_dataset, split_ratings
from recommender import kind_for_catalogue, train_model

_SEED = 7
_N_INVERTED = 4_000
_RATINGS_PER_USER = 125
_FIRST_S, _YEARS_S = 1_000_000_000, 600_000_000


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--dataset", default="synthetic", help="a MovieLens folder or zip")
    parser.add_argument("--ratings", type=int, help="make up about so many, in place of a dataset")
    parser.add_argument("--films", type=int, default=10_000, help="of made-up ratings")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        dataset = (
            find_dataset(asked.dataset, folder=Path(folder), seed=_SEED).dataset
            if asked.ratings is None
            else made_up(asked.ratings, asked.films)
        )
    split = split_ratings(dataset, seed=_SEED)
    train = functools.partial(train_model, films=dataset.films, held_out=split.held_out, seed=_SEED)
    square = np.random.default_rng(_SEED).normal(size=(_N_INVERTED, _N_INVERTED)).astype(np.float32)
    newer = kind_for_catalogue(len(dataset.films))
    taken = {
        f"inversion of {_N_INVERTED:,} x {_N_INVERTED:,}": _timed(lambda: np.linalg.inv(square)),
        "older-svd": _timed(lambda: train("older-svd", "svd", ratings=split.control)),
        f"newer-{newer}": _timed(lambda: train(f"newer-{newer}", newer, ratings=split.treatment)),
    }
    plain_s = next(iter(taken.values()))[0]
    print(
        f"{dataset.name}: {len(dataset.ratings):,} ratings of {len(dataset.films):,} films by "
        f"{len(dataset.user_ids):,} users"
    )
    print(f"{'':<34}{'seconds':>10}{'CPU-s':>10}{'ratio':>10}{'peak MB':>10}")
    for name, (seconds, cpu_s, peak_mb) in taken.items():
        print(f"{name:<34}{seconds:>10.1f}{cpu_s:>10.1f}{seconds / plain_s:>10.1f}{peak_mb:>10,.0f}")


def made_up(n_ratings: int, n_films: int) -> Dataset:
    """Ratings at random of films whose popularity falls with the square root of their place."""
    rng = np.random.default_rng(_SEED)
    weights = 1 / np.sqrt(np.arange(1, n_films + 1))
    users = np.arange(n_ratings, dtype=np.int64) // _RATINGS_PER_USER + 1
    movies = rng.choice(n_films, size=n_ratings, p=weights / weights.sum()).astype(np.int64) + 1
    # A user rates a film once.
    users, movies = np.divmod(np.unique(users * (n_films + 1) + movies), n_films + 1)
    stars = rng.integers(1, 6, size=len(users)).astype(np.float32)
    times = _FIRST_S + rng.integers(0, _YEARS_S, size=len(users))
    films = tuple(Film(number, f"Film {number}", None, ()) for number in range(1, n_films + 1))
    return Dataset("made up", films, Ratings(users, movies, stars, times), digest="", is_synthetic=True)


def _timed(work: Callable[[], object]) -> tuple[float, float, float]:
    """Seconds of the wall and of the processors, and the process's greatest memory so far in MB."""
    started, cpu_started = time.perf_counter(), time.process_time()
    work()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # bytes on macOS, kilobytes elsewhere
    peak_mb = peak / (1_000_000 if sys.platform == "darwin" else 1_000)
    return time.perf_counter() - started, time.process_time() - cpu_started, peak_mb


if __name__ == "__main__":
    main()
