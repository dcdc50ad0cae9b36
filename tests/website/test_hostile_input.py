"""Whatever is sent to whatever route, the site answers, and never with a fault of its own.

The usual run sends a few hundred requests; `FUNFLIX_SOAK=full` sends twenty times as many.
"""

from __future__ import annotations

import io
import json
import os
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import hypothesis
import made_run
import pytest
from hypothesis import strategies as st
from werkzeug.test import run_wsgi_app

from website import site_of
from website.headers import CONTENT_SECURITY_POLICY

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from wsgiref.types import WSGIEnvironment

    from flask import Flask
    from werkzeug.routing import Rule

    from tests.website.conftest import Studio

IS_FULL = os.environ.get("FUNFLIX_SOAK") == "full"
FIELDS = (
    *("token", "click_id", "user_id", "csrf_token", "watch_s", "is_completed", "ticket", "q", "page", "run"),
    *(
        "v",
        "stars",
        "action",
        "answer",
        "genre",
        "film",
        "why",
        "from",
        "left",
        "right",
        "language",
        "to",
        "whole",
    ),
)
# Half a surrogate pair cannot be sent; everything else can.
text = st.text(st.characters(exclude_categories=("Cs",)), max_size=60)
values = text | st.sampled_from(
    ["1", "3", "yes", "add", "new", "run-1", "1" * 400, "-1", "nan", "1e400", "\x00", "a.b", "a.b~c.d", "٣"]
)
fields = st.dictionaries(st.sampled_from(FIELDS) | text, values, max_size=5)
trees = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | text,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(("views", "token", "after_ms", "watch_s")), inner, max_size=4)
    ),
    max_leaves=12,
)
forms = fields.map(lambda form: urlencode(form).encode())
bodies = (
    forms | trees.map(lambda tree: json.dumps(tree).encode()) | st.binary(max_size=300) | st.just(b"{" * 9000)
)
types = st.sampled_from(
    [
        "application/x-www-form-urlencoded",
        "application/json",
        "text/plain",
        "multipart/form-data",
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded; charset=utf-16",
        "",
        "\t/;",
    ]
)
segments = text | st.sampled_from(
    [
        *("1", "999", "9" * 400, "-1", "٣", "run-1", "live", "lift", "exposures.csv", "exposures.json"),
        *("site.css", "..", "..%2f..%2fetc%2fpasswd", "%", "\x00", ".svg"),
    ]
)
methods = st.sampled_from(["GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE", "<B>", "get"])
# A server hands over header lines as latin-1; a line break in them is refused by any server.
lines = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=60)
header_names = st.sampled_from(
    [
        *("USER_AGENT", "ACCEPT", "ACCEPT_ENCODING", "ACCEPT_LANGUAGE", "HOST", "IF_NONE_MATCH", "RANGE"),
        *("IF_MODIFIED_SINCE", "AUTHORIZATION", "SEC_PURPOSE", "TRANSFER_ENCODING", "X_FORWARDED_FOR"),
        *("HX_REQUEST", "HX_TARGET"),
    ]
)
headers = st.dictionaries(header_names.map("HTTP_{}".format), lines, max_size=3)
lengths = st.none() | st.sampled_from(["-1", "0", "5", "9" * 30, "x", "", "٣"])
junk = st.text("abcXYZ.-_~%0123456789=; \"'", max_size=40)


@pytest.fixture
def app(studio: Studio) -> Flask:
    """A site with a run of twenty visitors."""
    made_run.record_run(site_of(studio.app).log, 20)
    return studio.app


@pytest.fixture
def cookies(studio: Studio) -> tuple[str, ...]:
    """Cookie lines of a person and of a simulated visitor, which the site believes."""
    found = []
    for browser in (studio.person(), studio.simulated()):
        browser.get("/")
        cookie = browser.get_cookie("funflix_visitor")
        assert cookie is not None
        found.append(f"funflix_visitor={cookie.value}")
    return tuple(found)


def each(n_examples: int) -> Callable[..., object]:
    """So many examples for one site."""
    return hypothesis.settings(
        max_examples=n_examples * (20 if IS_FULL else 1),
        deadline=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )


def address(rule: Rule, data: st.DataObject) -> str:
    """An address of a route, its variable parts drawn; such as fit no converter are another address."""
    path = rule.rule
    for argument in sorted(rule.arguments):
        converter = (
            "<int:" if f"<int:{argument}>" in path else "<path:" if f"<path:{argument}>" in path else "<"
        )
        path = path.replace(f"{converter}{argument}>", data.draw(segments, label=argument))
    return path


def environment(method: str, path: str, body: bytes = b"", **more: object) -> WSGIEnvironment:
    """What a server hands to the site: the path as latin-1 text of its UTF-8 bytes (PEP 3333)."""
    return {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path.encode().decode("latin-1"),
        "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        **more,
    }


