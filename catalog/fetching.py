"""Fetch MovieLens from GroupLens: resumed where it broke off, checked by hash, unpacked in one step, kept."""

import fcntl
import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import IO

import requests

from catalog._layouts import DATASET_FILES
from catalog.archives import is_web_page, unpack
from catalog.errors import ArchiveError, DatasetNotFoundError, FetchError

GROUPLENS_URL = "https://files.grouplens.org/datasets/movielens"

Progress = Callable[[int, int], None]
"""Told of every step of a download: bytes done, bytes in all."""

_CONNECT_TIMEOUT_S, _READ_TIMEOUT_S = 3.0, 30.0
_MAX_ATTEMPTS = 4
_CHUNK_BYTES = 2**16


@dataclass(frozen=True, slots=True)
class PublishedArchive:
    """A zip as its publisher packed it."""

    file_name: str
    n_bytes: int
    sha256: str


# ml-latest-small: from the archive itself. The others: several public repositories state the same SHA-256,
# some of them checked against the MD5 that GroupLens publishes beside each archive
# (0e33842e24a9c977be4e0107933c0723, c4d9eecfca2ab87c1945afe126590906, 6b51fb2759a8657d3bfcbfc42b592ada).
MOVIELENS: Mapping[str, PublishedArchive] = MappingProxyType(
    {
        "ml-latest-small": PublishedArchive(
            "ml-latest-small.zip", 978_202, "696d65a3dfceac7c45750ad32df2c259311949efec81f0f144fdfb91ebc9e436"
        ),
        "ml-100k": PublishedArchive(
            "ml-100k.zip", 4_924_029, "50d2a982c66986937beb9ffb3aa76efe955bf3d5c6b761f4e3a7cd717c6a3229"
        ),
        "ml-1m": PublishedArchive(
            "ml-1m.zip", 5_917_549, "a6898adb50b9ca05aa231689da44c217cb524e7ebd39d264c56e2832f2c54e20"
        ),
        "ml-25m": PublishedArchive(
            "ml-25m.zip", 261_978_986, "8b21cfb7eb1706b4ec0aac894368d90acf26ebdfb6aced3ebd4ad5bd1eb9c6aa"
        ),
    }
)


def fetch_dataset(
    name: str,
    folder: Path,
    *,
    progress: Progress | None = None,
    base_url: str = GROUPLENS_URL,
    archives: Mapping[str, PublishedArchive] = MOVIELENS,
) -> Path:
    """Download a dataset unless `folder` has it, and return the folder of its files, `folder/NAME`.

    A download that broke off is taken up where it ended. What arrives counts only if its size and hash are
    those published; then it is unpacked beside its place and moved there in one step.

    Raises:
        DatasetNotFoundError: there is no such dataset.
        FetchError: the server is out of reach, refuses, breaks off again and again, or sends something else.
    """
    if name not in archives:
        raise DatasetNotFoundError(f"no dataset is called {name!r}; choose one of {', '.join(archives)}")
    unpacked = folder / name
    if unpacked.is_dir():
        return unpacked
    archive = archives[name]
    part = folder / f"{archive.file_name}.part"
    with _sole_writer(part) as file:
        if unpacked.is_dir():  # another process was faster
            return unpacked
        _download(f"{base_url}/{archive.file_name}", archive, file, progress or _no_progress)
        _require_published(part, archive)
        try:
            unpack(part, unpacked, wanted=DATASET_FILES)
        except (ArchiveError, OSError) as error:
            raise FetchError(f"{archive.file_name} cannot be unpacked: {error}") from error
        part.unlink()
    return unpacked


@contextmanager
def _sole_writer(part: Path) -> Iterator[IO[bytes]]:
    """Open the unfinished file for one process at a time; the lock goes when the process does."""
    try:
        part.parent.mkdir(parents=True, exist_ok=True)
        file = part.open("ab")
    except OSError as error:
        raise FetchError(f"{part} cannot be written ({error}); choose another workspace") from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise FetchError(f"another process is downloading {part.name}; wait until it is done") from error
        yield file


def _download(url: str, archive: PublishedArchive, file: IO[bytes], progress: Progress) -> None:
    reason: object = "the connection closed"
    if _size(file) > archive.n_bytes:
        file.truncate(0)  # no beginning of this file
    for _ in range(_MAX_ATTEMPTS):
        n_before = _size(file)
        if n_before == archive.n_bytes:
            return
        try:
            _append(url, archive, file, progress)
        except requests.RequestException as error:
            reason = error
        except FetchError:
            raise
        except OSError as error:
            raise FetchError(f"{archive.file_name} cannot be written ({error}); is the disk full?") from error
        if _size(file) == n_before:
            break  # not one byte more: asking again at once will not help
    if _size(file) != archive.n_bytes:
        raise FetchError(
            f"{url} broke off at {_size(file)} of {archive.n_bytes} bytes ({reason}); run the command "
            "again to go on from there, or give a zip or folder you have"
        )


def _append(url: str, archive: PublishedArchive, file: IO[bytes], progress: Progress) -> None:
    """Ask for the bytes still missing, and write what comes."""
    n_done = _size(file)
    headers = {"Range": f"bytes={n_done}-"} if n_done else {}
    # A compressed answer would have another length than the file.
    headers["Accept-Encoding"] = "identity"
    timeout = (_CONNECT_TIMEOUT_S, _READ_TIMEOUT_S)
    with requests.get(url, headers=headers, stream=True, timeout=timeout) as response:
        is_resumed = response.status_code == requests.codes.partial_content
        _require_file(response, archive.n_bytes - n_done if is_resumed else archive.n_bytes)
        if not is_resumed:
            file.truncate(0)
        n_done = _size(file)
        # Keep what came before a connection closed early; the size is checked here, and the hash later.
        response.raw.enforce_content_length = False
        for chunk in response.iter_content(_CHUNK_BYTES):
            if n_done == 0 and is_web_page(chunk):
                raise FetchError(f"{url} is a web page, not a zip; is there a login page in between?")
            n_done += len(chunk)
            if n_done > archive.n_bytes:
                file.truncate(0)
                raise FetchError(f"{url} sends more than the {archive.n_bytes} bytes published; give a file")
            file.write(chunk)
            progress(n_done, archive.n_bytes)


def _require_file(response: requests.Response, n_bytes: int) -> None:
    """Refuse, before a byte is written, an answer that cannot be (the rest of) the file."""
    if response.status_code not in {requests.codes.ok, requests.codes.partial_content}:
        raise FetchError(
            f"{response.url} answers {response.status_code} {response.reason}; try later, or give a file"
        )
    content_type = response.headers.get("Content-Type", "")
    if content_type.startswith("text/html"):
        raise FetchError(f"{response.url} is a web page ({content_type}); is there a login page in between?")
    length = response.headers.get("Content-Length")
    if length is not None and length != str(n_bytes):
        raise FetchError(
            f"{response.url} has {length} bytes to send where {n_bytes} are published; the file has "
            "changed or this is a stub: give a zip or folder you have"
        )


def _require_published(part: Path, archive: PublishedArchive) -> None:
    """Compare the hash; a file that is not the one published is deleted, for no more bytes will mend it."""
    with part.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    if sha256 != archive.sha256:
        part.unlink()
        raise FetchError(
            f"{archive.file_name} has SHA-256 {sha256}, published is {archive.sha256}; it is deleted: "
            "try again, or give a zip or folder you trust"
        )


def _size(file: IO[bytes]) -> int:
    return file.seek(0, os.SEEK_END)


def _no_progress(n_done: int, n_bytes: int) -> None:
    """Keep quiet."""
