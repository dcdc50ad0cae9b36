"""The simulator's way in: a signed ticket becomes a visitor's cookie."""

from flask import Blueprint, Response, make_response, redirect, request

from experiment import TokenError, VisitorCookie
from website.refusals import refuse
from website.site import current_site
from website.visits import identify, identify_as, keep_cookie

__all__ = ["bp"]

bp = Blueprint("entry", __name__)


@bp.get("/enter")
def enter() -> Response:
    """Make the ticket's holder the visitor it names, and send them home."""
    site = current_site()
    try:
        ticket = site.signer.verify_ticket(request.args.get("ticket", ""), now=site.now())
    except TokenError as error:
        visit = identify(request, site.signer, now_ms=site.now_ms())
        return refuse(site, visit, "enter", error.reason)
    visitor = VisitorCookie(
        ticket.run_id, ticket.visitor_id, ticket.user_id, ticket.attempt, is_simulated=True
    )
    visit = identify_as(visitor, request, now_ms=site.now_ms())
    site.log.record(visit.seen(persona=ticket.persona))
    response = make_response(redirect("/", 303))
    keep_cookie(response, visitor, site.signer)
    return response
