"""The pages of films: home, one film, and its player."""

from flask import Blueprint, Response, abort, render_template, request
from markupsafe import Markup

from catalog import Film
from experiment import Exposure, PlayToken
from website.cards import backdrop_url
from website.genres import genre_name
from website.overlay import has_overlay
from website.own_films import own_forms
from website.own_rows import because_row, film_rows, own_rows, read_watched
from website.reasons import read_reason, write_reason
from website.rows_to_come import may_come_later, row_to_come
from website.runtimes import clock_text, runtime_min
from website.served import FILM, HOME, ServedSlate
from website.shelf import keep_shelf, read_shelf
from website.site import Site, current_site
from website.slates import record_slate, serve_slate
from website.visits import Visit, answer_to, identify
from website.words import decimals, gettext

__all__ = ["bp"]

bp = Blueprint("catalogue_pages", __name__)


@bp.get("/")
def show_home() -> Response:
    """The home page: a headline film, the visitor's slate, and rows that are the same for all."""
    if (unseen := _answer_unseen()) is not None:
        return unseen
    site = current_site()
    visit = identify(request, site.signer, now_ms=site.now_ms())
    shelf = read_shelf(request, visit, site.settings.secret)
    watched = read_watched(site, visit, shelf)
    slate = serve_slate(site, visit, HOME, history=shelf.history, watched=frozenset(watched.ended))
    slate = record_slate(site, visit, slate, site.seen(visit), _exposure(visit, slate))
    overlaid = has_overlay(visit)
    is_later = watched.latest is not None and may_come_later(visit, has_overlay=overlaid)
    why = write_reason(visit, slate, site.settings.secret)
    page = render_template(
        "home.html",
        here=HOME,
        visitor_name=visit.name,
        hero=site.cards.keep("hero", lambda: _hero(site)),
        rows=film_rows(site, watched),
        own_rows=own_rows(site, visit, shelf, watched, has_overlay=overlaid, is_later=is_later),
        has_row_to_come=is_later,
        slate=site.cards.slate(slate, gettext("Recommended for you"), why=why, has_overlay=overlaid),
    )
    return answer_to(visit, page, site.signer)


@bp.get("/rows/because")
def show_because() -> Response:
    """The row of films like the one watched last, for the home page's script; empty where there is none."""
    if (unseen := _answer_unseen()) is not None:
        return unseen
    site = current_site()
    visit = identify(request, site.signer, now_ms=site.now_ms())
    shelf = read_shelf(request, visit, site.settings.secret)
    row = because_row(site, visit, shelf, read_watched(site, visit, shelf), has_overlay=has_overlay(visit))
    return answer_to(visit, row, site.signer)


@bp.get("/film/<int:movie_id>")
def show_film(movie_id: int) -> Response:
    """One film, and the variant's films like it."""
    site = current_site()
    film = _film_or_404(site, movie_id)
    if (unseen := _answer_unseen()) is not None:
        return unseen
    visit = identify(request, site.signer, now_ms=site.now_ms())
    secret = site.settings.secret
    shelf, why = read_shelf(request, visit, secret), request.args.get("why", "")
    reason = read_reason(why, visit, movie_id, secret)
    if may_come_later(visit, has_overlay=has_overlay(visit)):
        site.record(visit, site.seen(visit))
        n_films = site.settings.experiment.slate_size
        similar = row_to_come(f"/film/{movie_id}/similar", gettext("More like this"), n_films=n_films)
    else:
        similar = _similar_row(site, visit, movie_id)
    page = render_template(
        "film.html",
        visitor_name=visit.name,
        film=film,
        poster=site.cards.poster(film),
        backdrop=backdrop_url(film),
        rating=site.settings.storefront.ratings.get(movie_id),
        runtime_min=runtime_min(film),
        has_scripts=not visit.visitor.is_simulated,
        own_forms=own_forms(site, visit, shelf, movie_id, why=why if reason else ""),
        is_begun=movie_id in shelf.positions,
        reason=reason,
        why=why,
        slate=similar,
    )
    return answer_to(visit, page, site.signer)


@bp.get("/film/<int:movie_id>/similar")
def show_similar(movie_id: int) -> Response:
    """The row of films like this one alone, for the script of its page."""
    site = current_site()
    _film_or_404(site, movie_id)
    if (unseen := _answer_unseen()) is not None:
        return unseen
    visit = identify(request, site.signer, now_ms=site.now_ms())
    return answer_to(visit, _similar_row(site, visit, movie_id), site.signer)


@bp.get("/watch/<int:movie_id>")
def show_player(movie_id: int) -> Response:
    """The player, with the token that lets it report how much was watched."""
    site = current_site()
    film = _film_or_404(site, movie_id)
    visit = identify(request, site.signer, now_ms=site.now_ms())
    who = visit.visitor
    token = PlayToken(who.run_id, who.visitor_id, who.attempt, movie_id, visit.new_id("play"))
    runtime_s = 60 * runtime_min(film)
    shelf = read_shelf(request, visit, site.settings.secret)
    start_s = shelf.positions.get(movie_id, 0)
    page = render_template(
        "watch.html",
        visitor_name=visit.name,
        film=film,
        backdrop=backdrop_url(film),
        token=site.signer.sign(token),
        runtime_s=runtime_s,
        runtime_text=clock_text(runtime_s),
        start_s=start_s,
        start_text=clock_text(start_s),
    )
    response = answer_to(visit, page, site.signer)
    # Simulated visitors have no shelf: their home pages stay as they were, and ask the log nothing.
    if visit.is_recorded and not (who.is_simulated or shelf.has_played):
        keep_shelf(response, shelf.with_played(), site.settings.secret)
    return response


def _answer_unseen() -> Response | None:
    """The answer where nobody sees the page, so that it exposes nobody; None where somebody does.

    A browser that prefetches gets nothing to keep: should its user go there, it asks again.
    """
    if request.method == "HEAD":
        return Response(mimetype="text/html")
    purpose = f"{request.headers.get('Sec-Purpose', '')} {request.headers.get('Purpose', '')}"
    return Response(status=204) if "prefetch" in purpose.lower() else None


def _similar_row(site: Site, visit: Visit, movie_id: int) -> Markup:
    secret = site.settings.secret
    history = read_shelf(request, visit, secret).history
    slate = serve_slate(site, visit, FILM, movie_id=movie_id, history=history)
    slate = record_slate(site, visit, slate, site.seen(visit))
    why = write_reason(visit, slate, secret, beside=movie_id)
    return site.cards.slate(slate, gettext("More like this"), why=why, has_overlay=has_overlay(visit))


def _film_or_404(site: Site, movie_id: int) -> Film:
    film = site.settings.storefront.films.get(movie_id)
    if film is None:
        abort(404)
    return film


def _hero(site: Site) -> Markup:
    storefront = site.settings.storefront
    film = storefront.films[storefront.popular[0]]
    rating = storefront.ratings.get(film.movie_id)
    facts = [str(film.year)] if film.year is not None else []
    facts += [", ".join(genre_name(genre) for genre in film.genres[:3])] if film.genres else []
    facts += [f"★ {decimals(rating.mean, 1)}"] if rating else []
    return Markup(render_template("_hero.html", film=film, facts=facts, backdrop=backdrop_url(film)))  # noqa: S704  Jinja escaped it


def _exposure(visit: Visit, slate: ServedSlate) -> Exposure:
    who = visit.visitor
    return Exposure(
        run_id=who.run_id,
        visitor_id=who.visitor_id,
        attempt=who.attempt,
        simulated_at=visit.simulated_at,
        variant=slate.variant,
        router_claim=slate.router_claim,
    )
