"""Who gets which variant: a salted hash, so that nothing has to be remembered."""

import hashlib
import itertools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from experiment import fast_hash
from experiment.definition import HOLDOUT, Experiment
from experiment.texts import Texts, as_bytes, is_ragged, join_texts


@dataclass(frozen=True, slots=True)
class Assignment:
    """The variant one visitor keeps for the life of one experiment; "holdout" for those kept out of it."""

    experiment: str
    visitor_id: str
    variant: str


def assign(experiment: Experiment, visitor_id: str) -> Assignment:
    """Place a visitor; the same salt and visitor give the same variant on any machine.

    A variant whose weight grows keeps all its visitors. With two variants only those move whom the new split
    takes from the other one; with more, a few also move between variants that lie on the way to it.
    """
    if _is_held_out(experiment, visitor_id):
        return Assignment(experiment.name, visitor_id, HOLDOUT)
    return Assignment(
        experiment.name, visitor_id, _variant_at(experiment, _point(experiment.salt, visitor_id))
    )


def assign_texts(experiment: Experiment, visitor_ids: Texts) -> npt.NDArray[np.intp]:
    """The variant of each visitor, as `assign` gives it, for ids that are texts in an array.

    Returns:
        Offsets into `experiment.variants`, (n_visitors,); their number stands for the holdout.
    """
    bounds = np.array(list(itertools.accumulate(variant.weight for variant in experiment.variants)))
    points = _points_of_texts(experiment.salt, visitor_ids)
    places = np.searchsorted(bounds, points * bounds[-1], side="right")
    variants: npt.NDArray[np.intp] = np.minimum(places, len(bounds) - 1)
    if experiment.holdout > 0:
        held_out = _points_of_texts(f"{experiment.salt}:holdout", visitor_ids) < experiment.holdout
        variants[held_out] = len(bounds)
    return variants


def assign_request(experiment: Experiment, visitor_id: str, request_id: str) -> Assignment:
    """Place one request, as routers do that know no visitors (`assignment = "request"`).

    The holdout stays one of visitors: half a visitor cannot be kept out. `request_id` names the request
    within the visitor's traffic, so a retried request is placed alike.
    """
    if _is_held_out(experiment, visitor_id):
        return Assignment(experiment.name, visitor_id, HOLDOUT)
    # The lengths keep ("a:b", "c") apart from ("a", "b:c").
    key = f"{len(visitor_id)}:{visitor_id}:{request_id}"
    return Assignment(
        experiment.name, visitor_id, _variant_at(experiment, _point(f"{experiment.salt}:request", key))
    )


def _is_held_out(experiment: Experiment, visitor_id: str) -> bool:
    # A salt of its own: otherwise the holdout would be cut out of the first variant alone.
    return experiment.holdout > 0 and _point(f"{experiment.salt}:holdout", visitor_id) < experiment.holdout


def _point(salt: str, key: str) -> float:
    digest = hashlib.sha256(f"{salt}:{key}".encode()).digest()
    # 53 bits: such a fraction is an exact float, so it is never rounded up to 1.0.
    return (int.from_bytes(digest[:7], "big") >> 3) / 2**53


def _points_of_texts(salt: str, keys: Texts) -> npt.NDArray[np.float64]:
    """`_point` of each key; only the hashes are computed one by one."""
    words = _digest_heads(f"{salt}:".encode(), keys) >> np.uint64(11)
    return words.view(np.int64).astype(np.float64) * 2.0**-53


def _digest_heads(prefix: bytes, keys: Texts) -> npt.NDArray[np.uint64]:
    """The first 64 bits of the digest of each key."""
    fits = len(prefix) + keys.itemsize <= fast_hash.LONGEST and not is_ragged(keys)
    if fits and fast_hash.DEMAND.is_worth_it(len(keys)):
        heads = fast_hash.compiled_heads()
        if heads is not None:
            return heads(as_bytes(join_texts(prefix, keys)))
    sha256 = hashlib.sha256
    digests = b"".join([sha256(prefix + key).digest() for key in keys.tolist()])
    return np.frombuffer(digests, dtype=">u8")[:: sha256().digest_size // 8].astype(np.uint64)


def _variant_at(experiment: Experiment, point: float) -> str:
    weights = [variant.weight for variant in experiment.variants]
    reach = point * sum(weights)
    for variant, upper in zip(experiment.variants, itertools.accumulate(weights), strict=True):
        if reach < upper:
            return variant.name
    return experiment.variants[-1].name  # rounding alone leads here
