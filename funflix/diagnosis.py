"""What a machine must have for a demo, looked at one thing at a time."""

from __future__ import annotations

import platform
import shutil
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from catalog import MOVIELENS
from funflix.errors import SetupError
from funflix.processes import require_free_port
from simulator.engines import BrowserNotFoundError, find_browser

if TYPE_CHECKING:
    from pathlib import Path

    from funflix.workspace import Workspace

_NEEDED_DISK_MB = 300


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
        _browser(),
        _port(port),
        _disk(workspace.root),
        _workspace(workspace),
        _dataset(workspace),
        _models(workspace),
    ]


def _python() -> Finding:
    return Finding("python", "ok", f"{platform.python_version()} at {sys.executable}")


def _browser() -> Finding:
    try:
        found = find_browser()
    except BrowserNotFoundError as error:
        return Finding(
            "browser",
            "missing",
            str(error),
            "apt-get install chromium chromium-driver, or set FUNFLIX_BROWSER; the http engine needs none",
        )
    return Finding("browser", "ok", str(found))


def _port(port: int) -> Finding:
    try:
        require_free_port(port, option="--port")
    except SetupError as error:
        return Finding("port", "note", str(error), f"funflix serve --port {port + 1}")
    return Finding("port", "ok", f"{port} is free")


def _disk(root: Path) -> Finding:
    folder = next(parent for parent in (root, *root.parents) if parent.exists())
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
    try:
        workspace.create()
    except SetupError as error:
        return Finding("workspace", "missing", str(error), "choose another folder with --workspace")
    return Finding("workspace", "ok", str(workspace.root))


def _dataset(workspace: Workspace) -> Finding:
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
    try:
        prepared = workspace.prepared()
    except SetupError as error:
        return Finding("models", "missing", str(error), "funflix train")
    if prepared is None:
        return Finding("models", "note", "none trained yet", "funflix train, or funflix demo")
    trained = ", ".join(f"{name} {version}" for name, version in prepared.models.items())
    return Finding("models", "ok", f"{trained} on {prepared.dataset}")
