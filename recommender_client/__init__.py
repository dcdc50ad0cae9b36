"""How the site asks a model endpoint: one interface, one module per wire protocol, one exception family.

`create_client` is the way in; `interface` holds the Protocol and its values, `errors` draws the exceptions.
`open_inference`, `seldon`, `hydrosphere` and `rest` speak the protocols over `transport`; `calling` is what
they do alike, `answers` says what makes an answer a slate, `answered_rows` what becomes of a table of them;
`circuit` leaves a failing endpoint
alone; `feedback_queue` sends clicks back behind the page.
"""

from recommender_client.circuit import CircuitBreaker, with_circuit_breaker
from recommender_client.clients import PROTOCOLS, create_client
from recommender_client.errors import (
    BadAnswerError,
    CircuitOpenError,
    ClientSettingsError,
    InvalidRequestError,
    RecommenderClientError,
    RecommenderTimeoutError,
    RecommenderUnavailableError,
    RequestRefusedError,
)
from recommender_client.feedback_queue import FeedbackCounts, FeedbackQueue
from recommender_client.interface import (
    MAX_HISTORY,
    MAX_N_FILMS,
    Feedback,
    Reason,
    Recommendation,
    RecommendationRequest,
    RecommenderClient,
)

__all__ = [
    "MAX_HISTORY",
    "MAX_N_FILMS",
    "PROTOCOLS",
    "BadAnswerError",
    "CircuitBreaker",
    "CircuitOpenError",
    "ClientSettingsError",
    "Feedback",
    "FeedbackCounts",
    "FeedbackQueue",
    "InvalidRequestError",
    "Reason",
    "Recommendation",
    "RecommendationRequest",
    "RecommenderClient",
    "RecommenderClientError",
    "RecommenderTimeoutError",
    "RecommenderUnavailableError",
    "RequestRefusedError",
    "create_client",
    "with_circuit_breaker",
]
