"""Every example in a docstring, and in README.md, does what it says."""

import doctest
import importlib
import pkgutil
from pathlib import Path

import pytest

_PACKAGES = (
    *("catalog", "experiment", "funflix", "recommender"),
    *("recommender_client", "simulator", "stats", "website"),
)
_README = Path(__file__).parents[1] / "README.md"


def _modules() -> list[str]:
    packages = [importlib.import_module(name) for name in _PACKAGES]
    below = [
        module.name
        for package in packages
        for module in pkgutil.walk_packages(package.__path__, package.__name__ + ".")
    ]
    return [*_PACKAGES, *below]


def test_examples_in_docstrings_are_true() -> None:
    """At least 10 examples are found, so that a broken search is not taken for success."""
    results = [doctest.testmod(importlib.import_module(name)) for name in _modules()]
    assert sum(result.attempted for result in results) >= 10
    assert sum(result.failed for result in results) == 0


@pytest.mark.parametrize("document", [_README], ids=["README.md"])
def test_examples_in_documents_are_true(document: Path) -> None:
    result = doctest.testfile(str(document), module_relative=False, encoding="utf-8")
    assert result.attempted > 0
    assert result.failed == 0
