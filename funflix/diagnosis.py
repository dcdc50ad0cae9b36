"""What a machine must have for a demo, looked at one thing at a time."""

from __future__ import annotations

import os
import platform
import shutil
import sqlite3
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from catalog import MOVIELENS
from funflix.errors import SetupError
from funflix.processes import require_free_port
from simulator.engines import BrowserNotFoundError, find_browser

if TYPE_CHECKING:
    from pathlib import Path

    from funflix.workspace import Prepared, Workspace

_NEEDED_DISK_MB = 300
_OLDEST_SQLITE = (3, 37, 0)


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of one thing.

    Args:
        subject: what was looked at.
        status: "ok", "note" for what Funflix does without, or "missing".
        words: what was found.
        remedy: how to get what is missing; None when nothing is to be done.
    """

    subject: str
    status: Literal["ok", "note", "missing"]
    words: str
    remedy: str | None = None


def examine(workspace: Workspace, port: int) -> list[Finding]:
    """Look at everything a demo needs."""
    return [
        _python(),
        _sqlite(),
        _browser(),
        _port(port),
        _disk(workspace.root),
        _workspace(workspace),
        _dataset(workspace),
        _models(workspace),
    ]


def _python() -> Finding:
    return Finding("python", "ok", f"{platform.python_version()} at {sys.executable}")


def _sqlite() -> Finding:
    if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
        oldest = ".".join(map(str, _OLDEST_SQLITE))
        return Finding(
            "sqlite",
            "missing",
            f"Python brings SQLite {sqlite3.sqlite_version}; the event log needs {oldest} (STRICT tables)",
            "a newer Python, or a newer libsqlite3",
        )
    return Finding("sqlite", "ok", sqlite3.sqlite_version)


def _browser() -> Finding:
    try:
        found = find_browser(may_download=False)
    except BrowserNotFoundError as error:
        return Finding(
            "browser",
            "missing",
            str(error),
            "apt-get install chromium chromium-driver, or set FUNFLIX_BROWSER; the http engine needs none",
        )
    return Finding("browser", "ok", f"{found.browser} with {found.driver}")


def _port(port: int) -> Finding:
    try:
        require_free_port(port, option="--port")
    except SetupError as error:
        return Finding("port", "note", str(error), f"funflix serve --port {port + 1}")
    return Finding("port", "ok", f"{port} is free")


def _disk(root: Path) -> Finding:
    folder = _nearest_folder(root)
    free_mb = shutil.disk_usage(folder).free // 1_000_000
    if free_mb < _NEEDED_DISK_MB:
        return Finding(
            "disk",
            "missing",
            f"{free_mb} MB free at {str(folder)!r}; a demo needs {_NEEDED_DISK_MB} MB",
            "free some, or choose another folder with --workspace",
        )
    return Finding("disk", "ok", f"{free_mb:,} MB free at {str(folder)!r}")


def _workspace(workspace: Workspace) -> Finding:
    folder = _nearest_folder(workspace.root)
    if not os.access(folder, os.W_OK | os.X_OK):
        return Finding(
            "workspace",
            "missing",
            f"{str(workspace.root)!r} cannot be written",
            "choose another folder with --workspace",
        )
    return Finding("workspace", "ok", str(workspace.root))


def _nearest_folder(path: Path) -> Path:
    """The path itself, or the nearest folder above it that is there."""
    return next(folder for folder in (path, *path.parents) if folder.exists())


def _dataset(workspace: Workspace) -> Finding:
    prepared = _prepared(workspace)
    if prepared is not None:
        return Finding("dataset", "ok", f"{prepared.dataset}, which the models were trained on")
    cached = [name for name in MOVIELENS if (workspace.datasets / name).is_dir()]
    if cached:
        return Finding("dataset", "ok", f"in the workspace: {', '.join(cached)}")
    return Finding(
        "dataset",
        "note",
        "no MovieLens data here yet: fetched when reachable, else the synthetic catalogue serves",
        "funflix train --dataset ml-latest-small, or --dataset PATH to a zip or folder you have",
    )


def _models(workspace: Workspace) -> Finding:
    prepared = _prepared(workspace)
    if prepared is None:
        return Finding("models", "note", "none trained yet", "funflix train, or funflix demo")
    trained = ", ".join(f"{name} {version}" for name, version in prepared.models.items())
    return Finding("models", "ok", trained)


def _prepared(workspace: Workspace) -> Prepared | None:
    """What the workspace was prepared with; None where that cannot be read, and training anew mends it."""
    try:
        return workspace.prepared()
    except SetupError:
        return None
