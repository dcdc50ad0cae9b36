from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from catalog import DatasetError, DatasetNotFoundError, FetchError, find_dataset, synthetic_dataset

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tests.catalog.conftest import ArchiveServer

# Nothing listens on port 9 of loopback.
NO_NETWORK = "http://127.0.0.1:9"


def test_without_a_choice_and_network_the_synthetic_catalogue_serves(tmp_path: Path) -> None:
    found = find_dataset(None, folder=tmp_path / "datasets", seed=7, base_url=NO_NETWORK)
    assert found.dataset.digest == synthetic_dataset(seed=7).digest
    assert found.notice.startswith(
        "Dataset: the synthetic catalogue of seed 7, because http://127.0.0.1:9 is out of reach ("
    )
    assert "\n" not in found.notice
    assert list(tmp_path.iterdir()) == []


def test_without_a_choice_a_reachable_movielens_is_fetched_and_then_kept(
    tmp_path: Path, archive_server: ArchiveServer, dataset_zip: bytes
) -> None:
    """The second time it needs no network."""
    archive_server.content = dataset_zip
    archives = {"ml-latest-small": archive_server.published()["ml-tiny"]}
    found = find_dataset(None, folder=tmp_path, seed=7, base_url=archive_server.url, archives=archives)
    assert found.notice == (
        f"Dataset: MovieLens ml-latest-small, fetched from {archive_server.url} to "
        f"{tmp_path / 'ml-latest-small'} (3 ratings of 3 films by 2 users)"
    )
    kept = find_dataset(None, folder=tmp_path, seed=7, base_url=NO_NETWORK, archives=archives)
    assert kept.dataset.digest == found.dataset.digest
    assert f"MovieLens ml-latest-small, in {tmp_path / 'ml-latest-small'}" in kept.notice


def test_without_a_choice_a_server_that_sends_nonsense_is_passed_over(
    tmp_path: Path, archive_server: ArchiveServer
) -> None:
    """A captive portal answers every address with its login page."""
    archive_server.content, archive_server.content_type = b"<html>log in</html>", "text/html"
    found = find_dataset(None, folder=tmp_path, seed=7, base_url=archive_server.url)
    assert found.dataset.is_synthetic
    assert "because MovieLens could not be fetched: " in found.notice


def test_a_named_dataset_is_fetched_or_an_error(tmp_path: Path) -> None:
    with pytest.raises(FetchError, match=r"ml-1m\.zip broke off at 0 of 5917549 bytes"):
        find_dataset("ml-1m", folder=tmp_path, seed=7, base_url=NO_NETWORK)


def test_synthetic_can_be_asked_for(tmp_path: Path) -> None:
    found = find_dataset("synthetic", folder=tmp_path, seed=3)
    assert found.dataset.name == "synthetic-3"
    assert found.notice.startswith("Dataset: the synthetic catalogue of seed 3, as asked (")


def test_a_path_is_loaded(
    tmp_path: Path, csv_files: dict[str, str], write: Callable[[Mapping[str, str | bytes]], Path]
) -> None:
    path = write(csv_files)
    found = find_dataset(str(path), folder=tmp_path, seed=7)
    assert found.notice == f"Dataset: dataset, from {path} (3 ratings of 3 films by 2 users)"


def test_a_faulty_path_is_an_error_and_not_replaced(
    tmp_path: Path, csv_files: dict[str, str], write: Callable[[Mapping[str, str | bytes]], Path]
) -> None:
    path = write({**csv_files, "ratings.csv": ""})
    with pytest.raises(DatasetError, match="the header is"):
        find_dataset(str(path), folder=tmp_path, seed=7)


@pytest.mark.parametrize(
    ("choice", "hint"),
    [
        ("ml-lm", "did you mean 'ml-1m'"),
        ("syntetic", "did you mean 'synthetic'"),
        ("/no/where.zip", "or a folder or zip"),
    ],
)
def test_a_choice_that_is_nothing_gets_a_hint(tmp_path: Path, choice: str, hint: str) -> None:
    with pytest.raises(DatasetNotFoundError, match=hint) as caught:
        find_dataset(choice, folder=tmp_path, seed=7)
    assert repr(choice) in str(caught.value)
