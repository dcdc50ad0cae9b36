from __future__ import annotations

import fcntl
from typing import TYPE_CHECKING

import pytest

from catalog import (
    MOVIELENS,
    DatasetNotFoundError,
    FetchError,
    PublishedArchive,
    fetch_dataset,
    load_dataset,
)

if TYPE_CHECKING:
    from pathlib import Path

    from tests.catalog.conftest import ArchiveServer


@pytest.fixture
def server(archive_server: ArchiveServer, dataset_zip: bytes) -> ArchiveServer:
    """The local server with the small dataset."""
    archive_server.content = dataset_zip
    return archive_server


def test_a_dataset_is_fetched_unpacked_and_kept(tmp_path: Path, server: ArchiveServer) -> None:
    """The second time the server is not asked."""
    steps: list[tuple[int, int]] = []
    archives = server.published()
    path = fetch_dataset(
        "ml-tiny",
        tmp_path / "datasets",
        progress=lambda done, total: steps.append((done, total)),
        base_url=server.url,
        archives=archives,
    )
    assert path == tmp_path / "datasets" / "ml-tiny"
    assert sorted(file.name for file in path.iterdir()) == ["README.txt", "movies.csv", "ratings.csv"]
    assert [file.name for file in path.parent.iterdir()] == ["ml-tiny"]
    assert steps[-1] == (len(server.content), len(server.content))
    assert len(load_dataset(path).ratings) == 3
    assert fetch_dataset("ml-tiny", path.parent, base_url=server.url, archives=archives) == path
    assert server.ranges_asked == [None]


def test_the_published_facts_of_ml_latest_small_are_those_of_its_archive(
    tmp_path: Path, archive_server: ArchiveServer, movielens_path: Path
) -> None:
    archive = movielens_path / "ml-latest-small.zip"
    if not archive.is_file():
        pytest.skip(f"no {archive}")
    archive_server.content = archive.read_bytes()
    path = fetch_dataset("ml-latest-small", tmp_path, base_url=archive_server.url)
    assert load_dataset(path).digest == load_dataset(movielens_path).digest


def test_a_download_that_breaks_off_goes_on_where_it_ended(tmp_path: Path, server: ArchiveServer) -> None:
    server.cuts = [100, 50]
    path = fetch_dataset("ml-tiny", tmp_path, base_url=server.url, archives=server.published())
    assert len(load_dataset(path).ratings) == 3
    assert server.ranges_asked == [None, "bytes=100-", "bytes=150-"]


def test_a_later_run_goes_on_where_an_earlier_one_ended(tmp_path: Path, server: ArchiveServer) -> None:
    """The server gives up at once when asked again, hence the first run fails; its bytes stay."""
    archives = server.published()
    server.cuts = [100, 0]
    with pytest.raises(FetchError, match=r"broke off at 100 of \d+ bytes .*run the command again to go on"):
        fetch_dataset("ml-tiny", tmp_path, base_url=server.url, archives=archives)
    assert (tmp_path / "ml-tiny.zip.part").read_bytes() == server.content[:100]
    fetch_dataset("ml-tiny", tmp_path, base_url=server.url, archives=archives)
    assert server.ranges_asked == [None, "bytes=100-", "bytes=100-"]


def test_a_server_that_cannot_resume_sends_everything_again(tmp_path: Path, server: ArchiveServer) -> None:
    server.has_ranges = False
    server.cuts = [100]
    path = fetch_dataset("ml-tiny", tmp_path, base_url=server.url, archives=server.published())
    assert len(load_dataset(path).ratings) == 3
    assert server.ranges_asked == [None, "bytes=100-"]


def test_a_finished_download_needs_no_server(tmp_path: Path, server: ArchiveServer) -> None:
    """The run was killed after the last byte and before unpacking."""
    (tmp_path / "ml-tiny.zip.part").write_bytes(server.content)
    fetch_dataset("ml-tiny", tmp_path, base_url="http://127.0.0.1:9", archives=server.published())
    assert (tmp_path / "ml-tiny" / "ratings.csv").is_file()


@pytest.mark.parametrize("left_over", [b"x" * 50, b"x" * 100_000])
def test_a_left_over_that_is_no_beginning_is_dropped(
    tmp_path: Path, server: ArchiveServer, left_over: bytes
) -> None:
    """Shorter than the file: the hash tells. Longer: its length does. Either way the next run succeeds."""
    archives = server.published()
    (tmp_path / "ml-tiny.zip.part").write_bytes(left_over)
    try:
        fetch_dataset("ml-tiny", tmp_path, base_url=server.url, archives=archives)
    except FetchError as error:
        assert "it is deleted: try again" in str(error)  # noqa: PT017 - either end is right
        fetch_dataset("ml-tiny", tmp_path, base_url=server.url, archives=archives)
    assert len(load_dataset(tmp_path / "ml-tiny").ratings) == 3


