"""The teacher's overlay: a switch that shows on every recommended card why it stands where it stands."""

from flask import Blueprint, Response, make_response, redirect, request

from website.form_tokens import require_form_token
from website.site import current_site
from website.visits import COOKIE_MAX_AGE_S, Visit, identify

__all__ = ["OVERLAY_COOKIE", "bp", "has_overlay"]

bp = Blueprint("overlay", __name__)

OVERLAY_COOKIE = "funflix_overlay"
_ON = "1"


def has_overlay(visit: Visit) -> bool:
    """Whether this visitor switched it on; simulated visitors see what everybody sees."""
    return not visit.visitor.is_simulated and request.cookies.get(OVERLAY_COOKIE) == _ON


@bp.post("/overlay")
def switch_overlay() -> Response:
    """Switch the overlay on or off, and show the home page."""
    site = current_site()
    visit = identify(request, site.signer, now_ms=site.now_ms())
    require_form_token(site, visit)
    response = make_response(redirect("/", 303))
    if has_overlay(visit):
        response.delete_cookie(OVERLAY_COOKIE, httponly=True, samesite="Lax")
    else:
        response.set_cookie(OVERLAY_COOKIE, _ON, max_age=COOKIE_MAX_AGE_S, httponly=True, samesite="Lax")
    return response
