"""Every error a call to a model endpoint can end in; an HTTP library's error never leaves this package.

RecommenderClientError               whatever a call raises; the site then shows popular films
├── ClientSettingsError              unknown protocol, bad URL or time limit (ValueError); found at start
├── InvalidRequestError              a request or feedback that no endpoint could answer (ValueError)
├── RecommenderTimeoutError          no whole answer within `timeout_s` (TimeoutError)
├── RecommenderUnavailableError      refused, reset, unknown host, HTTP 5xx or 429 (ConnectionError)
│   └── CircuitOpenError             not asked, because the last calls all failed
├── RequestRefusedError              HTTP 4xx: the endpoint answers, but not to this, e.g. an unknown model
└── BadAnswerError                   an answer came and is not a slate (ValueError)
"""

from typing import ClassVar


class RecommenderClientError(Exception):
    """A model endpoint gave no usable answer.

    `reason` is a short code for logs and counters, the same for every error of one class.
    """

    reason: ClassVar[str] = "error"


class ClientSettingsError(RecommenderClientError, ValueError):
    """A client cannot be built from these settings."""

    reason = "settings"


class InvalidRequestError(RecommenderClientError, ValueError):
    """A value in a request or in feedback breaks the rules of every protocol; nothing was sent."""

    reason = "invalid_request"


class RecommenderTimeoutError(RecommenderClientError, TimeoutError):
    """The whole answer was not there when the time was over."""

    reason = "timeout"


class RecommenderUnavailableError(RecommenderClientError, ConnectionError):
    """The endpoint cannot be reached, broke the connection, or says that it is down."""

    reason = "unavailable"


class CircuitOpenError(RecommenderUnavailableError):
    """The endpoint was not asked: it failed too often just before."""

    reason = "circuit_open"


class RequestRefusedError(RecommenderClientError):
    """The endpoint is up and refuses this request."""

    reason = "refused"


class BadAnswerError(RecommenderClientError, ValueError):
    """The endpoint answered with something that is not the slate asked for."""

    reason = "bad_answer"
