import re

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from experiment import simulated_id, simulated_id_texts, simulated_ids

visitor_ids = st.text(max_size=60) | st.from_regex(r"[A-Za-z0-9_.~-]{1,50}", fullmatch=True)
numbers = st.integers(1, 30)
wheres = st.tuples(visitor_ids, numbers, numbers, st.sampled_from(["home", "film", "play"]))


@given(wheres, wheres)
def test_ids_are_equal_only_for_the_same_visitor_attempt_step_and_purpose(
    one: tuple[str, int, int, str], other: tuple[str, int, int, str]
) -> None:
    assert (simulated_id("r", *one) == simulated_id("r", *other)) == (one == other)


@given(st.text(max_size=30), wheres)
def test_an_id_is_visible_ascii_that_a_header_can_carry(
    run_id: str, where: tuple[str, int, int, str]
) -> None:
    made = simulated_id(run_id, *where)
    assert re.fullmatch(r"[\x21-\x7e]{1,80}", made)
    assert ":" not in made  # it stands between a click's slate and position


def test_runs_do_not_share_ids() -> None:
    made = {simulated_id(f"run-{number}", "v", 1, 1, "home") for number in range(1000)}
    assert len(made) == 1000


def test_ids_of_many_are_those_of_each_in_the_order_of_visitors() -> None:
    """1,000 visitors named as the simulator names them."""
    visitors = [f"s7-{index:06d}" for index in range(1000)]
    ids = simulated_ids("r", visitors, [1] * 1000, [2] * 1000, "film")
    assert ids == [simulated_id("r", visitor, 1, 2, "film") for visitor in visitors]
    assert ids == sorted(ids)


@given(
    st.lists(st.tuples(st.from_regex(r"[A-Za-z0-9_.~-]{1,45}", fullmatch=True), numbers, numbers), min_size=1)
)
def test_ids_made_by_columns_are_those_made_one_by_one(whose: list[tuple[str, int, int]]) -> None:
    """Names of different lengths, plain and not; steps of one digit and of two."""
    visitors, attempts, steps = zip(*whose, strict=True)
    made = simulated_id_texts(
        "r", np.array(visitors, dtype=np.bytes_), np.array(attempts), np.array(steps), "home"
    )
    assert made.astype(np.str_).tolist() == simulated_ids("r", visitors, attempts, steps, "home")
