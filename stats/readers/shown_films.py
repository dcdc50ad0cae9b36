"""What films the arms were shown: asked of `shown_slates`, which has been made, and of the impressions.

SQLite would sort every impression to count the films of each group of visitors. It hands over the films of a
group as one text instead, and they are counted as an array; DuckDB counts by itself.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from stats.details import ShownFilms
from stats.means import MeanArm
from stats.readers.lake import LakeLog

Integers = npt.NDArray[np.int64]

_HOME_SLATES: Final = (
    "CREATE TEMP TABLE home_slates AS "
    "SELECT variant, visitor % 20 AS part, slate_id FROM shown_slates WHERE is_home"
)
_BY_PART: Final = "CREATE INDEX temp.home_slates_by_part ON home_slates (variant, part, slate_id)"
_FILMS_OF_PARTS: Final = """
SELECT s.variant, s.part, group_concat(i.movie_id) AS films
FROM home_slates AS s CROSS JOIN impressions AS i ON i.slate_id = s.slate_id GROUP BY 1, 2"""
_COUNTED: Final = """CREATE TEMP TABLE shown_films AS
    SELECT s.variant, s.part, i.movie_id, count(*) AS n
    FROM home_slates AS s JOIN impressions AS i ON i.slate_id = s.slate_id GROUP BY 1, 2, 3"""
_GROUPS: Final = """
SELECT variant, part, count(*) AS n_films, sum(n) AS n, sum(n * n) AS squares
FROM shown_films GROUP BY 1, 2"""
_FILMS: Final = "SELECT variant, movie_id, sum(n) AS n FROM shown_films GROUP BY 1, 2"


def read_shown(connection: sqlite3.Connection | LakeLog) -> dict[str, ShownFilms]:
    """Return the films of each variant's home slates; none where none was served.

    Args:
        connection: an event log, or a lake that is asked in the same way; rows are addressed by name.
    """
    connection.execute(_HOME_SLATES)
    if isinstance(connection, sqlite3.Connection):
        return _counted_here(connection)
    return _counted_there(connection)


def _counted_here(connection: sqlite3.Connection) -> dict[str, ShownFilms]:
    connection.execute(_BY_PART)
    groups: dict[str, list[tuple[Integers, Integers]]] = defaultdict(list)
    for row in connection.execute(_FILMS_OF_PARTS):  # one text at a time
        films = np.fromstring(row["films"], dtype=np.int64, sep=",")
        groups[row["variant"]].append(np.unique(films, return_counts=True))
    found = {}
    for variant, parts in groups.items():
        films, places = np.unique(np.concatenate([part[0] for part in parts]), return_inverse=True)
        counts = np.zeros(len(films), dtype=np.int64)
        np.add.at(counts, places, np.concatenate([part[1] for part in parts]))
        coverage = [len(part[0]) for part in parts]
        diversity = [_effective(part[1]) for part in parts]
        found[variant] = _shown(variant, counts, coverage, diversity)
    return found


def _counted_there(connection: LakeLog) -> dict[str, ShownFilms]:
    connection.execute(_COUNTED)
    coverage: dict[str, list[float]] = defaultdict(list)
    diversity: dict[str, list[float]] = defaultdict(list)
    for row in connection.execute(_GROUPS):
        coverage[row["variant"]].append(row["n_films"])
        diversity[row["variant"]].append(int(row["n"]) ** 2 / int(row["squares"]))
    counts: dict[str, list[int]] = defaultdict(list)
    for row in connection.execute(_FILMS):
        counts[row["variant"]].append(int(row["n"]))
    return {
        variant: _shown(variant, np.array(of_films), coverage[variant], diversity[variant])
        for variant, of_films in counts.items()
    }


def _shown(
    variant: str, counts: Integers, coverage: Sequence[float], diversity: Sequence[float]
) -> ShownFilms:
    n, n_films = int(counts.sum()), len(counts)
    ranks = int(np.arange(1, n_films + 1) @ np.sort(counts))
    return ShownFilms(
        n_impressions=n,
        n_films=n_films,
        # Of sorted counts: twice the sum of place times count / (films * sum), less (films + 1) / films.
        gini=max(0.0, 2 * ranks / (n_films * n) - (n_films + 1) / n_films),
        effective_films=_effective(counts),
        coverage=MeanArm.from_visitors(variant, coverage),
        diversity=MeanArm.from_visitors(variant, diversity),
    )


def _effective(counts: Integers) -> float:
    """So many films shown equally often would be as diverse."""
    return int(counts.sum()) ** 2 / int(counts @ counts)
