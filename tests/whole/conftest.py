"""A workspace prepared once; each test works on a copy of it."""

import shutil
from pathlib import Path

import pytest
from stage import Stage


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with models trained on the synthetic catalogue."""
    root = tmp_path_factory.mktemp("prepared")
    Stage(root).run("train", "--dataset", "synthetic", "--seed", "7")
    return root


@pytest.fixture
def stage(prepared: Path, tmp_path: Path) -> Stage:
    """A fresh copy of the prepared workspace."""
    return Stage(Path(shutil.copytree(prepared, tmp_path / "workspace")))
