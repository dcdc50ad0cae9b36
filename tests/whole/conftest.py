"""A workspace prepared once; each test works on a copy of it."""

import shutil
from pathlib import Path

import pytest
from stage import Stage


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with models trained on the synthetic catalogue.

    Its models get 20 s for an answer: on a busy machine one that is late by chance would have its page show
    popular films, and runs that are compared would differ.
    """
    root = tmp_path_factory.mktemp("prepared")
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
