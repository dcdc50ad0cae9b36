"""Who is watching: browse as any user of the ratings data, or as somebody new."""

import re
from collections.abc import Mapping
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request

from website.form_tokens import form_token, require_form_token
from website.genres import in_words_of_data
from website.site import Site, current_site
from website.storefront import Profile
from website.visits import Visit, answer_to, identify, identify_as, keep_cookie, new_visitor
from website.words import gettext

__all__ = ["bp", "find_profiles"]

bp = Blueprint("profiles", __name__)

_PAGE_SIZE = 23  # with the new visitor's card, two dozen
_LONGEST_QUERY = 60
_NEW = "new"
# Python refuses, by raising, to read numbers of thousands of digits.
_USER_NUMBER = re.compile(r"\d{1,18}", re.ASCII)


@bp.get("/profiles")
def show_profiles() -> Response:
    """The users one can browse as, found by number or favourite genre, a page at a time."""
    site = current_site()
    visit = identify(request, site.signer, now_ms=site.now_ms())
    query = request.args.get("q", "")[:_LONGEST_QUERY].strip()
    profiles = site.settings.storefront.profiles
    found = find_profiles(profiles, query) or find_profiles(profiles, _in_english(query))
    n_pages = max(1, -(-len(found) // _PAGE_SIZE))
    page = min(max(request.args.get("page", 1, type=int), 1), n_pages)
    body = render_template(
        "profiles.html",
        here="profiles",
        visitor_name=visit.name,
        query=query,
        profiles=found[(page - 1) * _PAGE_SIZE : page * _PAGE_SIZE],
        n_found=len(found),
        page=page,
        n_pages=n_pages,
        page_url=lambda number: f"/profiles?{urlencode({'q': query, 'page': number})}",
        current_user_id=visit.visitor.user_id,
        example_user_id=next(iter(profiles), 1),
        csrf_token=form_token(site, visit),
    )
    return answer_to(visit, body, site.signer)


@bp.post("/profiles")
def choose_profile() -> Response:
    """Begin anew as the chosen user. A new visitor, for a visitor browses as one user only."""
    site = current_site()
    visit = identify(request, site.signer, now_ms=site.now_ms())
    require_form_token(site, visit)
    chosen = _chosen_user(site, request.form.get("user_id", ""))
    if visit.visitor.is_simulated:
        return _let_in(site, visit, chosen)
    visitor = new_visitor(chosen)
    site.record(visit, site.seen(identify_as(visitor, request, now_ms=site.now_ms())))
    response = make_response(redirect("/welcome" if visitor.user_id is None else "/", 303))
    keep_cookie(response, visitor, site.signer, is_recorded=visit.is_recorded)
    return response


def _let_in(site: Site, visit: Visit, chosen: int | None) -> Response:
    """Send a simulated visitor on, who is whom their ticket names: they can choose nobody else."""
    user_id = visit.visitor.user_id
    is_new = user_id not in site.settings.storefront.profiles
    if chosen != (None if is_new else user_id):
        abort(403)
    return make_response(redirect("/welcome" if is_new else "/", 303))


def find_profiles(profiles: Mapping[int, Profile], query: str) -> list[Profile]:
    """Profiles whose number begins with `query`, or one of whose favourite genres contains it."""
    words = query.casefold()
    if not words:
        return list(profiles.values())
    number = words.removeprefix("user").strip()
    if number.isdecimal():
        found = [profile for profile in profiles.values() if str(profile.user_id).startswith(number)]
        return sorted(found, key=lambda profile: profile.user_id)
    return [p for p in profiles.values() if any(words in genre.casefold() for genre in p.favourite_genres)]


def _in_english(query: str) -> str:
    """A query as the data have its words: in German, `Nutzer 7` is `7` and `Komödie` is `Comedy`."""
    user = gettext("User %(number)s", number="").strip().casefold()
    return in_words_of_data(query.casefold().removeprefix(user).strip())


def _chosen_user(site: Site, text: str) -> int | None:
    """The user a form names, None for nobody known; anything else is a bad request."""
    if text == _NEW:
        return None
    if not _USER_NUMBER.fullmatch(text) or int(text) not in site.settings.storefront.profiles:
        abort(400)
    return int(text)
