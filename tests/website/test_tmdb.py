"""Real posters, from a TMDB on loopback that does as it is told."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest
import requests

from website import TmdbPosters

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.website.conftest import Studio

JPEG = b"\xff\xd8\xff\xe0 a poster"
TMDB_IDS = {1: 862, 2: 8844}
KEY = "a-key-of-version-3"


@dataclass
class Tmdb:
    """What it answers, and what it was asked: path with query, and authorization."""

    url: str = ""
    description: object = field(default_factory=lambda: {"id": 862, "poster_path": "/aBc-1.jpg"})
    image: bytes = JPEG
    status: int = 200
    is_stuck: bool = False
    asked: list[tuple[str, str]] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)

    def answer_to(self, path: str) -> bytes:
        """The body for a path."""
        return self.image if path.startswith("/image/") else json.dumps(self.description).encode()


@pytest.fixture
def tmdb() -> Iterator[Tmdb]:
    answers = Tmdb()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answers.asked.append((self.path, self.headers.get("Authorization", "")))
            if answers.is_stuck:
                answers.released.wait(10)
            body = answers.answer_to(self.path)
            self.send_response(answers.status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        answers.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield answers
        answers.released.set()
        server.shutdown()
        thread.join()


@pytest.fixture
def open_posters(tmdb: Tmdb, tmp_path: Path) -> Iterator[Callable[..., TmdbPosters]]:
    """Posters of that TMDB: `open_posters(key)`."""
    with requests.Session() as session:
        session.trust_env = False  # loopback is behind no proxy

        def open_(key: str = KEY) -> TmdbPosters:
            return TmdbPosters(
                key,
                TMDB_IDS,
                tmp_path / "posters",
                api_url=tmdb.url,
                image_url=f"{tmdb.url}/image",
                session=session,
            )

        yield open_


@pytest.fixture
def posters(open_posters: Callable[..., TmdbPosters]) -> TmdbPosters:
    return open_posters()


def test_a_poster_is_fetched_once_and_kept(
    tmdb: Tmdb, open_posters: Callable[..., TmdbPosters], tmp_path: Path
) -> None:
    """Also by another process on the same workspace; nothing else is left in the folder."""
    for posters in (open_posters(), open_posters()):
        picture = posters.picture(1)
        assert picture is not None
        assert (picture.content, picture.media_type) == (JPEG, "image/jpeg")
    assert tmdb.asked == [(f"/3/movie/862?api_key={KEY}", ""), ("/image/aBc-1.jpg", "")]
    assert [path.name for path in (tmp_path / "posters").iterdir()] == ["862"]


def test_a_token_of_version_4_travels_in_a_header(
    tmdb: Tmdb, open_posters: Callable[..., TmdbPosters]
) -> None:
    assert open_posters("eyJhbGciOiJIUzI1NiJ9.x.y").picture(1) is not None
    assert tmdb.asked[0] == ("/3/movie/862", "Bearer eyJhbGciOiJIUzI1NiJ9.x.y")
    assert tmdb.asked[1] == ("/image/aBc-1.jpg", "")


@pytest.mark.parametrize(("status", "description"), [(404, {}), (200, {"poster_path": None})])
def test_a_film_without_a_poster_is_not_asked_for_again(
    tmdb: Tmdb, posters: TmdbPosters, status: int, description: object
) -> None:
    tmdb.status, tmdb.description = status, description
    assert [posters.picture(1), posters.picture(1)] == [None, None]
    assert len(tmdb.asked) == 1


@pytest.mark.parametrize(
    ("status", "description", "image"),
    [
        (401, {"status_message": "Invalid API key"}, JPEG),
        (429, {}, JPEG),
        (500, {}, JPEG),
        (200, {"poster_path": "/../../etc/passwd"}, JPEG),
        (200, {"poster_path": 7}, JPEG),
        (200, {}, JPEG),
        (200, [], JPEG),
        (200, {"poster_path": "/a.jpg"}, b"<html>not an image</html>"),
        (200, {"poster_path": "/a.jpg"}, b"\xff\xd8\xff" + b"x" * 3_000_000),
    ],
)
def test_after_a_failure_tmdb_is_left_alone_for_a_while(  # noqa: PLR0917  fixtures and a case
    tmdb: Tmdb,
    posters: TmdbPosters,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    status: int,
    description: object,
    image: bytes,
) -> None:
    """Whichever film is asked for; nothing is kept, and the log does not hold the key."""
    tmdb.status, tmdb.description, tmdb.image = status, description, image
    assert [posters.picture(1), posters.picture(2)] == [None, None]
    assert len({path for path, _ in tmdb.asked if "/3/" in path}) == 1
    assert not list(tmp_path.glob("posters/*"))
    assert "drawn ones stand in" in caplog.text
    assert KEY not in caplog.text


def test_no_more_than_three_threads_wait_for_tmdb(tmdb: Tmdb, posters: TmdbPosters) -> None:
    """Three hang; the fourth request gets the drawn poster at once."""
    tmdb.is_stuck = True
    threads = [threading.Thread(target=posters.picture, args=(1,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    while len(tmdb.asked) < 3:
        assert any(thread.is_alive() for thread in threads)
    assert posters.picture(2) is None
    assert all("/8844" not in path for path, _ in tmdb.asked)
    tmdb.released.set()
    for thread in threads:
        thread.join()


def test_pages_show_real_posters_from_this_site_and_the_notice_tmdb_wants(
    open_site: Callable[..., Studio], posters: TmdbPosters
) -> None:
    studio = open_site(real_posters=posters)
    page = studio.page(studio.person())
    sources = {image.attributes["src"] for image in page.all("img", class_="poster")}
    assert {source for source in sources if source.endswith("/real")} == {"/poster/1/real", "/poster/2/real"}
    assert all(source.startswith("/poster/") for source in sources)
    assert "not endorsed or certified by TMDB" in page.one("footer").words()
    answer = studio.person().get("/poster/1/real")
    assert (answer.data, answer.content_type) == (JPEG, "image/jpeg")
    assert answer.headers["Cache-Control"] == "public, max-age=86400"
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]


def test_the_drawn_poster_stands_in(
    open_site: Callable[..., Studio], posters: TmdbPosters, tmdb: Tmdb
) -> None:
    tmdb.status = 500
    person = open_site(real_posters=posters).person()
    answer = person.get("/poster/1/real")
    assert answer.data == person.get("/poster/1.svg").data
    assert (answer.mimetype, answer.headers["Cache-Control"]) == ("image/svg+xml", "no-store")
    assert person.get("/poster/999/real").status_code == 404


def test_without_a_key_there_are_drawn_posters_only(studio: Studio) -> None:
    page = studio.page(studio.person())
    assert all(".svg?v=" in image.attributes["src"] for image in page.all("img", class_="poster"))
    assert "TMDB" not in page.one("footer").words()
    assert studio.person().get("/poster/1/real").status_code == 404
