"""What the site knows of a visitor: whether it may, all of it to take along, and its end."""

import json

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request

from experiment import erase_visitor, rows_of_visitor
from website.form_tokens import form_token, require_form_token
from website.shelf import SHELF_COOKIE, read_shelf
from website.site import Site, current_site
from website.visits import CONSENT_COOKIE, VISITOR_COOKIE, Visit, answer_to, identify

__all__ = ["bp"]

bp = Blueprint("privacy", __name__)

_CONSENT_MAX_AGE_S = 180 * 24 * 3600
_ANSWERS = ("yes", "no")


@bp.get("/privacy")
def show_privacy() -> Response:
    """What is stored of this visitor, and what they can do about it."""
    site = current_site()
    visit = identify(request, site.signer, now_ms=site.now_ms())
    page = render_template(
        "privacy.html",
        here="privacy",
        visitor_name=visit.name,
        consent=visit.consent,
        stored={table: len(rows) for table, rows in _stored(site, visit).items()},
        shelf=read_shelf(request, visit, site.settings.secret),
        form_token=form_token(site, visit),
    )
    return answer_to(visit, page, site.signer)


@bp.get("/privacy/export")
def export_own_data() -> Response:
    """Everything stored of this visitor, as a JSON file."""
    site = current_site()
    visit = identify(request, site.signer, now_ms=site.now_ms())
    shelf = read_shelf(request, visit, site.settings.secret)
    everything = {
        "visitor_id": visit.visitor.visitor_id,
        "user_id": visit.visitor.user_id,
        "consent": visit.consent or None,
        "shelf": {
            "listed": shelf.listed,
            "stars": shelf.stars,
            "clicked": shelf.clicked,
            "positions": shelf.positions,
        },
        "event_log": _stored(site, visit),
    }
    response = make_response(json.dumps(everything, indent=2))
    response.mimetype = "application/json"
    response.headers["Content-Disposition"] = "attachment; filename=funflix-my-data.json"
    return response


@bp.post("/privacy/delete")
def delete_own_data() -> Response:
    """Erase everything stored of this visitor; the browser is somebody new after this."""
    site = current_site()
    visit = _asking_visit(site)
    _erase(site, visit)
    return _forget(make_response(redirect("/privacy", 303)))


@bp.post("/consent")
def answer_consent() -> Response:
    """Remember whether a visitor's actions may be stored; a no also erases what was stored before it."""
    site = current_site()
    visit = _asking_visit(site)
    answer = request.form.get("answer", "")
    if answer not in _ANSWERS:
        abort(400)
    response = make_response(redirect("/", 303))
    if answer == "no":
        _erase(site, visit)
        _forget(response)
    # What was answered is needed, or the question would come back on every page.
    response.set_cookie(CONSENT_COOKIE, answer, max_age=_CONSENT_MAX_AGE_S, httponly=True, samesite="Lax")
    return response


def _asking_visit(site: Site) -> Visit:
    """The visit of a person who sent one of these forms; simulated visitors have no data of their own."""
    visit = identify(request, site.signer, now_ms=site.now_ms())
    require_form_token(site, visit)
    if visit.visitor.is_simulated:
        abort(403)
    return visit


def _stored(site: Site, visit: Visit) -> dict[str, list[dict[str, object]]]:
    who = visit.visitor
    return rows_of_visitor(site.settings.event_log_path, who.run_id, who.visitor_id)


def _erase(site: Site, visit: Visit) -> None:
    erase_visitor(site.settings.event_log_path, visit.visitor.run_id, visit.visitor.visitor_id)


def _forget(response: Response) -> Response:
    for cookie in (VISITOR_COOKIE, SHELF_COOKIE):
        response.delete_cookie(cookie, httponly=True, samesite="Lax")
    return response
