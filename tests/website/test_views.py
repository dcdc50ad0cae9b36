from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from tests.website.conftest import Element, Studio


def tokens(page: Element) -> list[str]:
    return [card.attributes["data-token"] for card in page.one("section", data_slate=None).all("article")]


def send(browser: FlaskClient, views: Sequence[Mapping[str, object]], **headers: str) -> TestResponse:
    return browser.post("/views", data=json.dumps({"views": views}), headers=headers)


def viewed(studio: Studio) -> list[tuple[object, ...]]:
    return studio.rows("SELECT position, viewed_at - served_at FROM impressions WHERE viewed_at IS NOT NULL")


@pytest.mark.parametrize("content_type", ["text/plain;charset=UTF-8", "application/json", ""])
def test_a_beacon_marks_its_films_as_viewed(studio: Studio, content_type: str) -> None:
    browser = studio.person()
    first, _, third, *_ = tokens(studio.page(browser))
    views = [{"token": first, "after_ms": 1000}, {"token": third, "after_ms": 2500}]
    answer = send(browser, views, **{"Content-Type": content_type})
    assert (answer.status_code, answer.data) == (204, b"")
    assert viewed(studio) == [(1, 1000), (3, 2500)]


def test_the_first_report_of_a_view_counts(studio: Studio) -> None:
    browser = studio.person()
    token = tokens(studio.page(browser))[0]
    for after_ms in (1000, 9000):
        assert send(browser, [{"token": token, "after_ms": after_ms}]).status_code == 204
    assert viewed(studio) == [(1, 1000)]


def test_bad_views_are_counted_and_good_ones_beside_them_stored(studio: Studio) -> None:
    browser = studio.person()
    good = tokens(studio.page(browser))[0]
    swapped = tokens(studio.page(studio.person()))[1]
    views = [{"token": token, "after_ms": 1000} for token in (swapped, "forged", good)]
    assert send(browser, views).status_code == 204
    assert viewed(studio) == [(1, 1000)]
    assert studio.rows("SELECT event, reason, n FROM refusals ORDER BY reason") == [
        ("view", "forged", 1),
        ("view", "swapped", 1),
    ]


@pytest.mark.parametrize("after_ms", [24 * 3600 * 1000 + 1, 10**30])
def test_a_view_after_more_than_a_day_is_dropped_alone(studio: Studio, after_ms: int) -> None:
    browser = studio.person()
    first, second, *_ = tokens(studio.page(browser))
    views = [{"token": first, "after_ms": after_ms}, {"token": second, "after_ms": 1000}]
    assert send(browser, views).status_code == 204
    assert viewed(studio) == [(2, 1000)]
    assert studio.rows("SELECT event, reason, n FROM refusals") == [("view", "malformed", 1)]
    assert send(browser, views[:1]).status_code == 400


def test_a_beacon_without_any_good_view_is_refused(studio: Studio) -> None:
    browser = studio.person()
    token = tokens(studio.page(browser))[0]
    assert send(browser, [{"token": "forged", "after_ms": 1}]).status_code == 400
    studio.clock.advance(601)
    assert send(browser, [{"token": token, "after_ms": 1}]).status_code == 410
    assert viewed(studio) == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'{"views": []}',
        b'{"views": [{"token": "a"}]}',
        b'{"views": [{"token": "a", "after_ms": -1}]}',
        b'{"views": [{"token": "a", "after_ms": 1e99}]}',
        b'{"views": [{"token": 5, "after_ms": 1}]}',
        b'{"views": "\xff"}',
        json.dumps({"views": [{"token": "a", "after_ms": 1}] * 101}).encode(),
        b'{"views": ' + b"[" * 5000,
    ],
)
def test_malformed_beacons_are_refused_and_counted(studio: Studio, body: bytes) -> None:
    assert studio.person().post("/views", data=body).status_code == 400
    assert studio.rows("SELECT event, reason, n FROM refusals") == [("view", "malformed", 1)]


def test_oversized_beacons_are_refused(studio: Studio) -> None:
    answer = studio.person().post("/views", data=b" " * 70_000)
    assert answer.status_code == 413
