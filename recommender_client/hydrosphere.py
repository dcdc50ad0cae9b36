"""Hydrosphere Serving over HTTP: one application of its gateway, asked by name.

The body is a JSON object of the inputs that the application's signature names, each a nested list of its
shape; the answer is one of its outputs. Ours takes `user_id` [n], `movie_id` [n] (-1 for none) and the scalar
`k`, where a visitor has a history of their own `history` [n, h], filled up with -1, and where a film is to be
explained `explain` [n]; it gives `movie_id` [n, k] and, if it likes, `score` [n, k], `is_known_user` [n], the
scalars `model` and `model_version`, and of what it explains `because_movie_id` and `because_score` [n, m],
filled up with -1. The wire has no id of a call, and no feedback.

Source: https://github.com/Hydrospheredata/hydro-serving-gateway, api/http: `POST
/gateway/application/NAME`, and `GET /health` of the gateway.
"""

from collections.abc import Sequence
from urllib.parse import quote

import msgspec

from recommender_client.answered_rows import AnsweredRows
from recommender_client.answers import MovieId, MovieIdOrNone, decode
from recommender_client.calling import (
    films_to_explain,
    id_or_nobody,
    is_ok,
    padded_histories,
    slates_of_one_call,
)
from recommender_client.errors import BadAnswerError, ClientSettingsError
from recommender_client.interface import Feedback, Recommendation, RecommendationRequest
from recommender_client.transport import Transport, shown

APPLICATIONS = "/gateway/application"
"""Where the gateway serves applications, under its own URL."""


class _Outputs(msgspec.Struct, frozen=True):
    movie_id: list[list[MovieId]] | None = None
    score: list[list[float]] | None = None
    is_known_user: list[bool] | None = None
    model: str = ""
    model_version: str = ""
    because_movie_id: list[list[MovieIdOrNone]] | None = None
    because_score: list[list[float]] | None = None


_OUTPUTS = msgspec.json.Decoder(_Outputs)
_ENCODER = msgspec.json.Encoder()


class HydrosphereClient:
    """Asks one application of a Hydrosphere gateway.

    Args:
        transport: the way to the gateway; `/gateway/application` is added to its base URL.
        model: the application's name.
        known_films: the films the site can show; None lets any pass.

    Raises:
        ClientSettingsError: the model's name is empty.
    """

    def __init__(
        self, transport: Transport, model: str, *, known_films: frozenset[int] | None = None
    ) -> None:
        if not model:
            raise ClientSettingsError("model '': the protocol 'hydrosphere' needs an application's name")
        self._transport = transport
        self._model = model
        self._known_films = known_films
        self._path = f"{APPLICATIONS}/{quote(model, safe='')}"

    def recommend(self, request: RecommendationRequest) -> Recommendation:
        """One slate, within the client's time limit."""
        return self.recommend_many((request,))[0]

    def recommend_many(self, requests: Sequence[RecommendationRequest]) -> list[Recommendation]:
        """Several slates by one call; the longest slate sets `k`, the others are cut."""
        return slates_of_one_call(requests, self._ask, known_films=self._known_films)

    def send_feedback(self, feedback: Feedback) -> None:
        """Do nothing: Hydrosphere's gateway has no feedback."""

    def is_ready(self) -> bool:
        """Whether the gateway says that it is well (`GET /health`)."""
        return is_ok(self._transport, "/health")

    def _ask(self, requests: Sequence[RecommendationRequest], n_films: int) -> AnsweredRows:
        answer = self._transport.post(self._path, _ENCODER.encode(_inputs(requests, n_films)))
        answer.require_success()
        outputs = decode(_OUTPUTS, answer.body, answer.where)
        if outputs.movie_id is None:
            raise BadAnswerError(
                f"{answer.where} answered {shown(answer.body)}: the output 'movie_id' is missing"
            )
        return AnsweredRows(
            where=answer.where,
            movie_ids=outputs.movie_id,
            scores=outputs.score,
            is_known_user=outputs.is_known_user,
            model=outputs.model or self._model,
            model_version=outputs.model_version,
            request_ids=[request.request_id for request in requests],
            because_movie_ids=outputs.because_movie_id,
            because_scores=outputs.because_score,
        )


def _inputs(requests: Sequence[RecommendationRequest], n_films: int) -> dict[str, object]:
    inputs: dict[str, object] = {
        "user_id": [id_or_nobody(request.user_id) for request in requests],
        "movie_id": [id_or_nobody(request.movie_id) for request in requests],
        "k": n_films,
    }
    histories = padded_histories(requests)
    explained = films_to_explain(requests)
    inputs |= {"history": histories} if histories[0] else {}
    return inputs | ({"explain": explained} if explained else {})
