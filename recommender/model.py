"""A trained model as a value: its arrays, and the manifest that says where they come from."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import msgspec

from recommender.errors import ModelSettingsError
from recommender.evaluation import OfflineMetrics  # noqa: TC001 - msgspec resolves the annotation at run time

if TYPE_CHECKING:
    from recommender._arrays import NamedArrays

ROUTER_NAME = "ab-router"
"""The name under which the Seldon paths split traffic over all models; no model may bear it."""

_NAME_RULE = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?")


class ArrayShape(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Type, as NumPy spells it ("<f4"), and shape of one array."""

    dtype: str
    shape: tuple[int, ...]


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Everything about a model but its numbers.

    Attributes:
        schema: layout of the artefact.
        version: 12 hex digits of a hash over what went in: data, settings, seed, libraries.
        settings: all settings, defaults included.
        n_scored_films: films the model can score; the others fill the end of a ranking by popularity.
        first_rated_at: time of the oldest rating it saw, s since 1970.
        cutoff: time of the newest rating it saw, s since 1970.
        training_digest: SHA-256 of films and ratings it was trained on.
        arrays: type and shape of each array.
        arrays_sha256: SHA-256 of the file of arrays.
        arrays_bytes: size of that file.
        digest: SHA-256 of the manifest itself, written with this field empty.
    """

    schema: int
    name: str
    kind: str
    version: str
    seed: int
    settings: dict[str, int | float]
    n_users: Annotated[int, msgspec.Meta(ge=1)]
    n_films: Annotated[int, msgspec.Meta(ge=1)]
    n_scored_films: Annotated[int, msgspec.Meta(ge=1)]
    n_ratings: Annotated[int, msgspec.Meta(ge=1)]
    first_rated_at: int
    cutoff: int
    training_digest: str
    libraries: dict[str, str]
    metrics: OfflineMetrics
    arrays: dict[str, ArrayShape]
    arrays_sha256: str
    arrays_bytes: int
    digest: str = ""

    def signed(self) -> Manifest:
        """The same with its `digest` filled in."""
        return msgspec.structs.replace(self, digest=self.own_digest())

    def own_digest(self) -> str:
        """What `digest` must be for these contents."""
        return hashlib.sha256(msgspec.json.encode(msgspec.structs.replace(self, digest=""))).hexdigest()


@dataclass(frozen=True, slots=True, eq=False)
class TrainedModel:
    """A model ready to be saved or served."""

    manifest: Manifest
    arrays: NamedArrays


def require_model_name(name: str) -> None:
    """Refuse names that cannot be a folder and a part of a URL on every system.

    Raises:
        ModelSettingsError: the name breaks the rule.
    """
    if not _NAME_RULE.fullmatch(name) or name == ROUTER_NAME:
        raise ModelSettingsError(
            f"model name {name!r}: use 1 to 64 of a-z, 0-9, '.', '_' and '-', beginning and ending with a "
            f"letter or digit, and not {ROUTER_NAME!r}"
        )
