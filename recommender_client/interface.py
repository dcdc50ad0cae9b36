"""What every protocol module offers, and the values that go in and come out."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from recommender_client.errors import InvalidRequestError

MAX_N_FILMS = 500
MAX_HISTORY = 50
_MAX_ID = 2**63 - 1  # INT64 on the wire and INTEGER in SQLite
_MAX_REQUEST_ID_LENGTH = 200


@dataclass(frozen=True, slots=True)
class RecommendationRequest:
    """One slate to ask for: for a user or for nobody known, on the home page or beside one film.

    Args:
        user_id: a user of the ratings data, or None for a visitor without history.
        n_films: length of the slate, 1 to 500.
        movie_id: ask for films like this one; None asks for the home slate.
        request_id: sent with the call and returned with its answer; empty lets the endpoint choose. In
            the protocol `seldon` it is the `puid`, which feedback must repeat.
        history: films that speak for the taste of a visitor without a user, at most 50, the latest first; an
            endpoint may look at them or not.
        explained: a film whose place in a slate the endpoint is asked to explain; None asks for no reasons.

    Raises:
        InvalidRequestError: a value is outside the range that the wire formats can carry.
    """

    user_id: int | None
    n_films: int
    movie_id: int | None = None
    request_id: str = ""
    history: tuple[int, ...] = ()
    explained: int | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.n_films <= MAX_N_FILMS:
            raise InvalidRequestError(f"n_films {self.n_films!r}: ask for 1 to {MAX_N_FILMS} films")
        ids = {"user_id": self.user_id, "movie_id": self.movie_id, "explained": self.explained}
        for name, value in ids.items():
            if value is not None and not 0 <= value <= _MAX_ID:
                raise InvalidRequestError(f"{name} {value!r}: must be 0 to 2**63 - 1, or None for none")
        if len(self.history) > MAX_HISTORY or not all(0 <= film <= _MAX_ID for film in self.history):
            raise InvalidRequestError(
                f"history of {len(self.history)} films, {self.history[:3]!r}...: at most {MAX_HISTORY}, "
                "each 0 to 2**63 - 1"
            )
        text = self.request_id
        # The id travels in a header too, where a space or a line break would be an injection.
        if len(text) > _MAX_REQUEST_ID_LENGTH or not (text.isascii() and text.isprintable()) or " " in text:
            raise InvalidRequestError(
                f"request_id {text[:40]!r}: must be at most {_MAX_REQUEST_ID_LENGTH} visible ASCII characters"
            )


@dataclass(frozen=True, slots=True)
class Reason:
    """A film of somebody's history, and what it adds to the score of the film it speaks for."""

    movie_id: int
    score: float


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One slate as a model endpoint gave it, checked.

    Args:
        movie_ids: the films in order, distinct, exactly as many as asked for.
        scores: the model's score of each film, finite; None where the endpoint gives none.
        model: name of the model that answered, by its own account.
        model_version: its version, empty where the endpoint names none.
        is_known_user: whether the model knew the user; an endpoint that does not say is believed to.
        routing: which child each router of the endpoint's graph chose; empty without routers.
        request_id: the id of the call, as asked or as chosen by the endpoint.
        latency_ms: wall time of the call that brought it; one call for a whole batch.
        request_path: the images that took part in the answer (`seldon` only).
        tags: what else the endpoint says of the answer, row by row (`seldon` only).
        reasons: the films that speak most for the film `explained`, none where none does; None where the
            endpoint was not asked, or explains nothing.
    """

    movie_ids: tuple[int, ...]
    scores: tuple[float, ...] | None
    model: str
    model_version: str
    is_known_user: bool
    routing: Mapping[str, int]
    request_id: str
    latency_ms: float
    request_path: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, object] = field(default_factory=dict)
    reasons: tuple[Reason, ...] | None = None


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a recommendation was worth, to send back to the endpoint that made it.

    Who did not keep the recommendation can build it again from what the event log holds: an endpoint
    credits feedback by `request_id` and `routing`, or by its own address when it serves one model.

    Args:
        request: what was asked.
        recommendation: what was answered.
        reward: finite; by convention 1.0 for a click.

    Raises:
        InvalidRequestError: the reward is NaN or infinite, which JSON cannot carry.
    """

    request: RecommendationRequest
    recommendation: Recommendation
    reward: float

    def __post_init__(self) -> None:
        if not math.isfinite(self.reward):
            raise InvalidRequestError(f"reward {self.reward!r}: must be a finite number, such as 1.0")


class RecommenderClient(Protocol):
    """How the site asks a model endpoint, whatever protocol it speaks. Thread safe.

    Every method raises `RecommenderClientError` and nothing else.
    """

    def recommend(self, request: RecommendationRequest) -> Recommendation:
        """One slate, within the client's time limit."""
        ...

    def recommend_many(self, requests: Sequence[RecommendationRequest]) -> list[Recommendation]:
        """Several slates in one call, in the order asked; the call bears the first request's id."""
        ...

    def send_feedback(self, feedback: Feedback) -> None:
        """Tell the endpoint what a slate was worth; nothing where the protocol has no feedback."""
        ...

    def is_ready(self) -> bool:
        """Whether the endpoint says now that it can answer; never raises."""
        ...
