"""Seldon Core v1 over REST: predictions, and feedback that credits what was predicted.

A row of the request is `user_id`, `movie_id` (-1 for none), `k`; a row of the answer is the films in order.
`meta` carries `puid`, the id of the prediction, `routing`, the child that each router of the graph chose, and
`requestPath`, the images that took part. Our endpoint puts `model`, `model_version`, `is_known_user` and
`scores` into `meta.tags`; another endpoint need not. Where a visitor has a history of their own, the tags of
the request have `history`, a list of films for each row; where a film is to be explained they have `explain`,
one for each row, and who can answers the tags `because_movie_ids` and `because_scores`, lists for each row.

Sources: https://github.com/SeldonIO/seldon-core, proto/prediction.proto, doc/source/reference/apis/, and
executor/api/rest/server.go for `/ready` and the header `Seldon-Puid`.
"""

from collections.abc import Mapping, Sequence

import msgspec

from recommender_client.answered_rows import AnsweredRows
from recommender_client.answers import MovieId, converted, decode
from recommender_client.calling import films_to_explain, id_or_nobody, slates_of_one_call
from recommender_client.errors import BadAnswerError, RecommenderClientError
from recommender_client.interface import Feedback, Recommendation, RecommendationRequest
from recommender_client.transport import Answer, Transport, shown

PREDICTIONS = "/api/v1.0/predictions"
"""Where a deployment predicts, under its own URL."""

_OK = 200
_SUCCESS = range(200, 300)
_NOT_FOUND = 404
_NAMES = ["user_id", "movie_id", "k"]
_ROW_TAGS = ("is_known_user", "scores", "because_movie_ids", "because_scores")
_FEEDBACK = "/api/v1.0/feedback"
# Seldon's engine answers this beside its API, also through an ingress, which strips /seldon/NAMESPACE/NAME.
_READY = "/ready"


class _Meta(msgspec.Struct, frozen=True, rename="camel"):
    puid: str | None = None
    routing: dict[str, int] | None = None
    request_path: dict[str, str] | None = None
    tags: dict[str, object] | None = None


class _Rows(msgspec.Struct, frozen=True):
    # A protobuf ListValue knows doubles only, so an engine may write 318.0.
    ndarray: list[list[MovieId | float]] | None = None


class _Status(msgspec.Struct, frozen=True):
    status: str = ""
    info: str | None = None
    reason: str | None = None


class _Message(msgspec.Struct, frozen=True):
    status: _Status | None = None
    error: object = None
    meta: _Meta | None = None
    data: _Rows | None = None


class _RowTags(msgspec.Struct, frozen=True):
    model: str = ""
    model_version: str = ""
    is_known_user: list[bool] | None = None
    scores: list[list[float]] | None = None
    because_movie_ids: list[list[MovieId]] | None = None
    because_scores: list[list[float]] | None = None


_MESSAGE = msgspec.json.Decoder(_Message)
_ENCODER = msgspec.json.Encoder()


