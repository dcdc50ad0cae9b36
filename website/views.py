"""Viewed impressions, as the pages report them in batches."""

from typing import Annotated

import msgspec
from flask import Blueprint, Response, make_response, request

from experiment import RefusedEvent, TokenError, View
from website.credit import split_token
from website.refusals import STATUS_OF, refuse
from website.site import Site, current_site
from website.visits import Visit, identify

__all__ = ["bp"]

bp = Blueprint("views", __name__)

_EVENT = "view"
_MOST_PER_BEACON = 100
_LONGEST_MS = 24 * 3600 * 1000


class _ReportedView(msgspec.Struct, frozen=True):
    token: Annotated[str, msgspec.Meta(max_length=2000)]
    after_ms: Annotated[int, msgspec.Meta(ge=0)]


class _Beacon(msgspec.Struct, frozen=True):
    views: Annotated[list[_ReportedView], msgspec.Meta(min_length=1, max_length=_MOST_PER_BEACON)]


_BEACON = msgspec.json.Decoder(_Beacon)


@bp.post("/views")
def record_views() -> Response:
    """Record which films were viewed, and how long after the page was served."""
    site = current_site()
    visit = identify(request, site.signer, now_ms=site.now_ms())
    try:
        beacon = _BEACON.decode(request.get_data())
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):  # deep nesting
        return refuse(site, visit, _EVENT, "malformed")
    events = [_event(site, visit, reported) for reported in beacon.views]
    site.record(visit, *events)
    refused = [event for event in events if isinstance(event, RefusedEvent)]
    # One good view makes a good beacon; what was refused is counted either way.
    status = 204 if len(refused) < len(events) else STATUS_OF[refused[0].reason]
    return make_response("", status)


def _event(site: Site, visit: Visit, reported: _ReportedView) -> View | RefusedEvent:
    if reported.after_ms > _LONGEST_MS:
        # A page left open overnight; the other views of its beacon may be good.
        return RefusedEvent(reason="malformed", event=_EVENT, run_id=visit.visitor.run_id)
    try:
        token = site.signer.verify_impression(split_token(reported.token).impression, now=site.now())
        site.signer.check(token, visit.visitor)
    except TokenError as error:
        return RefusedEvent(reason=error.reason, event=_EVENT, run_id=visit.visitor.run_id)
    return View(
        run_id=token.run_id,
        visitor_id=token.visitor_id,
        attempt=token.attempt,
        simulated_at=visit.simulated_at,
        slate_id=token.slate_id,
        position=token.position,
        after_ms=reported.after_ms,
    )
