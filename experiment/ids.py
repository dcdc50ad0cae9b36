"""Ids of what a simulated visit meets, the same in every engine and in every repetition.

Slates, plays and clicks get their ids from whoever makes them: the site for visits through its pages, the
vector engine for visits that it makes itself. Both take them from here.
"""

import base64
import hashlib
from collections.abc import Iterable


def simulated_id(run_id: str, visitor_id: str, attempt: int, step: int, purpose: str) -> str:
    """The id of what a simulated visitor meets at one step of one attempt: 16 URL-safe characters.

    Args:
        run_id: the run.
        visitor_id: the visitor.
        attempt: which try of the visit, from 1.
        step: which page load of the visit, from 1.
        purpose: the surface of a slate; "play" for a play.
    """
    (made,) = simulated_ids(run_id, [visitor_id], [attempt], [step], purpose)
    return made


def simulated_ids(
    run_id: str, visitor_ids: Iterable[str], attempts: Iterable[int], steps: Iterable[int], purpose: str
) -> list[str]:
    """The ids of many visitors at once; see `simulated_id`."""
    hashed, encoded = hashlib.blake2b, base64.urlsafe_b64encode
    return [
        encoded(
            hashed(f"{run_id}\0{visitor_id}\0{attempt}\0{step}\0{purpose}".encode(), digest_size=12).digest()
        ).decode()
        for visitor_id, attempt, step in zip(visitor_ids, attempts, steps, strict=True)
    ]


def click_id(slate_id: str, position: int) -> str:
    """The id of a click to which its reporter gave none."""
    return f"{slate_id}:{position}"
