import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from experiment import join_texts, number_texts

whole = st.integers(0, 2**40)


@given(st.lists(whole, max_size=20), st.integers(1, 8))
def test_numbers_become_their_decimals_with_zeros_in_front(numbers: list[int], width: int) -> None:
    texts = number_texts(np.array(numbers, dtype=np.int64), width=width)
    assert texts.tolist() == [f"{number:0{width}d}".encode() for number in numbers]


@given(st.lists(st.tuples(whole, whole), min_size=1, max_size=20))
def test_texts_side_by_side_are_those_of_python_whatever_their_lengths(pairs: list[tuple[int, int]]) -> None:
    left, right = (number_texts(np.array(column)) for column in zip(*pairs, strict=True))
    assert join_texts(b"s-", left, b".", right).tolist() == [f"s-{a}.{b}".encode() for a, b in pairs]
