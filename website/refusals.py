"""Saying no: refused events, and error pages that keep the look of the site."""

from http import HTTPStatus

from flask import Flask, Response, make_response, render_template, request
from werkzeug.exceptions import HTTPException

from experiment import EventLogError, RefusedEvent
from website.rows_to_come import PLACE
from website.site import Site
from website.visits import Visit
from website.words import gettext, marked

__all__ = ["STATUS_OF", "count_refusal", "install", "refuse", "refuse_flood", "wants_page"]

# The status of a refused event, by the reason it is counted under.
STATUS_OF = {
    "forged": HTTPStatus.BAD_REQUEST,
    "malformed": HTTPStatus.BAD_REQUEST,
    "swapped": HTTPStatus.FORBIDDEN,
    "replayed": HTTPStatus.CONFLICT,
    "expired": HTTPStatus.GONE,
}

_WORDS: dict[int, tuple[str, str]] = {
    400: (
        marked("That request made no sense"),
        marked("It did not come from a page of ours, or was changed on its way. Start again from home."),
    ),
    403: (
        marked("That was somebody else's page"),
        marked("What you sent belongs to another visitor. Load the page anew and try again."),
    ),
    404: (
        marked("This film is not showing"),
        marked("We looked in every row and found nothing at this address."),
    ),
    405: (marked("Not like this"), marked("This address does not answer that kind of request.")),
    409: (marked("Already counted"), marked("This very click was recorded before; it counts once.")),
    410: (marked("This page is too old"), marked("Its links have expired. Load it anew and choose again.")),
    413: (marked("That was too much"), marked("The request is larger than anything this site has use for.")),
    429: (
        marked("One film at a time"),
        marked(
            "More requests came from you than a person can make. Wait a moment, then load the page again."
        ),
    ),
    500: (
        marked("The projector broke"),
        marked("Something failed on our side, and it was logged. Please try again."),
    ),
    503: (
        marked("A short intermission"),
        marked("The event log cannot be written right now, so nothing was recorded. Please try again soon."),
    ),
}
_OTHER_WORDS = (marked("That did not work"), marked("The request could not be answered."))


def install(app: Flask) -> None:
    """Answer every error of the application with a page of ours."""
    app.register_error_handler(HTTPException, _answer_http_error)
    app.register_error_handler(EventLogError, _answer_log_error)


def refuse(
    site: Site, visit: Visit, event: str, reason: str, *, variant: str = "", status: int | None = None
) -> Response:
    """Count a refused event, store nothing else of it, and say so."""
    count_refusal(site, visit, event, reason, variant=variant)
    return _answer(status or STATUS_OF[reason])


def count_refusal(site: Site, visit: Visit, event: str, reason: str, *, variant: str = "") -> None:
    """Count a refused event under its reason, and under the variant of its slate where that is known."""
    site.log.record(RefusedEvent(reason=reason, event=event, run_id=visit.visitor.run_id, variant=variant))


def refuse_flood(retry_after_s: int) -> Response:
    """Turn away whoever sends too much; not counted in the log, which is what a flood would fill."""
    response = _answer(HTTPStatus.TOO_MANY_REQUESTS)
    response.headers["Retry-After"] = str(retry_after_s)
    return response


def wants_page() -> bool:
    """Whether a person's browser waits for the answer, as opposed to a script or a beacon."""
    return "text/html" in request.headers.get("Accept", "")


def _answer(status: int) -> Response:
    heading, explanation = _WORDS.get(status, _OTHER_WORDS)
    if not wants_page():
        headers = {"Content-Type": "text/plain; charset=utf-8"}
        if request.headers.get("HX-Trigger") == PLACE:
            # A page loses the place of a row that cannot be had; of what a visitor sent it says the error.
            headers |= {"HX-Retarget": "this", "HX-Reswap": "delete"}
        return make_response(f"{heading}. {explanation}\n", status, headers)
    page = render_template(
        "error.html", status=status, heading=gettext(heading), explanation=gettext(explanation)
    )
    return make_response(page, status)


def _answer_http_error(error: HTTPException) -> Response:
    response = _answer(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
    allowed = getattr(error, "valid_methods", None)
    if allowed:
        response.headers["Allow"] = ", ".join(sorted(allowed))
    return response


def _answer_log_error(_error: EventLogError) -> Response:
    return _answer(HTTPStatus.SERVICE_UNAVAILABLE)