def test_a_file_with_another_hash_is_refused_and_deleted(tmp_path: Path, server: ArchiveServer) -> None:
    """One bit differs; the length does not."""
    archives = server.published()
    server.content = server.content[:-1] + bytes([server.content[-1] ^ 1])
    with pytest.raises(
        FetchError, match=r"has SHA-256 \w{64}, published is \w{64}; it is deleted: try again"
    ):
        fetch_dataset("ml-tiny", tmp_path, base_url=server.url, archives=archives)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content_type", ["text/html; charset=utf-8", "application/zip"])
def test_a_web_page_is_refused_whatever_it_calls_itself(
    tmp_path: Path, server: ArchiveServer, content_type: str
) -> None:
    archives = server.published()
    server.content = b"<!DOCTYPE html>".ljust(len(server.content))
    server.content_type = content_type
    with pytest.raises(FetchError, match="is a web page"):
        fetch_dataset("ml-tiny", tmp_path, base_url=server.url, archives=archives)
    assert not (tmp_path / "ml-tiny").exists()


def test_a_web_page_does_not_spoil_what_is_there_already(tmp_path: Path, server: ArchiveServer) -> None:
    """A login page comes in between two runs, from a server that knows no ranges."""
    archives = server.published()
    part = tmp_path / "ml-tiny.zip.part"
    part.write_bytes(server.content[:100])
    server.content, server.content_type, server.has_ranges = b"<html>log in</html>", "text/html", False
    with pytest.raises(FetchError, match="is there a login page in between"):
        fetch_dataset("ml-tiny", tmp_path, base_url=server.url, archives=archives)
    assert part.stat().st_size == 100


def test_a_stub_is_refused(tmp_path: Path, server: ArchiveServer) -> None:
    archives = server.published()
    server.content = b"PK stub"
    with pytest.raises(FetchError, match=r"has 7 bytes to send where \d+ are published"):
        fetch_dataset("ml-tiny", tmp_path, base_url=server.url, archives=archives)


def test_a_refusing_server_is_named_with_its_status(tmp_path: Path, server: ArchiveServer) -> None:
    server.status = 503
    with pytest.raises(FetchError, match=r"ml-tiny\.zip answers 503 Service Unavailable; try later"):
        fetch_dataset("ml-tiny", tmp_path, base_url=server.url, archives=server.published())


def test_an_unsafe_archive_is_refused_though_its_hash_is_right(
    tmp_path: Path, archive_server: ArchiveServer, dataset_zip: bytes
) -> None:
    archive_server.content = dataset_zip.replace(b"ml-tiny/README.txt", b"../../../README.tx")
    with pytest.raises(FetchError, match=r"cannot be unpacked: .* leads out of its folder"):
        fetch_dataset("ml-tiny", tmp_path, base_url=archive_server.url, archives=archive_server.published())
    assert not (tmp_path / "ml-tiny").exists()


def test_an_unreachable_server_is_an_error_of_ours(tmp_path: Path) -> None:
    """Nothing listens on port 9 of loopback."""
    with pytest.raises(OSError, match=r"broke off at 0 of 978202 bytes"):
        fetch_dataset("ml-latest-small", tmp_path, base_url="http://127.0.0.1:9")


def test_an_unknown_name_is_answered_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(DatasetNotFoundError, match="choose one of ml-latest-small, ml-100k, ml-1m, ml-25m"):
        fetch_dataset("ml-2m", tmp_path)


def test_two_processes_do_not_write_one_file(tmp_path: Path, server: ArchiveServer) -> None:
    with (tmp_path / "ml-tiny.zip.part").open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(FetchError, match=r"another process is downloading ml-tiny\.zip\.part; wait"):
            fetch_dataset("ml-tiny", tmp_path, base_url=server.url, archives=server.published())


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FetchError, match="cannot be written"):
        fetch_dataset("ml-1m", tmp_path / "file" / "datasets", base_url="http://127.0.0.1:9")


def test_what_is_published_can_be_a_hash() -> None:
    """Four archives, of 1 to 262 MB, each with 64 hex digits of its own."""
    assert sorted(MOVIELENS) == ["ml-100k", "ml-1m", "ml-25m", "ml-latest-small"]
    assert len({archive.sha256 for archive in MOVIELENS.values()}) == 4
    for name, archive in MOVIELENS.items():
        assert archive == PublishedArchive(f"{name}.zip", archive.n_bytes, archive.sha256)
        assert int(archive.sha256, 16).bit_length() > 192
        assert len(archive.sha256) == 64
        assert 900_000 < archive.n_bytes < 270_000_000
