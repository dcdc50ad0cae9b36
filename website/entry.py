"""The simulator's way in: a signed ticket becomes a visitor's cookie."""

from http import HTTPStatus

from flask import Blueprint, Response, make_response, redirect, request

from experiment import TokenError, VisitorCookie
from website.refusals import refuse
from website.site import Site, current_site
from website.visits import Visit, identify, identify_as, keep_cookie

__all__ = ["bp"]

bp = Blueprint("entry", __name__)


@bp.get("/enter")
def enter() -> Response:
    """Make the ticket's holder the visitor it names, and send them home; or, if asked, to the profiles."""
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
    is_first = site.log.record(site.seen(visit, persona=ticket.persona)).n_stored > 0
    if not is_first and _is_replayed(site, visit):
        return refuse(site, visit, "enter", "replayed", status=HTTPStatus.FORBIDDEN)
    response = make_response(redirect("/profiles" if request.args.get("to") == "profiles" else "/", 303))
    keep_cookie(response, visitor, site.signer)
    return response


def _is_replayed(site: Site, visit: Visit) -> bool:
    """Whether a ticket used before is used by somebody else, or later.

    An answer may be lost and asked for again: the same step is at the same simulated time. And whoever has
    the visitor's cookie needs no ticket any more.
    """
    if identify(request, site.signer, now_ms=visit.now_ms).visitor == visit.visitor:
        return False
    who = visit.visitor
    return visit.simulated_at != site.reader.first_seen_at(who.run_id, who.visitor_id, who.attempt)
