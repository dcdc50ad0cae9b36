"""Open Inference Protocol V2 over REST, as MLServer, KServe, Triton, Seldon Core 2 and our endpoint speak it.

A model takes INT64 tensors `user_id` [n], `movie_id` [n] (-1 for none) and `k` [1], and gives `movie_id`
[n, k] as INT64 and, if it likes, `score` [n, k] as FP64 or FP32 and `is_known_user` [n] as BOOL. Where a
visitor has a history of their own, there is one tensor more: `history` [n, h], filled up with -1. And where a
film is to be explained, `explain` [n]; who can, answers `because_movie_id` [n, m], filled up with -1, and
`because_score` [n, m].

Source: https://github.com/open-inference/open-inference-protocol, specification/protocol/inference_rest.md.
"""

from collections.abc import Sequence
from typing import TypeVar
from urllib.parse import quote

import msgspec

from recommender_client.answered_rows import AnsweredRows
from recommender_client.answers import MovieId, MovieIdOrNone, decode
from recommender_client.calling import (
    films_to_explain,
    id_or_nobody,
    is_ok,
    padded_histories,
    require_own_answer,
    slates_of_one_call,
)
from recommender_client.errors import BadAnswerError, ClientSettingsError
from recommender_client.interface import Feedback, Recommendation, RecommendationRequest
from recommender_client.transport import Transport, shown

_T = TypeVar("_T", int, float, bool)


class _Tensor(msgspec.Struct, frozen=True, gc=False):
    name: str
    datatype: str
    shape: list[int]
    data: msgspec.Raw


class _InferAnswer(msgspec.Struct, frozen=True, gc=False):
    outputs: list[_Tensor] = []
    model_name: str = ""
    model_version: str | None = None
    id: str | None = None
    error: object = None


_ANSWER = msgspec.json.Decoder(_InferAnswer)
_MOVIE_IDS = msgspec.json.Decoder(list[MovieId]), msgspec.json.Decoder(list[list[MovieId]])
_REASONS = msgspec.json.Decoder(list[MovieIdOrNone]), msgspec.json.Decoder(list[list[MovieIdOrNone]])
_SCORES = msgspec.json.Decoder(list[float]), msgspec.json.Decoder(list[list[float]])
_FLAGS = msgspec.json.Decoder(list[bool]), msgspec.json.Decoder(list[list[bool]])
_ENCODER = msgspec.json.Encoder()


class OpenInferenceClient:
    """Asks one model of a V2 endpoint.

    Args:
        transport: the way to the endpoint; paths begin at `/v2`.
        model: the model's name at the endpoint.
        known_films: the films the site can show; None lets any pass.

    Raises:
        ClientSettingsError: the model's name is empty.
    """

    def __init__(
        self, transport: Transport, model: str, *, known_films: frozenset[int] | None = None
    ) -> None:
        if not model:
            raise ClientSettingsError("model '': the protocol 'open_inference' needs a model's name")
        self._transport = transport
        self._model = model
        self._known_films = known_films
        self._path = f"/v2/models/{quote(model, safe='')}"

    def recommend(self, request: RecommendationRequest) -> Recommendation:
        """One slate, within the client's time limit."""
        return self.recommend_many((request,))[0]

    def recommend_many(self, requests: Sequence[RecommendationRequest]) -> list[Recommendation]:
        """Several slates by one infer call; the longest slate sets `k`, the others are cut."""
        return slates_of_one_call(requests, self._ask, known_films=self._known_films)

    def send_feedback(self, feedback: Feedback) -> None:
        """Do nothing: the Open Inference Protocol has no feedback."""

    def is_ready(self) -> bool:
        """Whether the endpoint says that the model is ready (`GET /v2/models/M/ready`)."""
        return is_ok(self._transport, f"{self._path}/ready")

    def _ask(self, requests: Sequence[RecommendationRequest], n_films: int) -> AnsweredRows:
        answer = self._transport.post(f"{self._path}/infer", _infer_body(requests, n_films))
        answer.require_success()
        infer = decode(_ANSWER, answer.body, answer.where)
        if infer.error is not None:
            raise BadAnswerError(
                f"{answer.where} answered 200 with an error: {shown(_ENCODER.encode(infer.error))}"
            )
        require_own_answer(answer.where, "id", infer.id, requests[0].request_id)
        return self._rows(infer, requests, n_films, answer.where)

    def _rows(
        self, infer: _InferAnswer, requests: Sequence[RecommendationRequest], n_films: int, where: str
    ) -> AnsweredRows:
        n_rows = len(requests)
        tensors = {tensor.name: tensor for tensor in infer.outputs}
        if "movie_id" not in tensors:
            names = shown(", ".join(sorted(tensors)).encode())
            raise BadAnswerError(f"{where} answered outputs {names}: an output 'movie_id' is missing")
        films = _values(tensors["movie_id"], {"INT64"}, _MOVIE_IDS, (n_rows, n_films), where)
        scores: list[list[float]] | None = None
        if "score" in tensors:
            scores = _values(tensors["score"], {"FP64", "FP32"}, _SCORES, (n_rows, n_films), where)
        flags: list[list[bool]] | None = None
        if "is_known_user" in tensors:
            flags = _values(tensors["is_known_user"], {"BOOL"}, _FLAGS, (n_rows,), where)
        reasons: list[list[int]] | None = None
        parts: list[list[float]] | None = None
        if "because_movie_id" in tensors and "because_score" in tensors:
            because = tensors["because_movie_id"]
            shape = (n_rows, because.shape[-1] if because.shape else 0)
            reasons = _values(because, {"INT64"}, _REASONS, shape, where)
            parts = _values(tensors["because_score"], {"FP64", "FP32"}, _SCORES, shape, where)
        return AnsweredRows(
            where=where,
            movie_ids=films,
            scores=scores,
            is_known_user=None if flags is None else [flag for (flag,) in flags],
            model=infer.model_name or self._model,
            model_version=infer.model_version or "",
            request_ids=[request.request_id or infer.id or "" for request in requests],
            because_movie_ids=reasons,
            because_scores=parts,
        )


