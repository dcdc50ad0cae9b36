"""HTTP calls to one endpoint: pooled connections, one deadline for the call, a bounded body, one retry."""

import time
from dataclasses import dataclass
from urllib.parse import urlsplit

import requests
from urllib3 import Timeout
from urllib3.exceptions import HTTPError, MaxRetryError, NewConnectionError, ProtocolError, ReadTimeoutError

from recommender_client._deadline import DeadlineAdapter
from recommender_client.errors import (
    BadAnswerError,
    ClientSettingsError,
    RecommenderClientError,
    RecommenderTimeoutError,
    RecommenderUnavailableError,
    RequestRefusedError,
)

MAX_BODY_BYTES = 1_000_000
_BACKOFF_S = 0.02
_MAX_IDLE_CONNECTIONS = 64
_SHOWN_CHARACTERS = 120
_OK = 200
_REFUSED = range(400, 500)
_TOO_MANY_REQUESTS = 429
_SERVER_ERROR = 500


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back over HTTP, read to its end.

    `where` names the call in error messages; `puid` is Seldon's id of the prediction, if a header names one.
    """

    where: str
    status: int
    body: bytes
    puid: str = ""

    def require_success(self) -> None:
        """Raise the error that the HTTP status stands for, unless it is 200.

        Raises:
            RecommenderUnavailableError: 5xx or 429.
            RequestRefusedError: any other 4xx.
            BadAnswerError: any other status, a redirect too.
        """
        if self.status == _OK:
            return
        text = f"{self.where} answered HTTP {self.status}: {shown(self.body)}"
        if self.status >= _SERVER_ERROR or self.status == _TOO_MANY_REQUESTS:
            raise RecommenderUnavailableError(f"{text}; see the endpoint's own log")
        if self.status in _REFUSED:
            raise RequestRefusedError(f"{text}; check the URL, the protocol and the model of this variant")
        raise BadAnswerError(f"{text}; an endpoint must answer 200 itself, at the URL it was given")


def shown(body: bytes) -> str:
    """The beginning of a body, short enough for one line of a log."""
    text = body[: _SHOWN_CHARACTERS + 1].decode("utf-8", "replace")
    return repr(text) if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]!r}..."


class Transport:
    """The way to one endpoint, shared by all threads.

    No proxy, `.netrc` or cookie of the environment is looked up: requests' adapter is used without a session,
    which also saves about a third of the time of a call.

    Args:
        url: base URL; a user name and password in it are sent as basic authentication.
        timeout_s: seconds within which a whole call ends, a retry and the last byte of the body included.

    Raises:
        ClientSettingsError: the URL or the time limit cannot be used.
    """

    def __init__(self, url: str, *, timeout_s: float) -> None:
        if not 0 < timeout_s < float("inf"):
            raise ClientSettingsError(
                f"timeout_s {timeout_s!r}: must be a positive number of seconds, e.g. 0.3"
            )
        self._base_url = _base_url(url)
        self._shown_url = _without_password(self._base_url)
        self._timeout_s = timeout_s
        self._adapter = DeadlineAdapter(pool_connections=1, pool_maxsize=_MAX_IDLE_CONNECTIONS)
        self._prepared: dict[tuple[str, str], requests.PreparedRequest] = {}

    def get(self, path: str) -> Answer:
        """Fetch `path` under the base URL, with the errors of `post`."""
        return self._call("GET", path, b"", puid="", is_repeatable=True)

    def post(self, path: str, body: bytes, *, puid: str = "", is_repeatable: bool = True) -> Answer:
        """Send JSON to `path` under the base URL.

        Args:
            path: begins with a slash.
            body: encoded JSON.
            puid: Seldon's id of the prediction, for its header; empty sends none.
            is_repeatable: False for what must not arrive twice; such a call is repeated only when it was
                certainly never sent.

        Raises:
            RecommenderTimeoutError: the time is over.
            RecommenderUnavailableError: no connection, or it broke twice.
            BadAnswerError: the body is longer than 1 MB, or is not HTTP.
        """
        return self._call("POST", path, body, puid=puid, is_repeatable=is_repeatable)

    def _call(self, method: str, path: str, body: bytes, *, puid: str, is_repeatable: bool) -> Answer:
        deadline = time.monotonic() + self._timeout_s
        request = self._request(method, path, body, puid)
        where = f"{method} {self._shown_url}{path}"
        try:
            return self._attempt(request, where, deadline)
        except RecommenderUnavailableError as error:
            has_time = time.monotonic() + _BACKOFF_S < deadline
            if not (has_time and (is_repeatable or _was_never_sent(error.__cause__))):
                raise
        time.sleep(_BACKOFF_S)
        return self._attempt(request, where, deadline)

    def _attempt(self, request: requests.PreparedRequest, where: str, deadline: float) -> Answer:
        # urllib3 refuses a timeout of 0; the last millisecond is within the promise.
        left_s = max(deadline - time.monotonic(), 0.001)
        try:
            timeout = Timeout(total=left_s)
            response = self._adapter.send(request, stream=True, timeout=timeout)  # type: ignore[arg-type] # stubs lack it
            body = _read_body(response)
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            is_late = time.monotonic() >= deadline
            raise _translated(error, where, self._timeout_s, is_late=is_late) from error
        if len(body) > MAX_BODY_BYTES:
            raise BadAnswerError(f"{where} answered over {MAX_BODY_BYTES} bytes; a slate takes a few hundred")
        return Answer(where, response.status_code, body, response.raw.headers.get("Seldon-Puid", ""))

    def _request(self, method: str, path: str, body: bytes, puid: str) -> requests.PreparedRequest:
        """A request made from one prepared before: preparing costs as much as sending."""
        key = (method, path)
        pattern = self._prepared.get(key)
        if pattern is None:
            headers = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "funflix"}
            if method == "POST":
                headers["Content-Type"] = "application/json"
            pattern = requests.Request(method, self._base_url + path, headers=headers).prepare()
            self._prepared[key] = pattern
        request = requests.PreparedRequest()
        request.method, request.url = pattern.method, pattern.url
        request.headers = pattern.headers.copy()
        if body:
            request.body = body
            request.headers["Content-Length"] = str(len(body))
        if puid:
            request.headers["Seldon-Puid"] = puid
        return request


def _read_body(response: requests.Response) -> bytes:
    """The body, or its first `MAX_BODY_BYTES` + 1 bytes; the connection is kept only if it was read whole."""
    try:
        body: bytes = response.raw.read(MAX_BODY_BYTES + 1, decode_content=True)
    except BaseException:
        response.raw.close()
        raise
    if len(body) > MAX_BODY_BYTES:
        response.raw.close()
    return body


def _translated(error: Exception, where: str, timeout_s: float, *, is_late: bool) -> RecommenderClientError:
    """Our error for one of requests, urllib3 or the socket."""
    if is_late or isinstance(error, (requests.Timeout, ReadTimeoutError, TimeoutError)):
        return RecommenderTimeoutError(f"{where} gave no whole answer within {timeout_s} s; see timeout_s")
    if isinstance(error, (requests.ConnectionError, ProtocolError, OSError)):
        inner = error.args[0] if error.args else error
        cause = inner.reason if isinstance(inner, MaxRetryError) else inner
        return RecommenderUnavailableError(f"{where} cannot be reached ({cause}); is the endpoint running?")
    return BadAnswerError(f"{where} answered with broken HTTP: {error}")


def _was_never_sent(cause: BaseException | None) -> bool:
    """Whether the connection was refused, so that nothing of the request can have arrived."""
    inner = cause.args[0] if isinstance(cause, requests.ConnectionError) and cause.args else None
    return isinstance(inner, MaxRetryError) and isinstance(inner.reason, NewConnectionError)


def _base_url(url: str) -> str:
    """`url` without a slash at its end, if a client can use it."""
    try:
        parts = urlsplit(url)
        is_usable = parts.scheme in {"http", "https"} and parts.port != 0 and bool(parts.hostname)
        (parts.hostname or "").encode("idna")
    except ValueError:  # a port that is no number, brackets that do not match, a label over 63 characters
        is_usable = False
    if not is_usable or parts.query or parts.fragment:
        raise ClientSettingsError(f"url {url!r}: must be like http://127.0.0.1:8080 or https://host/path")
    return url.rstrip("/")


def _without_password(url: str) -> str:
    """`url` as it may stand in a log."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
