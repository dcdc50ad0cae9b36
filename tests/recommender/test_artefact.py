import hashlib
import io
import json
import pickle
import shutil
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recommender import (
    ArtefactNotFoundError,
    CorruptArtefactError,
    ModelSettingsError,
    TrainedModel,
    create_endpoint_app,
    load_artefact,
    save_artefact,
)
from recommender._npz import npz_bytes
from recommender.model import ArrayShape, Manifest

Arrays = dict[str, np.ndarray]


def rewrite(artefact: Path, packed: bytes, **changes: object) -> None:
    """Put other arrays into an artefact, with a manifest that vouches for them, as an attacker would."""
    manifest = msgspec.json.decode((artefact / "manifest.json").read_bytes(), type=Manifest)
    sha256 = hashlib.sha256(packed).hexdigest()
    changes = {"arrays_sha256": sha256, "arrays_bytes": len(packed), **changes}
    (artefact / "arrays.npz").write_bytes(packed)
    (artefact / "manifest.json").write_bytes(
        msgspec.json.encode(msgspec.structs.replace(manifest, **changes).signed())
    )


def with_arrays(artefact: Path, change: Callable[[Arrays], None]) -> None:
    """Change the arrays of an artefact; the manifest vouches for the result."""
    arrays = dict(load_artefact(artefact).arrays)
    change(arrays)
    shapes = {name: ArrayShape(array.dtype.str, array.shape) for name, array in arrays.items()}
    rewrite(artefact, npz_bytes(arrays), arrays=shapes)


@pytest.mark.parametrize("kind", ["svd", "ease", "als", "popularity"])
def test_what_is_saved_is_loaded(models: dict[str, TrainedModel], kind: str, tmp_path: Path) -> None:
    path = save_artefact(models[kind], tmp_path)
    assert path == tmp_path / f"the-{kind}" / models[kind].manifest.version
    loaded = load_artefact(path)
    assert loaded.manifest == models[kind].manifest
    assert loaded.arrays.keys() == models[kind].arrays.keys()
    assert all((loaded.arrays[name] == array).all() for name, array in models[kind].arrays.items())


def test_the_files_are_plain_numpy_and_json(artefact: Path) -> None:
    """Read without our code: numpy.load with pickles forbidden, and the standard json module."""
    manifest = json.loads((artefact / "manifest.json").read_text())
    with np.load(artefact / "arrays.npz", allow_pickle=False) as arrays:
        assert {name: list(arrays[name].shape) for name in arrays} == {
            name: shape["shape"] for name, shape in manifest["arrays"].items()
        }
    assert hashlib.sha256((artefact / "arrays.npz").read_bytes()).hexdigest() == manifest["arrays_sha256"]


def test_saving_leaves_nothing_but_the_version(artefact: Path) -> None:
    assert [path.name for path in artefact.parent.iterdir()] == [artefact.name]
    assert sorted(path.name for path in artefact.iterdir()) == ["arrays.npz", "manifest.json"]


def test_saving_replaces_a_damaged_version(models: dict[str, TrainedModel], artefact: Path) -> None:
    (artefact / "arrays.npz").write_bytes(b"")
    assert save_artefact(models["svd"], artefact.parent.parent) == artefact
    assert load_artefact(artefact).manifest == models["svd"].manifest
    assert [path.name for path in artefact.parent.iterdir()] == [artefact.name]


def test_what_a_killed_saving_left_is_swept(models: dict[str, TrainedModel], tmp_path: Path) -> None:
    """Whoever holds the lock is the only one at work, so every partial folder is one that nobody finishes."""
    partial = tmp_path / "the-svd" / f".{models['svd'].manifest.version}-old"
    partial.mkdir(parents=True)
    save_artefact(models["svd"], tmp_path)
    assert not partial.exists()


