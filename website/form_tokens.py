"""Proof that a form was on a page of ours, given to this very visitor: no other site can send it."""

import hmac

import itsdangerous
from flask import abort, request

from website.site import Site
from website.visits import Visit

__all__ = ["form_token", "require_form_token"]


def form_token(site: Site, visit: Visit) -> str:
    """What a form's hidden field `csrf_token` holds."""
    signer = itsdangerous.Signer(site.settings.secret, salt="funflix.forms")
    return signer.get_signature(visit.visitor.visitor_id).decode()


def require_form_token(site: Site, visit: Visit) -> None:
    """Answer 403 unless the form sent bears this visitor's token."""
    sent = request.form.get("csrf_token", "").encode(errors="replace")
    if not hmac.compare_digest(sent, form_token(site, visit).encode()):
        abort(403)
