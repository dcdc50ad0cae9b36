"""Who gets which variant: a salted hash, so that nothing has to be remembered."""

import hashlib
import itertools
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from experiment.definition import HOLDOUT, Experiment


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


def assign_many(experiment: Experiment, visitor_ids: Sequence[str]) -> list[str]:
    """The variant of each visitor, as `assign` gives it, at a third of the cost."""
    bounds = list(itertools.accumulate(variant.weight for variant in experiment.variants))
    names = [variant.name for variant in experiment.variants]
    names.append(names[-1])  # where rounding alone leads
    total = bounds[-1]
    variants = [names[bisect_right(bounds, point * total)] for point in _points(experiment.salt, visitor_ids)]
    if experiment.holdout == 0:
        return variants
    return [
        HOLDOUT if _is_held_out(experiment, visitor_id) else variant
        for visitor_id, variant in zip(visitor_ids, variants, strict=True)
    ]


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


def _points(salt: str, keys: Sequence[str]) -> list[float]:
    """`_point` of each key, written out: a call for each would cost as much as the hash."""
    sha256, from_bytes = hashlib.sha256, int.from_bytes
    return [
        (from_bytes(sha256(f"{salt}:{key}".encode()).digest()[:7], "big") >> 3) * 2.0**-53 for key in keys
    ]


def _variant_at(experiment: Experiment, point: float) -> str:
    weights = [variant.weight for variant in experiment.variants]
    reach = point * sum(weights)
    for variant, upper in zip(experiment.variants, itertools.accumulate(weights), strict=True):
        if reach < upper:
            return variant.name
    return experiment.variants[-1].name  # rounding alone leads here
