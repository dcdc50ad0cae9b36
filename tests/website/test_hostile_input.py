"""Whatever is sent to whatever route, the site answers, and never with a fault of its own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import hypothesis
import pytest
from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask.testing import FlaskClient

    from tests.website.conftest import Studio


ROUTES = (
    ("GET", "/"),
    ("GET", "/film/1"),
    ("GET", "/film/999"),
    ("GET", "/watch/1"),
    ("GET", "/profiles"),
    ("POST", "/profiles"),
    ("POST", "/click"),
    ("POST", "/views"),
    ("POST", "/plays"),
    ("GET", "/enter"),
    ("GET", "/experiment"),
    ("GET", "/experiment.json"),
    ("GET", "/experiment/panels"),
    ("GET", "/api/experiment/runs"),
    ("GET", "/api/experiment/live/lift"),
    ("GET", "/api/experiment/live/tables/exposures.csv"),
    ("GET", "/openapi.json"),
    ("GET", "/poster/1.svg"),
    ("GET", "/backdrop/1.svg"),
    ("GET", "/metrics"),
    ("GET", "/livez"),
    ("GET", "/readyz"),
)
FIELDS = (
    "token",
    "click_id",
    "user_id",
    "csrf_token",
    "watch_s",
    "is_completed",
    "ticket",
    "q",
    "page",
    "run",
    "v",
)
# Half a surrogate pair cannot be sent; everything else can.
text = st.text(st.characters(exclude_categories=("Cs",)), max_size=60)
values = text | st.sampled_from(["1" * 400, "-1", "nan", "1e400", "\x00", "a.b", "a.b~c.d", "٣"])
fields = st.dictionaries(st.sampled_from(FIELDS) | text, values, max_size=5)
trees = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | text,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(("views", "token", "after_ms", "watch_s")), inner, max_size=4)
    ),
    max_leaves=12,
)
bodies = st.binary(max_size=300) | trees.map(lambda tree: json.dumps(tree).encode()) | st.just(b"{" * 9000)
types = st.sampled_from(
    [
        "",
        "text/plain",
        "application/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "multipart/form-data; boundary=x",
        "\t/;",
    ]
)
cookies = st.text("abcXYZ.-_~%0123456789", max_size=40)


@pytest.fixture
def hostile(studio: Studio) -> FlaskClient:
    return studio.app.test_client()


@hypothesis.settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture, hypothesis.HealthCheck.too_slow],
)
@hypothesis.given(st.sampled_from(ROUTES), fields, st.none() | fields, bodies, types, cookies, cookies)
def test_no_input_makes_the_site_fail(  # noqa: PLR0917  all drawn
    hostile: FlaskClient,
    route: tuple[str, str],
    query: Mapping[str, str],
    form: Mapping[str, str] | None,
    body: bytes,
    content_type: str,
    visitor: str,
    step: str,
) -> None:
    method, path = route
    hostile.set_cookie("funflix_visitor", visitor)
    hostile.set_cookie("funflix_step", step)
    sent = {"data": form} if form is not None else {"data": body, "content_type": content_type}
    answer = hostile.open(path, method=method, query_string=query, **(sent if method == "POST" else {}))
    assert answer.status_code < 500


@pytest.mark.parametrize("path", ["/views", "/plays"])
@pytest.mark.parametrize("start", [b"", b'{"x": ', b'{"views": [{"token": ', b'{"token": "a", "watch_s": '])
def test_deeply_nested_messages_are_malformed(hostile: FlaskClient, path: str, start: bytes) -> None:
    """30,000 arrays within each other: more than the parser's stack holds, less than a body may."""
    body = start + b"[" * 30_000 + b"]" * 30_000
    assert hostile.post(path, data=body, content_type="application/json").status_code == 400


@hypothesis.settings(
    max_examples=60, deadline=None, suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture]
)
@hypothesis.given(text, st.sampled_from(["GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE"]))
def test_no_address_makes_the_site_fail(hostile: FlaskClient, path: str, method: str) -> None:
    assert hostile.open("/" + path.lstrip("/"), method=method, buffered=True).status_code < 500


@hypothesis.settings(
    max_examples=60, deadline=None, suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture]
)
@hypothesis.given(
    st.dictionaries(
        st.sampled_from(
            [
                "User-Agent",
                "Accept",
                "If-None-Match",
                "Host",
                "Content-Length",
                "Range",
                "Cookie",
                "Content-Encoding",
            ]
        ),
        st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=60),
    ),
    st.sampled_from(["/", "/poster/1.svg", "/static/site.css", "/profiles"]),
)
def test_no_header_makes_the_site_fail(hostile: FlaskClient, headers: Mapping[str, str], path: str) -> None:
    assert hostile.get(path, headers=headers, buffered=True).status_code < 500
