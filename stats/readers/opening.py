"""Anyone's table, opened wherever it lies: CSV, Parquet, SQLite, PostgreSQL, S3."""

import glob
from contextlib import AbstractContextManager
from pathlib import Path

from stats.errors import InvalidOutcomesError, UnreadableOutcomesError
from stats.readers.files import format_of, open_local_files, open_s3_file
from stats.readers.postgres_tables import open_postgres_table
from stats.readers.source import Resources, Source
from stats.readers.sqlite_tables import open_sqlite_table


def open_table(location: str, table: str | None, resources: Resources) -> AbstractContextManager[Source]:
    """Open what a location names, by its scheme or its first bytes.

    Args:
        location: a CSV, Parquet or SQLite file; a folder or pattern of CSV or Parquet files;
            `s3://BUCKET/KEY`; or `postgresql://...`.
        table: of SQLite and PostgreSQL, which table or view; None for the only one.
        resources: memory and disk that reading files may use.

    Raises:
        UnreadableOutcomesError: nothing can be read there.
        InvalidOutcomesError: no such table, or files of several formats.
    """
    scheme, is_url, _ = location.partition("://")
    if is_url and scheme in ("postgresql", "postgres"):
        return open_postgres_table(location, table)
    if is_url and scheme != "s3":
        raise UnreadableOutcomesError(
            f"{scheme}:// cannot be read; give a file, s3://BUCKET/KEY or postgresql://HOST/DATABASE"
        )
    paths = () if is_url else _files(location)
    kind = None if is_url else format_of(paths[0])
    if kind == "sqlite":
        return open_sqlite_table(paths[0], table)
    if table is not None:
        raise InvalidOutcomesError(
            f"--table {table!r} is for SQLite and PostgreSQL; {location.partition('?')[0]} is one table"
        )
    if kind is None:
        return open_s3_file(location, resources)
    return open_local_files(location, paths, kind, resources)


def _files(location: str) -> tuple[Path, ...]:
    """Return one file, or those of a folder or pattern, which must be of one format."""
    path = Path(location)
    if path.is_dir():
        found = sorted(path.rglob("*.parquet")) or sorted(path.rglob("*.csv"))
    elif path.exists() or not glob.has_magic(location):
        return (path,)
    else:
        found = sorted(Path(name) for name in glob.glob(location, recursive=True))  # noqa: PTH207 - a pattern may be absolute
    if not found:
        raise UnreadableOutcomesError(f"{location} holds no Parquet or CSV file; name one of those")
    formats = {format_of(file) for file in found}
    if len(formats) > 1:
        raise InvalidOutcomesError(
            f"{location} holds files of {' and '.join(sorted(formats))}; name files of one format"
        )
    return tuple(found)
