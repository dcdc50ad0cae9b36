"""Film files of the three layouts, read line by line: they are short, and a fault should name its line."""

import csv
import io
import re
from collections.abc import Iterator, Mapping

from catalog._layouts import COLONS, CSV, GENRES_FILE, PIPES, Layout, Place
from catalog._sources import Source
from catalog.dataset import MAX_ID, Film
from catalog.errors import DatasetError
from catalog.titles import parse_title

_CSV_COLUMNS = ("movieId", "title", "genres")
# A line of u.item: id, title, release date, video release date, address, then a 0 or 1 for each genre of
# u.genre.
_N_FIELDS_BEFORE_FLAGS = 5
_FLAG_GENRES = (
    *("unknown", "Action", "Adventure", "Animation", "Children's", "Comedy", "Crime", "Documentary", "Drama"),
    *(
        "Fantasy",
        "Film-Noir",
        "Horror",
        "Musical",
        "Mystery",
        "Romance",
        "Sci-Fi",
        "Thriller",
        "War",
        "Western",
    ),
)
_NO_GENRE = frozenset({"", "(no genres listed)", "unknown"})
_CONTROL_CHARACTER = re.compile(r"[\x00-\x1f\x7f]")

_Row = tuple[int, list[str]]  # line number, fields


class _LineError(ValueError):
    """What is wrong with one line; `read_films` adds which file it is in."""

    def __init__(self, line: int, fault: str) -> None:
        super().__init__(f"line {line}: {fault}")


def read_films(source: Source, place: Place) -> tuple[Film, ...]:
    """Read the films of a dataset, in the order of the file.

    A film may lack a year (None) or genres (an empty tuple), and titles may repeat.

    Raises:
        DatasetError: names file, line and value of the first fault: a wrong number of columns, an id that is
            no whole number or appears twice, an empty title, a genre flag other than 0 and 1, no films at
            all.
    """
    name = f"{place.folder}{place.layout.films_file}"
    films: dict[int, Film] = {}
    lines: dict[int, int] = {}
    try:
        for line, fields in _rows(_read_text(source, name), place.layout, _flag_genres(source, place)):
            film = _film(line, fields)
            _require_new(line, film, lines)
            films[film.movie_id], lines[film.movie_id] = film, line
    except _LineError as error:
        raise DatasetError(f"{source.path}: {name}, {error}") from error
    if not films:
        raise DatasetError(f"{source.path}: {name} holds no films; give at least one, or download it again")
    return tuple(films.values())


def _require_new(line: int, film: Film, lines: Mapping[int, int]) -> None:
    if first := lines.get(film.movie_id):
        raise _LineError(line, f"film {film.movie_id} is already in line {first}; give each film one line")


def _read_text(source: Source, name: str) -> str:
    """Read UTF-8 and, where it is none, Latin-1, in which ml-100k and ml-1m are written."""
    with source.open(name) as file:
        raw = file.read()
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _flag_genres(source: Source, place: Place) -> tuple[str, ...]:
    """Name the genre flags of u.item by u.genre (lines of `name|offset`) where that file is there."""
    name = f"{place.folder}{GENRES_FILE}"
    if place.layout is not PIPES or name not in source.names:
        return _FLAG_GENRES
    return tuple(line.partition("|")[0] for line in _read_text(source, name).splitlines() if line.strip())


def _rows(text: str, layout: Layout, flag_genres: tuple[str, ...]) -> Iterator[_Row]:
    """Yield every line as id, title and genres joined by "|"."""
    if layout is CSV:
        yield from _csv_rows(text)
        return
    for line, row in enumerate(io.StringIO(text, newline=None), start=1):
        if not row.strip():
            continue
        if layout is COLONS:
            # A title may hold "::"; an id and genres cannot.
            head, _, genres = row.rstrip("\n").rpartition("::")
            movie_id, separator, title = head.partition("::")
            if not separator:
                raise _LineError(
                    line, f"{row.strip()!r} is not `id::title::genres`; give these three columns"
                )
            yield line, [movie_id, title, genres]
        else:
            yield line, _flagged(line, row.rstrip("\n").split("|"), flag_genres)


def _csv_rows(text: str) -> Iterator[_Row]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    header: list[str] | None = None
    line = 1
    try:
        for row in reader:
            if not row:
                line = reader.line_num + 1
                continue
            if header is None:
                header = row
                _require_columns(line, header)
            elif len(row) != len(header):
                raise _LineError(line, f"{row!r} has {len(row)} fields; the header names {len(header)}")
            else:
                named = dict(zip(header, row, strict=True))
                yield line, [named[column] for column in _CSV_COLUMNS]
            line = reader.line_num + 1
    except csv.Error as error:
        raise _LineError(
            line, f"{error}; quote fields that hold a comma, and double quotes within them"
        ) from error


def _require_columns(line: int, header: list[str]) -> None:
    missing = [column for column in _CSV_COLUMNS if column not in header]
    if missing:
        raise _LineError(line, f"the header is {header!r}; it must name {', '.join(_CSV_COLUMNS)}")


def _flagged(line: int, fields: list[str], flag_genres: tuple[str, ...]) -> list[str]:
    flags = fields[_N_FIELDS_BEFORE_FLAGS:]
    if len(flags) != len(flag_genres):
        n_fields = _N_FIELDS_BEFORE_FLAGS + len(flag_genres)
        raise _LineError(
            line, f"{fields[:2]!r} has {len(fields)} fields; ml-100k has {n_fields}, divided by |"
        )
    for genre, flag in zip(flag_genres, flags, strict=True):
        if flag not in {"0", "1"}:
            raise _LineError(line, f"the flag of genre {genre!r} is {flag!r}; it must be 0 or 1")
    genres = "|".join(genre for genre, flag in zip(flag_genres, flags, strict=True) if flag == "1")
    return [fields[0], fields[1], genres]


def _film(line: int, fields: list[str]) -> Film:
    movie_id, filed_title, genres = fields
    if not (movie_id.isascii() and movie_id.isdigit() and int(movie_id) <= MAX_ID):
        raise _LineError(line, f"film id {movie_id!r} must be a whole number from 0 to {MAX_ID}")
    if _CONTROL_CHARACTER.search(filed_title):
        raise _LineError(line, f"title {filed_title!r} holds a control character; is a quote missing?")
    title, year = parse_title(filed_title)
    if not title:
        raise _LineError(line, f"film {movie_id} has an empty title; give it one")
    return Film(int(movie_id), title, year, _genres(genres))


def _genres(joined: str) -> tuple[str, ...]:
    # The older datasets write "Children's" for what the newer ones call "Children"; one genre, one name.
    names = (name.strip().replace("Children's", "Children") for name in joined.split("|"))
    return tuple(dict.fromkeys(name for name in names if name not in _NO_GENRE))
