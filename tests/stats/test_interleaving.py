import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.descriptivestats import sign_test

from stats import InvalidOutcomesError, NotEnoughDataError, analyse_team_draft


@pytest.mark.parametrize("alternative", ["greater", "less", "two-sided"])
def test_scipy_and_statsmodels_give_the_same_tests(alternative: str) -> None:
    """Statsmodels' sign_test (two-sided), scipy's binomtest and ttest_1samp; to 1e-9."""
    rng = np.random.default_rng(20_261_124)
    control, treatment = rng.poisson(0.3, 400), rng.poisson(0.4, 400)
    found = analyse_team_draft(control, treatment, alternative=alternative)
    margins = treatment - control
    wins, losses = int((margins > 0).sum()), int((margins < 0).sum())
    assert (found.n_treatment, found.n_control, found.n_ties) == (wins, losses, 400 - wins - losses)
    exact = scipy.stats.binomtest(wins, wins + losses, 0.5, alternative).pvalue
    assert found.sign_p_value == pytest.approx(exact, rel=1e-9)
    if alternative == "two-sided":
        assert found.sign_p_value == pytest.approx(sign_test(margins)[1], rel=1e-9)
    theirs = scipy.stats.ttest_1samp(margins, 0, alternative=alternative)  # type: ignore[call-overload]  # a str
    assert found.margin_p_value == pytest.approx(theirs.pvalue, rel=1e-9)
    interval = scipy.stats.ttest_1samp(margins, 0).confidence_interval(0.95)
    assert (found.margin_ci.low, found.margin_ci.high) == pytest.approx(
        (interval.low, interval.high), rel=1e-9
    )


clicks = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=4, max_size=40)


@settings(max_examples=60, deadline=None)
@given(visitors=clicks, data=st.data())
def test_swapping_the_models_mirrors_and_order_is_irrelevant(
    visitors: list[tuple[int, int]], data: st.DataObject
) -> None:
    control, treatment = [c for c, _ in visitors], [t for _, t in visitors]
    try:
        ahead = analyse_team_draft(control, treatment)
    except NotEnoughDataError:
        return
    back = analyse_team_draft(treatment, control, alternative="less")
    assert back.preference == pytest.approx(1 - ahead.preference)
    assert back.margin == -ahead.margin
    assert back.sign_p_value == pytest.approx(ahead.sign_p_value)
    assert back.margin_p_value == pytest.approx(ahead.margin_p_value)
    shuffled = data.draw(st.permutations(visitors))
    again = analyse_team_draft([c for c, _ in shuffled], [t for _, t in shuffled])
    assert again.sign_p_value == ahead.sign_p_value
    assert again.margin_p_value == pytest.approx(ahead.margin_p_value)


def test_equal_models_are_preferred_at_alpha_and_a_click_is_no_vote() -> None:
    """1,000 experiments, 300 visitors of heavy-tailed activity: t 5% (3.5% to 6.5%), sign below 6.5%.

    The planted fault, a binomial test of clicks as if each were a visitor, alarms in more than 15%.
    """
    rng = np.random.default_rng(20_261_125)
    by_mean = by_sign = by_click = 0
    for _ in range(1_000):
        activity, taste = rng.geometric(0.3, 300), rng.beta(0.8, 0.8, 300)
        treatment = rng.binomial(activity, taste)
        found = analyse_team_draft(activity - treatment, treatment, alternative="two-sided")
        by_mean += found.margin_p_value < 0.05
        by_sign += found.sign_p_value < 0.05
        total = int(activity.sum())
        by_click += abs(2 * int(treatment.sum()) - total) > 1.96 * np.sqrt(total)
    assert 0.035 < by_mean / 1_000 < 0.065
    assert by_sign / 1_000 < 0.065
    assert by_click / 1_000 > 0.15


@pytest.mark.parametrize(
    ("control", "treatment", "words"),
    [
        ([], [], "0 of 0 visitors preferred"),
        ([0] * 50, [0] * 50, "0 of 50 visitors preferred"),
        ([0], [1], "1 of 1 visitors preferred"),
        ([0] * 9, [2] * 9, "the same margin"),
    ],
)
def test_thin_data_have_words(control: list[int], treatment: list[int], words: str) -> None:
    with pytest.raises(NotEnoughDataError, match=words):
        analyse_team_draft(control, treatment)


def test_nonsense_is_refused() -> None:
    with pytest.raises(InvalidOutcomesError, match="for each visitor"):
        analyse_team_draft([1, 2], [1])
    with pytest.raises(InvalidOutcomesError, match="clicks are counts"):
        analyse_team_draft([1, -2], [1, 1])
