"""A workspace prepared once; each test works on a copy of it."""

import fcntl
import os
import shutil
from pathlib import Path

import pytest
from stage import Stage


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with models trained on the synthetic catalogue, shared by the processes of pytest-xdist.

    Its models get 20 s for an answer: on a busy machine one that is late by chance would have its page show
    popular films, and runs that are compared would differ.
    """
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    root = shared / "prepared"
    with (shared / "prepared.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not root.exists():
            made = Path(shutil.copytree(_trained(tmp_path_factory.mktemp("trained")), shared / "half-copied"))
            made.rename(root)
    return root


def _trained(root: Path) -> Path:
    Stage(root).run("train", "--dataset", "synthetic", "--seed", "7")
    experiment = root / "experiment.toml"
    text = experiment.read_text(encoding="utf-8")
    assert text.count("[[variants]]\n") == 2
    experiment.write_text(
        text.replace("[[variants]]\n", "[[variants]]\ntimeout_s = 20.0\n"), encoding="utf-8"
    )
    return root


@pytest.fixture
def stage(prepared: Path, tmp_path: Path) -> Stage:
    """A fresh copy of the prepared workspace."""
    return Stage(Path(shutil.copytree(prepared, tmp_path / "workspace")))
