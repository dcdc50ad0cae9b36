# ruff: noqa: ANN401 - JSON has any type, and fixtures pass options on
"""A model endpoint on loopback that speaks all protocols, and breaks any rule on demand."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from recommender_client import (
    Feedback,
    Recommendation,
    RecommendationRequest,
    RecommenderClient,
    create_client,
)
from recommender_client.hydrosphere import HydrosphereClient
from recommender_client.open_inference import OpenInferenceClient
from recommender_client.rest import RestClient
from recommender_client.seldon import SeldonClient
from recommender_client.transport import Transport

PROTOCOLS = ("open_inference", "seldon", "hydrosphere", "rest")
MODEL = "newer-ease"
KNOWN_FILMS = range(1, 1001)
KNOWN_USERS = range(1, 611)


@dataclass(frozen=True)
class Call:
    """One request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any


@dataclass(frozen=True)
class SlateRows:
    """What the model has to say, before a protocol puts it in its own words."""

    movie_ids: list[Any]
    scores: list[Any] | None
    is_known_user: list[Any]


def _rows(asked: list[tuple[int, ...]], n_films: int) -> SlateRows:
    """A model of one line: the films after the greatest of user, film and films of the history."""
    films = [[max(*row, 0) + offset for offset in range(1, n_films + 1)] for row in asked]
    scores = [[1.0 - index / 1_000 for index in range(n_films)] for _ in asked]
    return SlateRows(films, scores, [row[0] in KNOWN_USERS for row in asked])


def _infer(body: Any, spoil: Callable[[SlateRows], SlateRows]) -> Any:
    asked = {tensor["name"]: tensor["data"] for tensor in body["inputs"]}
    n_rows, n_films = len(asked["user_id"]), asked["k"][0]
    width = len(asked.get("history", ())) // n_rows
    histories = [asked["history"][row * width : (row + 1) * width] if width else [] for row in range(n_rows)]
    pairs = zip(asked["user_id"], asked["movie_id"], histories, strict=True)
    rows = spoil(_rows([(user_id, movie_id, *history) for user_id, movie_id, history in pairs], n_films))
    flat = partial(sum, start=[])
    n_columns = len(rows.movie_ids[0]) if rows.movie_ids else 0
    shape = [len(rows.movie_ids), n_columns]
    outputs = [{"name": "movie_id", "datatype": "INT64", "shape": shape, "data": flat(rows.movie_ids)}]
    if rows.scores is not None:
        outputs.append({"name": "score", "datatype": "FP64", "shape": shape, "data": flat(rows.scores)})
    known = {"name": "is_known_user", "datatype": "BOOL", "shape": [n_rows], "data": rows.is_known_user}
    return {"model_name": MODEL, "model_version": "7", "outputs": [*outputs, known]} | (
        {"id": body["id"]} if "id" in body else {}
    )


def _predict(body: Any, spoil: Callable[[SlateRows], SlateRows]) -> Any:
    given = body["data"]["ndarray"]
    histories = body["meta"].get("tags", {}).get("history", [[]] * len(given))
    asked = [(row[0], row[1], *history) for row, history in zip(given, histories, strict=True)]
    rows = spoil(_rows(asked, body["data"]["ndarray"][0][2]))
    tags = {"model": MODEL, "model_version": "7", "is_known_user": rows.is_known_user}
    return {
        "meta": {
            "puid": body["meta"].get("puid", "made-by-the-endpoint"),
            "routing": {"ab-router": 1},
            "requestPath": {MODEL: f"funflix/{MODEL}:7"},
            "tags": tags if rows.scores is None else tags | {"scores": rows.scores},
        },
        "data": {"names": [], "ndarray": rows.movie_ids},
    }


def _serve(body: Any, spoil: Callable[[SlateRows], SlateRows]) -> Any:
    histories = body.get("history", [[]] * len(body["user_id"]))
    pairs = zip(body["user_id"], body["movie_id"], histories, strict=True)
    rows = spoil(_rows([(user_id, movie_id, *history) for user_id, movie_id, history in pairs], body["k"]))
    known = {"is_known_user": rows.is_known_user, "model": MODEL, "model_version": "7"}
    return {"movie_id": rows.movie_ids} | ({} if rows.scores is None else {"score": rows.scores}) | known


def _recommend(body: Any, spoil: Callable[[SlateRows], SlateRows]) -> Any:
    asked = [
        tuple(-1 if row[name] is None else row[name] for name in ("user_id", "movie_id"))
        + tuple(row.get("history", ()))
        for row in body["requests"]
    ]
    rows = spoil(_rows(asked, body["n_films"]))
    slates = [{"movie_ids": films} for films in rows.movie_ids]
    for name, values in (("scores", rows.scores), ("is_known_user", rows.is_known_user)):
        # More values than slates, as a faulty endpoint might have them, make more slates.
        for index, value in enumerate(values or ()):
            slates += [{"movie_ids": []}] * (index >= len(slates))
            slates[index] = slates[index] | {name: value}
    answer = {"model": MODEL, "model_version": "7", "slates": slates}
    return answer | ({"request_id": body["request_id"]} if "request_id" in body else {})


