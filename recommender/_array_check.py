"""Whether the arrays of an artefact fit together, so that no answer can fail on them later."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from recommender.kinds import SHARED_SHAPES, kind_named

if TYPE_CHECKING:
    from recommender._arrays import Integers, NamedArrays
    from recommender.model import Manifest

_DTYPES = {
    "columns": "<i8",
    "film_ranking": "<i4",
    "history_columns": "<i4",
    "history_starts": "<i8",
    "list_columns": "<i4",
    "movie_ids": "<i8",
    "random_seed": "<i8",
    "user_ids": "<i8",
    "user_ranking": "<i4",
}  # all others are "<f4"
_FILM_COLUMNS = {"columns", "film_ranking", "history_columns", "list_columns", "user_ranking"}


def require_consistent(manifest: Manifest, arrays: NamedArrays) -> None:
    """Check names, types, lengths, ranges and order.

    Raises:
        ValueError: the first fault found, named.
    """
    _require_shapes(manifest, arrays)
    for name in ("user_ids", "movie_ids", "columns"):
        _require(name, bool(np.all(np.diff(_integers(arrays, name)) > 0)), "ids must ascend")
    starts = _integers(arrays, "history_starts")
    is_partition = starts[0] == 0 and starts[-1] == manifest.n_ratings and bool(np.all(np.diff(starts) > 0))
    _require("history_starts", is_partition, "they must divide the ratings, at least one to a user")
    for name in sorted(arrays.keys() & _FILM_COLUMNS):
        columns = _integers(arrays, name)
        is_inside = bool(np.all((columns >= 0) & (columns < manifest.n_films)))
        _require(name, is_inside, f"columns of films must be in 0..{manifest.n_films - 1}")
    for name in sorted(arrays.keys() - _DTYPES.keys()):
        numbers = arrays[name].astype(np.float32, copy=False)
        # A ranking of a small catalogue ends in minus infinity: that row has no further film.
        is_number = ~np.isnan(numbers) if name.endswith("_scores") else np.isfinite(numbers)
        _require(name, bool(is_number.all()), "numbers must be finite")


def _require_shapes(manifest: Manifest, arrays: NamedArrays) -> None:
    shapes = {**SHARED_SHAPES, **kind_named(manifest.kind).shapes}
    if shapes.keys() != arrays.keys():
        names = sorted(shapes.keys() ^ arrays.keys())
        raise ValueError(f"arrays {names!r} are missing or unknown in a model of kind {manifest.kind!r}")
    lengths = {
        "n_users": manifest.n_users,
        "n_films": manifest.n_films,
        "n_ratings": manifest.n_ratings,
        "n_scored": manifest.n_scored_films,
        "n_users + 1": manifest.n_users + 1,
    }
    for name, axes in shapes.items():
        array = arrays[name]
        # A length that the manifest does not state, such as n_factors, is the same wherever it occurs.
        wanted = tuple(
            lengths.setdefault(axis, length) for axis, length in zip(axes, array.shape, strict=False)
        )
        _require(name, len(axes) == array.ndim and wanted == array.shape, f"the shape must be {axes!r}")
        _require(name, array.dtype.str == _DTYPES.get(name, "<f4"), "the type is another")


def _integers(arrays: NamedArrays, name: str) -> Integers:
    return arrays[name].astype(np.int64, copy=False)


def _require(name: str, is_fine: bool, rule: str) -> None:  # noqa: FBT001 - reads as a sentence where it is called
    if not is_fine:
        raise ValueError(f"array {name!r} is not consistent with the manifest: {rule}")
