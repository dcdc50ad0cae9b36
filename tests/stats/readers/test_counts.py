import pytest
from hypothesis import given
from hypothesis import strategies as st

from stats import Arm, InvalidOutcomesError, read_counts


@given(
    control=st.tuples(st.integers(0, 10**9), st.integers(1, 10**9)).filter(lambda pair: pair[0] <= pair[1]),
    name=st.text(min_size=1).map(str.strip).filter(lambda name: name and name not in ("control", "holdout")),
)
def test_counts_say_what_they_say(control: tuple[int, int], name: str) -> None:
    reading = read_counts([f"{name}=1/2", f"control={control[0]}/{control[1]}"])
    expected = (Arm("control", control[1], control[0]), Arm(name, 2, 1))
    assert tuple(arm.visitors for arm in reading.outcomes.arms) == expected
    assert (reading.control, reading.treatment) == ("control", name)


def test_the_holdout_is_counted_and_further_variants_are_left_out() -> None:
    texts = ["a=1/9", "b=2/9", "c=3/9", "holdout=0/5"]
    reading = read_counts(texts, control="c", treatment="a")
    assert [arm.visitors for arm in reading.outcomes.arms] == [Arm("c", 9, 3), Arm("a", 9, 1)]
    assert reading.outcomes.n_holdout == 5
    assert reading.notes == ("left out: b",)


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        (["control=66:925", "b=1/2"], "VARIANT=CLICKED/VISITORS"),
        (["control=6.6/925", "b=1/2"], "whole numbers"),
        (["control=-1/925", "b=1/2"], "negative"),
        (["control=0/0", "b=1/2"], "no visitor"),
        (["control=926/925", "b=1/2"], "more clicked visitors than visitors"),
        (["control=1/2", "control=1/2"], "'control' twice"),
        (["control=1/2"], "one variant ('control')"),
        ([], "no variant"),
        (["x=1/2", "y=1/2"], "--control"),
        ([f"v{n}=1/2" for n in range(12)] + ["control=1/2"], "at most 10"),
    ],
)
def test_counts_that_cannot_be_are_named(texts: list[str], words: str) -> None:
    with pytest.raises(InvalidOutcomesError) as caught:
        read_counts(texts)
    assert words in str(caught.value)
