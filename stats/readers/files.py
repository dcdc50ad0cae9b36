"""CSV and Parquet files, here or on S3, read by DuckDB: in columns, on all cores, spilling to disk.

DuckDB's extensions for S3 and for other databases are downloads, so they are switched off: S3 is reached by
pyarrow's file system.
"""

import glob
import gzip
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from stats.errors import UnreadableOutcomesError
from stats.readers.interrupting import interruptible
from stats.readers.source import Column, Dialect, Kind, Resources, Row, literal

if TYPE_CHECKING:
    import duckdb

FileFormat = Literal["csv", "parquet"]
_DEFAULT_MEMORY_MB = 1024
# DuckDB takes what it is given although it could do with less. Parquet so small needs little, and spills
# little; for a CSV file each thread takes a buffer of 30 MB.
_SMALL_FILES: Final = 100_000_000
_LITTLE_MEMORY_MB: Final = 80
_ENDINGS: Final[dict[FileFormat, tuple[str, ...]]] = {
    "parquet": (".parquet", ".pq"),
    "csv": (".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz", ".csv.zst"),
}
_GZIP: Final = b"\x1f\x8b"
_SEPARATORS: Final = (",", ";", "\t", "|")
_LONGEST_HEADER: Final = 100_000
_LARGEST_BYTE: Final = 255
_TRUE, _FALSE = "('true', 't', 'yes', 'y')", "('false', 'f', 'no', 'n')"
_WHOLE_TYPES = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")


@dataclass(frozen=True, slots=True)
class FileSource:
    """One or several files as a table of DuckDB.

    Args:
        allowed_mb: memory that a query gets which less did not suffice for; None where it has all already.
    """

    name: str
    relation: str
    columns: tuple[Column, ...]
    dialect: Dialect
    connection: "duckdb.DuckDBPyConnection"
    allowed_mb: int | None = None

    def rows(self, query: str) -> list[Row]:
        """Return the answer to a query, by column name."""
        return interruptible(lambda: self._rows(query), self.connection.interrupt)

    def _rows(self, query: str) -> list[Row]:
        import duckdb

        try:
            cursor = self.connection.execute(query)
        except duckdb.OutOfMemoryException:
            if self.allowed_mb is None:
                raise
            self.connection.execute(f"SET memory_limit = '{self.allowed_mb}MiB'")
            cursor = self.connection.execute(query)
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@contextmanager
def open_local_files(
    name: str, paths: Sequence[Path], file_format: FileFormat, resources: Resources
) -> Iterator[FileSource]:
    """Open files of one format as one table.

    Raises:
        UnreadableOutcomesError: a file cannot be read as that format, or memory or disk did not suffice.
    """
    allowed_mb = None
    is_small = file_format == "parquet" and sum(path.stat().st_size for path in paths) <= _SMALL_FILES
    if is_small and resources.memory_mb is None:
        allowed_mb, resources = _default_memory_mb(), replace(resources, memory_mb=_LITTLE_MEMORY_MB)
    with connected_files(name, resources) as connection:
        # DuckDB takes names as patterns: of "day[1].csv" it would read "day1.csv".
        listed = f"[{', '.join(literal(glob.escape(str(path))) for path in paths)}]"
        relation = f"read_parquet({listed})" if file_format == "parquet" else _csv(listed, paths[0])
        yield replace(_source(name, relation, connection), allowed_mb=allowed_mb)


@contextmanager
def open_s3_file(url: str, resources: Resources) -> Iterator[FileSource]:
    """Open `s3://BUCKET/KEY`, a Parquet file or folder or one CSV file, with the credentials AWS tools use.

    A query part may hold `region`, `scheme` and `endpoint_override`, for stores that are not Amazon's.

    Raises:
        UnreadableOutcomesError: nobody answers, access is refused, or the key holds no such file.
    """
    from pyarrow import fs

    name = url.partition("?")[0]
    try:
        files, path = fs.FileSystem.from_uri(url)
        with connected_files(name, resources) as connection:
            if _format_by_ending(path) == "csv":
                relation = _csv_copied(files, path, connection)
            else:
                import pyarrow.dataset

                connection.register(
                    "s3_dataset", pyarrow.dataset.dataset(path, filesystem=files, format="parquet")
                )
                relation = "s3_dataset"
            yield _source(name, relation, connection)
    except UnreadableOutcomesError:
        raise
    except (OSError, ValueError) as error:  # pyarrow's own errors are of these two
        raise UnreadableOutcomesError(
            f"{name} cannot be read: {_first_line(error)}; check the key, the region and the credentials"
        ) from error


def format_of(path: Path) -> FileFormat | Literal["sqlite"]:
    """Return what a file is, by its first bytes rather than by its name.

    Raises:
        UnreadableOutcomesError: it cannot be opened, is empty, or is of another format.
    """
    try:
        with path.open("rb") as file:
            head = file.read(4096)
    except OSError as error:
        raise UnreadableOutcomesError(
            f"{path} cannot be read: {error.strerror or error}; name a CSV, Parquet or SQLite file"
        ) from error
    if not head:
        raise UnreadableOutcomesError(f"{path} is empty; a table needs a header and rows")
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(b"SQLite format 3\0"):
        return "sqlite"
    is_compressed = head.startswith((_GZIP, b"\x28\xb5\x2f\xfd")) and _format_by_ending(path.name) == "csv"
    if b"\0" in head and not is_compressed:
        raise UnreadableOutcomesError(f"{path} is neither CSV, Parquet nor SQLite; export it as one of these")
    return "csv"


