import contextlib
import io
import shutil
import stat
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from catalog import ArchiveError, CatalogError, load_dataset
from catalog.archives import unpack

PackFiles = Callable[[Mapping[str, bytes]], bytes]
_WANTED = ("movies.csv", "ratings.csv")


def test_an_archive_unpacks_to_its_wanted_files_alone(tmp_path: Path, dataset_zip: bytes) -> None:
    archive = _saved(tmp_path, dataset_zip)
    unpack(archive, tmp_path / "ml-tiny", wanted=_WANTED)
    assert sorted(path.name for path in (tmp_path / "ml-tiny").iterdir()) == ["movies.csv", "ratings.csv"]
    assert load_dataset(tmp_path / "ml-tiny").digest == load_dataset(archive).digest


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (
            b"<!DOCTYPE html><html><body>404</body></html>",
            "is a web page, not a zip: it starts with b'<!DOCTYPE html>",
        ),
        (b"  \n<HTML>sign in</HTML>", "is a web page"),
        (b"", "is no zip: it starts with b''"),
        (b"userId,movieId\n", "is no zip: it starts with b'userId,movieId"),
    ],
)
def test_what_is_no_zip_is_refused(tmp_path: Path, content: bytes, complaint: str) -> None:
    with pytest.raises(ArchiveError, match=complaint):
        load_dataset(_saved(tmp_path, content))


def test_a_cut_zip_is_refused_wherever_it_is_cut(tmp_path: Path, dataset_zip: bytes) -> None:
    """At every tenth of its length; the list of entries stands at the end."""
    for tenth in range(1, 10):
        archive = _saved(tmp_path, dataset_zip[: len(dataset_zip) * tenth // 10])
        with pytest.raises(ArchiveError, match=r"is a zip cut short \(\d+ bytes\); download it again"):
            load_dataset(archive)


def test_a_zip_with_a_flipped_byte_is_refused(tmp_path: Path, csv_files: dict[str, str]) -> None:
    """Stored, not compressed, so that nothing but the checksum can tell."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name, text in csv_files.items():
            archive.writestr(name, text)
    damaged = _saved(tmp_path, packed.getvalue().replace(b"964982703", b"964982704"))
    with pytest.raises(ArchiveError, match=r"is damaged \(Bad CRC-32"):
        load_dataset(damaged)
    with pytest.raises(ArchiveError, match=r"'ratings.csv' is damaged"):
        unpack(damaged, tmp_path / "ml-tiny", wanted=_WANTED)
    assert [path.name for path in tmp_path.iterdir()] == ["dataset.zip"]


@pytest.mark.parametrize(
    "compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
)
def test_a_zip_damaged_anywhere_is_read_or_refused_in_words(
    tmp_path: Path, csv_files: dict[str, str], compression: int
) -> None:
    """Every third byte in turn inverted, about 200 zips: never another error than ours."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", compression) as archive:
        for name, text in csv_files.items():
            archive.writestr(name, text)
    n_refused = 0
    places = range(0, len(packed.getvalue()), 3)
    for place in places:
        damaged = bytearray(packed.getvalue())
        damaged[place] ^= 0xFF
        path = _saved(tmp_path, bytes(damaged))
        try:
            load_dataset(path)
        except CatalogError:
            n_refused += 1
        with contextlib.suppress(CatalogError):
            unpack(path, tmp_path / "out", wanted=_WANTED)
        shutil.rmtree(tmp_path / "out", ignore_errors=True)
    assert n_refused > len(places) / 2


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("../ratings.csv", "leads out of its folder"),
        ("ml-tiny/../../ratings.csv", "leads out of its folder"),
        ("..\\ratings.csv", "leads out of its folder"),
        ("/etc/ratings.csv", "is an absolute path"),
        ("C:\\ratings.csv", "is an absolute path"),
        ("\\\\server\\share\\ratings.csv", "is an absolute path"),
    ],
)
def test_entries_that_lead_elsewhere_are_refused(
    tmp_path: Path, pack: PackFiles, csv_files: dict[str, str], name: str, complaint: str
) -> None:
    files = {"movies.csv": csv_files["movies.csv"].encode(), name: csv_files["ratings.csv"].encode()}
    archive = _saved(tmp_path, pack(files))
    for refused in (lambda: load_dataset(archive), lambda: unpack(archive, tmp_path / "out", wanted=_WANTED)):
        with pytest.raises(ArchiveError, match=f"{complaint}; do not trust this file"):
            refused()
    assert [path.name for path in tmp_path.iterdir()] == ["dataset.zip"]


def test_symbolic_links_are_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("ratings.csv")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(ArchiveError, match=r"'ratings\.csv' is a symbolic link"):
        load_dataset(_saved(tmp_path, packed.getvalue()))


def test_encrypted_entries_are_refused(tmp_path: Path, pack: PackFiles) -> None:
    """The flag is set in the local header (offset 6) and in the list of entries (offset 8)."""
    packed = bytearray(pack({"ratings.csv": b"."}))
    packed[packed.index(b"PK\x03\x04") + 6] |= 1
    packed[packed.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(ArchiveError, match=r"'ratings\.csv' is encrypted"):
        load_dataset(_saved(tmp_path, bytes(packed)))


def test_bombs_are_refused_unopened(tmp_path: Path, pack: PackFiles) -> None:
    """20 MB of zeros pack to 20 kB, a ratio of 1,000; honest ratings pack to a fifth."""
    bomb = pack({"movies.csv": b"", "ratings.csv": bytes(20_000_000)})
    with pytest.raises(ArchiveError, match="would unpack to 20000000 bytes"):
        load_dataset(_saved(tmp_path, bomb))
    crowd = pack({f"{i}.csv": b"" for i in range(10_001)})
    with pytest.raises(ArchiveError, match="10001 entries would unpack"):
        load_dataset(_saved(tmp_path, crowd))


def test_a_folder_made_meanwhile_stays(tmp_path: Path, dataset_zip: bytes) -> None:
    """Another process may have unpacked the same archive first."""
    (tmp_path / "ml-tiny").mkdir()
    (tmp_path / "ml-tiny" / "mine").touch()
    unpack(_saved(tmp_path, dataset_zip), tmp_path / "ml-tiny", wanted=_WANTED)
    assert [path.name for path in (tmp_path / "ml-tiny").iterdir()] == ["mine"]


def test_what_a_killed_process_left_behind_is_cleared(tmp_path: Path, dataset_zip: bytes) -> None:
    (tmp_path / ".ml-tiny-abcd").mkdir()
    unpack(_saved(tmp_path, dataset_zip), tmp_path / "ml-tiny", wanted=_WANTED)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dataset.zip", "ml-tiny"]


def test_an_archive_of_something_else_is_not_unpacked(tmp_path: Path, pack: PackFiles) -> None:
    with pytest.raises(ArchiveError, match="holds none of"):
        unpack(_saved(tmp_path, pack({"notes.txt": b"."})), tmp_path / "ml-tiny", wanted=_WANTED)
    assert not (tmp_path / "ml-tiny").exists()


def _saved(folder: Path, content: bytes) -> Path:
    path = folder / "dataset.zip"
    path.write_bytes(content)
    return path
