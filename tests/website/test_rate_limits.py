from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from website import RateLimit
from website.rate_limits import Buckets

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.website.conftest import Studio

FEW = RateLimit(burst=3, per_s=0.01)


def test_a_bucket_gives_its_burst_and_then_its_rate() -> None:
    now_s = [100.0]
    buckets = Buckets(RateLimit(burst=2, per_s=4.0), clock=lambda: now_s[0])
    assert [buckets.wait_s("a") for _ in range(3)] == [0.0, 0.0, 0.25]
    now_s[0] += 0.25
    assert [buckets.wait_s("a"), buckets.wait_s("a")] == [0.0, 0.25]
    assert buckets.wait_s("b") == 0.0
    now_s[0] += 3600
    assert [buckets.wait_s("a") for _ in range(3)] == [0.0, 0.0, 0.25]


def test_a_visitor_who_floods_gets_a_page_that_says_so_and_others_do_not(
    open_site: Callable[..., Studio],
) -> None:
    studio = open_site(visitor_limit=FEW)
    browser, other = studio.person(), studio.person()
    # The first request brings the cookie; the next three use up what it may.
    assert [browser.get("/profiles").status_code for _ in range(5)] == [200] * 4 + [429]
    answer = browser.get("/")
    assert answer.status_code == 429
    assert 90 <= int(answer.headers["Retry-After"]) <= 100
    assert 'data-status="429"' in answer.text
    assert other.get("/").status_code == 200
    assert studio.rows("SELECT COUNT(*) FROM slates") == [(1,)]


def test_an_address_that_drops_its_cookies_is_limited_all_the_same(open_site: Callable[..., Studio]) -> None:
    studio = open_site(address_limit=FEW)
    assert [studio.person().get("/").status_code for _ in range(4)] == [200] * 3 + [429]
    elsewhere = studio.person()
    elsewhere.environ_base["REMOTE_ADDR"] = "192.0.2.7"
    assert elsewhere.get("/").status_code == 200


def test_one_ipv6_network_is_one_address(open_site: Callable[..., Studio]) -> None:
    studio = open_site(address_limit=FEW)
    statuses = []
    for host in range(4):
        browser = studio.person()
        browser.environ_base["REMOTE_ADDR"] = f"2001:db8::{host}"
        statuses.append(browser.get("/").status_code)
    assert statuses == [200] * 3 + [429]


def test_simulated_visits_are_never_limited(open_site: Callable[..., Studio]) -> None:
    studio = open_site(visitor_limit=FEW, address_limit=FEW)
    for number in range(5):
        client = studio.simulated(f"s7-{number:06}")
        assert [client.get("/").status_code for _ in range(5)] == [200] * 5


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/metrics", "/static/site.css", "/poster/1.svg"])
def test_probes_and_pictures_are_never_limited(open_site: Callable[..., Studio], path: str) -> None:
    studio = open_site(visitor_limit=FEW, address_limit=FEW)
    for _ in range(6):
        with studio.person().get(path) as answer:
            assert answer.status_code == 200


@pytest.mark.parametrize("path", ["/click", "/ratings", "/list", "/profiles", "/views", "/plays"])
def test_a_body_that_is_too_large_gets_a_page_that_says_so(studio: Studio, path: str) -> None:
    answer = studio.person().post(path, data={"token": "x" * 70_000})
    assert answer.status_code == 413
    assert "larger than anything" in answer.text
    assert 'data-status="413"' in answer.text


@pytest.mark.parametrize(("burst", "per_s"), [(0, 1.0), (1, 0.0)])
def test_a_limit_that_lets_nobody_in_is_refused(burst: int, per_s: float) -> None:
    with pytest.raises(ValueError, match="lets nobody in"):
        RateLimit(burst, per_s)
