"""Counter-based draws: every random number is a pure function of what it is for.

No generator keeps a state, so a draw does not depend on what was drawn before it, in which order visitors
come, or how many are drawn at once: one visitor alone and a million in an array get the same numbers, bit
for bit.

The hash is the finaliser of SplitMix64, applied once per counter: Steele, Lea & Flood, "Fast splittable
pseudorandom number generators" (OOPSLA 2014), doi:10.1145/2660193.2660195; constants of Stafford's variant
13 as in their listing.
"""

import math
from collections.abc import Callable
from functools import lru_cache
from hashlib import blake2b
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Integers: TypeAlias = npt.NDArray[np.integer]
Floats: TypeAlias = npt.NDArray[np.float64]
Counter: TypeAlias = int | Integers
_Words: TypeAlias = npt.NDArray[np.uint64]

_MASK = (1 << 64) - 1
_GOLDEN = 0x9E3779B97F4A7C15
_FIRST = 0xBF58476D1CE4E5B9
_SECOND = 0x94D049BB133111EB
# The smallest number whose logarithm we take: half of the least draw above zero.
_TINY = 2.0**-54
# Draws made at a time: what their hashing needs stays in the cache next to the processor.
_BLOCK = 16_384
# Taylor series of sin(2 pi x); for |x| up to a quarter, what comes after the 21st power is below 2e-18.
_SINE = tuple((-1) ** k * (2 * math.pi) ** (2 * k + 1) / math.factorial(2 * k + 1) for k in range(11))


def uniform(
    seed: int,
    purpose: str,
    *,
    visitor: Counter,
    visit: Counter = 0,
    step: Counter = 0,
    position: Counter = 0,
) -> Floats:
    """Draws from [0, 1), multiples of 2**-53, one for each combination of the counters (arrays broadcast).

    Args:
        seed: names the whole population; any integer.
        purpose: what the draw decides; draws for two purposes are independent.
        visitor: index of the visitor; for a fact of a film, its movie_id.
        visit: which visit of the visitor, from 0.
        step: which page of the visit, from 0.
        position: place in the slate, from 1; for a draw per film, its movie_id; 0 for a draw of its own.
    """
    return _draws(_uniform, seed, purpose, (visitor, visit, step, position))


def gumbel(
    seed: int,
    purpose: str,
    *,
    visitor: Counter,
    visit: Counter = 0,
    step: Counter = 0,
    position: Counter = 0,
) -> Floats:
    """Draws of the standard Gumbel law: the argmax of utility + Gumbel is a multinomial logit choice.

    Source: McFadden, "Conditional logit analysis of qualitative choice behavior" (1974), section I.
    """
    return _draws(_gumbel, seed, purpose, (visitor, visit, step, position))


def normal(
    seed: int,
    purpose: str,
    *,
    visitor: Counter,
    visit: Counter = 0,
    step: Counter = 0,
    position: Counter = 0,
) -> Floats:
    """Draws of the standard normal law, at most 6.8 from zero: Box-Muller, both uniforms from one hash.

    Source: Box & Muller, "A note on the generation of random normal deviates" (1958),
    doi:10.1214/aoms/1177706645.
    """
    return _draws(_normal, seed, purpose, (visitor, visit, step, position))


