"""The search page: films by words of their title, genre and year."""

from collections import Counter

from flask import Blueprint, Response, render_template, request
from markupsafe import Markup

from website.film_index import FoundFilms
from website.genres import genre_name, in_words_of_data
from website.site import Site, current_site
from website.visits import answer_to, identify
from website.words import ENGLISH, current_language, gettext, ngettext

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
    found = _search(site, query)
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


def _search(site: Site, query: str) -> FoundFilms:
    """Films that fit the words, or, in another language than English, what the data call them."""
    index = site.settings.storefront.index
    found = index.search(query)
    if current_language() == ENGLISH or (found.movie_ids and not found.is_near):
        return found
    known = index.search(in_words_of_data(query))
    return known if known.movie_ids and (not known.is_near or not found.movie_ids) else found


def _summary(query: str, *, n_found: int, n_shown: int, is_near: bool) -> str:
    """One line on what was found; a screen reader says it as it changes."""
    if not query:
        return ""
    if n_found == 0:
        return gettext("No film fits “%(query)s”.", query=query)
    films = ngettext("%(num)s film", "%(num)s films", n_found)
    if n_shown < n_found:
        films = gettext("The best %(n)s of %(films)s", n=n_shown, films=films)
    if is_near:
        return gettext("%(films)s spelt nearly like “%(query)s”", films=films, query=query)
    return gettext("%(films)s for “%(query)s”", films=films, query=query)


def _hints(site: Site) -> Markup:
    """What one might search for: a title everybody knows, genres, a decade."""
    storefront = site.settings.storefront
    genres = Counter(genre for film in storefront.films.values() for genre in film.genres)
    favourite = storefront.films[storefront.popular[0]]
    hints = [(favourite.title, favourite.title)]
    hints += [(genre, genre_name(genre)) for genre, _ in genres.most_common(_N_HINTS)]
    if favourite.year is not None:
        decade = favourite.year // 10 * 10
        hints.append((f"{decade}s", gettext("%(decade)ss", decade=decade)))
    return Markup(render_template("_search_hints.html", hints=hints))  # noqa: S704  Jinja escaped it
