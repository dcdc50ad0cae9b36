"""The file layouts of MovieLens, and where in a folder or zip they lie."""

from dataclasses import dataclass
from pathlib import Path

from catalog._sources import Source
from catalog.errors import DatasetNotFoundError


@dataclass(frozen=True, slots=True)
class Layout:
    """One way in which films and ratings are written to files.

    `separator` divides the columns of the ratings; `has_header` says that both files name their columns in
    line 1; `lowest` is the least number of stars that can be given (the most is 5).
    """

    name: str
    films_file: str
    ratings_file: str
    separator: str
    has_header: bool
    lowest: float


CSV = Layout("ml-latest, ml-20m, ml-25m", "movies.csv", "ratings.csv", ",", has_header=True, lowest=0.5)
PIPES = Layout("ml-100k", "u.item", "u.data", "\t", has_header=False, lowest=1.0)
COLONS = Layout("ml-1m", "movies.dat", "ratings.dat", "::", has_header=False, lowest=1.0)
GENRES_FILE = "u.genre"  # of ml-100k
LINKS_FILE = "links.csv"  # of the layouts with csv
LAYOUTS = (CSV, PIPES, COLONS)

# What unpacking keeps: ml-25m has another gigabyte that nobody here reads.
DATASET_FILES = frozenset(
    {name for layout in LAYOUTS for name in (layout.films_file, layout.ratings_file)}
    | {GENRES_FILE, LINKS_FILE, "README", "README.txt"}
)

RATINGS_COLUMNS = ("userId", "movieId", "rating", "timestamp")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a dataset lies in its source: its layout, and the folder its files are in ("" or "ml-1m/")."""

    layout: Layout
    folder: str


def find_layout(source: Source) -> Place:
    """Find which layout a folder or zip holds, at its top or within one folder further down.

    Raises:
        DatasetNotFoundError: none of the known file names, one without the other, or several datasets.
    """
    places = [
        Place(layout, name.removesuffix(layout.ratings_file))
        for layout in LAYOUTS
        for name in source.names
        if _is_file_of(name, layout.ratings_file)
    ]
    if not places:
        known = "; ".join(
            f"{layout.films_file} and {layout.ratings_file} ({layout.name})" for layout in LAYOUTS
        )
        raise DatasetNotFoundError(
            f"{source.path} holds no MovieLens files; give a folder or zip with {known}"
        )
    depth = min(place.folder.count("/") for place in places)
    shallowest = [place for place in places if place.folder.count("/") == depth]
    if len(shallowest) > 1:
        found = ", ".join(f"{place.folder}{place.layout.ratings_file}" for place in shallowest)
        raise DatasetNotFoundError(
            f"{source.path} holds several datasets ({found}); give the folder of just one"
        )
    place = shallowest[0]
    films_file = f"{place.folder}{place.layout.films_file}"
    if films_file not in source.names:
        raise DatasetNotFoundError(
            f"{source.path} has {place.layout.ratings_file} but no {films_file}; "
            "ratings need the films they are for"
        )
    return place


def _is_file_of(name: str, file_name: str) -> bool:
    # macOS adds a shadow folder to zips it makes.
    return Path(name).name == file_name and not name.startswith("__MACOSX/")
