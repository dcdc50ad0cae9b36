"""The libraries of others under `static/vendor` are what their README says."""

from __future__ import annotations

import gzip
import hashlib
import re
from pathlib import Path

VENDOR = Path(__file__).parents[2] / "static" / "vendor"
_LINE = re.compile(r"^\| `([^`]+)` \|.*\| ([\d.]+) \| (\w+) \| `([0-9a-f]{64})` \|$", re.MULTILINE)


def _lines() -> list[tuple[str, str, str, str]]:
    return _LINE.findall((VENDOR / "README.md").read_text(encoding="utf-8"))


def test_every_file_is_named_and_is_as_its_sum_says() -> None:
    sums = {name: digest for name, _, _, digest in _lines()}
    files = {path.relative_to(VENDOR).as_posix(): path for path in VENDOR.glob("*/*")}
    assert sums == {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()}


def test_every_library_has_its_licence_beside_it() -> None:
    for folder in (path for path in VENDOR.iterdir() if path.is_dir()):
        assert "Permission" in (folder / "LICENSE").read_text(encoding="utf-8")


def test_all_of_them_are_about_forty_kilobytes_on_the_way() -> None:
    sent = [gzip.compress(path.read_bytes(), 9) for path in VENDOR.glob("*/*.min.*")]
    assert sum(map(len, sent)) < 42_000


def test_versions_are_the_ones_in_the_files() -> None:
    versions = {name: version for name, version, _, _ in _lines()}
    htmx = (VENDOR / "htmx" / "htmx.min.js").read_text(encoding="utf-8")
    uplot = (VENDOR / "uplot" / "uPlot.iife.min.js").read_text(encoding="utf-8")
    assert f'version:"{versions["htmx/htmx.min.js"]}"' in htmx
    assert f"uPlot (v{versions['uplot/uPlot.iife.min.js']})" in uplot
