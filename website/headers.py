"""What every answer gets: security headers, the rule of what may be stored, and its time in the meter."""

import time

from flask import Flask, Response, g, request

from website.site import current_site

__all__ = ["CONTENT_SECURITY_POLICY", "FOR_A_DAY", "FOR_A_WHILE", "FOR_EVER", "install"]

# For what has its digest in its address, and for what has not.
FOR_EVER = "public, max-age=31536000, immutable"
FOR_A_WHILE = "public, max-age=300"
# For pictures that are somebody else's, and may change.
FOR_A_DAY = "public, max-age=86400"

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
)
_UNKNOWN_ROUTE = "unknown"


def install(app: Flask) -> None:
    """Have every answer of the application pass through here."""
    app.before_request(_start_clock)
    app.after_request(_finish)


def _start_clock() -> None:
    g.started_s = time.perf_counter()


def _finish(response: Response) -> Response:
    headers = response.headers
    headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    # Pages are made for one visitor; whatever may be kept says so itself.
    if request.endpoint == "static":
        headers["Cache-Control"] = FOR_EVER if "v" in request.args else FOR_A_WHILE
    elif "Cache-Control" not in headers:
        headers["Cache-Control"] = "no-store"
    started_s = g.get("started_s")
    if started_s is not None:
        route = request.url_rule.rule if request.url_rule is not None else _UNKNOWN_ROUTE
        current_site().meters.observe(route, time.perf_counter() - started_s)
    return response
