"""The search page: films by words of their title, genre and year."""

from collections import Counter

from flask import Blueprint, Response, render_template, request
from markupsafe import Markup

from website.site import Site, current_site
from website.visits import answer_to, identify

__all__ = ["bp"]

bp = Blueprint("search", __name__)

_LONGEST_QUERY = 80
_MOST_SHOWN = 48
_N_HINTS = 8


@bp.get("/search")
def show_search() -> Response:
    """The films that fit `q`, best first, or what one might search for."""
    site = current_site()
    visit = identify(request, site.signer, now_ms=site.now_ms())
    query = " ".join(request.args.get("q", "")[:_LONGEST_QUERY].split())
    found = site.settings.storefront.index.search(query)
    shown = found.movie_ids[:_MOST_SHOWN]
    page = render_template(
        "search.html",
        here="search",
        visitor_name=visit.name,
        query=query,
        longest_query=_LONGEST_QUERY,
        summary=_summary(query, n_found=len(found.movie_ids), n_shown=len(shown), is_near=found.is_near),
        cards=[(movie_id, site.cards.face(movie_id)) for movie_id in shown],
        hints=site.cards.keep("search-hints", lambda: _hints(site)),
    )
    return answer_to(visit, page, site.signer)


def _summary(query: str, *, n_found: int, n_shown: int, is_near: bool) -> str:
    """One line on what was found; a screen reader says it as it changes."""
    if not query:
        return ""
    if n_found == 0:
        return f"No film fits “{query}”."
    films = "film" if n_found == 1 else "films"
    first = f"The best {n_shown} of {n_found:,} {films}" if n_shown < n_found else f"{n_found:,} {films}"
    return f"{first} spelt nearly like “{query}”" if is_near else f"{first} for “{query}”"


def _hints(site: Site) -> Markup:
    """What one might search for: a title everybody knows, genres, a decade."""
    storefront = site.settings.storefront
    genres = Counter(genre for film in storefront.films.values() for genre in film.genres)
    favourite = storefront.films[storefront.popular[0]]
    hints = [favourite.title, *(genre for genre, _ in genres.most_common(_N_HINTS))]
    if favourite.year is not None:
        hints.append(f"{favourite.year // 10 * 10}s")
    return Markup(render_template("_search_hints.html", hints=hints))  # noqa: S704  Jinja escaped it
