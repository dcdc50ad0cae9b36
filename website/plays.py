"""How much of a film was watched: heartbeats from the player, or its form."""

import math
from typing import Annotated

import msgspec
from flask import Blueprint, Response, make_response, redirect, request
from werkzeug.datastructures import MultiDict

from experiment import Play, TokenError
from website.refusals import refuse
from website.runtimes import runtime_min
from website.shelf import keep_shelf, read_shelf
from website.site import Site, current_site
from website.visits import Visit, identify

__all__ = ["bp"]

bp = Blueprint("plays", __name__)

_EVENT = "play"
_LONGEST_S = 24 * 3600.0
_WORTH_RESUMING_S = 30.0
_FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")


_Seconds = Annotated[float, msgspec.Meta(ge=0, le=_LONGEST_S)]


class _ReportedPlay(msgspec.Struct, frozen=True):
    """`position_s` is where the player stands, None where its page does not say."""

    token: Annotated[str, msgspec.Meta(max_length=2000)]
    watch_s: _Seconds
    is_completed: bool = False
    position_s: _Seconds | None = None


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
    response = make_response(redirect(f"/film/{token.movie_id}", 303) if is_form else ("", 204))
    _keep_position(response, site, visit, token.movie_id, reported)
    return response


def _keep_position(
    response: Response, site: Site, visit: Visit, movie_id: int, reported: _ReportedPlay
) -> None:
    """Have the shelf know where the film goes on; simulated visitors and who said no have none."""
    if reported.position_s is None or visit.visitor.is_simulated or not visit.is_recorded:
        return
    shelf = read_shelf(request, visit, site.settings.secret)
    position_s = min(reported.position_s, _longest_s(site, visit, movie_id))
    if reported.is_completed or position_s < _WORTH_RESUMING_S:
        changed = shelf.without_position(movie_id)
    else:
        changed = shelf.with_position(movie_id, int(position_s))
    if changed != shelf:
        keep_shelf(response, changed, site.settings.secret)


def _longest_s(site: Site, visit: Visit, movie_id: int) -> float:
    """The most that a play can add: nobody watches more of a film than there is.

    Films of simulated visits are as long as the population file says, which only the simulator has read.
    """
    film = site.settings.storefront.films.get(movie_id)
    return _LONGEST_S if film is None or visit.visitor.is_simulated else 60.0 * runtime_min(film)


def _from_form(form: MultiDict[str, str]) -> _ReportedPlay:
    watch_s = _seconds(form.get("watch_s") or "0")
    # Only a script knows where the player stands; without one the film was watched on from where it began.
    position = form.get("position_s")
    position_s = _seconds(position) if position else _seconds(form.get("from_s") or "0") + watch_s
    is_completed = form.get("is_completed", "") in {"1", "true", "on"}
    return _ReportedPlay(form.get("token", ""), watch_s, is_completed, position_s)


def _seconds(text: str) -> float:
    seconds = float(text)
    if not (math.isfinite(seconds) and 0 <= seconds <= _LONGEST_S):
        raise ValueError(f"seconds {seconds!r}: must be 0 to {_LONGEST_S:.0f}")
    return seconds
