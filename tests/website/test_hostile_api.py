"""Schemathesis against the site: each operation of its OpenAPI document, and each other route as one.

In the usual run a few requests each; `FUNFLIX_SOAK=full` sends twenty times as many.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import hypothesis
import made_run
import pytest
import schemathesis
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error

from website import site_of
from website.headers import CONTENT_SECURITY_POLICY

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from schemathesis.schemas import APIOperation

    from tests.website.conftest import Studio

IS_FULL = os.environ.get("FUNFLIX_SOAK") == "full"
RIGHT, WRONG = schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE
# What one or another route reads from its address, and from a form.
QUERY = ("ticket", "q", "page", "run", "why", "v", "left", "right", "whole")
FIELDS = (
    *("token", "why", "csrf_token", "user_id", "stars", "action", "answer", "genre", "film", "watch_s"),
    *("is_completed", "click_id", "language", "to"),
)
VIEW = {"type": "object", "properties": {"token": {"type": "string"}, "after_ms": {"type": "integer"}}}
JSON_BODIES = {
    "/views": {"views": {"type": "array", "items": VIEW}},
    "/plays": {
        "token": {"type": "string"},
        "watch_s": {"type": "number"},
        "is_completed": {"type": "boolean"},
    },
}


@pytest.fixture
def app(studio: Studio) -> Flask:
    """A site with a run of twenty visitors."""
    made_run.record_run(site_of(studio.app).log, 20)
    return studio.app


def describe_routes(app: Flask) -> dict[str, Any]:
    """An OpenAPI document of all routes that the site's own leaves out, made from its map."""
    paths: dict[str, Any] = {}
    described = set(app.test_client().get("/openapi.json").json["paths"])
    for rule in app.url_map.iter_rules():
        path = rule.rule
        for kind in ("int:", "path:", ""):
            path = path.replace(f"<{kind}", "{").replace(">", "}")
        if path not in described:
            methods = (rule.methods or set()) - {"HEAD", "OPTIONS"}
            paths.setdefault(path, {}).update(
                {method.lower(): describe_route(path, method, sorted(rule.arguments)) for method in methods}
            )
    return {"openapi": "3.1.0", "info": {"title": "The site", "version": "1"}, "paths": paths}


def describe_route(path: str, method: str, arguments: list[str]) -> dict[str, Any]:
    """One operation: texts in its address and query, and a body where one is read."""
    string = {"type": "string"}
    parameters = [{"name": name, "in": "path", "required": True, "schema": string} for name in arguments]
    if method == "GET":
        parameters += [{"name": name, "in": "query", "schema": string} for name in QUERY]
    form = {"type": "object", "properties": dict.fromkeys(FIELDS, string)}
    content = {"application/x-www-form-urlencoded": {"schema": form}}
    if path in JSON_BODIES:
        message = {"type": "object", "properties": JSON_BODIES[path], "required": list(JSON_BODIES[path])}
        content["application/json"] = {"schema": message}
    body = {"requestBody": {"content": content}} if method == "POST" else {}
    return {"parameters": parameters, "responses": {"default": {"description": "Any."}}, **body}


def send_many(
    operations: list[APIOperation], *, n_right: int, n_wrong: int, checks: list[Any] | None
) -> None:
    """Send each operation requests as the document wants them, and all together such as it does not.

    `checks` are schemathesis's own; None means all there are.
    """

    def send(case: schemathesis.Case) -> None:
        # Schemathesis reads what a WSGI application sends as it is, packed or not.
        answer = case.call_and_validate(checks=checks, headers={"Accept-Encoding": "identity"})
        assert b"Traceback" not in answer.content
        assert answer.headers["content-security-policy"] == [CONTENT_SECURITY_POLICY]

    for operation in operations:
        given(operation.as_strategy(generation_mode=RIGHT), n_right)(send)()
    # What takes no input cannot be sent a wrong one.
    open_ones = [one for one in operations if one.body or one.path_parameters or one.query]
    given(st.one_of(one.as_strategy(generation_mode=WRONG) for one in open_ones), n_wrong)(send)()


def given(cases: st.SearchStrategy[schemathesis.Case], n_cases: int) -> Callable[..., Callable[[], None]]:
    """So many cases, twenty times as many in the soak; none is made smaller, for each is short."""
    settings = hypothesis.settings(
        max_examples=n_cases * (20 if IS_FULL else 1),
        deadline=None,
        suppress_health_check=list(hypothesis.HealthCheck),
        phases=(hypothesis.Phase.generate,),
    )
    return lambda send: settings(hypothesis.given(case=cases)(send))


def test_the_api_answers_as_its_document_says_whatever_is_asked(app: Flask) -> None:
    """Status, type and shape of every answer, besides that none is a fault of ours."""
    document = schemathesis.openapi.from_wsgi("/openapi.json", app)
    operations = [found.ok() for found in document.get_all_operations()]
    assert len(operations) > 10
    send_many(operations, n_right=2, n_wrong=20, checks=None)


def test_no_other_route_fails_whatever_is_sent(app: Flask) -> None:
    document = schemathesis.openapi.from_dict(describe_routes(app))
    document.app = app
    operations = [found.ok() for found in document.get_all_operations()]
    assert {operation.method for operation in operations} == {"get", "post"}
    send_many(operations, n_right=2, n_wrong=50, checks=[not_a_server_error])