def _draws(law: Callable[[_Words], Floats], seed: int, purpose: str, counters: tuple[Counter, ...]) -> Floats:
    """Draws of a law from the hash of all counters, block by block."""
    shape = np.broadcast_shapes(*(np.shape(counter) for counter in counters))
    if math.prod(shape) <= _BLOCK:
        return law(_words(seed, purpose, counters))
    draws = np.empty(shape)
    n_rows = max(1, _BLOCK // math.prod(shape[1:]))
    for start in range(0, shape[0], n_rows):
        rows = slice(start, start + n_rows)
        draws[rows] = law(
            _words(seed, purpose, tuple(_rows_of(counter, rows, shape) for counter in counters))
        )
    return draws


def _rows_of(counter: Counter, rows: slice, shape: tuple[int, ...]) -> Counter:
    if isinstance(counter, np.ndarray) and counter.ndim == len(shape) and len(counter) > 1:
        return counter[rows]
    return counter


def _uniform(word: _Words) -> Floats:
    # As signed integers, which processors turn into floats much faster; 53 bits are the same in both.
    return np.asarray(word.view(np.int64) * 2.0**-53, dtype=np.float64)


def _gumbel(word: _Words) -> Floats:
    draw = _uniform(word)
    np.maximum(draw, _TINY, out=draw)
    for _ in range(2):
        np.log(draw, out=draw)
        np.negative(draw, out=draw)
    return draw


def _normal(word: _Words) -> Floats:
    # Of 53 bits the upper 32 give the radius, the lower 21 the turn; the half keeps the logarithm off zero.
    turn = np.asarray((word & np.uint64(0x1FFFFF)).view(np.int64) + 0.5, dtype=np.float64)
    turn *= 2.0**-21
    word >>= np.uint64(21)
    radius = np.asarray(word.view(np.int64) + 0.5, dtype=np.float64)
    radius *= 2.0**-32
    np.log(radius, out=radius)
    radius *= -2.0
    np.sqrt(radius, out=radius)
    radius *= _cosine(turn)
    return radius


def _cosine(turn: Floats) -> Floats:
    """Cosines of turns from 0 to 1, in place of the argument, to 15 digits.

    Sums and products alone: the same bits on any processor, and NumPy's took half the time of a draw.
    """
    turn -= 0.5
    np.abs(turn, out=turn)
    turn -= 0.25  # its sine is the cosine, and no more than a quarter from 0
    square = turn * turn
    series = square * _SINE[-1]
    for factor in _SINE[-2:0:-1]:
        series += factor
        series *= square
    series += _SINE[0]
    turn *= series
    return turn


def _words(seed: int, purpose: str, counters: tuple[Counter, ...]) -> _Words:
    """Hash of all counters, 53 bits, always an array (of no dimension when every counter is a number)."""
    state: int | _Words = _start(seed, purpose)
    for counter in counters:
        state = _absorb(state, counter)
    if isinstance(state, int):
        return np.array(state >> 11, dtype=np.uint64)
    state >>= np.uint64(11)
    return state


@lru_cache(maxsize=1024)
def _start(seed: int, purpose: str) -> int:
    return int.from_bytes(blake2b(f"{seed}:{purpose}".encode(), digest_size=8).digest(), "big")


def _absorb(state: "int | _Words", counter: Counter) -> "int | _Words":
    """Mix `state + (counter + 1) * _GOLDEN`; plain integers and arrays give the same 64 bits."""
    if not isinstance(counter, np.ndarray):
        step = (int(counter) + 1) * _GOLDEN & _MASK
        if isinstance(state, int):
            return _mix_integer((state + step) & _MASK)
        return _mix_in_place(state + np.uint64(step))
    words = np.atleast_1d(counter).astype(np.uint64) * np.uint64(_GOLDEN)
    if isinstance(state, int):
        words += np.uint64((state + _GOLDEN) & _MASK)
    else:
        words = words + (state + np.uint64(_GOLDEN))
    return _mix_in_place(words)


def _mix_integer(word: int) -> int:
    word = ((word ^ (word >> 30)) * _FIRST) & _MASK
    word = ((word ^ (word >> 27)) * _SECOND) & _MASK
    return word ^ (word >> 31)


def _mix_in_place(words: _Words) -> _Words:
    shifted = words >> np.uint64(30)
    words ^= shifted
    words *= np.uint64(_FIRST)
    words ^= np.right_shift(words, np.uint64(27), out=shifted)
    words *= np.uint64(_SECOND)
    words ^= np.right_shift(words, np.uint64(31), out=shifted)
    return words
