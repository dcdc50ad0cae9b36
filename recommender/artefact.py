"""Models on disk: one immutable folder per version, checked whole before it is believed.

`models/NAME/VERSION/` holds `arrays.npz` (NumPy arrays, uncompressed, no pickle) and `manifest.json`.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from recommender._array_check import require_consistent
from recommender._npz import npz_bytes, read_npz
from recommender.errors import ArtefactNotFoundError, CorruptArtefactError, ModelSettingsError
from recommender.kinds import kind_named
from recommender.model import Manifest, TrainedModel, require_model_name
from recommender.training import SCHEMA, model_version, train_model

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from catalog import Film, Ratings

_ARRAYS_FILE = "arrays.npz"
_MANIFEST_FILE = "manifest.json"
_LARGEST_MANIFEST = 1_000_000
_LARGEST_ARRAYS = 8_000_000_000


def save_artefact(model: TrainedModel, models_folder: Path) -> Path:
    """Write a model to `models_folder/NAME/VERSION`, which appears complete or not at all.

    A sound artefact that is already there is left alone, a damaged one is replaced.

    Returns:
        The folder of the version.
    """
    manifest = model.manifest
    folder = models_folder / manifest.name
    target = folder / manifest.version
    if _is_sound(target):
        return target
    folder.mkdir(parents=True, exist_ok=True)
    with _only_saver(folder):
        if not _is_sound(target):  # nobody saved it while we waited
            _save(model, folder, target)
    return target


def load_artefact(path: Path) -> TrainedModel:
    """Read a model back, having verified everything its manifest says.

    Args:
        path: the folder of one version.

    Raises:
        ArtefactNotFoundError: there is no such folder, or a file is missing in it.
        CorruptArtefactError: a file is damaged, tampered with, too large, or not what we write.
    """
    manifest = _read_manifest(path)
    packed = _read_arrays(path, manifest)
    try:
        arrays = read_npz(packed, manifest.arrays)
        require_consistent(manifest, arrays)
    except ValueError as error:
        raise _corrupt(path, str(error)) from error
    return TrainedModel(manifest, arrays)


def ensure_artefact(
    models_folder: Path,
    name: str,
    kind: str,
    *,
    films: Sequence[Film],
    ratings: Ratings,
    held_out: Ratings,
    seed: int,
    settings: Mapping[str, object] | None = None,
) -> Path:
    """Train and save a model, unless a sound artefact of the same version is there.

    Returns:
        The folder of the version.

    Raises:
        ModelSettingsError: the name, kind or a setting is not allowed.
        TrainingDataError: the ratings cannot train a model.
    """
    version = model_version(
        name, kind, films=films, ratings=ratings, held_out=held_out, seed=seed, settings=settings
    )
    target = models_folder / name / version
    if _is_sound(target):
        return target
    model = train_model(
        name, kind, films=films, ratings=ratings, held_out=held_out, seed=seed, settings=settings
    )
    return save_artefact(model, models_folder)


def _is_sound(path: Path) -> bool:
    try:
        load_artefact(path)
    except (ArtefactNotFoundError, CorruptArtefactError):
        return False
    return True


@contextmanager
def _only_saver(folder: Path) -> Iterator[None]:
    """Wait until no other thread or process saves a version of this model; a killed one waits for nobody."""
    lock = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _save(model: TrainedModel, folder: Path, target: Path) -> None:
    for abandoned in folder.glob(".*-*"):  # by a saving that was killed: we are the only saver
        shutil.rmtree(abandoned)
    partial = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=folder))
    try:
        _write_durably(partial / _ARRAYS_FILE, npz_bytes(model.arrays))
        _write_durably(partial / _MANIFEST_FILE, msgspec.json.format(msgspec.json.encode(model.manifest)))
        partial.chmod(0o755)
        if target.exists():  # damaged
            shutil.rmtree(target)
        partial.rename(target)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _write_durably(path: Path, contents: bytes) -> None:
    with path.open("wb") as file:
        file.write(contents)
        file.flush()
        os.fsync(file.fileno())


def _read_manifest(path: Path) -> Manifest:
    file = path / _MANIFEST_FILE
    if not path.is_dir() or not file.is_file():
        raise ArtefactNotFoundError(f"artefact {path}: there is no {_MANIFEST_FILE}; train the model again")
    if file.stat().st_size > _LARGEST_MANIFEST:
        raise _corrupt(path, f"{_MANIFEST_FILE} has {file.stat().st_size} bytes; at most {_LARGEST_MANIFEST}")
    try:
        manifest = msgspec.json.decode(file.read_bytes(), type=Manifest)
        require_model_name(manifest.name)
        kind_named(manifest.kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ModelSettingsError) as error:
        raise _corrupt(path, f"{_MANIFEST_FILE}: {error}") from error
    if manifest.digest != manifest.own_digest():
        raise _corrupt(path, f"{_MANIFEST_FILE} was changed after it was written")
    if manifest.schema != SCHEMA:
        raise _corrupt(path, f"schema {manifest.schema}; this program reads {SCHEMA}")
    if (manifest.name, manifest.version) != (path.resolve().parent.name, path.resolve().name):
        raise _corrupt(path, f"it says it is {manifest.name}/{manifest.version}; an artefact is not renamed")
    return manifest


def _read_arrays(path: Path, manifest: Manifest) -> bytes:
    file = path / _ARRAYS_FILE
    if not file.is_file():
        raise ArtefactNotFoundError(f"artefact {path}: there is no {_ARRAYS_FILE}; train the model again")
    size = file.stat().st_size
    if size != manifest.arrays_bytes or size > _LARGEST_ARRAYS:
        raise _corrupt(path, f"{_ARRAYS_FILE} has {size} bytes; its manifest says {manifest.arrays_bytes}")
    packed = file.read_bytes()
    if hashlib.sha256(packed).hexdigest() != manifest.arrays_sha256:
        raise _corrupt(path, f"{_ARRAYS_FILE} does not have the SHA-256 that its manifest says")
    return packed


def _corrupt(path: Path, fault: str) -> CorruptArtefactError:
    return CorruptArtefactError(
        f"artefact {path} is refused: {fault}; delete the folder and train the model again"
    )