_BY_PATH = {
    "/infer": _infer,
    "/predictions": _predict,
    "/gateway/application/": _serve,
    "/recommend": _recommend,
}


@dataclass
class Endpoint:
    """The running endpoint; a test sets how it behaves and reads what it was asked."""

    url: str = ""
    calls: list[Call] = field(default_factory=list)
    n_connections: int = 0
    n_connections_to_break: int = 0
    spoil: Callable[[SlateRows], SlateRows] = lambda rows: rows
    edit: Callable[[Any], Any] = lambda answer: answer
    status: int = 200
    body: bytes | None = None
    raw: bytes | None = None
    drip: bytes | None = None
    is_ready: bool = True
    is_ready_path_served: bool = True
    is_stuck: bool = False
    released: threading.Event = field(default_factory=threading.Event)

    def response_to(self, call: Call) -> bytes:
        """The whole response, head and body."""
        if self.raw is not None:
            return self.raw
        if call.method == "GET":
            if not self.is_ready_path_served:
                return http(404, b'{"error": "no such path"}')
            return http(200 if self.is_ready else 503, b"{}")
        if self.body is not None:
            return http(self.status, self.body)
        if call.path.endswith("/feedback"):
            return http(self.status, b"{}")
        answer = next(found for end, found in _BY_PATH.items() if end in call.path)
        return http(self.status, json.dumps(self.edit(answer(call.body, self.spoil))).encode())


def http(status: int, body: bytes) -> bytes:
    """An HTTP/1.1 response on a connection that stays open."""
    headers = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return f"HTTP/1.1 {status} Status\r\n{headers}\r\n".encode() + body


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def __init__(self, endpoint: Endpoint, *args: Any) -> None:
        self.endpoint = endpoint
        super().__init__(*args)

    def setup(self) -> None:
        super().setup()
        self.endpoint.n_connections += 1

    def _answer(self) -> None:
        endpoint = self.endpoint
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        call = Call(self.command, self.path, dict(self.headers), json.loads(body) if body else None)
        endpoint.calls.append(call)
        # Decided before the answer goes out, for then the test goes on and changes the endpoint.
        self.close_connection |= endpoint.raw is not None or endpoint.drip is not None
        if endpoint.n_connections_to_break > 0:
            endpoint.n_connections_to_break -= 1
            self.close_connection = True
            return
        if endpoint.is_stuck:
            endpoint.released.wait(60)
        for byte in endpoint.drip or b"":
            self.wfile.write(bytes([byte]))
            if endpoint.released.wait(0.02):
                break
        else:
            self.wfile.write(b"" if endpoint.drip else endpoint.response_to(call))

    do_GET = do_POST = _answer  # noqa: N815 - http.server looks for these names

    def log_message(self, *_: object) -> None:
        """Nothing: pytest shows what failed."""


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """Nothing: a client that hangs up on a slow answer is what the tests are about."""


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    """A faithful endpoint, for one test."""
    endpoint = Endpoint()
    with _Server(("127.0.0.1", 0), partial(_Handler, endpoint)) as server:
        endpoint.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield endpoint
        endpoint.released.set()
        server.shutdown()
        thread.join()


@pytest.fixture(params=PROTOCOLS)
def protocol(request: pytest.FixtureRequest) -> str:
    """Every protocol in turn."""
    return str(request.param)


@pytest.fixture
def make_client(endpoint: Endpoint) -> Callable[..., RecommenderClient]:
    """A maker of clients of the endpoint, with a time limit that a busy machine keeps."""

    def make(protocol: str, *, timeout_s: float = 30.0, **options: Any) -> RecommenderClient:
        return create_client(protocol, endpoint.url, MODEL, timeout_s=timeout_s, **options)

    return make


@pytest.fixture
def client(make_client: Callable[..., RecommenderClient], protocol: str) -> RecommenderClient:
    """A client of the endpoint in every protocol in turn, which knows the catalogue."""
    return make_client(protocol, known_films=KNOWN_FILMS)


@pytest.fixture
def client_without_breaker(endpoint: Endpoint, protocol: str) -> RecommenderClient:
    """A client for many bad answers in a row."""
    transport = Transport(endpoint.url, timeout_s=30.0)
    kinds = {
        "open_inference": OpenInferenceClient,
        "seldon": SeldonClient,
        "hydrosphere": HydrosphereClient,
        "rest": RestClient,
    }
    return kinds[protocol](transport, MODEL)


@pytest.fixture
def feedback() -> Feedback:
    """A click on a slate of two films."""
    request = RecommendationRequest(user_id=12, n_films=2, request_id="p1")
    slate = Recommendation((318, 50), (0.9, 0.8), MODEL, "7", True, {"ab-router": 1}, "p1", 3.5)
    return Feedback(request, replace(slate, request_path={MODEL: "funflix/m:7"}, tags={"model": MODEL}), 1.0)


@pytest.fixture
def closed_port_url() -> str:
    """A URL on loopback where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    return f"http://127.0.0.1:{port}"
