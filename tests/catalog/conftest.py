"""A small dataset in every layout, and a local server which hands out archives, well or badly."""

import hashlib
import io
import threading
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from catalog import PublishedArchive

CSV_FILES = {
    "movies.csv": 'movieId,title,genres\n1,Toy Story (1995),Animation|Children\n7,"Matrix, The (1999)",Action'
    "\n9,Paterson,(no genres listed)\n",
    "ratings.csv": "userId,movieId,rating,timestamp\n"
    "1,1,4.0,964982703\n1,7,0.5,964981247\n2,7,5.0,964982224\n",
}


PackFiles = Callable[[Mapping[str, bytes]], bytes]
WriteFiles = Callable[[Mapping[str, str | bytes]], Path]


@pytest.fixture
def csv_files() -> dict[str, str]:
    """Three films and three ratings in the layout of ml-latest-small, by file name."""
    return dict(CSV_FILES)


@pytest.fixture
def pack() -> PackFiles:
    """Make a zip of files by name."""

    def pack_files(files: Mapping[str, bytes]) -> bytes:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in files.items():
                archive.writestr(name, content)
        return packed.getvalue()

    return pack_files


@pytest.fixture
def dataset_zip(pack: PackFiles) -> bytes:
    """The small dataset as GroupLens packs it: in a top folder, with a README."""
    return pack({f"ml-tiny/{name}": text.encode() for name, text in {**CSV_FILES, "README.txt": "."}.items()})


@pytest.fixture
def write(tmp_path: Path) -> WriteFiles:
    """Write files by name into a fresh folder, and return it."""

    def write_files(files: Mapping[str, str | bytes]) -> Path:
        folder = tmp_path / "dataset"
        folder.mkdir(exist_ok=True)
        for name, content in files.items():
            (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
        return folder

    return write_files


@dataclass
class ArchiveServer:
    """A web server on loopback with one archive; `cuts` says after how many bytes each answer breaks off."""

    content: bytes = b""
    status: int = 200
    content_type: str = "application/zip"
    has_ranges: bool = True
    cuts: list[int] = field(default_factory=list)
    ranges_asked: list[str | None] = field(default_factory=list)
    url: str = ""

    def published(self) -> dict[str, PublishedArchive]:
        """What the publisher would say of the content."""
        sha256 = hashlib.sha256(self.content).hexdigest()
        return {"ml-tiny": PublishedArchive("ml-tiny.zip", len(self.content), sha256)}


@pytest.fixture
def archive_server() -> Iterator[ArchiveServer]:
    """A running server, stopped after the test."""
    server = ArchiveServer()

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.send_response(200)
            self.end_headers()

        def do_GET(self) -> None:
            asked = self.headers.get("Range")
            server.ranges_asked.append(asked)
            start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked and server.has_ranges else 0
            body = server.content[start:]
            self.send_response(206 if start else server.status)
            if start:
                n_bytes = len(server.content)
                self.send_header("Content-Range", f"bytes {start}-{n_bytes - 1}/{n_bytes}")
            self.send_header("Content-Type", server.content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: server.cuts.pop(0)] if server.cuts else body)

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    http_server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.url = f"http://127.0.0.1:{http_server.server_port}"
    thread = threading.Thread(target=http_server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    http_server.shutdown()
    http_server.server_close()
    thread.join()
