"""What makes an answer a slate: the checks that all protocols share, and decoding that raises our errors."""

import math
from collections.abc import Sequence
from typing import Annotated, TypeVar

import msgspec

from recommender_client.errors import BadAnswerError
from recommender_client.transport import shown

MovieId = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]

_T = TypeVar("_T")


def decode(decoder: msgspec.json.Decoder[_T], text: bytes | msgspec.Raw, where: str) -> _T:
    """Decode JSON from an endpoint.

    Raises:
        BadAnswerError: it is not JSON (NaN and Infinity are not), not of the decoder's type, or nested too
            deeply.
    """
    try:
        return decoder.decode(text)
    except RecursionError as error:
        raise BadAnswerError(
            f"{where} answered JSON that is nested too deeply: {shown(bytes(text))}"
        ) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadAnswerError(f"{where} answered {shown(bytes(text))}: {error}") from error


def checked_films(
    movie_ids: Sequence[int], *, n_films: int, known_films: frozenset[int] | None, where: str
) -> tuple[int, ...]:
    """The films of one slate.

    Args:
        movie_ids: as answered.
        n_films: how many were asked for.
        known_films: the films the site can show; None lets any pass.
        where: the call, for the error message.

    Raises:
        BadAnswerError: fewer or more films than asked, a film twice, or one the site does not know.
    """
    if len(movie_ids) != n_films:
        raise BadAnswerError(
            f"{where} answered {len(movie_ids)} films instead of {n_films}: give as many as asked"
        )
    distinct = set(movie_ids)
    if len(distinct) != n_films:
        twice = next(movie_id for index, movie_id in enumerate(movie_ids) if movie_id in movie_ids[:index])
        raise BadAnswerError(f"{where} answered movie_id {twice!r} twice: a slate's films must be distinct")
    if known_films is not None and not distinct <= known_films:
        unknown = next(movie_id for movie_id in movie_ids if movie_id not in known_films)
        raise BadAnswerError(
            f"{where} answered movie_id {unknown!r}, not in the catalogue: train it on the site's films"
        )
    return tuple(movie_ids)


def checked_scores(scores: Sequence[float], *, n_films: int, where: str) -> tuple[float, ...]:
    """The scores of one slate.

    Raises:
        BadAnswerError: not one for each film, or one that is NaN or infinite.
    """
    if len(scores) != n_films:
        raise BadAnswerError(f"{where} answered {len(scores)} scores for {n_films} films: give one for each")
    for score in scores:
        if not math.isfinite(score):
            raise BadAnswerError(f"{where} answered score {score!r}: scores must be finite numbers")
    return tuple(scores)
