import numpy as np
import pytest

from simulator.behaviour.visitors import NEW_USERS_FROM, NO_USER
from simulator.engines.vector_offsets import Offsets


@pytest.mark.parametrize(
    "ids",
    [
        [7],
        [NO_USER, 1, 2, 3, 610],
        [NO_USER, 3, 9, NEW_USERS_FROM + 3, NEW_USERS_FROM + 9],
        [1, 2_000_000_000, 4_000_000_000, 6_000_000_000],
    ],
    ids=["one", "users and nobody", "new accounts too", "too far apart for a table"],
)
def test_offsets_are_those_of_a_search(ids: list[int]) -> None:
    known = np.array(ids)
    asked = np.resize(known[::-1], 100)
    np.testing.assert_array_equal(Offsets(known).of(asked), np.searchsorted(known, asked))


def test_no_id_has_no_offset() -> None:
    assert Offsets(np.empty(0, dtype=np.int64)).of(np.empty(0, dtype=np.int64)).tolist() == []
