import doctest
import importlib
import pkgutil
import subprocess
import sys

import pytest

import stats

MODULES = sorted(module.name for module in pkgutil.walk_packages(stats.__path__, "stats."))


def test_the_contents_page_lists_every_public_name() -> None:
    public = {name for name in vars(stats) if not name.startswith("_")}
    modules = {name.split(".")[1] for name in MODULES}
    assert set(stats.__all__) == public - modules
    assert len(stats.__all__) == len(set(stats.__all__))


@pytest.mark.parametrize("name", [name for name in stats.__all__ if not name.isupper()])
def test_every_public_name_is_documented(name: str) -> None:
    value = getattr(stats, name)
    assert name == "Alternative" or (value.__doc__ or "").strip()


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_docstrings_are_true(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_importing_is_light_and_has_no_side_effects() -> None:
    """A report on 2,000 visitors must not wait a second for libraries that only tests use."""
    code = (
        "import os, sys, threading, stats;"
        "slow = {'scipy.stats', 'statsmodels', 'pandas', 'jinja2'};"
        "print(slow & sys.modules.keys(), threading.active_count())"
    )
    finished = subprocess.run(
        [sys.executable, "-B", "-c", code], capture_output=True, text=True, check=True, cwd="/", timeout=20
    )
    assert finished.stdout == "set() 1\n"
