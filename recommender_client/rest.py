"""Plain JSON over HTTP, for an endpoint of one's own that speaks no serving protocol.

`POST /recommend` takes `model`, `n_films`, `request_id` and `requests`, a list of `user_id`, `movie_id` (null
for none), `history` and `explain` (a film), the last two left out where there is nothing to say. The answer
is `slates`, a list of `movie_ids`, `scores` and `is_known_user`, with `model`, `model_version` and
`request_id`, of which only `slates` with `movie_ids` must be there. Who can explain a film adds
`because_movie_ids` and `because_scores` to its slate. `GET /ready` answers 200 when the endpoint is ready.
There is no feedback. docs/reference/model-endpoint.md describes it for those who write such an endpoint.
"""

from collections.abc import Sequence

import msgspec

from recommender_client.answered_rows import AnsweredRows
from recommender_client.answers import MovieId, decode
from recommender_client.calling import is_ok, require_own_answer, slates_of_one_call
from recommender_client.errors import BadAnswerError
from recommender_client.interface import Feedback, Recommendation, RecommendationRequest
from recommender_client.transport import Transport, shown

RECOMMEND = "/recommend"
"""Where the endpoint recommends, under its own URL."""


class _Slate(msgspec.Struct, frozen=True):
    movie_ids: list[MovieId]
    scores: list[float] | None = None
    is_known_user: bool | None = None
    because_movie_ids: list[MovieId] = []
    because_scores: list[float] | None = None


class _Answer(msgspec.Struct, frozen=True):
    slates: list[_Slate] | None = None
    model: str = ""
    model_version: str = ""
    request_id: str = ""


_ANSWER = msgspec.json.Decoder(_Answer)
_ENCODER = msgspec.json.Encoder()


class RestClient:
    """Asks an endpoint that speaks plain JSON.

    Args:
        transport: the way to the endpoint; `/recommend` is added to its base URL.
        model: sent along, and what to call the model where the answer does not name it.
        known_films: the films the site can show; None lets any pass.
    """

    def __init__(
        self, transport: Transport, model: str, *, known_films: frozenset[int] | None = None
    ) -> None:
        self._transport = transport
        self._model = model
        self._known_films = known_films

    def recommend(self, request: RecommendationRequest) -> Recommendation:
        """One slate, within the client's time limit."""
        return self.recommend_many((request,))[0]

    def recommend_many(self, requests: Sequence[RecommendationRequest]) -> list[Recommendation]:
        """Several slates by one call; the longest slate sets `n_films`, the others are cut."""
        return slates_of_one_call(requests, self._ask, known_films=self._known_films)

    def send_feedback(self, feedback: Feedback) -> None:
        """Do nothing: plain JSON has no feedback."""

    def is_ready(self) -> bool:
        """Whether the endpoint says that it is ready (`GET /ready`)."""
        return is_ok(self._transport, "/ready")

    def _ask(self, requests: Sequence[RecommendationRequest], n_films: int) -> AnsweredRows:
        answer = self._transport.post(RECOMMEND, _ENCODER.encode(_question(requests, n_films, self._model)))
        answer.require_success()
        said = decode(_ANSWER, answer.body, answer.where)
        if said.slates is None:
            raise BadAnswerError(f"{answer.where} answered {shown(answer.body)}: 'slates' is missing")
        require_own_answer(answer.where, "request_id", said.request_id, requests[0].request_id)
        scores = [slate.scores for slate in said.slates if slate.scores is not None]
        known = [slate.is_known_user for slate in said.slates if slate.is_known_user is not None]
        explains = all(slate.because_scores is not None for slate in said.slates)
        return AnsweredRows(
            where=answer.where,
            movie_ids=[slate.movie_ids for slate in said.slates],
            scores=scores or None,
            is_known_user=known or None,
            model=said.model or self._model,
            model_version=said.model_version,
            request_ids=[request.request_id or said.request_id for request in requests],
            because_movie_ids=[slate.because_movie_ids for slate in said.slates] if explains else None,
            because_scores=[slate.because_scores or [] for slate in said.slates] if explains else None,
        )


def _question(requests: Sequence[RecommendationRequest], n_films: int, model: str) -> dict[str, object]:
    question: dict[str, object] = {
        "model": model,
        "n_films": n_films,
        "requests": [_row(request) for request in requests],
    }
    if requests[0].request_id:
        question["request_id"] = requests[0].request_id
    return question


def _row(request: RecommendationRequest) -> dict[str, object]:
    row: dict[str, object] = {"user_id": request.user_id, "movie_id": request.movie_id}
    row |= {"history": request.history} if request.history else {}
    return row | ({} if request.explained is None else {"explain": request.explained})
