"""The scripts of every page keep to its policy and run without an error."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.e2e.conftest import Visitor

pytestmark = pytest.mark.browser

_LIBRARIES = """
return performance.getEntriesByType("resource").map(entry => new URL(entry.name).pathname)
  .filter(path => path.startsWith("/static/vendor/")).map(path => path.split("/").pop()).sort();
"""


@pytest.mark.parametrize(
    ("path", "libraries"),
    [
        ("/", []),
        ("/film/1", ["htmx.min.js"]),
        ("/search", ["htmx.min.js"]),
        ("/watch/1", []),
        ("/profiles", []),
        ("/experiment", ["htmx.min.js", "uPlot.iife.min.js", "uPlot.min.css"]),
    ],
)
def test_pages_load_the_libraries_they_use_and_break_no_rule(
    visitor: Visitor, path: str, libraries: list[str]
) -> None:
    with visitor.violations() as violations:
        visitor.open(path)
        # A frame later all that the page does by itself has begun.
        visitor.driver.execute_async_script("requestAnimationFrame(() => setTimeout(arguments[0]))")
        found = visitor.script(_LIBRARIES)
    assert violations == []
    assert found == libraries