class SeldonClient:
    """Asks one Seldon deployment, and sends it feedback.

    Args:
        transport: the way to the deployment; `/api/v1.0/predictions` is added to its base URL.
        model: what to call the model where the answer does not name it.
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
        """Several slates by one prediction; the longest slate sets `k`, the others are cut."""
        return slates_of_one_call(requests, self._ask, known_films=self._known_films)

    def send_feedback(self, feedback: Feedback) -> None:
        """Post the request, the answer's meta and the reward, at most once.

        A connection that breaks is not repeated, for the endpoint may have counted the reward already.
        """
        shown_slate = feedback.recommendation
        puid = shown_slate.request_id
        body = {
            "request": _request_message((feedback.request,), feedback.request.n_films, puid),
            "response": {
                "meta": {
                    "puid": puid,
                    "routing": shown_slate.routing,
                    "requestPath": shown_slate.request_path,
                    "tags": shown_slate.tags,
                },
                "data": {
                    "names": [
                        f"movie_id_{position}" for position in range(1, len(shown_slate.movie_ids) + 1)
                    ],
                    "ndarray": [shown_slate.movie_ids],
                },
            },
            "reward": feedback.reward,
        }
        answer = self._transport.post(_FEEDBACK, _ENCODER.encode(body), puid=puid, is_repeatable=False)
        if answer.status not in _SUCCESS:
            answer.require_success()

    def is_ready(self) -> bool:
        """Whether the deployment says so at `/ready`, or where that is missing, gives a slate of one film."""
        try:
            status = self._transport.get(_READY).status
            if status == _NOT_FOUND:
                self.recommend(RecommendationRequest(user_id=None, n_films=1))
                return True
        except RecommenderClientError:
            return False
        return status == _OK

    def _ask(self, requests: Sequence[RecommendationRequest], n_films: int) -> AnsweredRows:
        puid = requests[0].request_id
        body = _ENCODER.encode(_request_message(requests, n_films, puid))
        answer = self._transport.post(PREDICTIONS, body, puid=puid)
        answer.require_success()
        message = decode(_MESSAGE, answer.body, answer.where)
        if message.error is not None or (message.status and message.status.status == "FAILURE"):
            error = _ENCODER.encode(message.error or message.status)
            raise BadAnswerError(f"{answer.where} answered 200 with an error: {shown(error)}")
        return self._rows(message, answer, requests)

    def _rows(
        self, message: _Message, answer: Answer, requests: Sequence[RecommendationRequest]
    ) -> AnsweredRows:
        where = answer.where
        if message.data is None or message.data.ndarray is None:
            raise BadAnswerError(f"{where} answered {shown(answer.body)}: data.ndarray is missing")
        meta = message.meta or _Meta()
        request_path = meta.request_path or {}
        tags = _row_tags(meta.tags or {}, len(requests), where)
        model, version = _model_of(tags, request_path)
        return AnsweredRows(
            where=where,
            movie_ids=_movie_ids(message.data.ndarray, where),
            scores=tags.scores,
            is_known_user=tags.is_known_user,
            model=model or self._model,
            model_version=version,
            # Feedback is credited by the id that the endpoint gave the prediction.
            request_ids=[meta.puid or answer.puid or request.request_id for request in requests],
            routing=meta.routing or {},
            request_path=request_path,
            tags=[_tags_of_row(meta.tags or {}, index) for index in range(len(requests))],
            because_movie_ids=tags.because_movie_ids,
            because_scores=tags.because_scores,
        )


def _request_message(requests: Sequence[RecommendationRequest], n_films: int, puid: str) -> dict[str, object]:
    rows = [[id_or_nobody(request.user_id), id_or_nobody(request.movie_id), n_films] for request in requests]
    meta: dict[str, object] = {"puid": puid} if puid else {}
    tags: dict[str, object] = {}
    if any(request.history for request in requests):
        tags["history"] = [request.history for request in requests]
    if explained := films_to_explain(requests):
        tags["explain"] = explained
    if tags:
        meta["tags"] = tags
    return {"meta": meta, "data": {"names": _NAMES, "ndarray": rows}}


def _movie_ids(rows: list[list[int | float]], where: str) -> list[list[int]]:
    for row in rows:
        for value in row:
            if isinstance(value, float) and not (value.is_integer() and 0 <= value < 2**53):
                raise BadAnswerError(
                    f"{where} answered movie_id {value!r}: must be a whole number, 0 or more"
                )
    return [[int(value) for value in row] for row in rows]


def _row_tags(tags: Mapping[str, object], n_rows: int, where: str) -> _RowTags:
    found = converted(tags, _RowTags, f"{where}, meta.tags,")
    for name in _ROW_TAGS:
        values = getattr(found, name)
        if values is not None and len(values) != n_rows:
            raise BadAnswerError(
                f"{where} answered {len(values)} values in meta.tags.{name} instead of {n_rows}"
            )
    return found


def _tags_of_row(tags: Mapping[str, object], index: int) -> dict[str, object]:
    """The tags of one row of a batch, still shaped as a batch."""
    kept = dict(tags)
    for name in _ROW_TAGS:
        values = kept.get(name)
        if isinstance(values, list):
            kept[name] = [values[index]]
    return kept


def _model_of(tags: _RowTags, request_path: Mapping[str, str]) -> tuple[str, str]:
    """Name and version of the model that answered: by the tags, else by the last image that took part."""
    if tags.model or not request_path:
        return tags.model, tags.model_version
    name, image = list(request_path.items())[-1]
    return name, image.rpartition(":")[2] if ":" in image else ""
