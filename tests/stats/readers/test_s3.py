"""S3 by pyarrow's file system, against a small store on loopback that speaks enough of S3 to be read."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit
from xml.sax.saxutils import escape

import pytest

from stats import UnreadableOutcomesError, read_table

CSV = b"visitor,variant,clicked\n1,control,0\n1,control,1\n2,treatment,1\n3,treatment,0\n"


class _Store(BaseHTTPRequestHandler):
    """GET and HEAD of objects, whole or a range, and the list of a prefix."""

    protocol_version = "HTTP/1.1"
    objects: dict[str, bytes]

    def do_HEAD(self) -> None:
        self._answer(has_body=False)

    def do_GET(self) -> None:
        self._answer(has_body=True)

    def log_message(self, *_parts: object) -> None:
        """Say nothing."""

    def _answer(self, *, has_body: bool) -> None:
        parts = urlsplit(self.path)
        key = parts.path.strip("/").partition("/")[2]
        if "list-type" in parts.query:
            self._send(200, self._listed(parse_qs(parts.query).get("prefix", [""])[0]), has_body=has_body)
        elif key not in self.objects:
            self._send(404, b"<Error><Code>NoSuchKey</Code></Error>" if has_body else b"", has_body=has_body)
        elif asked := self.headers.get("Range"):
            first, last = asked.removeprefix("bytes=").split("-")
            body = self.objects[key]
            part = body[int(first) : int(last or len(body)) + 1]
            where = f"bytes {first}-{int(first) + len(part) - 1}/{len(body)}"
            self._send(206, part, has_body=has_body, headers={"Content-Range": where})
        else:
            self._send(200, self.objects[key], has_body=has_body)

    def _listed(self, prefix: str) -> bytes:
        found = {key: body for key, body in self.objects.items() if key.startswith(prefix)}
        rows = "".join(
            f"<Contents><Key>{escape(key)}</Key><Size>{len(body)}</Size>"
            "<LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents>"
            for key, body in found.items()
        )
        count = f"<IsTruncated>false</IsTruncated><KeyCount>{len(found)}</KeyCount>"
        return f"<ListBucketResult>{count}{rows}</ListBucketResult>".encode()

    def _send(
        self, status: int, body: bytes, *, has_body: bool, headers: dict[str, str] | None = None
    ) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Last-Modified", formatdate(0, usegmt=True))
        self.send_header("ETag", '"1"')
        self.end_headers()
        if has_body:
            self.wfile.write(body)


@contextmanager
def store(objects: dict[str, bytes]) -> Iterator[str]:
    """Serve objects; yields the query part of their addresses."""
    handler = type("_Objects", (_Store,), {"objects": objects})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        endpoint = quote(f"127.0.0.1:{server.server_port}", safe="")
        try:
            yield f"region=us-east-1&scheme=http&endpoint_override={endpoint}"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "somebody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "made up")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture
def parquet(tmp_path: Path) -> bytes:
    import io

    import pandas as pd

    pd.read_csv(io.BytesIO(CSV)).to_parquet(tmp_path / "table.parquet")
    return (tmp_path / "table.parquet").read_bytes()


def test_parquet_and_csv_on_s3_read_as_they_do_here(tmp_path: Path, parquet: bytes) -> None:
    (tmp_path / "visits.csv").write_bytes(CSV)
    here = read_table(str(tmp_path / "visits.csv")).outcomes.arms
    with store({"day/visits.csv": CSV, "day/visits.parquet": parquet}) as query:
        assert read_table(f"s3://shop/day/visits.csv?{query}").outcomes.arms == here
        assert read_table(f"s3://shop/day/visits.parquet?{query}").outcomes.arms == here


def test_a_folder_of_parquet_on_s3_is_one_table(parquet: bytes) -> None:
    """The same visitors in both files: twice the clicks, as many visitors."""
    with store({"lake/1.parquet": parquet, "lake/2.parquet": parquet}) as query:
        arms = read_table(f"s3://shop/lake?{query}").outcomes.arms
    assert [(arm.visitors.n, arm.impressions.clicks) for arm in arms if arm.impressions] == [(1, 2), (2, 2)]


def test_a_key_that_is_not_there_is_named_without_the_query() -> None:
    with (
        store({}) as query,
        pytest.raises(UnreadableOutcomesError, match=r"s3://shop/none\.csv cannot be read"),
    ):
        read_table(f"s3://shop/none.csv?{query}")