def _format_by_ending(name: str) -> FileFormat | None:
    folded = name.casefold()
    return next((form for form, endings in _ENDINGS.items() if folded.endswith(endings)), None)


def _csv(listed: str, first: Path) -> str:
    """Return SQL for CSV files, whose values stay text: one odd value far down is named, and is no crash."""
    separator = _separator(first)
    said = f", delim = {literal(separator)}" if separator else ""
    return f"read_csv({listed}, header = true, all_varchar = true, quote = '\"'{said})"


def _separator(path: Path) -> str | None:
    """Return what separates the names in the first line, or None where that is left to DuckDB.

    DuckDB goes by all rows, and reads a table with one broken row as a table of one column.
    """
    with path.open("rb") as file:
        is_gzip = file.read(2) == _GZIP
    try:
        with (gzip.open if is_gzip else open)(path, "rt", encoding="utf-8", errors="replace") as lines:
            line = lines.readline(_LONGEST_HEADER)
    except (OSError, EOFError):  # DuckDB says what is wrong with it
        return None
    found = max(_SEPARATORS, key=line.count)
    return found if line.count(found) and "\ufffd" not in line else None


@contextmanager
def connected_files(name: str, resources: Resources) -> Iterator["duckdb.DuckDBPyConnection"]:
    """A DuckDB in memory that spills to disk; `name` is what errors call the files it is to read."""
    import duckdb

    try:
        with (
            tempfile.TemporaryDirectory(prefix="funflix-", dir=resources.spill_folder) as folder,
            duckdb.connect(
                ":memory:",
                config={
                    "memory_limit": f"{resources.memory_mb or _default_memory_mb()}MiB",
                    "temp_directory": folder,
                    "autoinstall_known_extensions": False,
                    "autoload_known_extensions": False,
                    "preserve_insertion_order": False,
                },
            ) as connection,
        ):
            connection.execute("SET enable_progress_bar = false")
            yield connection
    except duckdb.OutOfMemoryException as error:
        raise UnreadableOutcomesError(
            f"{name} needs more memory or disk than allowed: {_first_line(error)}; "
            "allow more by --memory-mb, or free the disk of the spill folder"
        ) from error
    except duckdb.Error as error:
        if "sniffing file" in str(error):
            raise UnreadableOutcomesError(
                f"{name} cannot be read as CSV: a row near its beginning does not have the columns of the "
                "header line, or a quote is not closed; correct that row"
            ) from error
        raise UnreadableOutcomesError(f"{name} cannot be read: {_first_line(error)}") from error


def _default_memory_mb() -> int:
    physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min(_DEFAULT_MEMORY_MB, physical // 2**21)


def _source(name: str, relation: str, connection: "duckdb.DuckDBPyConnection") -> FileSource:
    described = connection.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()  # noqa: S608 - paths are quoted
    columns = tuple(Column(row[0], _kind(row[1])) for row in described)
    return FileSource(name, relation, columns, _DIALECT, connection)


def _csv_copied(files: object, path: str, connection: "duckdb.DuckDBPyConnection") -> str:
    """Copy a CSV file from S3 to the spill folder: it is read more than once, and all of it each time."""
    folder = connection.execute("SELECT current_setting('temp_directory')").fetchall()[0][0]
    copy = Path(folder) / Path(path).name
    with files.open_input_stream(path, compression=None) as stream, copy.open("wb") as file:  # type: ignore[attr-defined]  # pyarrow is untyped
        shutil.copyfileobj(stream, file)
    return _csv(literal(str(copy)), copy)


def _kind(duckdb_type: str) -> Kind:
    name = duckdb_type.partition("(")[0].removeprefix("U")
    if name == "BOOLEAN":
        return "truth"
    if name in _WHOLE_TYPES:
        return "whole"
    if name in ("FLOAT", "DOUBLE", "DECIMAL"):
        return "decimal"
    return "text" if name in ("VARCHAR", "ENUM") else "other"


def _number(column: Column) -> str:
    as_double = f"TRY_CAST({column.sql} AS DOUBLE)"
    match column.kind:
        case "whole":
            return column.sql
        case "truth":
            return f"CAST({column.sql} AS TINYINT)"
        case "decimal":
            return f"CASE WHEN isfinite({as_double}) THEN {as_double} END"
        case "text":
            word = f"lower(trim({column.sql}))"
            # The common values first: that halves the time of a large CSV.
            return (
                f"CASE {column.sql} WHEN '0' THEN 0 WHEN '1' THEN 1 WHEN 'false' THEN 0 WHEN 'true' THEN 1 "
                f"ELSE CASE WHEN isfinite({as_double}) THEN {as_double} "
                f"WHEN {word} IN {_TRUE} THEN 1 WHEN {word} IN {_FALSE} THEN 0 END END"
            )
        case _:
            return "CAST(NULL AS DOUBLE)"


def _bit_or(bits: str, highest: int) -> str:
    """The narrowest type keeps the table of visitors small."""
    return f"bit_or(CAST({bits} AS {'UTINYINT' if highest <= _LARGEST_BYTE else 'USMALLINT'}))"


_DIALECT = Dialect(text="VARCHAR", whole="BIGINT", number=_number, bit_or=_bit_or)


def _first_line(error: Exception) -> str:
    """Return what a library said, without the advice below the first paragraph."""
    paragraph = str(error).strip().partition("\n\n")[0]
    return "; ".join(line.strip() for line in paragraph.splitlines()[:3] if line.strip())
