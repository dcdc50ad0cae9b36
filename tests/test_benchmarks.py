"""Benchmarks are run by hand; what they import must be there all the same."""

import ast
import importlib
from pathlib import Path

import pytest

_FOLDER = Path(__file__).parents[1] / "benchmarks"
_OURS = {
    *("catalog", "experiment", "funflix", "recommender"),
    *("recommender_client", "simulator", "stats", "website"),
}
_SCRIPTS = sorted(_FOLDER.glob("*.py"))


@pytest.mark.parametrize("script", _SCRIPTS, ids=lambda path: path.name)
def test_what_a_benchmark_imports_of_ours_is_there(script: Path) -> None:
    tree = ast.parse(script.read_text(encoding="utf-8"))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module]
    missing = [
        f"{node.module}.{alias.name}"
        for node in imports
        if str(node.module).partition(".")[0] in _OURS
        for alias in node.names
        if not hasattr(importlib.import_module(str(node.module)), alias.name)
    ]
    assert missing == []


def test_every_benchmark_has_its_figures_in_the_readme() -> None:
    readme = (_FOLDER / "README.md").read_text(encoding="utf-8")
    assert _SCRIPTS
    assert [script.name for script in _SCRIPTS if script.name not in readme] == []
