"""Rating files of the three layouts: read and checked as arrays, searched line by line only after a fault."""

import csv
import io
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Final

import numpy as np

from catalog._layouts import COLONS, CSV, RATINGS_COLUMNS, Layout, Place
from catalog._sources import Source
from catalog.dataset import MAX_ID, IntArray, Ratings, pair_keys
from catalog.errors import DatasetError

_MOST_STARS = 5.0
_MAX_TIMESTAMP = 4_102_444_800  # 2100-01-01; a larger number is in milliseconds
_DTYPES: Final = {"userId": "int64", "movieId": "int64", "rating": "float32", "timestamp": "int64"}
_WHOLE_NUMBER = re.compile(r"\s*\+?\d{1,19}\s*", re.ASCII)

_Row = tuple[int, list[str]]  # line number, fields


@dataclass(frozen=True, slots=True)
class _File:
    source: Source
    name: str
    layout: Layout

    def fault(self, text: str) -> DatasetError:
        return DatasetError(f"{self.source.path}: {self.name}{text}")


def read_ratings(source: Source, place: Place, film_ids: IntArray) -> Ratings:
    """Read the ratings of a dataset, in the order of the file.

    Args:
        source: the folder or zip.
        place: where in it the dataset lies.
        film_ids: ids of the films there are.

    Raises:
        DatasetError: names file, line and value of a fault: a wrong number of columns, no number where one
            must be, stars, ids or time out of range, a second rating of a film by a user, an unknown film, no
            ratings at all.
    """
    file = _File(source, f"{place.folder}{place.layout.ratings_file}", place.layout)
    try:
        columns = _columns(file)
    except csv.Error as error:
        raise file.fault(f" is no table: {error}; save it as {','.join(RATINGS_COLUMNS)}") from error
    try:
        ratings = _parse(file, columns)
    except (ValueError, OverflowError) as error:
        raise _first_fault(file, columns, str(error).strip()) from error
    if not _is_in_range(ratings, place.layout.lowest):
        raise _first_fault(file, columns, "a value is out of range")
    _require_known_films(file, columns, ratings, film_ids)
    _require_no_repeats(file, columns, ratings)
    return ratings


def _columns(file: _File) -> tuple[str, ...]:
    """Check header and first row, which the parser takes on trust, and return the order of the columns."""
    rows = _rows(file)
    columns: tuple[str, ...] = RATINGS_COLUMNS
    if file.layout.has_header:
        line, header = next(rows, (1, [""]))
        columns = tuple(header)
        if sorted(columns) != sorted(RATINGS_COLUMNS):
            raise file.fault(
                f", line {line}: the header is {header!r}; it must be {','.join(RATINGS_COLUMNS)}"
            )
    line, row = next(rows, (0, []))
    if not row:
        raise file.fault(" holds no ratings; give at least one, or download it again")
    if fault := _row_fault(row, columns, file.layout):
        raise file.fault(f", line {line}: {fault}")
    return columns


def _parse(file: _File, columns: tuple[str, ...]) -> Ratings:
    import pandas as pd  # takes 0.4 s, which those who load nothing need not wait for

    with file.source.open(file.name) as stream:
        frame = pd.read_csv(
            _tabs_for_colons(stream) if file.layout is COLONS else stream,
            sep="," if file.layout is CSV else "\t",
            names=list(columns),
            header=0 if file.layout.has_header else None,
            dtype=_DTYPES,
            index_col=False,
            na_filter=False,
            encoding_errors="replace",
        )
    return Ratings(*(frame[column].to_numpy() for column in RATINGS_COLUMNS))


def _tabs_for_colons(stream: IO[bytes]) -> IO[bytes]:
    """Divide by tabs instead of "::"; the fast parser knows separators of one character only."""
    raw = stream.read()
    if b"\t" in raw:
        raise ValueError("a line holds a tab")
    return io.BytesIO(raw.replace(b"::", b"\t"))


def _is_in_range(ratings: Ratings, lowest: float) -> bool:
    whole = ((ratings.user_ids, MAX_ID), (ratings.movie_ids, MAX_ID), (ratings.timestamps, _MAX_TIMESTAMP))
    return bool(
        all(numbers.min() >= 0 and numbers.max() <= most for numbers, most in whole)
        and np.min(ratings.values) >= lowest
        and np.max(ratings.values) <= _MOST_STARS
    )


