"""What visitors say of a film: how they rate it, and whether it belongs in their list."""

from typing import Literal

import msgspec
from flask import Blueprint, Response, make_response, redirect, request

from experiment import Rating
from website.notes import read_note, write_note
from website.reasons import read_reason
from website.refusals import refuse
from website.shelf import keep_shelf, read_shelf
from website.site import Site, current_site
from website.visits import Visit, identify

__all__ = ["bp", "write_film_form"]

bp = Blueprint("own_films", __name__)

_STARS = {str(stars): stars for stars in range(1, 6)}
_Refusal = Literal["forged", "malformed", "swapped"]


class _FilmForm(msgspec.Struct, frozen=True, array_like=True):
    """The forms of one film's page, as they were given to one visitor."""

    run_id: str
    visitor_id: str
    attempt: int
    movie_id: int
    rating_id: str


def write_film_form(site: Site, visit: Visit, movie_id: int) -> str:
    """The token of a film page's forms: who may send them, and about which film."""
    who = visit.visitor
    form = _FilmForm(who.run_id, who.visitor_id, who.attempt, movie_id, visit.new_id("rating"))
    return write_note(form, site.settings.secret)


@bp.post("/ratings")
def rate_film() -> Response:
    """Record a rating of 1 to 5 stars; the visitor's latest of a film is the one that counts."""
    site = current_site()
    visit = identify(request, site.signer, now_ms=site.now_ms())
    form = _sent_form(site, visit)
    stars = _STARS.get(request.form.get("stars", ""))
    if not isinstance(form, _FilmForm):
        return refuse(site, visit, "rating", form)
    if stars is None:
        return refuse(site, visit, "rating", "malformed")
    site.record(
        visit,
        Rating(
            run_id=form.run_id,
            visitor_id=form.visitor_id,
            attempt=form.attempt,
            simulated_at=visit.simulated_at,
            # The same stars sent twice are one rating; other stars from the same page are another.
            rating_id=f"{form.rating_id}:{stars}",
            movie_id=form.movie_id,
            stars=stars,
        ),
    )
    response = _back_to_film(site, visit, form.movie_id)
    shelf = read_shelf(request, visit, site.settings.secret)
    keep_shelf(response, shelf.with_stars(form.movie_id, stars), site.settings.secret)
    return response


@bp.post("/list")
def change_list() -> Response:
    """Put a film into the visitor's list, or take it out."""
    site = current_site()
    visit = identify(request, site.signer, now_ms=site.now_ms())
    form = _sent_form(site, visit)
    if not isinstance(form, _FilmForm):
        return refuse(site, visit, "list", form)
    shelf = read_shelf(request, visit, site.settings.secret)
    change = {"add": shelf.with_listed, "remove": shelf.without_listed}.get(request.form.get("action", ""))
    if change is None:
        return refuse(site, visit, "list", "malformed")
    response = _back_to_film(site, visit, form.movie_id)
    keep_shelf(response, change(form.movie_id), site.settings.secret)
    return response


def _sent_form(site: Site, visit: Visit) -> _FilmForm | _Refusal:
    """The form that was sent, or why it is refused."""
    form = read_note(request.form.get("token", ""), _FilmForm, site.settings.secret)
    if form is None:
        return "forged"
    who = visit.visitor
    is_own = (form.run_id, form.visitor_id, form.attempt) == (who.run_id, who.visitor_id, who.attempt)
    return form if is_own else "swapped"


def _back_to_film(site: Site, visit: Visit, movie_id: int) -> Response:
    why = request.form.get("why", "")
    reason = read_reason(why, visit, movie_id, site.settings.secret)
    # Why the film was shown is still true after its form was sent.
    query = f"?from={reason.surface}&why={why}" if reason else ""
    return make_response(redirect(f"/film/{movie_id}{query}", 303))
