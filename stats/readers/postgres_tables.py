"""Any table or view of a PostgreSQL database: the server aggregates, in a read-only transaction."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from stats.errors import UnreadableOutcomesError
from stats.readers.choosing import choose_table
from stats.readers.source import Column, Dialect, Kind, Row

if TYPE_CHECKING:
    import psycopg

_CONNECT_TIMEOUT_S = 10
_TABLES = """
SELECT CASE WHEN pg_table_is_visible(c.oid) THEN c.relname ELSE n.nspname || '.' || c.relname END AS name,
       quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS relation
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
  AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%'
ORDER BY 1
"""
_COLUMNS = """
SELECT attname AS name, split_part(format_type(atttypid, NULL), '(', 1) AS type
FROM pg_attribute WHERE attrelid = CAST(%s AS regclass) AND attnum > 0 AND NOT attisdropped ORDER BY attnum
"""


@dataclass(frozen=True, slots=True)
class PostgresSource:
    """One table or view of an open database."""

    name: str
    relation: str
    columns: tuple[Column, ...]
    dialect: Dialect
    connection: "psycopg.Connection[Row]"

    def rows(self, query: str) -> list[Row]:
        """Return the answer to a query, by column name."""
        return self.connection.execute(query.encode()).fetchall()


@contextmanager
def open_postgres_table(url: str, table: str | None) -> Iterator[PostgresSource]:
    """Open a table or view, inside one read-only transaction of one moment.

    Args:
        url: `postgresql://USER:PASSWORD@HOST:PORT/DATABASE`; what is absent is taken as psql takes it.
        table: its name, with its schema where that is not on the search path; None for the only one.

    Raises:
        UnreadableOutcomesError: the server cannot be reached, or refuses.
        InvalidOutcomesError: no such table, or none named and there is not exactly one.
    """
    import psycopg
    from psycopg.rows import dict_row

    name = _without_password(url)
    try:
        with psycopg.connect(_with_timeout(url), row_factory=dict_row) as connection:
            connection.read_only = True
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            relations = {row["name"]: row["relation"] for row in connection.execute(_TABLES)}
            chosen = choose_table(table, list(relations), source=name)
            described = connection.execute(_COLUMNS, (relations[chosen],)).fetchall()
            columns = tuple(Column(row["name"], _kind(row["type"])) for row in described)
            yield PostgresSource(f"{name}:{chosen}", relations[chosen], columns, _DIALECT, connection)
    except psycopg.Error as error:
        raise UnreadableOutcomesError(
            f"{name} cannot be read: {_without_secret(error, url)}; "
            "check the address, the user and the server"
        ) from error


def _with_timeout(url: str) -> str:
    """Return connection settings that give up where nobody answers."""
    from psycopg.conninfo import conninfo_to_dict, make_conninfo

    is_given = "connect_timeout" in conninfo_to_dict(url)
    return url if is_given else make_conninfo(url, connect_timeout=_CONNECT_TIMEOUT_S)


def _without_password(url: str) -> str:
    """Return what a message may show of an address: neither password nor options."""
    try:
        parts = urlsplit(url)
        host = f"{parts.hostname or 'localhost'}{f':{parts.port}' if parts.port else ''}"
    except ValueError:
        return "the PostgreSQL database"
    return f"postgresql://{host}{parts.path}"


def _without_secret(error: Exception, url: str) -> str:
    """Return what the library said on one line; it quotes parts of an address it cannot read."""
    said = " ".join(str(error).split()) or type(error).__name__
    in_query = re.search(r"[?&]password=([^&]+)", url)
    secrets = (url.partition("://")[2].rpartition("@")[0].partition(":")[2], in_query[1] if in_query else "")
    for secret in filter(None, secrets):
        said = said.replace(secret, "***")
    return said


def _kind(type_name: str) -> Kind:
    match type_name:
        case "boolean":
            return "truth"
        case "smallint" | "integer" | "bigint":
            return "whole"
        case "numeric" | "real" | "double precision":
            return "decimal"
        case "text" | "character varying" | "character" | "name":
            return "text"
        case _:
            return "other"


def _number(column: Column) -> str:
    name = column.sql
    match column.kind:
        case "whole":
            return name
        case "truth":
            return f"CAST({name} AS INTEGER)"
        case "decimal":
            return (
                f"CASE WHEN CAST({name} AS TEXT) NOT IN ('NaN', 'Infinity', '-Infinity') "
                f"THEN CAST({name} AS NUMERIC) END"
            )
        case "text":
            word = f"lower(trim({name}))"
            return (
                f"CASE WHEN {word} ~ '^[+-]?[0-9]+([.][0-9]*)?$' THEN CAST({name} AS NUMERIC) "
                f"WHEN {word} IN ('true', 't', 'yes', 'y') THEN 1 "
                f"WHEN {word} IN ('false', 'f', 'no', 'n') THEN 0 END"
            )
        case _:
            return "CAST(NULL AS NUMERIC)"


_DIALECT = Dialect(text="TEXT", whole="BIGINT", number=_number, bit_or=lambda bits, _: f"bit_or({bits})")