def assert_in_order(app: Flask, environ: WSGIEnvironment) -> None:
    """The answer is the client's fault or nobody's, shows no trace of the code, and keeps the policy."""
    pieces, status, sent = run_wsgi_app(app, environ, buffered=True)
    body = b"".join(pieces)
    assert int(status.split()[0]) < 500, status
    assert b"Traceback" not in body
    assert sent["Content-Security-Policy"] == CONTENT_SECURITY_POLICY


def assert_sound(studio: Studio) -> None:
    """The log's file is whole, and holds no event of any visitor but those made here."""
    assert studio.rows("PRAGMA integrity_check") == [("ok",)]
    assert studio.rows("PRAGMA foreign_key_check") == []
    assert studio.rows("SELECT count(*) FROM visits") == [(20,)]
    # Whoever clicked or played was met before.
    for table in ("clicks", "plays", "ratings", "slates", "exposures"):
        strangers = f"SELECT visitor_id FROM {table} EXCEPT SELECT visitor_id FROM visitors"  # noqa: S608  names above
        assert studio.rows(strangers) == [], table


def test_no_request_to_any_route_makes_the_site_fail(
    studio: Studio, app: Flask, cookies: tuple[str, ...]
) -> None:
    """Every rule of the site's map, with a cookie the site believes or one it does not."""
    rules = sorted(app.url_map.iter_rules(), key=str)

    @each(150)
    @hypothesis.given(st.data())
    def send(data: st.DataObject) -> None:
        rule = data.draw(st.sampled_from(rules))
        length = data.draw(lengths)
        cookie = data.draw(st.sampled_from(cookies) | junk | junk.map("funflix_visitor={}".format))
        step = data.draw(st.just("") | junk.map("; funflix_step={}".format))
        environ = environment(
            data.draw(st.sampled_from(sorted(rule.methods or ())) | methods),
            address(rule, data),
            data.draw(bodies),
            QUERY_STRING=data.draw(fields.map(urlencode) | junk),
            CONTENT_TYPE=data.draw(types),
            HTTP_COOKIE=cookie + step,
            **data.draw(headers),
        )
        assert_in_order(app, environ if length is None else environ | {"CONTENT_LENGTH": length})

    send()
    assert_sound(studio)


def test_no_field_of_a_form_that_is_ours_makes_the_site_fail(studio: Studio, app: Flask) -> None:
    """Tokens as the site gave them, every other field hostile: what lies behind the check of a token."""
    person = studio.person()
    home, film, player = (studio.page(person, path) for path in ("/", "/film/1", "/watch/1"))
    cookie = person.get_cookie("funflix_visitor")
    assert cookie is not None
    tokens = {
        "/profiles": studio.page(person, "/profiles").all("input", name="csrf_token")[-1],
        "/welcome": studio.page(person, "/welcome").all("input", name="csrf_token")[-1],
        "/overlay": home.all("input", name="csrf_token")[0],
        "/consent": home.all("input", name="csrf_token")[0],
        "/click": home.all("input", name="token")[0],
        "/ratings": film.all("input", name="token")[0],
        "/list": film.all("input", name="token")[0],
        "/plays": player.all("input", name="token")[0],
    }

    @each(80)
    @hypothesis.given(st.sampled_from(sorted(tokens)), fields, headers)
    def send(path: str, form: Mapping[str, str], sent: Mapping[str, str]) -> None:
        token = tokens[path].attributes
        body = urlencode({**form, token["name"]: token["value"]}).encode()
        line = f"funflix_visitor={cookie.value}"
        kind = "application/x-www-form-urlencoded"
        assert_in_order(app, environment("POST", path, body, CONTENT_TYPE=kind, HTTP_COOKIE=line, **sent))

    send()
    assert_sound(studio)


@pytest.mark.parametrize("path", ["/views", "/plays"])
@pytest.mark.parametrize("start", [b"", b'{"x": ', b'{"views": [{"token": ', b'{"token": "a", "watch_s": '])
def test_deeply_nested_messages_are_malformed(studio: Studio, path: str, start: bytes) -> None:
    """30,000 arrays within each other: more than the parser's stack holds, less than a body may."""
    body = start + b"[" * 30_000 + b"]" * 30_000
    answer = studio.app.test_client().post(path, data=body, content_type="application/json")
    assert answer.status_code == 400


@each(60)
@hypothesis.given(st.binary(max_size=80), methods)
def test_no_address_makes_the_site_fail(app: Flask, path: bytes, method: str) -> None:
    """Any bytes: a server undoes the percent signs, and what comes out need not be UTF-8."""
    assert_in_order(app, environment(method, "/") | {"PATH_INFO": "/" + path.decode("latin-1")})
