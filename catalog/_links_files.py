"""`links.csv` of MovieLens: the ids that its films have at TMDB, where somebody wants real posters."""

import csv
import io

from catalog._layouts import CSV, LINKS_FILE, Place
from catalog._sources import Source
from catalog.dataset import MAX_ID
from catalog.errors import DatasetError

_FILM, _TMDB = "movieId", "tmdbId"


def read_tmdb_ids(source: Source, place: Place) -> dict[int, int]:
    """TMDB's id of each film that has one, by `movie_id`; empty where the layout or the dataset has none.

    Raises:
        DatasetError: a line holds something else than whole numbers; names file, line and value.
    """
    name = f"{place.folder}{LINKS_FILE}"
    if place.layout is not CSV or name not in source.names:
        return {}
    with source.open(name) as file:
        reader = csv.DictReader(io.TextIOWrapper(file, encoding="utf-8-sig", errors="replace", newline=""))
        if not {_FILM, _TMDB} <= set(reader.fieldnames or ()):
            raise DatasetError(f"{source.path}: {name} must name the columns {_FILM} and {_TMDB} in line 1")
        found = {}
        for row in reader:
            film, tmdb = row[_FILM] or "", row[_TMDB] or ""
            if not (_is_id(film) and (_is_id(tmdb) or not tmdb)):
                raise DatasetError(
                    f"{source.path}: {name}, line {reader.line_num}: {_FILM} {film!r} and {_TMDB} {tmdb!r} "
                    f"must be whole numbers from 0 to {MAX_ID}, or the second empty; delete the file to do "
                    "without"
                )
            if tmdb:
                found[int(film)] = int(tmdb)
    return found


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and int(text) <= MAX_ID
