"""What all protocols share: a checked slate request, limits, and JSON in and out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, TypeAlias, TypeVar

import msgspec
from flask import Response, request

from recommender.errors import InvalidRequestError
from recommender.slates import LONGEST_SLATE, MOST_REASONS, NOBODY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from recommender.served_models import ServedModel
    from recommender.slates import Reasons, Slates

MOST_ROWS = 4_096
"""Slates in one request."""

MOST_FILMS = 409_600
"""Films in one answer: 100 for each of 4,096 users, or 500 for each of 819; some 10 MB of JSON."""

MOST_HISTORY = 50
"""Films that may speak for one visitor."""

MOST_BODY_BYTES = 1 << 20
"""Size of a request; 4,096 rows take 150 kB."""

DEFAULT_K = 10
"""Films in a slate where the request does not say."""

Id: TypeAlias = Annotated[int, msgspec.Meta(ge=-1, le=2**63 - 1)]
"""A user_id or movie_id, or -1 for none; as a k it is checked further."""

_T = TypeVar("_T")
_ENCODER = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class SlateRequest:
    """Slates of one length for some pairs of user and film.

    `histories` holds, for each row, films that speak for a visitor whom the model does not know, -1 for none;
    it may be empty as a whole. So may `explained`: for each row, the film that the answer is to explain.

    Raises:
        InvalidRequestError: on construction, where a length or `k` is out of bounds.
    """

    user_ids: list[int]
    movie_ids: list[int]
    k: int
    histories: Sequence[Sequence[int]] = ()
    explained: Sequence[int] = ()

    def __post_init__(self) -> None:
        n_rows = len(self.user_ids)
        if not 1 <= n_rows <= MOST_ROWS:
            raise InvalidRequestError(f"{n_rows} rows; a request holds 1 to {MOST_ROWS}: split the batch")
        if len(self.movie_ids) != n_rows:
            raise InvalidRequestError(
                f"{len(self.movie_ids)} movie_id for {n_rows} user_id; give one for each"
            )
        if len(self.histories) not in {0, n_rows}:
            raise InvalidRequestError(
                f"{len(self.histories)} histories for {n_rows} user_id; give one for each, or none at all"
            )
        if len(self.explained) not in {0, n_rows}:
            raise InvalidRequestError(
                f"{len(self.explained)} films to explain for {n_rows} user_id; give one for each, or none"
            )
        longest = max((len(history) for history in self.histories), default=0)
        if longest > MOST_HISTORY:
            raise InvalidRequestError(
                f"a history of {longest} films; at most {MOST_HISTORY}: send the latest"
            )
        if not 1 <= self.k <= LONGEST_SLATE:
            raise InvalidRequestError(f"k is {self.k}; it must be from 1 to {LONGEST_SLATE}")
        if n_rows * self.k > MOST_FILMS:
            raise InvalidRequestError(
                f"{n_rows} rows of {self.k} films; an answer holds at most {MOST_FILMS}: split the batch"
            )

    def answer(self, model: ServedModel) -> Slates:
        """Ask the model."""
        slates = model.maker.recommend(self.user_ids, self.movie_ids, self.k, self.histories)
        if not self.explained:
            return slates
        histories = self.histories or [()] * len(self.user_ids)
        rows = zip(self.user_ids, histories, self.explained, strict=True)
        return replace(slates, reasons=[model.maker.explain(*row) for row in rows])


def padded_reasons(reasons: Sequence[Reasons]) -> tuple[list[list[int]], list[list[float]]]:
    """Films and parts as tables: rows of `MOST_REASONS`, filled up with `NOBODY` and 0."""
    missing = [MOST_REASONS - len(reason.movie_ids) for reason in reasons]
    films = [[*reason.movie_ids, *[NOBODY] * n] for reason, n in zip(reasons, missing, strict=True)]
    return films, [[*reason.parts, *[0.0] * n] for reason, n in zip(reasons, missing, strict=True)]


def read_body(decoder: msgspec.json.Decoder[_T]) -> _T:
    """Decode the body of the current request.

    Raises:
        InvalidRequestError: it is not JSON, or not of the decoder's type.
    """
    try:
        return decoder.decode(request.get_data(cache=False))
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise InvalidRequestError(f"the body is not what this path takes: {error}") from error
    except RecursionError:
        raise InvalidRequestError("the body is nested too deeply; give a flat request") from None


def json_answer(answer: object, status: int = 200) -> Response:
    """Make a JSON response; msgspec takes a tenth of the time of `flask.jsonify`."""
    return Response(_ENCODER.encode(answer), status=status, mimetype="application/json")


def shown(value: str) -> str:
    """Quote a caller's text in an error, at most 64 characters of it."""
    return repr(value if len(value) <= 64 else f"{value[:64]}…")  # noqa: PLR2004 - the docstring says it
