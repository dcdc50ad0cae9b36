"""The models that one endpoint serves, by name and version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from recommender.artefact import load_artefact
from recommender.errors import CorruptArtefactError, ModelSettingsError, UnknownModelError
from recommender.slates import SlateMaker

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from recommender.model import Manifest


@dataclass(frozen=True, slots=True, eq=False)
class ServedModel:
    """One version of a model, in memory."""

    manifest: Manifest
    maker: SlateMaker


@dataclass(frozen=True, slots=True, eq=False)
class ServedModels:
    """All versions of all models.

    Attributes:
        versions: versions of a model by its name, in the order they were given; the last one answers where a
            request names no version.
    """

    versions: Mapping[str, Mapping[str, ServedModel]]

    @property
    def names(self) -> tuple[str, ...]:
        """The models in the order they were given."""
        return tuple(self.versions)

    def find(self, name: str, version: str | None = None) -> ServedModel:
        """Look a model up; without a version, its default version.

        Raises:
            UnknownModelError: no such model, or no such version of it.
        """
        try:
            versions = self.versions[name]
        except KeyError:
            raise UnknownModelError(
                f"model {name[:64]!r} is unknown; this endpoint serves {', '.join(self.names)}"
            ) from None
        if version is None:
            return list(versions.values())[-1]
        try:
            return versions[version]
        except KeyError:
            raise UnknownModelError(
                f"version {version[:64]!r} of model {name!r} is unknown; there is {', '.join(versions)}"
            ) from None


def load_models(artefacts: Mapping[str, Path] | Sequence[Path]) -> ServedModels:
    """Load and verify artefacts.

    Args:
        artefacts: folders of versions, by the name of the model expected there, or in a sequence which may
            hold several versions of a model, the default version last.

    Raises:
        ArtefactNotFoundError: an artefact is missing.
        CorruptArtefactError: an artefact is damaged, or is another model than the name it was given under.
        ModelSettingsError: there is no artefact.
    """
    named = list(artefacts.items()) if isinstance(artefacts, Mapping) else [("", path) for path in artefacts]
    if not named:
        raise ModelSettingsError("0 artefacts; an endpoint needs at least 1 model to serve: train one")
    versions: dict[str, dict[str, ServedModel]] = {}
    for name, path in named:
        model = load_artefact(path)
        manifest = model.manifest
        if name and name != manifest.name:
            raise CorruptArtefactError(f"artefact {path} holds model {manifest.name!r}, not {name!r}")
        served = ServedModel(manifest, SlateMaker(manifest.kind, model.arrays))
        versions.setdefault(manifest.name, {})[manifest.version] = served
    return ServedModels(versions)
