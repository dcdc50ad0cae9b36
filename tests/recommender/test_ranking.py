import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from recommender.ranking import rank_columns

SCORES = hnp.arrays(
    np.float32,
    st.tuples(st.integers(1, 4), st.integers(1, 30)),
    # Few values, so that there are ties; zeros of both signs; minus infinity for films left out.
    elements=st.sampled_from([-np.inf, -1e6, -2.5, -0.0, 0.0, 1e-30, 0.5, 0.5000001, 3.0, 1e30]),
)


@given(scores=SCORES, share=st.floats(0, 1))
def test_the_best_films_come_first_and_equals_by_column(scores: np.ndarray, share: float) -> None:
    """Python's sort on (-score, column) is the witness."""
    n_films = scores.shape[1]
    k = max(1, round(share * n_films))
    ranked = rank_columns(scores, k)
    for row, columns in zip(scores.tolist(), ranked.columns.tolist(), strict=True):
        expected = sorted(range(n_films), key=lambda column: (-row[column], column))[:k]
        assert columns == expected


@given(scores=hnp.arrays(np.float32, (3, 40), elements=st.floats(-1e9, 1e9, width=32)))
def test_scores_never_increase_along_a_ranking(scores: np.ndarray) -> None:
    ranked = rank_columns(scores, 40)
    assert (np.diff(ranked.scores, axis=1) <= 0).all()
    assert (np.take_along_axis(scores, ranked.columns, axis=1) == ranked.scores).all()
