"""Arrays to and from the bytes of an .npz file: always the same bytes, no pickle, no surprise in size."""

from __future__ import annotations

import io
import math
import zipfile
from typing import TYPE_CHECKING

import numpy as np
from numpy.lib import format as npy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from recommender._arrays import NamedArrays
    from recommender.model import ArrayShape

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the oldest date a zip can hold; the real one would change the bytes
_LONGEST_HEADER = 10_000
_DTYPES = ("<f4", "<i4", "<i8")


def npz_bytes(arrays: NamedArrays) -> bytes:
    """Pack arrays so that equal arrays give equal bytes (`np.savez` writes the time of day too)."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name, array in sorted(arrays.items()):
            member = zipfile.ZipInfo(f"{name}.npy", _EPOCH)
            with archive.open(member, "w", force_zip64=True) as file:
                npy.write_array(file, np.ascontiguousarray(array), version=(1, 0), allow_pickle=False)
    return packed.getvalue()


def read_npz(packed: bytes, expected: Mapping[str, ArrayShape]) -> NamedArrays:
    """Unpack arrays, having checked that they are exactly those expected.

    Raises:
        ValueError: the bytes hold other members, types, shapes or sizes, or are compressed or damaged.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            members = {member.filename: member for member in archive.infolist()}
            wanted = {f"{name}.npy" for name in expected}
            if members.keys() != wanted or len(archive.infolist()) != len(wanted):
                differing = sorted(members.keys() ^ wanted) or sorted(wanted)
                raise ValueError(f"arrays {differing!r} are missing, unknown or there twice")
            return {
                name: _read_member(archive, members[f"{name}.npy"], shape) for name, shape in expected.items()
            }
    except (zipfile.BadZipFile, RuntimeError, EOFError) as error:
        raise ValueError(f"not a readable .npz file: {error}") from error


def _read_member(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, expected: ArrayShape
) -> np.ndarray[tuple[int, ...], np.dtype[np.generic]]:
    if expected.dtype not in _DTYPES or any(length < 0 for length in expected.shape):
        raise ValueError(f"{member.filename} is declared as {expected}; types are {', '.join(_DTYPES)}")
    n_bytes = math.prod(expected.shape) * np.dtype(expected.dtype).itemsize
    is_stored = member.compress_type == zipfile.ZIP_STORED and member.compress_size == member.file_size
    if not is_stored or not n_bytes < member.file_size <= n_bytes + _LONGEST_HEADER:
        raise ValueError(
            f"{member.filename} has {member.file_size} bytes in {member.compress_size}; "
            f"{expected} needs {n_bytes}, stored without compression"
        )
    with archive.open(member) as file:
        version = npy.read_magic(file)
        if version != (1, 0):
            raise ValueError(f"{member.filename} has .npy version {version}; we write (1, 0)")
        shape, is_fortran, dtype = npy.read_array_header_1_0(file)
        if (dtype.str, shape, is_fortran) != (expected.dtype, expected.shape, False):
            raise ValueError(
                f"{member.filename} is {dtype.str} of shape {shape}; the manifest says {expected}"
            )
        return np.frombuffer(file.read(n_bytes), dtype=dtype).reshape(shape)
