"""The same rows as a CSV file, a Parquet file, an SQLite table and a PostgreSQL table."""

import os
import pwd
import shutil
import signal
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import psycopg
import pytest
from psycopg import sql

Put = Callable[[Mapping[str, Sequence[Any]]], str]
"""Store columns of values as a table; returns its location."""

_POSTGRES_TYPES = {"i": "bigint", "f": "double precision", "b": "boolean", "O": "text"}


@pytest.fixture(params=["csv", "parquet", "sqlite", "postgres"])
def put(request: pytest.FixtureRequest, tmp_path: Path) -> Put:
    """Run a test on each kind of source."""
    kind: str = request.param
    if kind == "postgres":
        url = request.getfixturevalue("postgres_url")
        return lambda columns: put_postgres(url, columns)
    return {"csv": put_csv, "parquet": put_parquet, "sqlite": put_sqlite}[kind](tmp_path)


def put_csv(folder: Path) -> Put:
    """Write CSV files into a folder."""

    def put(columns: Mapping[str, Sequence[Any]]) -> str:
        path = folder / "table.csv"
        _frame(columns).to_csv(path, index=False)
        return str(path)

    return put


def put_parquet(folder: Path) -> Put:
    """Write Parquet files into a folder."""

    def put(columns: Mapping[str, Sequence[Any]]) -> str:
        path = folder / "table.parquet"
        frame = _frame(columns)
        for name in frame.select_dtypes(object):  # a Parquet column has one type
            frame[name] = frame[name].map(str, na_action="ignore")
        frame.to_parquet(path, index=False)
        return str(path)

    return put


def put_sqlite(folder: Path) -> Put:
    """Write tables of an SQLite file."""

    def put(columns: Mapping[str, Sequence[Any]]) -> str:
        path = folder / "table.db"
        with closing(sqlite3.connect(path)) as connection:
            _frame(columns).to_sql("visits", connection, index=False, if_exists="replace")
        return str(path)

    return put


def put_postgres(url: str, columns: Mapping[str, Sequence[Any]]) -> str:
    """Write the only table of a PostgreSQL database."""
    frame = _frame(columns)
    names = [sql.Identifier(name) for name in frame.columns]
    kinds = [sql.SQL(_POSTGRES_TYPES[frame[name].dtype.kind]) for name in frame.columns]  # type: ignore[arg-type]
    with psycopg.connect(url) as connection:
        connection.execute("DROP TABLE IF EXISTS visits")
        described = [sql.SQL(" ").join(pair) for pair in zip(names, kinds, strict=True)]
        connection.execute(sql.SQL("CREATE TABLE visits ({})").format(sql.SQL(", ").join(described)))
        with connection.cursor().copy("COPY visits FROM STDIN") as copy:
            for row in frame.astype(object).where(frame.notna(), None).itertuples(index=False):
                copy.write_row(row)
    return url


def _frame(columns: Mapping[str, Sequence[Any]]) -> pd.DataFrame:
    frame = pd.DataFrame(columns)
    return frame.astype({name: object for name in frame.columns if frame[name].dtype.kind not in "ifb"})


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A real PostgreSQL server on a Unix socket; skips where none is installed."""
    postgres = _postgres_program("postgres")
    if postgres is None:
        pytest.skip("no PostgreSQL server on this machine (Debian: apt-get install postgresql)")
    # A folder of its own: the server may run as another user, who cannot enter pytest's.
    with tempfile.TemporaryDirectory(prefix="funflix-pg-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        user = _server_user()
        os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
        command = [postgres.with_name("initdb"), "-D", folder / "data", "-U", "funflix", "-A", "trust", "-N"]
        subprocess.run(command, check=True, user=user, cwd=folder, stdout=subprocess.DEVNULL, timeout=60)
        with _serving(postgres, folder, user):
            yield f"postgresql://funflix@/postgres?host={folder}"


@contextmanager
def _serving(postgres: Path, folder: Path, user: str) -> Iterator[None]:
    settings = ["listen_addresses=", "fsync=off", "log_min_messages=log", f"unix_socket_directories={folder}"]
    options = [part for setting in settings for part in ("-c", setting)]
    with subprocess.Popen(
        [postgres, "-D", folder / "data", *options], user=user, cwd=folder, stderr=subprocess.PIPE, text=True
    ) as server:
        try:
            assert server.stderr is not None
            lines = iter(server.stderr.readline, "")
            assert any("ready to accept connections" in line for line in lines), "the server did not start"
            yield
        finally:
            server.send_signal(signal.SIGINT)  # SIGTERM would wait for clients to leave


def _postgres_program(name: str) -> Path | None:
    installed = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    found = installed[-1] if installed else shutil.which(name)
    return Path(found) if found else None


def _server_user() -> str:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid()).pw_name
    return next(
        user for user in ("postgres", "nobody") if user in {entry.pw_name for entry in pwd.getpwall()}
    )