def _require_known_films(file: _File, columns: tuple[str, ...], ratings: Ratings, film_ids: IntArray) -> None:
    is_known = np.isin(ratings.movie_ids, film_ids)
    if is_known.all():
        return
    movie_id = int(ratings.movie_ids[np.argmin(is_known)])
    line = next(_lines_of(file, columns, {"movieId": movie_id}))
    raise file.fault(
        f", line {line}: film {movie_id} is rated but not in {file.layout.films_file}; "
        "add it there or leave the rating out"
    )


def _require_no_repeats(file: _File, columns: tuple[str, ...], ratings: Ratings) -> None:
    keys = pair_keys(ratings.user_ids, ratings.movie_ids)
    if bool(np.all(keys[1:] > keys[:-1])):
        return
    keys.sort()
    repeats = keys[1:][keys[1:] == keys[:-1]]
    if len(repeats) == 0:
        return
    user_id, movie_id = divmod(int(repeats[0]), MAX_ID + 1)
    lines = _lines_of(file, columns, {"userId": user_id, "movieId": movie_id})
    first, second = next(lines), next(lines)
    raise file.fault(
        f", line {second}: user {user_id} rates film {movie_id} again, after line {first}; "
        "keep one rating for each user and film"
    )


def _lines_of(file: _File, columns: tuple[str, ...], wanted: dict[str, int]) -> Iterator[int]:
    """Yield the lines whose columns have these values."""
    offsets = {columns.index(column): value for column, value in wanted.items()}
    for line, fields in _data_rows(file):
        if all(_number(fields[offset]) == value for offset, value in offsets.items()):
            yield line


def _first_fault(file: _File, columns: tuple[str, ...], because: str) -> DatasetError:
    """Find what the fast parser stumbled over; its own words serve where we find nothing."""
    line = 1
    try:
        for line, fields in _data_rows(file):
            if fault := _row_fault(fields, columns, file.layout):
                return file.fault(f", line {line}: {fault}")
    except csv.Error as error:
        return file.fault(f", after line {line}: {error}; is a quote missing?")
    return file.fault(f" cannot be read: {because}; save it again as {','.join(RATINGS_COLUMNS)}")


def _row_fault(fields: list[str], columns: tuple[str, ...], layout: Layout) -> str | None:
    if len(fields) != len(columns):
        separator = {"\t": "a tab"}.get(layout.separator, repr(layout.separator))
        return f"{fields!r} has {len(fields)} fields; there must be {len(columns)}, divided by {separator}"
    limits = {"userId": MAX_ID, "movieId": MAX_ID, "timestamp": _MAX_TIMESTAMP}
    for column, field in zip(columns, fields, strict=True):
        if column == "rating":
            if not layout.lowest <= _number(field) <= _MOST_STARS:
                return f"rating {field!r} must be a number of stars from {layout.lowest:g} to {_MOST_STARS:g}"
        elif not (_WHOLE_NUMBER.fullmatch(field) and int(field) <= limits[column]):
            hint = "; give seconds since 1970" if column == "timestamp" else ""
            return f"{column} {field!r} must be a whole number from 0 to {limits[column]}{hint}"
    return None


def _number(text: str) -> float:
    """Read a number; what is none becomes NaN, which lies in no range."""
    try:
        return float(text)
    except ValueError:
        return math.nan


def _data_rows(file: _File) -> Iterator[_Row]:
    rows = _rows(file)
    if file.layout.has_header:
        next(rows)
    return rows


def _rows(file: _File) -> Iterator[_Row]:
    """Yield the fields of every line that is not blank, the header among them."""
    with file.source.open(file.name) as stream:
        # Latin-1 reads any bytes; but a byte-order mark belongs to no column name.
        has_mark = stream.read(3) == b"\xef\xbb\xbf"
    with file.source.open(file.name) as stream:
        stream.read(3 if has_mark else 0)
        text = io.TextIOWrapper(stream, encoding="latin-1", newline="" if file.layout is CSV else None)
        if file.layout is CSV:
            reader = csv.reader(text, strict=True)
            yield from ((reader.line_num, row) for row in reader if any(field.strip() for field in row))
        else:
            for line, row in enumerate(text, start=1):
                if row.strip():
                    yield line, row.rstrip("\n").split(file.layout.separator)
