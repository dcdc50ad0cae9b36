"""Where time matters browser and http engine need not be equal, but equivalent within stated margins.

Two one-sided tests (TOST): means are equivalent when their difference is shown to lie above minus the margin,
and below the margin, at 5% each (Schuirmann 1987, doi:10.1007/BF01068419). Visitors of the two engines are
drawn by different seeds, so that nothing is equal by construction.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import scipy.stats
from engine_world import SEED, hashing_clients, make_visits, rows_of, site_serving, two_variants, world_truth
from statsmodels.stats.weightstats import DescrStatsW, ttost_ind

from simulator.behaviour import Choice, Mind, Population, draw_visitors
from simulator.engines import BrowserNotFoundError, find_browser, run_browser_visits, run_http_visits
from simulator.jobs import VisitEngine

Seconds = npt.NDArray[np.float64]
ALPHA = 0.05
IS_FULL = os.environ.get("FUNFLIX_SOAK") == "full"
N_BY_BROWSER = 100 if IS_FULL else 6
N_BY_HTTP = 120
# Half of the 3 seconds by which a change of the examination by 0.2 shortens a look at six films.
DWELL_MARGIN_S = 1.5
# By HTTP a film is viewed after exactly 1 s; in a browser once its page has loaded and it was scrolled to. A
# page object waits at most 10 s for that, and a busy machine may take some of it.
VIEWED_MARGIN_S = 4.0
# From the home page to the click: simulated time, as long as the visitor looked.
DWELL = (
    "SELECT (clicks.simulated_at - slates.simulated_at) / 1000.0, 0, 0, 0 FROM clicks"
    " JOIN slates USING (slate_id, run_id)"
)
# From the page to the first view of its slate: real time in a browser.
UNTIL_VIEWED = (
    "SELECT (MIN(viewed_at) - MIN(served_at)) / 1000.0, slate_id, 0, 0 FROM impressions"
    " JOIN slates USING (slate_id, run_id)"
)


def equivalence_p(one: Seconds, other: Seconds, *, margin_s: float) -> float:
    """The larger p-value of two one-sided Welch tests: below alpha the two means are equivalent."""
    above = scipy.stats.ttest_ind(one + margin_s, other, equal_var=False, alternative="greater")
    below = scipy.stats.ttest_ind(one - margin_s, other, equal_var=False, alternative="less")
    return float(max(above.pvalue, below.pvalue))


def equivalence_to_p(times: Seconds, value_s: float, *, margin_s: float) -> float:
    """The same for one mean and a constant."""
    above = scipy.stats.ttest_1samp(times, value_s - margin_s, alternative="greater")
    below = scipy.stats.ttest_1samp(times, value_s + margin_s, alternative="less")
    return float(max(above.pvalue, below.pvalue))


@dataclass(frozen=True)
class Clock:
    """A site whose visitors' times are measured."""

    url: str
    log_path: Path

    def times(
        self, engine: VisitEngine, run_id: str, *, n_visitors: int, seed: int, examination: float
    ) -> tuple[Seconds, Seconds]:
        """How long each visitor looked before a click, and until each slate was viewed."""
        choice = Choice(examination_decay=examination, film_page_odds=0.0)
        population = Population(choice=choice)
        truth = world_truth(population)
        # Nearly everybody clicks, so that nearly everybody has a dwell.
        mind = Mind(population, truth, seed=seed, outside_option=-2.0)
        visitors = draw_visitors(population, truth, n_visitors=n_visitors, seed=seed)
        make_visits(engine, visitors, mind, self.url, run_id)
        dwell = rows_of(self.log_path, DWELL, run_id, where="clicks.surface = 'home'")
        viewed = rows_of(self.log_path, UNTIL_VIEWED, run_id, where="viewed_at IS NOT NULL GROUP BY slate_id")
        return _first_column(dwell), _first_column(viewed)


def _first_column(rows: list[tuple[object, ...]]) -> Seconds:
    return np.array([row[0] for row in rows], dtype=np.float64)


@pytest.fixture(scope="module")
def clock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clock]:
    experiment, log_path = two_variants("clock"), tmp_path_factory.mktemp("clock") / "events.db"
    with site_serving(experiment, hashing_clients(experiment), log_path) as url:
        yield Clock(url, log_path)


@pytest.fixture(scope="module")
def by_http(clock: Clock) -> tuple[Seconds, Seconds]:
    """The times of 120 visitors by HTTP, whose examination falls to 0.9 from one position to the next."""
    return clock.times(run_http_visits, "by-http", n_visitors=N_BY_HTTP, seed=SEED, examination=0.9)


@pytest.mark.soak
@pytest.mark.browser
def test_dwell_and_time_until_viewed_of_a_browser_are_those_of_http(
    clock: Clock, by_http: tuple[Seconds, Seconds]
) -> None:
    """6 visitors here, 100 in the soak. Margins: 4 s of real time until viewed, 1.5 s of simulated dwell.

    Dwell has a standard deviation of 2 s: a few visitors would show equivalence by luck only, so
    it is tested on 100, which show it in all but 1 of 1,000.
    """
    try:
        find_browser(may_download=False)
    except BrowserNotFoundError as error:
        pytest.skip(str(error))
    dwell, viewed = clock.times(
        run_browser_visits, "by-browser", n_visitors=N_BY_BROWSER, seed=SEED + 1, examination=0.9
    )
    assert len(dwell) >= 0.6 * N_BY_BROWSER
    if IS_FULL:
        assert equivalence_p(dwell, by_http[0], margin_s=DWELL_MARGIN_S) < ALPHA
    assert set(by_http[1].tolist()) == {1.0}
    assert viewed.min() >= 1.0
    assert equivalence_to_p(viewed, 1.0, margin_s=VIEWED_MARGIN_S) < ALPHA


def test_two_runs_of_one_population_are_equivalent_and_one_that_examines_less_is_not(
    clock: Clock, by_http: tuple[Seconds, Seconds]
) -> None:
    """The negative control: examination lower by 0.2, as many visitors. It must fail, and by far."""
    again, _ = clock.times(run_http_visits, "again", n_visitors=N_BY_HTTP, seed=SEED + 1, examination=0.9)
    less, _ = clock.times(run_http_visits, "less", n_visitors=N_BY_HTTP, seed=SEED + 1, examination=0.7)
    assert equivalence_p(again, by_http[0], margin_s=DWELL_MARGIN_S) < 0.001
    assert equivalence_p(less, by_http[0], margin_s=DWELL_MARGIN_S) > 0.999


def test_the_equivalence_test_is_that_of_statsmodels() -> None:
    rng = np.random.default_rng(1)
    one, other = rng.normal(9.0, 2.0, 40), rng.normal(9.5, 1.0, 90)
    p_value, _, _ = ttost_ind(one, other, -1.5, 1.5, usevar="unequal")
    assert equivalence_p(one, other, margin_s=1.5) == pytest.approx(p_value)
    p_value, _, _ = DescrStatsW(one).ttost_mean(9.0 - 1.5, 9.0 + 1.5)
    assert equivalence_to_p(one, 9.0, margin_s=1.5) == pytest.approx(p_value)
