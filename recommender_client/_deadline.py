"""An adapter for requests whose read timeout is a budget for the whole response.

The timeouts of requests hold for one socket operation each, so an endpoint that sends a byte every so often,
of the body or of the headers, is never late. Here the time left is set anew before every read. The seams are
those that requests (`init_poolmanager` and its neighbours), urllib3 (`pool_classes_by_scheme`,
`ConnectionCls`) and http.client (`response_class`) offer for it.

Not bounded: the resolver's own timeout when a host name is looked up, and one connect for each of a name's
addresses.
"""

import http.client
import io
import socket
import time
from typing import Any, cast

import requests
from requests.adapters import HTTPAdapter
from urllib3 import BaseHTTPResponse, HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import ConnectionPool


class _DeadlineReader(io.RawIOBase):
    """The bytes of one response, until the time is over."""

    def __init__(self, sock: socket.socket, reader: io.RawIOBase) -> None:
        budget_s = sock.gettimeout()
        self._deadline = None if budget_s is None else time.monotonic() + budget_s
        self._sock = sock
        self._reader = reader

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:  # noqa: ANN401 - typeshed's Buffer type is not there at run time
        if self._deadline is not None:
            left_s = self._deadline - time.monotonic()
            if left_s <= 0:
                raise TimeoutError("the response did not end in time")
            self._sock.settimeout(left_s)
        # An interrupted SocketIO returns None, which only a non-blocking socket does.
        return cast("int | None", self._reader.readinto(buffer))

    def close(self) -> None:
        self._reader.close()
        super().close()


class _DeadlineResponse(http.client.HTTPResponse):
    """A response that reads through a `_DeadlineReader`; the socket's timeout at birth is its budget."""

    def __init__(self, sock: socket.socket, *args: Any, **options: Any) -> None:  # noqa: ANN401 - http.client's own
        super().__init__(sock, *args, **options)
        self.fp = io.BufferedReader(_DeadlineReader(sock, self.fp.detach()))


class _DeadlineConnection(HTTPConnection):
    response_class = _DeadlineResponse


class _DeadlineHTTPSConnection(HTTPSConnection):
    response_class = _DeadlineResponse


class _DeadlinePool(HTTPConnectionPool):
    ConnectionCls = _DeadlineConnection


class _DeadlineHTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _DeadlineHTTPSConnection


class DeadlineAdapter(HTTPAdapter):
    """Sends to one endpoint, without a proxy; `timeout` must be a urllib3 `Timeout` with a `total`."""

    _pool: ConnectionPool | None = None

    def init_poolmanager(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - passed on as they came
        """Make the pools build connections that keep a deadline."""
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": _DeadlinePool, "https": _DeadlineHTTPSPool}

    def get_connection_with_tls_context(self, *args: Any, **options: Any) -> ConnectionPool:  # noqa: ANN401 - as above
        """The endpoint's pool, looked up once: that costs a tenth of a call."""
        if self._pool is None:
            self._pool = super().get_connection_with_tls_context(*args, **options)
        return self._pool

    def request_url(self, request: requests.PreparedRequest, proxies: object) -> str:  # noqa: ARG002 - there is no proxy
        """What stands in the request line."""
        return request.path_url

    def build_response(self, req: requests.PreparedRequest, resp: BaseHTTPResponse) -> requests.Response:
        """The response without its cookie jar and encoding, which no model call needs and which cost time."""
        response = requests.Response()
        response.status_code = resp.status
        response.raw = resp
        response.url = req.url or ""
        response.request = req
        return response
