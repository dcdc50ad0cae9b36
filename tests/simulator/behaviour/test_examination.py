import numpy as np
import pytest
import scipy.stats

from simulator.behaviour import Choice, Session
from simulator.behaviour.examination import examined, patience_s


def read_by(choice: Choice, n_positions: int, *, n_visitors: int = 20_000, visit: int = 0) -> np.ndarray:
    """What patient visitors examine, bool (n_visitors, n_positions)."""
    return examined(
        choice,
        Session(),
        np.full(n_visitors, 1e9),
        seed=1,
        visitor_index=np.arange(n_visitors),
        step=0,
        n_positions=n_positions,
        visit=visit,
    )


def test_the_first_position_is_always_tempting_and_later_ones_less_and_less() -> None:
    """Chances 0.8**(p - 1) for 20,000 patient visitors; each of 5 binomials alarms 1 time in 1,000."""
    seen = examined(
        Choice(examination_decay=0.8),
        Session(),
        np.full(20_000, 1e9),
        seed=1,
        visitor_index=np.arange(20_000),
        step=0,
        n_positions=6,
    )
    assert seen[:, 0].all()
    for offset in range(1, 6):
        assert scipy.stats.binomtest(int(seen[:, offset].sum()), 20_000, 0.8**offset).pvalue > 0.001


def test_patience_ends_the_reading() -> None:
    """With 5 seconds left and 1.8 a title, the first two tempting titles are examined and no more."""
    seen = examined(
        Choice(examination_decay=1.0),
        Session(),
        np.array([5.0, 1.7, 0.0, -3.0]),
        seed=1,
        visitor_index=np.arange(4),
        step=0,
        n_positions=4,
    )
    assert seen.tolist() == [[True, True, False, False], [False] * 4, [False] * 4, [False] * 4]


def test_patience_is_log_normal_about_its_median() -> None:
    """20,000 visitors, Kolmogorov-Smirnov against scipy's log-normal; alarms 1 time in 1,000."""
    session = Session(patience_median_s=75, patience_sigma=0.8)
    found = patience_s(session, np.full(20_000, 2.0), seed=1, visitor_index=np.arange(20_000))
    assert scipy.stats.kstest(found, "lognorm", args=(0.8, 0, 150)).pvalue > 0.001


def test_a_cascade_is_read_without_gaps_and_as_far_as_positions_are_reached() -> None:
    """Chances 0.8**(p - 1) for 20,000 visitors; each of 5 binomials alarms 1 time in 1,000."""
    seen = read_by(Choice(model="cascade", examination_decay=0.8), 6)
    assert seen[:, 0].all()
    assert (seen[:, 1:] <= seen[:, :-1]).all()
    for offset in range(1, 6):
        assert scipy.stats.binomtest(int(seen[:, offset].sum()), 20_000, 0.8**offset).pvalue > 0.001


def test_a_carousel_is_read_by_rows_swipes_and_columns() -> None:
    """Rows of 5 in view by 2, 12 films: chances by hand; each of 12 binomials alarms 1 time in 1,000."""
    choice = Choice(
        model="carousel",
        examination_decay=0.9,
        row_length=5,
        visible_columns=2,
        swipe_chance=0.6,
        row_decay=0.7,
    )
    row = [1.0, 0.9, 0.6, 0.6 * 0.9, 0.36]
    chances = [*row, *(0.7 * chance for chance in row), 0.49, 0.49 * 0.9]
    seen = read_by(choice, 12)
    for offset, chance in enumerate(chances):
        assert scipy.stats.binomtest(int(seen[:, offset].sum()), 20_000, chance).pvalue > 0.001, offset


def test_a_row_is_looked_at_after_the_one_above_and_a_swipe_after_the_one_before() -> None:
    """Without gaps in view: film 3 comes with film 4, and the second row with the first."""
    choice = Choice(
        model="carousel",
        examination_decay=1.0,
        row_length=6,
        visible_columns=2,
        swipe_chance=0.5,
        row_decay=0.5,
    )
    seen = read_by(choice, 12, n_visitors=2_000)
    assert np.array_equal(seen[:, 2], seen[:, 3])
    assert (seen[:, 4] <= seen[:, 2]).all()
    assert (seen[:, 8] <= seen[:, 6]).all()
    # A row is gone on to however far the one above was swiped.
    assert (seen[:, 6] & ~seen[:, 2]).any()


def test_one_row_in_view_is_read_like_a_position_based_slate() -> None:
    carousel = Choice(model="carousel", row_length=6, visible_columns=6)
    assert np.array_equal(read_by(carousel, 6), read_by(Choice(), 6))


@pytest.mark.parametrize("model", ["mnl", "cascade", "carousel"])
def test_another_visit_reads_anew(model: str) -> None:
    choice = Choice(model=model)  # type: ignore[arg-type]  # a literal of the parameters
    assert not np.array_equal(read_by(choice, 6), read_by(choice, 6, visit=1))


@pytest.mark.parametrize("model", ["mnl", "cascade", "carousel"])
def test_an_empty_slate_is_read_by_nobody(model: str) -> None:
    choice = Choice(model=model)  # type: ignore[arg-type]  # as above
    assert read_by(choice, 0, n_visitors=3).shape == (3, 0)


def test_patience_is_drawn_anew_for_each_visit() -> None:
    first, second = (
        patience_s(Session(), np.ones(2_000), seed=1, visitor_index=np.arange(2_000), visit=visit)
        for visit in (0, 1)
    )
    # The correlation of 2,000 independent pairs is within 0.074 but for 1 time in 1,000.
    assert abs(np.corrcoef(np.log(first), np.log(second))[0, 1]) < 0.074
