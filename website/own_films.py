"""What visitors say of a film: how they rate it, and whether it belongs in their list."""

from typing import Literal

import msgspec
from flask import Blueprint, Response, make_response, redirect, render_template, request
from markupsafe import Markup

from experiment import Rating
from website.notes import read_note, write_note
from website.reasons import read_reason
from website.refusals import refuse
from website.shelf import Shelf, keep_shelf, read_shelf
from website.site import Site, current_site
from website.visits import Visit, identify
from website.words import gettext

__all__ = ["bp", "own_forms"]

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


def own_forms(
    site: Site, visit: Visit, shelf: Shelf, movie_id: int, *, why: str = "", said: str = ""
) -> Markup:
    """The forms of one film as its visitor may send them now.

    `why` goes along with them, see `reasons`; `said` is what the visitor just did, for a script to tell. The
    forms of simulated visitors load the film's page anew: their steps are page loads, in every engine.
    """
    who = visit.visitor
    form = _FilmForm(who.run_id, who.visitor_id, who.attempt, movie_id, visit.new_id("rating"))
    html = render_template(
        "_own.html",
        has_scripts=not who.is_simulated,
        form_token=write_note(form, site.settings.secret),
        rating_fields=_rating_fields(site, shelf.stars.get(movie_id, 0)),
        is_listed=movie_id in shelf.listed,
        why=why,
        said=said,
    )
    return Markup(html)  # noqa: S704  Jinja escaped it


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
    shelf = read_shelf(request, visit, site.settings.secret).with_stars(form.movie_id, stars)
    return _answer(site, visit, shelf, form.movie_id, gettext("You gave it %(n)s of 5 stars", n=stars))


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
    is_added = request.form["action"] == "add"
    said = gettext("It is in your list") if is_added else gettext("It is no longer in your list")
    return _answer(site, visit, change(form.movie_id), form.movie_id, said)


def _sent_form(site: Site, visit: Visit) -> _FilmForm | _Refusal:
    """The form that was sent, or why it is refused."""
    form = read_note(request.form.get("token", ""), _FilmForm, site.settings.secret)
    if form is None:
        return "forged"
    who = visit.visitor
    is_own = (form.run_id, form.visitor_id, form.attempt) == (who.run_id, who.visitor_id, who.attempt)
    return form if is_own else "swapped"


def _answer(site: Site, visit: Visit, shelf: Shelf, movie_id: int, said: str) -> Response:
    """The forms as they are now, for a script that asked; else the way back to the film's page."""
    secret = site.settings.secret
    why = request.form.get("why", "")
    reason = read_reason(why, visit, movie_id, secret)
    if request.headers.get("HX-Request") == "true":
        forms = own_forms(site, visit, shelf, movie_id, why=why if reason else "", said=said)
        response = make_response(forms)
    else:
        # Why the film was shown is still true after its form was sent.
        query = f"?from={reason.surface}&why={why}" if reason else ""
        response = make_response(redirect(f"/film/{movie_id}{query}", 303))
    keep_shelf(response, shelf, secret)
    return response


def _rating_fields(site: Site, stars: int) -> Markup:
    """Stars and thumbs with the visitor's own rating pressed: one of six pieces, the same for every film."""
    return site.cards.keep(
        f"rating-{stars}",
        lambda: Markup(render_template("_rating.html", stars=stars)),  # noqa: S704  Jinja escaped it
    )
