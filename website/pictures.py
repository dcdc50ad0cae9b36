"""Posters and backdrops, to be kept by browsers for ever: their address changes when they do."""

from collections.abc import Callable

from flask import Blueprint, Response, abort, make_response, request

from catalog import Film
from website.headers import FOR_A_DAY, FOR_A_WHILE, FOR_EVER
from website.poster import backdrop_svg, poster_digest, poster_svg
from website.site import current_site

__all__ = ["bp"]

bp = Blueprint("pictures", __name__)


@bp.get("/poster/<int:movie_id>.svg")
def show_poster(movie_id: int) -> Response:
    """The film's poster."""
    return _picture(movie_id, "p", poster_svg)


@bp.get("/poster/<int:movie_id>/real")
def show_real_poster(movie_id: int) -> Response:
    """Its poster of TMDB; the drawn one, to be kept by nobody, while that is not to be had."""
    settings = current_site().settings
    film = settings.storefront.films.get(movie_id)
    if film is None or settings.real_posters is None:
        abort(404)
    picture = settings.real_posters.picture(movie_id)
    if picture is None:
        return Response(poster_svg(film), mimetype="image/svg+xml")
    response = Response(picture.content, mimetype=picture.media_type)
    response.headers["Cache-Control"] = FOR_A_DAY
    return response


@bp.get("/backdrop/<int:movie_id>.svg")
def show_backdrop(movie_id: int) -> Response:
    """The film's wide picture, without lettering."""
    return _picture(movie_id, "b", backdrop_svg)


def _picture(movie_id: int, kind: str, draw: Callable[[Film], str]) -> Response:
    film = current_site().settings.storefront.films.get(movie_id)
    if film is None:
        abort(404)
    digest = poster_digest(film)
    etag = f"{kind}{digest}"
    response = (
        make_response("", 304) if request.if_none_match.contains_weak(etag) else make_response(draw(film))
    )
    response.set_etag(etag)
    response.headers["Content-Type"] = "image/svg+xml"
    # An address without the digest stays the same when the picture changes, so it is kept for minutes only.
    response.headers["Cache-Control"] = FOR_EVER if request.args.get("v") == digest else FOR_A_WHILE
    return response
