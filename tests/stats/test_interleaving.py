import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.descriptivestats import sign_test

from stats import InvalidOutcomesError, NotEnoughDataError, analyse_team_draft, team_balance


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
    ],
)
def test_thin_data_have_words(control: list[int], treatment: list[int], words: str) -> None:
    with pytest.raises(NotEnoughDataError, match=words):
        analyse_team_draft(control, treatment)


def test_a_margin_that_does_not_vary_leaves_the_sign_test() -> None:
    """Nine visitors of nine prefer the treatment by two clicks: p = 1/2^9, by hand."""
    found = analyse_team_draft([0] * 9, [2] * 9)
    assert found.sign_p_value == pytest.approx(2**-9)
    assert (found.preference, found.delta, found.margin) == (1.0, 0.5, 2.0)
    assert (found.margin_ci, found.margin_p_value) == (None, None)
    assert found.delta_ci.low < 0.5 == found.delta_ci.high


def test_delta_is_that_of_chapelle_et_al() -> None:
    """By hand, their formula: 30 wins, 20 losses, 10 ties with clicks: 35/60 - 1/2; 40 clicked nothing.

    Its interval is Student's, of scipy, on 1/2, -1/2 and 0; to 1e-9.
    """
    halves = np.repeat([0.5, -0.5, 0.0], [30, 20, 10])
    control, treatment = np.repeat([0, 2, 1, 0], [30, 20, 10, 40]), np.repeat([1, 1, 1, 0], [30, 20, 10, 40])
    found = analyse_team_draft(control, treatment)
    assert (found.n_treatment, found.n_control, found.n_ties, found.n_without_click) == (30, 20, 50, 40)
    assert found.delta == pytest.approx(35 / 60 - 0.5)
    theirs = scipy.stats.ttest_1samp(halves, 0).confidence_interval(0.95)
    assert (found.delta_ci.low, found.delta_ci.high) == pytest.approx((theirs.low, theirs.high), rel=1e-9)


def test_counts_of_like_visitors_are_the_visitors_themselves() -> None:
    rng = np.random.default_rng(20_261_140)
    control, treatment = rng.poisson(0.5, 500), rng.poisson(0.6, 500)
    pairs, n = np.unique(np.stack([control, treatment]), axis=1, return_counts=True)
    one_by_one = analyse_team_draft(control, treatment)
    counted = analyse_team_draft(*pairs, n_visitors=n)
    for name in ("sign_p_value", "delta", "margin", "margin_p_value", "preference", "n_ties"):
        assert getattr(counted, name) == pytest.approx(getattr(one_by_one, name), rel=1e-12), name


def test_a_fair_draft_is_balanced_and_an_unfair_one_is_not() -> None:
    """The p-value is scipy's one-sample t test of the visitors' leads; one film more in ten is found."""
    rng = np.random.default_rng(20_261_141)
    for extra, is_ok in ((0, True), (1, False)):
        treatment = rng.binomial(10, 0.5, 800)
        lead = 2 * treatment - 10 + extra
        found = team_balance(
            int((10 - treatment).sum()),
            int((treatment + extra).sum()),
            n_visitors=800,
            squares=float(lead @ lead),
        )
        assert found.p_value == pytest.approx(scipy.stats.ttest_1samp(lead, 0).pvalue, rel=1e-9)
        assert found.is_ok is is_ok
    assert team_balance(40, 40, n_visitors=8, squares=0.0).is_ok
    assert not team_balance(40, 48, n_visitors=8, squares=8.0).is_ok


def test_nonsense_is_refused() -> None:
    with pytest.raises(InvalidOutcomesError, match="for each visitor"):
        analyse_team_draft([1, 2], [1])
    with pytest.raises(InvalidOutcomesError, match="clicks are counts"):
        analyse_team_draft([1, -2], [1, 1])
