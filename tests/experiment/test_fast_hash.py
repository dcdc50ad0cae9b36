import hashlib

import numpy as np
import pytest

from experiment import fast_hash
from experiment.fast_hash import Demand, compiled_heads


def heads_by_hashlib(texts: list[bytes]) -> list[int]:
    return [int.from_bytes(hashlib.sha256(text).digest()[:8], "big") for text in texts]


@pytest.mark.parametrize("length", [1, 3, 4, 17, 54, 55])
@pytest.mark.parametrize("n", [0, 1, 16, 37])
def test_compiled_hashes_are_those_of_hashlib(n: int, length: int) -> None:
    pytest.importorskip("numba")
    heads = compiled_heads()
    assert heads is not None
    keys = np.random.default_rng(5).integers(0, 256, size=(n, length), dtype=np.uint8)
    assert heads(keys).tolist() == heads_by_hashlib([key.tobytes() for key in keys])


def test_the_kernel_hashes_rightly_also_when_it_is_not_compiled() -> None:
    """Three texts in plain NumPy, whose arithmetic on 32 bits wraps as the compiled one does."""
    texts = [b"salt:s7-000001", b"salt:s7-000002", b"salt:s7-999999"]
    keys = np.frombuffer(b"".join(texts), dtype=np.uint8).reshape(3, -1)
    with np.errstate(over="ignore"):
        found = fast_hash._heads(keys, fast_hash._roots(3, 64), fast_hash._roots(2, 8))
    assert found.tolist() == heads_by_hashlib(texts)


def test_constants_are_those_of_the_standard() -> None:
    """FIPS 180-4: the first and last of section 4.2.2, the first of section 5.3.3."""
    constants = fast_hash._roots(3, 64)
    assert (constants[0], constants[63]) == (0x428A2F98, 0xC67178F2)
    assert fast_hash._roots(2, 8)[0] == 0x6A09E667


def test_numba_is_loaded_for_very_many_texts_only() -> None:
    demand = Demand(worth_it=100)
    assert [demand.is_worth_it(50) for _ in range(3)] == [False, False, True]
