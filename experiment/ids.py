"""Ids of what a simulated visit meets, the same in every engine and in every repetition.

Slates, plays and clicks get their ids from whoever makes them: the site for visits through its pages, the
vector engine for visits that it makes itself. Both take them from here.

The parts of an id stand in the order in which visits are made, so that new rows come at the end of their
tables. Hashes would spread them over all leaves: each large transaction then rewrote most of the log, and
100,000 visits in a log of 400 MB wrote 4 GB.
"""

import base64
import hashlib
import re
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from experiment.texts import Texts, as_bytes, join_texts, number_texts

# What may stand in an id as it is; it is also part of pages, headers and keys of the log.
_LONGEST_PLAIN = 40
_PLAIN = re.compile(rf"[A-Za-z0-9_-]{{1,{_LONGEST_PLAIN}}}", re.ASCII)
# The same byte by byte; zero pads a text that is shorter than others of its array.
_IS_PLAIN_BYTE = np.array([byte == 0 or _PLAIN.fullmatch(chr(byte)) is not None for byte in range(256)])


def simulated_id(run_id: str, visitor_id: str, attempt: int, step: int, purpose: str) -> str:
    """The id of what a simulated visitor meets at one step of one attempt; at most 80 characters.

    >>> simulated_id("20260105-120000-seed7", "s7-000012", 1, 2, "film")
    'CU8_iUMP.s7-000012.1.2.film'

    Args:
        run_id: the run.
        visitor_id: the visitor.
        attempt: which try of the visit, from 1.
        step: which page load of the visit, from 1.
        purpose: the surface of a slate, or "play"; a plain word.
    """
    (made,) = simulated_ids(run_id, [visitor_id], [attempt], [step], purpose)
    return made


def simulated_ids(
    run_id: str, visitor_ids: Iterable[str], attempts: Iterable[int], steps: Iterable[int], purpose: str
) -> list[str]:
    """The ids of many visitors at once; see `simulated_id`."""
    run, is_plain = _hash(run_id, 6), _PLAIN.fullmatch
    return [
        f"{run}.{visitor_id if is_plain(visitor_id) else _stand_in(visitor_id)}.{attempt}.{step}.{purpose}"
        for visitor_id, attempt, step in zip(visitor_ids, attempts, steps, strict=True)
    ]


def simulated_id_texts(
    run_id: str,
    visitor_ids: Texts,
    attempts: npt.NDArray[np.integer],
    steps: npt.NDArray[np.integer],
    purpose: str,
) -> Texts:
    """As `simulated_ids`, for visitors whose names are texts in an array: by columns."""
    if not _IS_PLAIN_BYTE[as_bytes(visitor_ids)].all() or visitor_ids.itemsize > _LONGEST_PLAIN:
        names = visitor_ids.astype(np.str_).tolist()
        return np.array(
            simulated_ids(run_id, names, attempts.tolist(), steps.tolist(), purpose), dtype=np.bytes_
        )
    return join_texts(
        f"{_hash(run_id, 6)}.".encode(),
        visitor_ids,
        b".",
        number_texts(attempts),
        b".",
        number_texts(steps),
        f".{purpose}".encode(),
    )


def click_id(slate_id: str, position: int) -> str:
    """The id of a click to which its reporter gave none."""
    return f"{slate_id}:{position}"


def click_id_texts(slate_ids: Texts, positions: npt.NDArray[np.integer]) -> Texts:
    """As `click_id`, by columns."""
    return join_texts(slate_ids, b":", number_texts(positions))


def _stand_in(visitor_id: str) -> str:
    # No plain id begins with a tilde.
    return f"~{_hash(visitor_id, 12)}"


def _hash(text: str, n_bytes: int) -> str:
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=n_bytes).digest()
    return base64.urlsafe_b64encode(digest).decode()