@pytest.mark.parametrize("is_damaged", [False, True])
def test_several_may_save_the_same_version_at_once(
    models: dict[str, TrainedModel], tmp_path: Path, *, is_damaged: bool
) -> None:
    """Eight threads; one wins, all are told the same sound folder, where a damaged one lay too."""
    if is_damaged:
        (save_artefact(models["svd"], tmp_path) / "manifest.json").write_text("{}")
    paths: list[Path] = []
    threads = [
        threading.Thread(target=lambda: paths.append(save_artefact(models["svd"], tmp_path)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(paths) == 8
    assert len(set(paths)) == 1
    load_artefact(paths[0])
    assert [path.name for path in paths[0].parent.iterdir()] == [paths[0].name]


@pytest.mark.parametrize("missing", ["arrays.npz", "manifest.json", "."])
def test_a_missing_artefact_is_named(artefact: Path, missing: str) -> None:
    (shutil.rmtree if missing == "." else Path.unlink)(artefact / missing)
    with pytest.raises(ArtefactNotFoundError, match=artefact.name):
        load_artefact(artefact)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    share=st.floats(0, 0.999), file=st.sampled_from(["arrays.npz", "manifest.json"]), bit=st.integers(0, 7)
)
def test_one_flipped_bit_anywhere_is_noticed(artefact: Path, share: float, file: str, bit: int) -> None:
    """Each file is put back after the trial."""
    sound = (artefact / file).read_bytes()
    place = int(share * len(sound))
    flipped = bytes([sound[place] ^ (1 << bit)])
    (artefact / file).write_bytes(sound[:place] + flipped + sound[place + 1 :])
    try:
        with pytest.raises(CorruptArtefactError, match=artefact.name):
            load_artefact(artefact)
    finally:
        (artefact / file).write_bytes(sound)


@pytest.mark.parametrize("file", ["arrays.npz", "manifest.json"])
@pytest.mark.parametrize(
    "contents", [b"", b"{", b"\xff\xfe", b"null", b"[" * 100_000, b"PK\x03\x04" + b"x" * 99]
)
def test_rubbish_in_place_of_a_file_is_refused(artefact: Path, file: str, contents: bytes) -> None:
    (artefact / file).write_bytes(contents)
    with pytest.raises(CorruptArtefactError, match=artefact.name):
        load_artefact(artefact)


@pytest.mark.parametrize(
    "change",
    [
        {"metrics": {"precision": 0.99}},
        {"seed": 2},
        {"version": "ffffffffffff"},
        {"kind": "forest"},
        {"schema": 2},
        {"unknown": 1},
        {"n_users": "many"},
    ],
)
def test_an_edited_manifest_is_refused(artefact: Path, change: dict[str, object]) -> None:
    manifest = json.loads((artefact / "manifest.json").read_text())
    for key, value in change.items():
        manifest[key] = {**manifest[key], **value} if isinstance(value, dict) else value
    (artefact / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(CorruptArtefactError, match=artefact.name):
        load_artefact(artefact)


def test_an_artefact_under_another_name_is_refused(artefact: Path) -> None:
    """A control copied over the treatment would serve one model to both arms."""
    impostor = artefact.parent.parent / "newer-ease" / artefact.name
    shutil.copytree(artefact, impostor)
    with pytest.raises(CorruptArtefactError, match="it says it is the-svd/"):
        load_artefact(impostor)
    with pytest.raises(CorruptArtefactError, match="holds model 'the-svd', not 'newer-ease'"):
        create_endpoint_app({"newer-ease": artefact})


def test_a_pickle_inside_is_not_opened(artefact: Path) -> None:
    """The planted pickle would create a file on being loaded."""
    trace = artefact / "trace"

    class Bomb:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return Path.touch, (str(trace),)

    packed = io.BytesIO()
    np.savez(packed, columns=np.array([Bomb()], dtype=object))
    rewrite(artefact, packed.getvalue(), arrays={"columns": ArrayShape("|O", (1,))})
    with pytest.raises(CorruptArtefactError, match=artefact.name):
        load_artefact(artefact)
    rewrite(artefact, pickle.dumps(Bomb()))
    with pytest.raises(CorruptArtefactError, match=artefact.name):
        load_artefact(artefact)
    assert not trace.exists()


def test_a_zip_bomb_is_refused_unopened(artefact: Path) -> None:
    """One gigabyte of zeros in one megabyte, honestly declared: refused since it is compressed at all."""
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("columns.npy", "w") as file,
    ):
        np.lib.format.write_array_header_1_0(
            file, {"descr": "<f4", "fortran_order": False, "shape": (250_000_000,)}
        )
        for _ in range(20):
            file.write(bytes(5_000_000))
    rewrite(artefact, packed.getvalue(), arrays={"columns": ArrayShape("<f4", (250_000_000,))})
    with pytest.raises(CorruptArtefactError, match="without compression"):
        load_artefact(artefact)


def test_a_header_that_promises_more_than_there_is_is_refused(artefact: Path) -> None:
    """A terabyte in the header alone must not be asked of the operating system."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive, archive.open("columns.npy", "w") as file:
        np.lib.format.write_array_header_1_0(
            file, {"descr": "<f4", "fortran_order": False, "shape": (250_000_000_000,)}
        )
        file.write(bytes(400))
    for shape in ((100,), (250_000_000_000,)):
        rewrite(artefact, packed.getvalue(), arrays={"columns": ArrayShape("<f4", shape)})
        with pytest.raises(CorruptArtefactError, match=artefact.name):
            load_artefact(artefact)


def overwrite(name: str, value: float) -> Callable[[Arrays], None]:
    """A change that puts one value into an array."""

    def change(arrays: Arrays) -> None:
        arrays[name] = arrays[name].copy()
        arrays[name].flat[0] = value

    return change


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda arrays: arrays.pop("columns"), "columns"),
        (lambda arrays: arrays.update(more=arrays["columns"]), "more"),
        (lambda arrays: arrays.update(user_ids=arrays["user_ids"][::-1]), "user_ids"),
        (lambda arrays: arrays.update(columns=arrays["columns"].astype(np.int32)), "columns"),
        (lambda arrays: arrays.update(film_factors=arrays["film_factors"][:, :2]), "film_factors"),
        (lambda arrays: arrays.update(user_factors=arrays["user_factors"].ravel()), "user_factors"),
        (overwrite("user_ranking", 120), "user_ranking"),
        (overwrite("film_ranking", -1), "film_ranking"),
        (overwrite("history_columns", 4_000), "history_columns"),
        (overwrite("history_starts", 1), "history_starts"),
        (overwrite("film_factors", np.nan), "film_factors"),
        (overwrite("user_factors", np.inf), "user_factors"),
        (overwrite("user_ranking_scores", np.nan), "user_ranking_scores"),
    ],
)
def test_arrays_that_do_not_fit_together_are_refused(
    artefact: Path, change: Callable[[Arrays], None], named: str
) -> None:
    """The hashes agree: an endpoint must not fail later on what it could see at its start."""
    with_arrays(artefact, change)
    with pytest.raises(CorruptArtefactError, match=named):
        load_artefact(artefact)


def test_an_endpoint_without_models_is_refused() -> None:
    with pytest.raises(ModelSettingsError, match="0 artefacts"):
        create_endpoint_app([])


def test_an_endpoint_does_not_start_on_a_corrupt_artefact(artefact: Path) -> None:
    with (artefact / "arrays.npz").open("ab") as file:
        file.write(b"x")
    with pytest.raises(CorruptArtefactError, match=str(artefact)):
        create_endpoint_app([artefact])
