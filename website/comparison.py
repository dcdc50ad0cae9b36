"""Two profiles side by side: what each variant would show to either, without recording a thing."""

import re
from dataclasses import dataclass

from flask import Blueprint, Response, abort, render_template, request
from markupsafe import Markup

from recommender_client import RecommendationRequest
from website.site import Site, current_site
from website.storefront import Profile
from website.visits import answer_to, identify

__all__ = ["bp"]

bp = Blueprint("comparison", __name__)

_USER_NUMBER = re.compile(r"\d{1,18}", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Shown:
    """One variant's slate for one user; `failure` says why there is none."""

    variant: str
    model: str
    cards: tuple[tuple[int, Markup, float | None], ...]
    failure: str


@dataclass(frozen=True, slots=True)
class _Side:
    """One user, their slates, and how many films both users are shown."""

    profile: Profile
    slates: tuple[_Shown, ...]


@bp.get("/compare")
def show_comparison() -> Response:
    """The slates of two users under every variant; the first two profiles where none are named."""
    site = current_site()
    visit = identify(request, site.signer, now_ms=site.now_ms())
    profiles = site.settings.storefront.profiles
    chosen = [*profiles][:2]
    if not chosen:
        abort(404)
    left = _asked_user(site, "left", chosen[0])
    right = _asked_user(site, "right", chosen[-1])
    sides = tuple(_side(site, user_id) for user_id in (left, right))
    page = render_template(
        "compare.html",
        here="compare",
        visitor_name=visit.name,
        sides=sides,
        shared={variant: _shared(sides, variant) for variant in site.settings.clients},
    )
    return answer_to(visit, page, site.signer)


def _asked_user(site: Site, name: str, otherwise: int) -> int:
    text = request.args.get(name, "").strip()
    if not text:
        return otherwise
    if not _USER_NUMBER.fullmatch(text) or int(text) not in site.settings.storefront.profiles:
        abort(404)
    return int(text)


def _side(site: Site, user_id: int) -> _Side:
    variants = site.settings.experiment.variants
    slates = tuple(_shown(site, variant.name, user_id) for variant in variants)
    return _Side(site.settings.storefront.profiles[user_id], slates)


def _shown(site: Site, variant: str, user_id: int) -> _Shown:
    asked = RecommendationRequest(user_id, site.settings.experiment.slate_size)
    try:
        answer = site.settings.clients[variant].recommend(asked)
        cards = tuple(
            (movie_id, site.cards.face(movie_id), None if answer.scores is None else answer.scores[index])
            for index, movie_id in enumerate(answer.movie_ids)
        )
    except Exception as error:  # noqa: BLE001  a client of the user's own may raise anything; the page must stand
        return _Shown(variant, "", (), f"{error}")
    return _Shown(variant, f"{answer.model} {answer.model_version}".strip(), cards, "")


def _shared(sides: tuple[_Side, ...], variant: str) -> int:
    """How many films this variant shows to both."""
    shown = [
        {movie_id for movie_id, _, _ in slate.cards}
        for side in sides
        for slate in side.slates
        if slate.variant == variant
    ]
    return len(set.intersection(*shown))
