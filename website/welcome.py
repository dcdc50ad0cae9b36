"""The first minute of somebody new: genres and films they like, so that the models need not guess."""

import re
from itertools import chain

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request

from website.form_tokens import form_token, require_form_token
from website.shelf import keep_shelf, read_shelf
from website.site import Site, current_site
from website.storefront import Storefront
from website.visits import answer_to, identify

__all__ = ["bp"]

bp = Blueprint("welcome", __name__)

_N_FILMS = 24
_MOST_GENRES = 5
_FILMS_PER_GENRE = 3
_FILM_NUMBER = re.compile(r"\d{1,18}", re.ASCII)


@bp.get("/welcome")
def ask_taste() -> Response:
    """Genres and well-known films to choose from."""
    site = current_site()
    visit = identify(request, site.signer, now_ms=site.now_ms())
    storefront = site.settings.storefront
    page = render_template(
        "welcome.html",
        here="welcome",
        visitor_name=visit.name,
        genres=genres_by_popularity(storefront),
        films=[(movie_id, site.cards.face(movie_id)) for movie_id in films_to_choose_from(storefront)],
        most_genres=_MOST_GENRES,
        form_token=form_token(site, visit),
    )
    return answer_to(visit, page, site.signer)


@bp.post("/welcome")
def keep_taste() -> Response:
    """Put what was chosen on the visitor's shelf, where it speaks for them, and show the home page."""
    site = current_site()
    visit = identify(request, site.signer, now_ms=site.now_ms())
    require_form_token(site, visit)
    films = [_known_film(site, text) for text in request.form.getlist("film")[:_N_FILMS]]
    genres = request.form.getlist("genre")[:_MOST_GENRES]
    storefront = site.settings.storefront
    if not set(genres) <= set(genres_by_popularity(storefront)):
        abort(400)
    of_genres = [best_known(storefront, genre, besides=films) for genre in genres]
    response = make_response(redirect("/", 303))
    shelf = read_shelf(request, visit, site.settings.secret)
    # Films of the genres last: what was pointed at says more than what merely belongs to a genre.
    keep_shelf(response, shelf.with_picked((*films, *chain(*of_genres))), site.settings.secret)
    return response


def genres_by_popularity(storefront: Storefront) -> tuple[str, ...]:
    """All genres, that of the best-known films first."""
    popular = (genre for movie_id in storefront.popular for genre in storefront.films[movie_id].genres)
    every = (genre for film in storefront.films.values() for genre in film.genres)
    return tuple(dict.fromkeys(chain(popular, every)))


def films_to_choose_from(storefront: Storefront) -> tuple[int, ...]:
    """Well-known films of many kinds: of every first genre the best-known ones, in turn."""
    by_genre: dict[str, list[int]] = {}
    for movie_id in storefront.popular:
        by_genre.setdefault((storefront.films[movie_id].genres or ("",))[0], []).append(movie_id)
    most = max((len(films) for films in by_genre.values()), default=0)
    in_turn = [films[place] for place in range(most) for films in by_genre.values() if place < len(films)]
    return tuple(in_turn[:_N_FILMS])


def best_known(storefront: Storefront, genre: str, *, besides: list[int]) -> list[int]:
    """The best-known films of a genre that were not chosen already."""
    of_genre = [film for film in storefront.popular if genre in storefront.films[film].genres]
    return [film for film in of_genre if film not in besides][:_FILMS_PER_GENRE]


def _known_film(site: Site, text: str) -> int:
    if not _FILM_NUMBER.fullmatch(text) or int(text) not in site.settings.storefront.films:
        abort(400)
    return int(text)
