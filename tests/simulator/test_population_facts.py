from types import SimpleNamespace

import msgspec
import numpy as np
import pytest
import scipy.stats

from catalog import find_dataset, split_ratings
from simulator.behaviour import Mind, Population, Session, Watching, draw_visitors, fit_truth
from simulator.fact_forms import facts_json, facts_text
from simulator.population_facts import FactCheck, check_facts, top_share, weibull_shape


def test_the_top_tenth_of_a_zipf_law_has_its_closed_form() -> None:
    """Counts 1/rank of 1,000 films: H(100) / H(1000)."""
    counts = 1e6 / np.arange(1, 1001)
    harmonic = (1 / np.arange(1, 1001)).cumsum()
    assert top_share(np.round(counts).astype(int)) == pytest.approx(harmonic[99] / harmonic[999], abs=1e-3)
    assert top_share(np.array([5])) == 1.0


@pytest.mark.parametrize("shape", [0.5, 1.0, 2.5])
def test_the_weibull_shape_is_that_of_scipy_and_of_the_law(shape: float) -> None:
    """2,000 draws; within 6% of the truth, four standard errors of this estimator, 0.78 k / sqrt(n)."""
    draws = np.random.default_rng(5).weibull(shape, 2_000) * 40
    found = weibull_shape(draws)
    assert found == pytest.approx(scipy.stats.weibull_min.fit(draws, floc=0)[0], rel=1e-3)
    assert found == pytest.approx(shape, rel=4 * 0.78 / np.sqrt(2_000))


def checks_of(population: Population, films: object, held_out: object, n_ratings: object) -> list[FactCheck]:
    truth = fit_truth(films, held_out, population, seed=7)  # type: ignore[arg-type]  # a dataset's own
    mind = Mind(population, truth, seed=7, outside_option=0.0)
    visitors = draw_visitors(population, truth, n_visitors=1850, seed=7)
    return list(check_facts(mind, visitors, n_ratings))  # type: ignore[arg-type]


@pytest.fixture(scope="module", params=["synthetic", "ml-latest-small"])
def shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """A catalogue, its held-out ratings, and how often each film is rated."""
    choice = request.param
    if choice != "synthetic":
        choice = str(request.getfixturevalue("movielens_path"))
    dataset = find_dataset(choice, folder=tmp_path_factory.mktemp("data"), seed=7).dataset
    movie_ids = np.array(sorted(film.movie_id for film in dataset.films))
    places = np.searchsorted(movie_ids, dataset.ratings.movie_ids)
    return SimpleNamespace(
        films=dataset.films,
        held_out=split_ratings(dataset, seed=7).held_out,
        n_ratings=np.bincount(places, minlength=len(movie_ids)),
    )


def test_the_population_that_ships_has_every_fact_it_speaks_of(shop: SimpleNamespace) -> None:
    checks = checks_of(Population(), shop.films, shop.held_out, shop.n_ratings)
    assert len(checks) == 6
    assert [check.fact for check in checks if check.is_within is False] == []
    assert [check.fact for check in checks if check.is_within is None] == [
        "pause that ends a session",
        "visitors who come back",
    ]


def test_with_returns_over_a_month_about_half_come_back(shop: SimpleNamespace) -> None:
    population = msgspec.structs.replace(
        Population(),
        session=Session(return_share=0.55),
        arrivals=msgspec.structs.replace(Population().arrivals, days=30.0),
    )
    checks = checks_of(population, shop.films, shop.held_out, shop.n_ratings)
    assert [check.is_within for check in checks] == [True] * 6


@pytest.mark.parametrize(
    ("change", "missed"),
    [
        ({"session": Session(patience_median_s=15.0)}, {"titles looked at", "time given to looking"}),
        ({"session": Session(patience_median_s=150.0)}, {"time given to looking"}),
        ({"session": Session(return_share=0.9, timeout_minutes=5.0)}, {"pause that ends a session"}),
        ({"session": Session(return_share=0.05)}, {"visitors who come back"}),
    ],
)
def test_other_people_miss_the_facts_they_should(
    world: SimpleNamespace, change: dict[str, object], missed: set[str]
) -> None:
    """The planted faults; a hundred films of one rating each are no more concentrated than chance."""
    population = msgspec.structs.replace(Population(), **change)
    checks = checks_of(population, world.films, world.held_out, np.ones(200, dtype=int))
    assert missed | {"exposures of the top 10% of films"} <= {
        check.fact for check in checks if check.is_within is False
    }


def test_too_few_unfinished_films_are_no_fit(world: SimpleNamespace) -> None:
    population = msgspec.structs.replace(Population(), watch=Watching(play_share=1e-6))
    *_, ageing = checks_of(population, world.films, world.held_out, np.ones(200, dtype=int))
    assert ageing.value is None
    assert "unfinished films" in ageing.words


def test_the_table_fits_a_terminal_and_says_what_is_not_within() -> None:
    checks = (
        FactCheck("titles looked at", "10 to 20", 10, 20, 4.0, "4 (median)"),
        FactCheck("visitors who come back", "about half", 0.4, 0.6, None, "nobody comes back"),
    )
    lines = facts_text(checks).splitlines()
    assert max(len(line) for line in lines) <= 80
    assert lines[1].split() == ["titles", "looked", "at", "10", "to", "20", "4", "(median)", "NO"]
    assert lines[2].endswith("-")
    found = facts_json(checks)
    assert found["is_within"] is False
    assert [fact["is_within"] for fact in found["facts"]] == [False, None]  # type: ignore[attr-defined]  # JSON
