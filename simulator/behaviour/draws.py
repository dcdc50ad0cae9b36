"""Counter-based draws: every random number is a pure function of what it is for.

No generator keeps a state, so a draw does not depend on what was drawn before it, in which order visitors
come, or how many are drawn at once: one visitor alone and a million in an array get the same numbers, bit
for bit.

The hash is the finaliser of SplitMix64, applied once per counter: Steele, Lea & Flood, "Fast splittable
pseudorandom number generators" (OOPSLA 2014), doi:10.1145/2660193.2660195; constants of Stafford's variant
13 as in their listing.
"""

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
    word = _words(seed, purpose, (visitor, visit, step, position))
    # As signed integers, which processors turn into floats much faster; 53 bits are the same in both.
    return np.asarray(word.view(np.int64) * 2.0**-53, dtype=np.float64)


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
    draw = uniform(seed, purpose, visitor=visitor, visit=visit, step=step, position=position)
    np.maximum(draw, _TINY, out=draw)
    for _ in range(2):
        np.log(draw, out=draw)
        np.negative(draw, out=draw)
    return draw


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
    word = _words(seed, purpose, (visitor, visit, step, position))
    # Of 53 bits the upper 32 give the radius, the lower 21 the angle; the half keeps the logarithm off zero.
    angle = np.asarray((word & np.uint64(0x1FFFFF)).view(np.int64) + 0.5, dtype=np.float64)
    angle *= 2.0 * np.pi * 2.0**-21
    word >>= np.uint64(21)
    radius = np.asarray(word.view(np.int64) + 0.5, dtype=np.float64)
    radius *= 2.0**-32
    np.log(radius, out=radius)
    radius *= -2.0
    np.sqrt(radius, out=radius)
    radius *= np.cos(angle, out=angle)
    return radius


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
    """Mix one counter into the state; plain integers and arrays give the same 64 bits."""
    if isinstance(state, int) and not isinstance(counter, np.ndarray):
        return _mix_integer((state + (int(counter) + 1) * _GOLDEN) & _MASK)
    words = np.atleast_1d(np.asarray(counter)).astype(np.uint64)
    words += np.uint64(1)
    words *= np.uint64(_GOLDEN)
    return _mix_in_place(words + (np.uint64(state) if isinstance(state, int) else state))


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
