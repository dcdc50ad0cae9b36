from __future__ import annotations

import gzip
from html import unescape
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.website.conftest import Studio

GZIP = {"Accept-Encoding": "gzip, deflate, br"}
PAGES = [
    "/profiles",
    "/search?q=film",
    "/static/site.css",
    "/static/views.js",
    "/poster/1.svg",
    "/poster/2.svg",
]


@pytest.mark.parametrize("path", PAGES)
def test_whoever_accepts_gzip_gets_the_same_in_less(studio: Studio, path: str) -> None:
    browser = studio.person()
    browser.get("/")
    with browser.get(path) as plain, browser.get(path, headers=GZIP) as packed:
        assert "Content-Encoding" not in plain.headers
        assert packed.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(packed.data) == plain.data
        assert len(packed.data) < len(plain.data)
        assert int(packed.headers["Content-Length"]) == len(packed.data)
        assert "Accept-Encoding" in plain.headers["Vary"]
        assert "Accept-Encoding" in packed.headers["Vary"]


@pytest.mark.parametrize("accepted", ["", "br", "gzip;q=0", "identity"])
def test_whoever_does_not_accept_gzip_gets_none(studio: Studio, accepted: str) -> None:
    answer = studio.person().get("/", headers={"Accept-Encoding": accepted})
    assert "Content-Encoding" not in answer.headers
    assert answer.text.startswith("<!doctype html>")


@pytest.mark.parametrize("path", ["/livez", "/static/icon.svg", "/metrics"])
def test_small_answers_and_other_kinds_stay_as_they_are(studio: Studio, path: str) -> None:
    with studio.person().get(path, headers=GZIP) as answer:
        assert "Content-Encoding" not in answer.headers


@pytest.mark.parametrize("path", ["/poster/1.svg", "/static/site.css"])
def test_what_the_browser_has_is_not_sent_again(studio: Studio, path: str) -> None:
    browser = studio.person()
    with browser.get(path, headers=GZIP) as first:
        etag = first.headers["ETag"]
    assert etag.startswith("W/")
    with browser.get(path, headers={**GZIP, "If-None-Match": etag}) as again:
        assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize("path", ["/", "/film/1", "/search", "/experiment"])
def test_a_page_weighs_less_than_150_kilobytes(studio: Studio, path: str) -> None:
    """The page and everything it names, as a browser that accepts gzip gets them."""
    browser = studio.person()
    packed = browser.get(path, headers=GZIP).data
    page = gzip.decompress(packed).decode()
    parts = {unescape(piece.split('"')[0]) for piece in page.replace('href="', 'src="').split('src="')[1:]}
    weight = len(packed)
    for part in parts:
        if part.startswith(("/static/", "/poster/", "/backdrop/")):
            with browser.get(part, headers=GZIP) as answer:
                weight += len(answer.data)
    assert 20_000 < weight < 150_000
