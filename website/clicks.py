"""Clicks on recommended films: each is checked, committed, and only then acknowledged."""

import re

from flask import Blueprint, Response, make_response, redirect, request

from experiment import Click, ImpressionToken, TokenError
from experiment import click_id as click_id_at
from website.credit import split_token
from website.reasons import read_reason
from website.refusals import count_refusal, refuse, wants_page
from website.shelf import keep_shelf, read_shelf
from website.site import current_site
from website.visits import Visit, identify

__all__ = ["bp"]

bp = Blueprint("clicks", __name__)

_CLICK_ID = re.compile(r"[\x21-\x7e]{1,100}")
_EVENT = "click"


@bp.post("/click")
def record_click() -> Response:
    """Record that the visitor clicked one film of a slate we showed them, and send them on to the film."""
    site = current_site()
    visit = identify(request, site.signer, now_ms=site.now_ms())
    reported = split_token(request.form.get("token", ""))
    click_id = request.form.get("click_id", "")
    if click_id and not _CLICK_ID.fullmatch(click_id):
        return refuse(site, visit, _EVENT, "malformed")
    try:
        token = site.signer.verify_impression(reported.impression, now=site.now())
        site.signer.check(token, visit.visitor)
    except TokenError as error:
        return refuse(site, visit, _EVENT, error.reason)
    if site.record(visit, _click(token, visit, click_id)).n_stored == 0:
        if not wants_page():
            return refuse(site, visit, _EVENT, "replayed", variant=token.variant)
        # A person who went back and clicked again wants the film, not an error.
        count_refusal(site, visit, _EVENT, "replayed", variant=token.variant)
    else:
        site.credit.reward(token, reported.credit, user_id=visit.visitor.user_id)
    why = request.form.get("why", "")
    is_true = bool(why) and read_reason(why, visit, token.movie_id, site.settings.secret) is not None
    query = f"?from={token.surface}&why={why}" if is_true else f"?from={token.surface}"
    response = make_response(redirect(f"/film/{token.movie_id}{query}", 303))
    # The pages of simulated visitors depend on nothing but the seed: they have no shelf.
    if visit.is_recorded and not visit.visitor.is_simulated:
        shelf = read_shelf(request, visit, site.settings.secret)
        keep_shelf(response, shelf.with_clicked(token.movie_id), site.settings.secret)
    return response


def _click(token: ImpressionToken, visit: Visit, click_id: str) -> Click:
    place = click_id_at(token.slate_id, token.position)
    return Click(
        run_id=token.run_id,
        visitor_id=token.visitor_id,
        attempt=token.attempt,
        simulated_at=visit.simulated_at,
        # A visitor's own id stays within the place, so that nobody can use up the id of another's click.
        click_id=f"{place}:{click_id}" if click_id else place,
        slate_id=token.slate_id,
        surface=token.surface,
        position=token.position,
        movie_id=token.movie_id,
        variant=token.variant,
    )
