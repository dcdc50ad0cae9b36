"""Many short ASCII texts at once, as NumPy arrays of bytes: made by columns, no Python object for each.

A text that is shorter than its array's width is padded with zero bytes, as NumPy does; where all fill the
width, which is nearly always, everything here is a few copies of memory.
"""

from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt

Texts = npt.NDArray[np.bytes_]
"""Texts of shape (n,)."""

_ZERO = ord("0")


def number_texts(numbers: npt.NDArray[np.integer], *, width: int = 1) -> Texts:
    """Whole numbers from 0 in decimal, with zeros in front up to `width` digits.

    >>> number_texts(np.array([7, 12]), width=3)
    array([b'007', b'012'], dtype='|S3')
    """
    if not len(numbers):
        return np.empty(0, dtype=f"S{width}")
    n_digits = max(width, len(str(numbers.max())))
    if n_digits > max(width, len(str(numbers.min()))):
        return np.array([f"{number:0{width}d}" for number in numbers.tolist()], dtype=np.bytes_)
    digits = np.empty((len(numbers), n_digits), dtype=np.uint8)
    # The narrower type divides faster; 2**32 has ten digits.
    left: npt.NDArray[Any] = numbers.astype(np.uint64 if n_digits >= len(str(2**32)) else np.uint32)
    for place in range(n_digits - 1, -1, -1):
        higher = left // 10
        digits[:, place] = left - higher * 10
        left = higher
    digits += _ZERO
    return _as_texts(digits)


def join_texts(*parts: bytes | Texts) -> Texts:
    """Texts side by side: each part is one for all, or an array of them, at least one of which is an array.

    >>> join_texts(b"s7-", np.array([b"1", b"2"]))
    array([b's7-1', b's7-2'], dtype='|S4')
    """
    length = next(len(part) for part in parts if isinstance(part, np.ndarray))
    if any(isinstance(part, np.ndarray) and is_ragged(part) for part in parts):
        columns = [part if isinstance(part, np.ndarray) else np.full(length, part) for part in parts]
        return reduce(np.char.add, columns)
    widths = [part.itemsize if isinstance(part, np.ndarray) else len(part) for part in parts]
    joined = np.empty((length, sum(widths)), dtype=np.uint8)
    start = 0
    for part, width in zip(parts, widths, strict=True):
        joined[:, start : start + width] = (
            as_bytes(part) if isinstance(part, np.ndarray) else np.frombuffer(part, dtype=np.uint8)
        )
        start += width
    return _as_texts(joined)


def as_bytes(texts: Texts) -> npt.NDArray[np.uint8]:
    """The same memory as numbers, (n, width)."""
    return np.ascontiguousarray(texts).view(np.uint8).reshape(len(texts), texts.itemsize)


def is_ragged(texts: Texts) -> bool:
    """Whether some text is shorter than the array is wide."""
    return bool(len(texts)) and not as_bytes(texts)[:, -1].all()


def _as_texts(characters: npt.NDArray[np.uint8]) -> Texts:
    texts: Texts = characters.view(f"S{characters.shape[1]}").reshape(len(characters))
    return texts
