"""Small files are read with little memory, and with all that is allowed where that does not suffice."""

from pathlib import Path

import duckdb
import pandas as pd
import pytest

from stats.readers.files import FileSource, open_local_files
from stats.readers.source import Dialect, Resources

MANY = "SELECT count(*) AS n FROM (SELECT DISTINCT i FROM range(3_000_000) AS r(i))"
DIALECT = Dialect(
    text="VARCHAR", whole="BIGINT", number=lambda column: column.sql, bit_or=lambda bits, _: bits
)


def source(allowed_mb: int | None) -> FileSource:
    """A DuckDB that may use 20 MB and no disk."""
    connection = duckdb.connect(config={"memory_limit": "20MiB", "temp_directory": ""})
    return FileSource("table", "table", (), DIALECT, connection, allowed_mb)


def test_a_query_that_little_memory_does_not_suffice_for_is_asked_again_with_more() -> None:
    assert source(1024).rows(MANY) == [{"n": 3_000_000}]


def test_where_no_more_is_allowed_the_error_stays() -> None:
    with pytest.raises(duckdb.OutOfMemoryException):
        source(None).rows(MANY)


def test_what_the_user_allows_is_what_is_used(tmp_path: Path) -> None:
    path = tmp_path / "visits.parquet"
    pd.DataFrame({"visitor": [1], "variant": ["control"], "clicked": [0]}).to_parquet(path)
    query = "SELECT current_setting('memory_limit') AS allowed"
    with open_local_files("visits", [path], "parquet", Resources()) as little:
        assert little.rows(query) == [{"allowed": "80.0 MiB"}]
        assert little.allowed_mb is not None
    with open_local_files("visits", [path], "parquet", Resources(memory_mb=300)) as asked:
        assert asked.rows(query) == [{"allowed": "300.0 MiB"}]
        assert asked.allowed_mb is None


def test_a_csv_file_is_read_with_all_that_is_allowed(tmp_path: Path) -> None:
    path = tmp_path / "visits.csv"
    path.write_text("visitor,variant,clicked\n1,control,0\n")
    with open_local_files("visits", [path], "csv", Resources()) as source:
        assert source.allowed_mb is None
        assert source.rows("SELECT current_setting('memory_limit') AS allowed") != [{"allowed": "80.0 MiB"}]