def _infer_body(requests: Sequence[RecommendationRequest], n_films: int) -> bytes:
    user_ids = [id_or_nobody(request.user_id) for request in requests]
    movie_ids = [id_or_nobody(request.movie_id) for request in requests]
    named = {"user_id": user_ids, "movie_id": movie_ids, "k": [n_films]}
    if explained := films_to_explain(requests):
        named["explain"] = explained
    body: dict[str, object] = {
        "inputs": [
            {"name": name, "datatype": "INT64", "shape": [len(values)], "data": values}
            for name, values in named.items()
        ]
        + _history_tensors(requests)
    }
    if requests[0].request_id:
        body["id"] = requests[0].request_id
    return _ENCODER.encode(body)


def _history_tensors(requests: Sequence[RecommendationRequest]) -> list[dict[str, object]]:
    """The histories as one tensor; none where nobody has any."""
    rows = padded_histories(requests)
    if not rows[0]:
        return []
    shape = [len(rows), len(rows[0])]
    return [
        {
            "name": "history",
            "datatype": "INT64",
            "shape": shape,
            "data": [film for row in rows for film in row],
        }
    ]


def _values(
    tensor: _Tensor,
    datatypes: set[str],
    decoders: tuple[msgspec.json.Decoder[list[_T]], msgspec.json.Decoder[list[list[_T]]]],
    shape: tuple[int, ...],
    where: str,
) -> list[list[_T]]:
    """The tensor's values, one list for each row; the protocol lets its data be flat or nested.

    Raises:
        BadAnswerError: the datatype, the shape or the number of values is not what was asked for.
    """
    place = f"{where}, output {tensor.name!r},"
    if tensor.datatype not in datatypes:
        wanted = " or ".join(sorted(datatypes))
        raise BadAnswerError(f"{place} answered datatype {tensor.datatype[:40]!r} instead of {wanted}")
    if tuple(tensor.shape) != shape:
        raise BadAnswerError(f"{place} answered shape {tensor.shape[:8]!r} instead of {list(shape)!r}")
    flat, nested = decoders
    n_rows, n_columns = shape[0], shape[1] if len(shape) > 1 else 1
    if len(shape) > 1 and bytes(tensor.data).lstrip()[1:].lstrip().startswith(b"["):
        rows = decode(nested, tensor.data, place)
        sizes = {len(row) for row in rows}
    else:
        values = decode(flat, tensor.data, place)
        rows = [values[row * n_columns : (row + 1) * n_columns] for row in range(n_rows)]
        sizes = {n_columns} if len(values) == n_rows * n_columns else {-1}
    if len(rows) != n_rows or sizes != {n_columns}:
        raise BadAnswerError(
            f"{place} answered data {shown(bytes(tensor.data))}, which shape {list(shape)!r} denies"
        )
    return rows
