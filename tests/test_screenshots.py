"""The pictures of README and docs are those that `make screenshots` makes, and all of them are shown."""

import importlib.util
import re
from types import ModuleType

import pytest
from docs_pages import DOCS, PAGES, PROJECT, page


@pytest.fixture(scope="module")
def make() -> ModuleType:
    """The script, not run."""
    spec = importlib.util.spec_from_file_location("make_screenshots", DOCS / "images" / "make.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_picture_is_made_by_the_script_and_shown_somewhere(make: ModuleType) -> None:
    made = {f"{picture.name}.webp" for picture in (*make.PICTURES, make.REPORT)}
    kept = {path.name for path in (DOCS / "images").iterdir() if path.suffix in {".webp", ".png", ".svg"}}
    texts = [(PROJECT / "README.md").read_text(encoding="utf-8"), *(page(name) for name in PAGES)]
    shown = {name for text in texts for name in re.findall(r"images/([\w-]+\.\w+)\)", text)}
    assert made == kept == shown
