"""Load a dataset from a folder or a zip in any layout of MovieLens."""

from pathlib import Path

import numpy as np

from catalog._films_files import read_films
from catalog._layouts import find_layout
from catalog._links_files import read_tmdb_ids
from catalog._ratings_files import read_ratings
from catalog._sources import open_source
from catalog.dataset import Dataset, make_dataset


def load_dataset(path: Path) -> Dataset:
    """Load films and ratings from a folder or zip, and check every line of them.

    The layouts are those of ml-latest, ml-20m and ml-25m (csv with a header), ml-100k (u.item, u.data) and
    ml-1m (`::`); the files may lie at the top or in one folder. A zip is read in place. The dataset is named
    for the path.

    Raises:
        DatasetNotFoundError: nothing is there, or no layout we know.
        ArchiveError: the zip is cut short, is a web page, or has unsafe entries.
        DatasetError: a file breaks a rule; the message names file, line, value and the way out.
    """
    with open_source(path) as source:
        place = find_layout(source)
        films = read_films(source, place)
        film_ids = np.array([film.movie_id for film in films], dtype=np.int64)
        ratings = read_ratings(source, place, film_ids)
        tmdb_ids = read_tmdb_ids(source, place)
    resolved = path.resolve()
    return make_dataset(resolved.name.removesuffix(".zip"), films, ratings, tmdb_ids=tmdb_ids)
