"""SHA-256 of very many short texts, compiled by numba where that is installed (the extra `funflix[fast]`).

The same digests as `hashlib` gives, 16 texts at a time in vector registers. Source: Secure Hash Standard,
FIPS 180-4 (2015), sections 4.1.2, 4.2.2, 5.1.1 and 6.2.2, doi:10.6028/NIST.FIPS.180-4.
"""

import itertools
import threading
from collections.abc import Callable
from functools import cache
from math import isqrt
from typing import Any

import numpy as np
import numpy.typing as npt

Keys = npt.NDArray[np.uint8]
"""Texts of one length as bytes, (n, length)."""

Heads = npt.NDArray[np.uint64]
"""The first 64 bits of the digest of each text, (n,)."""

LONGEST = 55
"""Bytes of the longest text that fits one block with its padding."""

_WORTH_IT = 1_000_000
_LANES = 16


class Demand:
    """How many texts this process has hashed: numba takes a second to load, and pays for very many only."""

    def __init__(self, worth_it: int = _WORTH_IT) -> None:
        self._worth_it = worth_it
        self._n_hashed = 0
        self._lock = threading.Lock()

    def is_worth_it(self, n: int) -> bool:
        """Whether numba should hash the next `n` texts."""
        with self._lock:
            self._n_hashed += n
            return self._n_hashed > self._worth_it


DEMAND = Demand()


@cache
def compiled_heads() -> Callable[[Keys], Heads] | None:
    """What hashes texts of at most `LONGEST` bytes; None where numba is not installed."""
    try:
        import numba
    except ImportError:
        return None
    kernel = numba.njit(cache=True, nogil=True)(_heads)
    constants, start = _roots(3, 64), _roots(2, 8)
    return lambda keys: np.asarray(kernel(keys, constants, start), dtype=np.uint64)


def _roots(degree: int, count: int) -> npt.NDArray[np.uint32]:
    """The first 32 bits of the fractions of the square or cube roots of the first primes (section 4.2.2)."""
    numbers = itertools.count(2)
    primes = (n for n in numbers if all(n % divisor for divisor in range(2, isqrt(n) + 1)))
    return np.array(
        [_root(prime << (32 * degree), degree) & 0xFFFFFFFF for prime in itertools.islice(primes, count)],
        dtype=np.uint32,
    )


def _root(number: int, degree: int) -> int:
    """The root of a whole number, rounded down."""
    low, high = 0, 1 << 40
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if middle**degree <= number else (low, middle - 1)
    return low


# For numba: names of the standard, and no function calls.
def _heads(keys: Any, constants: Any, start: Any) -> Any:  # noqa: ANN401  pragma: no cover - compiled
    u32 = np.uint32
    n, length = keys.shape
    found = np.empty(n, np.uint64)
    w, s = np.empty((64, _LANES), u32), np.empty((8, _LANES), u32)
    for first in range(0, n, _LANES):
        lanes = min(_LANES, n - first)
        w[:16] = 0
        for lane in range(lanes):
            for i in range(length):
                w[i >> 2, lane] |= u32(keys[first + lane, i]) << u32(24 - 8 * (i & 3))
            w[length >> 2, lane] |= u32(0x80) << u32(24 - 8 * (length & 3))
            w[15, lane] = u32(8 * length)
        for i in range(16, 64):
            for lane in range(_LANES):
                x, y = w[i - 15, lane], w[i - 2, lane]
                s0 = ((x >> u32(7)) | (x << u32(25))) ^ ((x >> u32(18)) | (x << u32(14))) ^ (x >> u32(3))
                s1 = ((y >> u32(17)) | (y << u32(15))) ^ ((y >> u32(19)) | (y << u32(13))) ^ (y >> u32(10))
                w[i, lane] = u32(w[i - 16, lane] + s0 + w[i - 7, lane] + s1)
        for i in range(8):
            s[i] = start[i]
        for i in range(64):
            for lane in range(_LANES):
                a, b, c = s[0, lane], s[1, lane], s[2, lane]
                e, f, g = s[4, lane], s[5, lane], s[6, lane]
                big1 = ((e >> u32(6)) | (e << u32(26))) ^ ((e >> u32(11)) | (e << u32(21)))
                big1 ^= (e >> u32(25)) | (e << u32(7))
                t1 = u32(s[7, lane] + big1 + (g ^ (e & (f ^ g))) + constants[i] + w[i, lane])
                big0 = ((a >> u32(2)) | (a << u32(30))) ^ ((a >> u32(13)) | (a << u32(19)))
                big0 ^= (a >> u32(22)) | (a << u32(10))
                t2 = u32(big0 + ((a & b) | (c & (a | b))))
                s[7, lane], s[6, lane], s[5, lane], s[4, lane] = g, f, e, u32(s[3, lane] + t1)
                s[3, lane], s[2, lane], s[1, lane], s[0, lane] = c, b, a, u32(t1 + t2)
        for lane in range(lanes):
            high, low = u32(start[0] + s[0, lane]), u32(start[1] + s[1, lane])
            found[first + lane] = (np.uint64(high) << np.uint64(32)) | np.uint64(low)
    return found
