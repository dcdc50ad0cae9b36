"""Each source brings in only the library that reads it."""

import subprocess
import sys
from pathlib import Path

import pytest

_PROGRAM = """
import sys, stats
slow = {"duckdb", "pyarrow", "psycopg", "pandas"}
for location in sys.argv[1:]:
    stats.read_table(location)
print(*sorted(slow & sys.modules.keys()))
"""


@pytest.mark.parametrize(("files", "loaded"), [([], ""), (["visits.csv"], "duckdb")])
def test_libraries_are_loaded_when_they_are_needed(tmp_path: Path, files: list[str], loaded: str) -> None:
    (tmp_path / "visits.csv").write_text("visitor,variant,clicked\n1,control,0\n2,treatment,1\n")
    finished = subprocess.run(
        [sys.executable, "-c", _PROGRAM, *files], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert finished.stdout.strip() == loaded
