"""Credit for a click goes back to the endpoint whose answer was clicked.

Which answer that was must be known when the click comes, maybe in another worker process. So the page carries
it: a slate's tokens end in `~CREDIT`, a signed note of the endpoint's own id and routing for its answer.
Fallback slates carry none, for no model has earned their clicks.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import itsdangerous
import msgspec

from experiment import Experiment, ImpressionToken
from recommender_client import (
    Feedback,
    FeedbackQueue,
    Recommendation,
    RecommendationRequest,
    RecommenderClient,
)

__all__ = ["CreditDesk", "split_token"]

_SEPARATOR = "~"
_CLICK_REWARD = 1.0
_WITH_FEEDBACK = frozenset({"seldon"})


class _Credit(msgspec.Struct, frozen=True, array_like=True):
    """What an endpoint needs in order to credit one answer of its own."""

    slate_id: str
    request_id: str
    routing: dict[str, int]
    model: str
    model_version: str


@dataclass(frozen=True, slots=True)
class ReportedToken:
    """A token as a page sends it back: the impression's own, and the credit's, which may be empty."""

    impression: str
    credit: str


def split_token(text: str) -> ReportedToken:
    """Take a page's token apart.

    >>> split_token("abc.def~ghi.jkl")
    ReportedToken(impression='abc.def', credit='ghi.jkl')
    """
    impression, _, credit = text.partition(_SEPARATOR)
    return ReportedToken(impression, credit)


class CreditDesk:
    """Writes credits into pages, and sends feedback for those that come back with a click.

    Args:
        experiment: says which variants' protocols know feedback.
        clients: where the feedback goes, by variant.
        secret: signs the credits.
    """

    def __init__(self, experiment: Experiment, clients: Mapping[str, RecommenderClient], secret: str) -> None:
        self._signer = itsdangerous.Signer(secret, salt="funflix.credit")
        self._queues = {
            variant.name: FeedbackQueue(clients[variant.name])
            for variant in experiment.variants
            if variant.protocol in _WITH_FEEDBACK
        }

    def suffix(self, variant: str, slate_id: str, recommendation: Recommendation) -> str:
        """What to append to the tokens of this slate; nothing where the protocol has no feedback."""
        if variant not in self._queues:
            return ""
        credit = _Credit(
            slate_id,
            recommendation.request_id,
            dict(recommendation.routing),
            recommendation.model,
            recommendation.model_version,
        )
        packed = itsdangerous.encoding.base64_encode(msgspec.msgpack.encode(credit))
        return _SEPARATOR + self._signer.sign(packed).decode()

    def reward(self, click: ImpressionToken, credit_text: str, *, user_id: int | None) -> bool:
        """Queue feedback for a committed click; False when the click's slate has no credit."""
        queue = self._queues.get(click.variant)
        credit = self._unpack(credit_text)
        if queue is None or credit is None or credit.slate_id != click.slate_id:
            return False
        recommendation = Recommendation(
            movie_ids=(click.movie_id,),
            scores=None,
            model=credit.model,
            model_version=credit.model_version,
            is_known_user=user_id is not None,
            routing=credit.routing,
            request_id=credit.request_id,
            latency_ms=0.0,
        )
        request = RecommendationRequest(user_id=user_id, n_films=1, request_id=click.slate_id)
        return queue.put(Feedback(request, recommendation, _CLICK_REWARD))

    def close(self) -> None:
        """Send what waits, for at most two seconds a client."""
        for queue in self._queues.values():
            queue.close()

    def _unpack(self, text: str) -> _Credit | None:
        try:
            packed = self._signer.unsign(text)
            return msgspec.msgpack.decode(itsdangerous.encoding.base64_decode(packed), type=_Credit)
        except (itsdangerous.BadData, UnicodeEncodeError, msgspec.MsgspecError):
            return None
