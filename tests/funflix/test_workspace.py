"""The folder that holds all state."""

from pathlib import Path

import pytest

from funflix.errors import SetupError
from funflix.workspace import Prepared, Workspace, write_atomically


def test_a_new_workspace_holds_both_files_a_user_may_edit(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "new")
    workspace.create()
    assert 'name = "newer-data"' in workspace.experiment.read_text(encoding="utf-8")
    assert "[[personas]]" in workspace.population.read_text(encoding="utf-8")


def test_creating_again_leaves_edited_files_alone(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    workspace.create()
    workspace.experiment.write_text("# mine\n", encoding="utf-8")
    workspace.create()
    assert workspace.experiment.read_text(encoding="utf-8") == "# mine\n"


def test_a_workspace_that_cannot_be_made_names_itself_and_the_option(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(SetupError, match=r"workspace '.*file/ws'.*--workspace"):
        Workspace(tmp_path / "file" / "ws").create()


def test_what_was_prepared_is_remembered(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    workspace.create()
    assert workspace.prepared() is None
    prepared = Prepared(dataset="synthetic", seed=7, digest="abc", models={"older-svd": "0123"})
    workspace.remember(prepared)
    assert Workspace(tmp_path).prepared() == prepared


@pytest.mark.parametrize("damage", ["", "{", '{"dataset": 3}', '{"dataset":"x","seed":1,"digest":"d"}'])
def test_a_damaged_note_says_what_to_do(tmp_path: Path, damage: str) -> None:
    workspace = Workspace(tmp_path)
    workspace.create()
    (workspace.models / "prepared.json").write_text(damage, encoding="utf-8")
    with pytest.raises(SetupError, match=r"prepared.json' is damaged .*funflix train"):
        workspace.prepared()


def test_an_atomic_write_leaves_no_second_file(tmp_path: Path) -> None:
    write_atomically(tmp_path / "a.txt", "one")
    write_atomically(tmp_path / "a.txt", "two")
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
    assert (tmp_path / "a.txt").read_text(encoding="utf-8") == "two"
