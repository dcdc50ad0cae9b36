"""Lakes: a part is there whole or not at all, and faults of the disk are one clear line."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyarrow import parquet

from experiment import (
    Click,
    Coded,
    EventLogError,
    EventTable,
    Exposure,
    FilledSlate,
    Lake,
    LakeManifest,
    VisitMade,
    VisitorSeen,
)

MANIFEST = LakeManifest(run_id="r", n_visitors=5, part_size=2)
NAMES = np.array([b"s7-0", b"s7-1"])
WHO: dict[str, Any] = {
    "run_id": "r",
    "visitor_id": NAMES,
    "attempt": np.array([1, 1]),
    "simulated_at": np.array([5, 6]),
}
TABLES = (
    EventTable(VisitMade, {**WHO, "engine": "vector"}),
    EventTable(VisitorSeen, {**WHO, "user_id": np.ma.masked_equal(np.array([7, -1]), -1), "persona": "p"}),
    EventTable(
        Exposure,
        {
            **WHO,
            "variant": Coded(("control", "treatment"), np.array([1, 0])),
            "router_claim": Coded((None, "a"), np.array([1, 0])),
        },
    ),
    EventTable(
        FilledSlate,
        {
            **WHO,
            "slate_id": np.array([b"home.1", b"home.12"]),
            "surface": "home",
            "variant": Coded(("control", "treatment"), np.array([1, 0])),
            "is_known_user": np.ma.masked_array(np.array([True, False]), np.array([False, True])),
            "movie_ids": np.array([[10, 20], [30, 40]]),
            "viewed_after_ms": np.ma.masked_equal(np.array([[1000, 0], [1000, 1000]]), 0),
        },
    ),
)


def rows(folder: Path, table: str, part: int = 0) -> list[dict[str, Any]]:
    return parquet.read_table(folder / table / f"part-{part:06d}.parquet").to_pylist()


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = Lake(tmp_path / "lake", clock=lambda: 99)
    lake.begin(MANIFEST)
    return lake


def test_a_part_holds_every_field_of_its_events(lake: Lake) -> None:
    lake.write(0, TABLES)
    who = {"recorded_at": 99, "run_id": "r", "visitor_id": "s7-1", "attempt": 1, "simulated_at": 6}
    nothing = {"latency_ms": None, "fallback_reason": None, "propensity": None, "model": None}
    assert rows(lake.folder, "visits")[1] == {**who, "engine": "vector"}
    assert [row["user_id"] for row in rows(lake.folder, "visitors")] == [7, None]
    assert rows(lake.folder, "exposures")[1] == {**who, "variant": "control", "router_claim": None}
    assert rows(lake.folder, "slates")[1] == {
        **who,
        **nothing,
        "slate_id": "home.12",
        "surface": "home",
        "variant": "control",
        "model_version": None,
        "is_fallback": False,
        "is_known_user": None,
        "movie_ids": [30, 40],
        "viewed_after_ms": [1000, 1000],
    }
    assert rows(lake.folder, "slates")[0]["viewed_after_ms"] == [1000, None]
    assert rows(lake.folder, "clicks") == []
    assert parquet.read_schema(lake.folder / "clicks/part-000000.parquet").names[-1] == "variant"


def test_parts_are_cut_from_the_visitors_in_order() -> None:
    assert MANIFEST.n_parts == 3
    assert [list(MANIFEST.visitors_of(part)) for part in range(3)] == [[0, 1], [2, 3], [4]]


def test_a_part_is_done_once_its_ledger_is_there(lake: Lake) -> None:
    """A folder where the ledger's file belongs: all other files of the part are there, it is not done."""
    (lake.folder / "visits" / "part-000001.parquet").mkdir()
    with pytest.raises(EventLogError, match="cannot be written"):
        lake.write(1, TABLES)
    assert (lake.folder / "slates" / "part-000001.parquet").exists()
    (lake.folder / "visits" / "part-000001.parquet").rmdir()
    assert lake.done_parts() == frozenset()
    lake.write(1, TABLES)
    assert lake.done_parts() == {1}
    assert not list(lake.folder.rglob(".*"))


def test_a_lake_that_was_begun_goes_on_as_it_was(lake: Lake) -> None:
    assert lake.begin(LakeManifest(run_id="r", n_visitors=5, part_size=100)) == MANIFEST


@pytest.mark.parametrize("other", [{"run_id": "q"}, {"n_visitors": 6}])
def test_a_lake_of_another_run_is_not_written_into(lake: Lake, other: dict[str, Any]) -> None:
    with pytest.raises(EventLogError, match="is of run 'r' with 5 visitors"):
        lake.begin(LakeManifest(**{"run_id": "r", "n_visitors": 5, "part_size": 2, **other}))


def test_a_place_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    """A file stands where the lake's folder should be; the superuser may write anywhere else."""
    (tmp_path / "lake").write_text("not a folder")
    with pytest.raises(EventLogError, match="cannot be written: Not a directory; the parts written before"):
        Lake(tmp_path / "lake").begin(MANIFEST)


@pytest.mark.parametrize("text", ["", "{}", '{"run_id": "r", "n_visitors": 1, "part_size": 1, "format": 2}'])
def test_a_manifest_that_cannot_be_used_is_one_line(lake: Lake, text: str) -> None:
    (lake.folder / "lake.json").write_text(text)
    with pytest.raises(EventLogError, match=r"lake\.json|has format 2"):
        lake.manifest()


def test_a_click_is_kept_in_its_table(lake: Lake) -> None:
    click = EventTable(
        Click,
        {
            **WHO,
            "click_id": ["c1", "c2"],
            "slate_id": np.array([b"a", b"b"]),
            "surface": "home",
            "position": np.array([1, 2]),
            "movie_id": np.array([10, 40]),
            "variant": "control",
        },
    )
    lake.write(2, [*TABLES, click, click])
    assert [row["click_id"] for row in rows(lake.folder, "clicks", 2)] == ["c1", "c2", "c1", "c2"]
