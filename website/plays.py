"""How much of a film was watched: heartbeats from the player, or its form."""

import math
from typing import Annotated

import msgspec
from flask import Blueprint, Response, make_response, redirect, request
from werkzeug.datastructures import MultiDict

from experiment import Play, TokenError
from website.catalogue_pages import runtime_min
from website.refusals import refuse
from website.site import Site, current_site
from website.visits import Visit, identify

__all__ = ["bp"]

bp = Blueprint("plays", __name__)

_EVENT = "play"
_LONGEST_S = 24 * 3600.0
_FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")


class _ReportedPlay(msgspec.Struct, frozen=True):
    token: Annotated[str, msgspec.Meta(max_length=2000)]
    watch_s: Annotated[float, msgspec.Meta(ge=0, le=_LONGEST_S)]
    is_completed: bool = False


_REPORT = msgspec.json.Decoder(_ReportedPlay)


@bp.post("/plays")
def record_play() -> Response:
    """Record how long the film has been watched so far; only more than before changes anything."""
    site = current_site()
    visit = identify(request, site.signer, now_ms=site.now_ms())
    is_form = request.mimetype in _FORM_TYPES
    try:
        reported = _from_form(request.form) if is_form else _REPORT.decode(request.get_data())
    except (msgspec.MsgspecError, ValueError, RecursionError):  # deep nesting
        return refuse(site, visit, _EVENT, "malformed")
    try:
        token = site.signer.verify_play(reported.token, now=site.now())
        site.signer.check(token, visit.visitor)
    except TokenError as error:
        return refuse(site, visit, _EVENT, error.reason)
    site.record(
        visit,
        Play(
            run_id=token.run_id,
            visitor_id=token.visitor_id,
            attempt=token.attempt,
            simulated_at=visit.simulated_at,
            play_id=token.play_id,
            movie_id=token.movie_id,
            watch_s=min(reported.watch_s, _longest_s(site, visit, token.movie_id)),
            is_completed=reported.is_completed,
        ),
    )
    return make_response(redirect(f"/film/{token.movie_id}", 303) if is_form else ("", 204))


def _longest_s(site: Site, visit: Visit, movie_id: int) -> float:
    """The most that a play can add: nobody watches more of a film than there is.

    Films of simulated visits are as long as the population file says, which only the simulator has read.
    """
    film = site.settings.storefront.films.get(movie_id)
    return _LONGEST_S if film is None or visit.visitor.is_simulated else 60.0 * runtime_min(film)


def _from_form(form: MultiDict[str, str]) -> _ReportedPlay:
    watch_s = float(form.get("watch_s") or 0)
    if not (math.isfinite(watch_s) and 0 <= watch_s <= _LONGEST_S):
        raise ValueError(f"watch_s {watch_s!r}: must be 0 to {_LONGEST_S:.0f} seconds")
    return _ReportedPlay(form.get("token", ""), watch_s, form.get("is_completed", "") in {"1", "true", "on"})
