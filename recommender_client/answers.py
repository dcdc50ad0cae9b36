"""What makes an answer a slate: the checks that all protocols share, and decoding that raises our errors."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, TypeVar

import msgspec

from recommender_client.errors import BadAnswerError
from recommender_client.interface import MAX_HISTORY, Reason
from recommender_client.transport import shown

MovieId = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
MovieIdOrNone = Annotated[int, msgspec.Meta(ge=-1, le=2**63 - 1)]
"""-1 fills up the rows of a table."""

_SHOWN_BEFORE = 20
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Slate:
    """Films in order, checked, with the model's score of each where it gives one."""

    movie_ids: tuple[int, ...]
    scores: tuple[float, ...] | None

    def first(self, n_films: int) -> "Slate":
        """Its beginning: a call for several slates asks for the longest of them."""
        if n_films == len(self.movie_ids):
            return self
        return Slate(self.movie_ids[:n_films], self.scores and self.scores[:n_films])


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
    except msgspec.ValidationError as error:
        raise BadAnswerError(f"{where} answered {_value_at(bytes(text), str(error))}: {error}") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        place = re.search(r"byte (\d+)", str(error))
        start = max(0, int(place[1]) - _SHOWN_BEFORE) if place else 0
        raise BadAnswerError(f"{where} answered {shown(bytes(text)[start:])}: {error}") from error


def converted(value: object, wanted: type[_T], where: str) -> _T:
    """A decoded value as a `wanted`.

    Raises:
        BadAnswerError: it is of another type.
    """
    try:
        return msgspec.convert(value, wanted)
    except msgspec.ValidationError as error:
        text = msgspec.json.encode(value)
        raise BadAnswerError(f"{where} answered {_value_at(text, str(error))}: {error}") from error


def _value_at(text: bytes, complaint: str) -> str:
    """The value that msgspec complains of ("... - at `$.outputs[0].shape`"), or all if none is named."""
    try:
        value = msgspec.json.decode(text)
        for key, index in re.findall(r"\.(\w+)|\[(\d+)\]", complaint.partition("`$")[2]):
            value = value[key] if key else value[int(index)]
        return shown(msgspec.json.encode(value))
    except (msgspec.DecodeError, LookupError, TypeError, RecursionError):
        return shown(text)


def checked_slate(
    movie_ids: Sequence[int],
    scores: Sequence[float] | None,
    *,
    n_films: int,
    known_films: frozenset[int] | None,
    where: str,
) -> Slate:
    """The films of one slate, and their scores.

    Args:
        movie_ids: as answered.
        scores: as answered, None where the endpoint gives none.
        n_films: how many films were asked for.
        known_films: the films the site can show; None lets any pass.
        where: the call, for the error message.

    Raises:
        BadAnswerError: fewer or more films than asked, a film twice, one the site does not know, not one
            score for each film, or a score that is NaN or infinite.
    """
    if len(movie_ids) != n_films:
        raise BadAnswerError(
            f"{where} answered {len(movie_ids)} films instead of {n_films}: give what is asked"
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
    if scores is None:
        return Slate(tuple(movie_ids), None)
    if len(scores) != n_films:
        raise BadAnswerError(f"{where} answered {len(scores)} scores for {n_films} films: give one for each")
    for score in scores:
        if not math.isfinite(score):
            raise BadAnswerError(f"{where} answered score {score!r}: scores must be finite numbers")
    return Slate(tuple(movie_ids), tuple(scores))


def checked_reasons(
    movie_ids: Sequence[int],
    scores: Sequence[float],
    *,
    known_films: frozenset[int] | None,
    where: str,
) -> tuple[Reason, ...]:
    """What speaks for one film, -1 and all behind it left out.

    Raises:
        BadAnswerError: more films than a history has, a film twice or one the site does not know, not one
            score for each film, or a score that is NaN or infinite.
    """
    n_films = list(movie_ids).index(-1) if -1 in movie_ids else len(movie_ids)
    if n_films > MAX_HISTORY or len(scores) != len(movie_ids):
        raise BadAnswerError(
            f"{where} answered {len(movie_ids)} films as reasons, and {len(scores)} scores: give as many "
            f"scores as films, and at most {MAX_HISTORY}"
        )
    named = checked_slate(
        movie_ids[:n_films], scores[:n_films], n_films=n_films, known_films=known_films, where=where
    )
    return tuple(map(Reason, named.movie_ids, named.scores or ()))
