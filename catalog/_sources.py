"""A folder or a zip as the loader sees it: names of files, and their bytes."""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from catalog.archives import damage_named, open_archive
from catalog.errors import DatasetError, DatasetNotFoundError

_DEEPEST_FOLDER = 2


class Source(Protocol):
    """Where files of a dataset are read from."""

    @property
    def path(self) -> Path:
        """The folder or zip."""

    @property
    def names(self) -> frozenset[str]:
        """Files in it, as paths with "/" from its top."""

    def open(self, name: str) -> IO[bytes]:
        """Open one file for reading."""


@dataclass(frozen=True, slots=True)
class FolderSource:
    """A folder on disk."""

    path: Path
    names: frozenset[str]

    def open(self, name: str) -> IO[bytes]:
        """Open one file for reading."""
        return (self.path / name).open("rb")


@dataclass(frozen=True, slots=True)
class ZipSource:
    """A zip, read without unpacking it."""

    path: Path
    names: frozenset[str]
    archive: zipfile.ZipFile

    def open(self, name: str) -> IO[bytes]:
        """Open one file for reading."""
        return self.archive.open(name)


@contextmanager
def open_source(path: Path) -> Iterator[Source]:
    """Open a folder or a zip, and close it again.

    Raises:
        DatasetNotFoundError: nothing is there.
        ArchiveError: the file is no zip, is cut short, or has unsafe entries.
        DatasetError: a file in it cannot be read.
    """
    if path.is_dir():
        with _readable(path):
            yield FolderSource(path, _names_in(path))
    elif path.is_file():
        with open_archive(path) as archive, _readable(path):
            yield ZipSource(path, frozenset(archive.namelist()), archive)
    else:
        raise DatasetNotFoundError(f"{path} does not exist; give a folder or zip in a MovieLens layout")


def _names_in(folder: Path) -> frozenset[str]:
    files = [path for path in folder.glob("*") if path.is_file()]
    for depth in range(1, _DEEPEST_FOLDER):
        files += [path for path in folder.glob("*/" * depth + "*") if path.is_file()]
    return frozenset(path.relative_to(folder).as_posix() for path in files)


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        with damage_named(str(path)):
            yield
    except OSError as error:
        raise DatasetError(f"{path} cannot be read ({error}); check the file and its permissions") from error
