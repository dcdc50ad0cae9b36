"""How many requests one visitor, and one address, may send: generous for people, too few for a flood.

Each has a bucket of tokens that fills at an even pace; a request takes one, and an empty bucket means 429.
The buckets are this process's own: with several workers the limits are that many times as wide. Simulated
visits are not limited, for their cookie is signed by us; neither are pictures, scripts, probes, and the
simulator's way in.

Source: token bucket, Turner (1986), doi:10.1109/MCOM.1986.1092946.
"""

import ipaddress
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from flask import Flask, Response, request

from experiment import TokenError
from website.refusals import refuse_flood
from website.settings import RateLimit
from website.site import current_site
from website.visits import VISITOR_COOKIE

__all__ = ["Buckets", "install"]

_FREE_ENDPOINTS = frozenset(
    {
        *("static", "pictures.show_poster", "pictures.show_real_poster", "pictures.show_backdrop"),
        *("health.live", "health.ready", "metrics.show_metrics", "entry.enter"),
    }
)
_MOST_KEYS = 20_000
# Whoever has one IPv6 address has a /64 of them.
_IPV6_PREFIX = 64


@dataclass(slots=True)
class _Bucket:
    n_tokens: float
    filled_at_s: float


class Buckets:
    """One bucket for each key, the least recently used forgotten; safe to share between threads.

    Args:
        limit: how fast a bucket fills, and how much it holds.
        clock: seconds that only ever grow.
    """

    def __init__(self, limit: RateLimit, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def wait_s(self, key: str) -> float:
        """Take a token: 0 if there was one, else how long until there is."""
        now = self._clock()
        with self._lock:
            bucket = self._buckets.get(key)
            if bucket is None:
                bucket = self._buckets[key] = _Bucket(self._limit.burst, now)
                if len(self._buckets) > _MOST_KEYS:
                    self._buckets.popitem(last=False)
            else:
                self._buckets.move_to_end(key)
            filled = bucket.n_tokens + (now - bucket.filled_at_s) * self._limit.per_s
            bucket.n_tokens, bucket.filled_at_s = min(filled, self._limit.burst), now
            if bucket.n_tokens < 1:
                return (1 - bucket.n_tokens) / self._limit.per_s
            bucket.n_tokens -= 1
            return 0.0


def install(app: Flask, *, per_visitor: RateLimit, per_address: RateLimit) -> None:
    """Have every request of the application pass through its buckets."""
    visitors, addresses = Buckets(per_visitor), Buckets(per_address)

    def limit() -> Response | None:
        if request.endpoint in _FREE_ENDPOINTS:
            return None
        visitor_id, is_simulated = _visitor()
        if is_simulated:
            return None
        wait_s = addresses.wait_s(_network(request.remote_addr or ""))
        if wait_s == 0 and visitor_id:
            wait_s = visitors.wait_s(visitor_id)
        return refuse_flood(math.ceil(wait_s)) if wait_s else None

    app.before_request(limit)


def _visitor() -> tuple[str, bool]:
    """Who sends the request, "" for nobody we know, and whether a simulator does."""
    text = request.cookies.get(VISITOR_COOKIE)
    if text is None:
        return "", False
    try:
        visitor = current_site().signer.verify_cookie(text)
    except TokenError:
        return "", False
    return visitor.visitor_id, visitor.is_simulated


@lru_cache(maxsize=10_000)
def _network(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 6:  # noqa: PLR2004  the protocol's own number
        return str(ipaddress.ip_network(f"{parsed}/{_IPV6_PREFIX}", strict=False))
    return address
