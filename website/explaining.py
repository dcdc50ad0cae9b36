"""Which films of a visitor's history speak for a film they were shown: the model is asked on demand.

Neither home nor film pages wait for it, and it is recorded nowhere: it is no slate. An endpoint need not
explain itself; then films of the visitor's own history that share a genre stand in, and the page says so.
"""

import logging
from dataclasses import dataclass

from flask import Blueprint, Response, abort, render_template, request

from catalog import Film
from recommender_client import Reason, RecommendationRequest, RecommenderClientError
from website.reasons import ShownReason, read_reason
from website.shelf import read_shelf
from website.site import Site, current_site
from website.visits import Visit, answer_to, identify
from website.words import gettext

__all__ = ["bp"]

bp = Blueprint("explaining", __name__)

_LOGGER = logging.getLogger(__name__)
_MOST_FILMS = 5


@dataclass(frozen=True, slots=True)
class _Speaking:
    """A sentence, and the films it speaks of, each with what it adds to the score where a model said that."""

    sentence: str
    films: tuple[tuple[Film, float | None], ...] = ()


@bp.get("/film/<int:movie_id>/why")
def show_speaking(movie_id: int) -> Response:
    """The films that speak for one film; the film's page takes its part of this page."""
    site = current_site()
    film = site.settings.storefront.films.get(movie_id)
    if film is None:
        abort(404)
    visit = identify(request, site.signer, now_ms=site.now_ms())
    why = request.args.get("why", "")
    reason = read_reason(why, visit, movie_id, site.settings.secret)
    if reason is None:
        abort(403)
    shelf = read_shelf(request, visit, site.settings.secret)
    # By now it was clicked, and may be listed or liked: no film speaks for itself.
    history = tuple(other for other in shelf.history if other != movie_id)
    speaking = _speaking(site, visit, film, reason, history)
    page = render_template(
        "why.html",
        visitor_name=visit.name,
        film=film,
        reason=reason,
        why=why,
        sentence=speaking.sentence,
        films=speaking.films,
    )
    return answer_to(visit, page, site.signer)


def _speaking(
    site: Site, visit: Visit, film: Film, reason: ShownReason, history: tuple[int, ...]
) -> _Speaking:
    if reason.model is None:
        return _Speaking(gettext("None: popular films are shown to everybody."))
    beside = site.settings.storefront.films.get(reason.beside or 0)
    if beside is not None:
        return _Speaking(gettext("It was shown as a film like this one:"), ((beside, None),))
    user_id = visit.visitor.user_id
    told = history if user_id is None and _is_told_histories(site, reason.variant) else ()
    if user_id is None and not told:
        return _Speaking(gettext("None: the model knows no history of yours."))
    asked = RecommendationRequest(user_id, 1, history=told, explained=film.movie_id)
    return _by_model(site, film, reason.variant, asked, history)


def _by_model(
    site: Site, film: Film, variant: str, asked: RecommendationRequest, history: tuple[int, ...]
) -> _Speaking:
    try:
        reasons = site.settings.clients[variant].recommend(asked).reasons
    except RecommenderClientError:
        return _same_genres(site, film, history, gettext("Its model did not answer just now."))
    except Exception:  # a client of the user's own may raise anything; the page must stand
        _LOGGER.exception("the client of variant %r failed to explain a film", variant)
        return _same_genres(site, film, history, gettext("Its model did not answer just now."))
    if reasons is None:
        return _same_genres(site, film, history, gettext("Its model does not say which."))
    return _by_reasons(site, reasons)


def _is_told_histories(site: Site, variant: str) -> bool:
    """Whether a variant's model hears of the films of visitors without a user."""
    return any(known.name == variant and known.sends_history for known in site.settings.experiment.variants)


def _by_reasons(site: Site, reasons: tuple[Reason, ...]) -> _Speaking:
    found = [(site.settings.storefront.films.get(reason.movie_id), reason.score) for reason in reasons]
    known = tuple((film, score) for film, score in found if film is not None)
    if not known:
        return _Speaking(gettext("None: no film of your history speaks for it."))
    return _Speaking(
        gettext("These films of your history speak for it most, by what each adds to its score:"), known
    )


def _same_genres(site: Site, film: Film, history: tuple[int, ...], sentence: str) -> _Speaking:
    """Films of the history that share most genres with the film, the latest first among equals."""
    films = site.settings.storefront.films
    shared = [
        (films[other], len({*films[other].genres} & {*film.genres})) for other in history if other in films
    ]
    alike = sorted((pair for pair in shared if pair[1]), key=lambda pair: -pair[1])[:_MOST_FILMS]
    if not alike:
        return _Speaking(sentence)
    of_history = gettext("Of your history, these share a genre with it, which is not why it was chosen:")
    return _Speaking(f"{sentence} {of_history}", tuple((other, None) for other, _ in alike))
