"""How long one search of the site takes, beside a plain scan of all titles for the same words.

    python benchmarks/search.py                 # 10,000 made-up films
    python benchmarks/search.py --films 60000   # as many as ml-25m has

Half of the queries are misspelt; the plain scan finds only those that are not.
"""

import argparse
import time
from collections.abc import Callable, Sequence

import numpy as np

from catalog import Film
from website.film_index import index_films

_SEED = 20_260_105
_N_QUERIES = 400


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--films", type=int, default=10_000, help="films of the catalogue")
    n_films = parser.parse_args().films
    rng = np.random.default_rng(_SEED)
    titles = _titles(n_films, rng)
    films = [Film(number, title, 2000, ("Drama",)) for number, title in enumerate(titles)]
    started = time.perf_counter()
    index = index_films(films, rng.integers(0, 500, n_films))
    print(f"{n_films:,} films, indexed in {time.perf_counter() - started:.2f} s; CPU ms a query:")
    asked = [titles[number] for number in rng.integers(0, n_films, _N_QUERIES)]
    queries = [title if number % 2 else title[1:] for number, title in enumerate(asked)]
    plain = _cpu_ms(lambda query: [title for title in titles if query.lower() in title.lower()], queries)
    search = _cpu_ms(lambda query: index.search(query).movie_ids, queries)
    print(f"{'':<20}{'median':>8}{'p95':>8}{'ratio of medians':>20}")
    for name, taken in (("plain scan", plain), ("the site's search", search)):
        median, p95 = np.percentile(taken, [50, 95])
        print(f"{name:<20}{median:>8.2f}{p95:>8.2f}{median / np.median(plain):>20.2f}")


def _titles(count: int, rng: np.random.Generator) -> list[str]:
    syllables = [first + vowel + last for first in "bcdfglmnprst" for vowel in "aeiou" for last in "lnrst"]
    return [" ".join("".join(rng.choice(syllables, 2)) for _ in range(3)) for _ in range(count)]


def _cpu_ms(search: Callable[[str], object], queries: Sequence[str]) -> list[float]:
    taken = []
    for query in queries:
        started = time.thread_time()
        search(query)
        taken.append(1000 * (time.thread_time() - started))
    return taken


if __name__ == "__main__":
    main()
