"""Zip files from elsewhere: is it one, is it whole, is it safe, and how to unpack it in one step."""

import errno
import lzma
import shutil
import stat
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath, PureWindowsPath

from catalog.errors import ArchiveError

# ml-25m unpacks to 1.2 GB, 4.5 times its zip; a bomb is orders of magnitude away from either limit.
_MAX_UNPACKED_BYTES = 8 * 2**30
_MAX_RATIO = 100
_MAX_ENTRIES = 10_000

_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    RuntimeError,  # zipfile's for a compression or a version of the format that nobody has
)
_DAMAGE_ERRNOS = (None, errno.EINVAL)  # of the OSError that bz2, and a seek to nowhere, raise


def open_archive(path: Path) -> zipfile.ZipFile:
    """Open a zip after checking that it is whole and safe.

    Raises:
        ArchiveError: a web page or another file instead of a zip; a cut zip; entries that are encrypted, that
            lead out of the folder they are unpacked into (absolute, "..", links), or that unpack to far too
            much.
    """
    start = _start_of(path)
    if is_web_page(start):
        raise ArchiveError(
            f"{path} is a web page, not a zip: it starts with {start[:40]!r}; download the file itself"
        )
    try:
        archive = zipfile.ZipFile(path)
    except zipfile.BadZipFile as error:
        trouble = (
            "is a zip cut short" if start.startswith(b"PK") else f"is no zip: it starts with {start[:16]!r}"
        )
        raise ArchiveError(f"{path} {trouble} ({path.stat().st_size} bytes); download it again") from error
    except (*_DAMAGE, struct.error, UnicodeDecodeError) as error:  # of its list of entries
        raise ArchiveError(f"{path} is damaged ({error}); download it again") from error
    try:
        _require_safe(path, archive.infolist())
    except ArchiveError:
        archive.close()
        raise
    return archive


def unpack(path: Path, folder: Path, *, wanted: Collection[str]) -> None:
    """Unpack the files of a zip whose names are `wanted` into a new `folder`, all or nothing.

    Folders within the zip are dropped. One process at a time may unpack to the same folder; if it is there
    already, it stays as it is.

    Raises:
        ArchiveError: as `open_archive`; an entry is damaged; or none is wanted.
    """
    prefix = f".{folder.name}-"
    for left_over in folder.parent.glob(f"{prefix}*"):  # of a process killed while it unpacked
        shutil.rmtree(left_over, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=prefix) as temporary:
        unpacked = Path(temporary) / folder.name
        unpacked.mkdir()
        with open_archive(path) as archive:
            entries = [entry for entry in archive.infolist() if PurePosixPath(entry.filename).name in wanted]
            if not entries:
                raise ArchiveError(
                    f"{path} holds none of {sorted(wanted)!r}; it is not the dataset it should be"
                )
            for entry in entries:
                _unpack_entry(archive, entry, unpacked)
        try:
            unpacked.rename(folder)
        except OSError:
            if not folder.is_dir():
                raise


@contextmanager
def damage_named(what: str) -> Iterator[None]:
    """Turn what a damaged entry raises as it is read, under any compression, into an `ArchiveError`."""
    try:
        yield
    except _DAMAGE as error:
        raise ArchiveError(f"{what} is damaged ({error}); download it again") from error
    except OSError as error:
        if error.errno not in _DAMAGE_ERRNOS:
            raise
        raise ArchiveError(f"{what} is damaged ({error}); download it again") from error


def is_web_page(start: bytes) -> bool:
    """Tell an HTML page (of an error, a login) by its first bytes."""
    return (
        start.lstrip(b"\xef\xbb\xbf \t\r\n")[:9]
        .lower()
        .startswith((b"<!doctype", b"<html", b"<head", b"<?xml"))
    )


def _start_of(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(64)


def _require_safe(path: Path, entries: list[zipfile.ZipInfo]) -> None:
    for entry in entries:
        if fault := _fault_of(entry):
            raise ArchiveError(f"{path}: entry {entry.filename!r} {fault}; do not trust this file")
    unpacked_bytes = sum(entry.file_size for entry in entries)
    limit = min(_MAX_UNPACKED_BYTES, _MAX_RATIO * max(path.stat().st_size, 2**16))
    if unpacked_bytes > limit or len(entries) > _MAX_ENTRIES:
        raise ArchiveError(
            f"{path}: {len(entries)} entries would unpack to {unpacked_bytes} bytes, over the {limit} bytes "
            f"or {_MAX_ENTRIES} entries of an honest dataset; do not trust this file"
        )


def _fault_of(entry: zipfile.ZipInfo) -> str | None:
    name = entry.orig_filename.replace("\\", "/")
    if name.startswith("/") or PureWindowsPath(name).drive:
        return "is an absolute path"
    if ".." in PurePosixPath(name).parts:
        return "leads out of its folder"
    if stat.S_ISLNK(entry.external_attr >> 16):
        return "is a symbolic link"
    if entry.flag_bits & 0x1:
        return "is encrypted"
    return None


def _unpack_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, folder: Path) -> None:
    target_path = folder / PurePosixPath(entry.filename).name
    if target_path.exists():
        raise ArchiveError(f"{archive.filename}: entry {entry.filename!r} is there twice; download it again")
    # Opening checks the entry's length and CRC as it is read.
    with (
        damage_named(f"{archive.filename}: entry {entry.filename!r}"),
        archive.open(entry) as source,
        target_path.open("xb") as target,
    ):
        shutil.copyfileobj(source, target)
