"""Any table or view of an SQLite file, asked in its own SQL, read only."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from stats.errors import UnreadableOutcomesError
from stats.readers.choosing import choose_table
from stats.readers.interrupting import interruptible
from stats.readers.source import Column, Dialect, Row, literal


@dataclass(frozen=True, slots=True)
class SqliteSource:
    """One table or view of an open file."""

    name: str
    relation: str
    columns: tuple[Column, ...]
    dialect: Dialect
    connection: sqlite3.Connection

    def rows(self, query: str) -> list[Row]:
        """Return the answer to a query, by column name."""
        ask = self.connection.execute
        return interruptible(lambda: [dict(row) for row in ask(query)], self.connection.interrupt)


@contextmanager
def open_sqlite_table(path: Path, table: str | None) -> Iterator[SqliteSource]:
    """Open a table or view, inside one transaction.

    Raises:
        UnreadableOutcomesError: the file cannot be read.
        InvalidOutcomesError: no such table, or none named and there is not exactly one.
    """
    try:
        address = f"{path.resolve().as_uri()}?mode=ro"
        # One thread at a time uses it: `interruptible` waits for the other.
        with closing(sqlite3.connect(address, uri=True, check_same_thread=False)) as connection:
            connection.row_factory = sqlite3.Row
            connection.execute("BEGIN")
            chosen = choose_table(table, _tables(connection), source=str(path))
            described = connection.execute(f"PRAGMA table_info({literal(chosen)})").fetchall()
            columns = tuple(Column(row["name"], "dynamic") for row in described)
            yield SqliteSource(f"{path}:{chosen}", Column(chosen, "other").sql, columns, _DIALECT, connection)
    except sqlite3.Error as error:
        raise UnreadableOutcomesError(f"{path} cannot be read as an SQLite file: {error}") from error


def _tables(connection: sqlite3.Connection) -> list[str]:
    rows = connection.execute(
        "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' "
        "ESCAPE '\\' ORDER BY name"
    )
    return [row["name"] for row in rows]


def _number(column: Column) -> str:
    """Each value has its own type: numbers as they are, texts that say one, and truths in words."""
    name, word = column.sql, f"lower(trim({column.sql}))"
    says_a_number = (
        f"({word} <> '' AND {word} NOT GLOB '*[^0-9]*') OR CAST(CAST({name} AS NUMERIC) AS TEXT) = {word}"
    )
    return (
        f"CASE WHEN typeof({name}) IN ('integer', 'real') THEN {name} "
        f"WHEN typeof({name}) <> 'text' THEN NULL "
        f"WHEN {says_a_number} THEN CAST({name} AS NUMERIC) "
        f"WHEN {word} IN ('true', 't', 'yes', 'y') THEN 1 WHEN {word} IN ('false', 'f', 'no', 'n') THEN 0 END"
    )


def _bit_or(bits: str, highest: int) -> str:
    """SQLite has no such aggregate; each bit has its maximum."""
    used = [1 << place for place in range(highest.bit_length())]
    return "(" + " | ".join(f"max(({bits}) & {bit})" for bit in used) + ")"


_DIALECT = Dialect(text="TEXT", whole="INTEGER", number=_number, bit_or=_bit_or)
