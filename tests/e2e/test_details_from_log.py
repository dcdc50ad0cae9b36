"""From the real event log to what a report tells beyond clicks, counted a second time in plain Python."""

import math
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from guests import RUN, Guest, details_of

from experiment import EventLog, Rating
from stats import Arm, ArmDetails, quantile_design_effect, read_outcomes


@pytest.fixture(scope="module")
def guests() -> tuple[Guest, ...]:
    """Two hundred visitors who differ in everything, by a fixed seed."""
    rng = np.random.default_rng(20_261_122)
    made = []
    for number in range(200):
        is_known = bool(rng.random() < 0.7)
        made.append(
            Guest(
                variant="treatment" if rng.random() < 0.5 else "control",
                persona=["family", "film-buff"][number % 2],
                user_id=number if is_known else None,
                user_agent="Mozilla/5.0 (iPhone) Mobile" if rng.random() < 0.3 else "Mozilla/5.0 (X11)",
                n_before=int(rng.integers(1, 50)) if is_known else None,
                day=int(rng.integers(0, 4)) if number else 0,
                latencies=tuple(rng.gamma(2, 20, size=rng.integers(1, 4)).round(1).tolist()),
                movies=tuple((rng.permutation(30)[:6] + 1).tolist()),
                clicked=bool(rng.random() < 0.3),
                is_view_lost=bool(rng.random() < 0.5),
                watched_s=tuple(rng.uniform(1, 300, size=rng.integers(0, 3)).tolist()),
                rated=tuple((film, float(rng.integers(1, 6))) for film in range(rng.integers(0, 4))),
                is_bot=bool(rng.random() < 0.1),
                is_fallback=bool(rng.random() < 0.1),
            )
        )
    return tuple(made)


@pytest.fixture(scope="module")
def details(guests: tuple[Guest, ...], tmp_path_factory: pytest.TempPathFactory) -> dict[str, ArmDetails]:
    return details_of(tmp_path_factory.mktemp("log") / "events.db", guests)


@pytest.fixture(params=["control", "treatment"])
def variant(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def people(guests: Sequence[Guest], variant: str) -> list[Guest]:
    """Who counts in an arm."""
    return [guest for guest in guests if guest.variant == variant and not guest.is_bot]


def test_every_value_of_a_visitor_is_summed(
    guests: tuple[Guest, ...], details: dict[str, ArmDetails], variant: str
) -> None:
    expected = {
        "clicks_per_visitor": lambda guest: float(guest.clicked),
        "plays_per_visitor": lambda guest: len(guest.watched_s),
        "completed_plays_per_visitor": lambda guest: sum(watched > 100 for watched in guest.watched_s),
        "watch_s_per_visitor": lambda guest: sum(guest.watched_s),
        "dwell_s": lambda guest: guest.dwell_s,
        "ratings_per_visitor": lambda guest: len(guest.rated),
    }
    found = details[variant].values
    assert set(found) == set(expected)
    for metric, value in expected.items():
        numbers = [value(guest) for guest in people(guests, variant)]
        assert found[metric].n == len(numbers)
        assert found[metric].mean == pytest.approx(np.mean(numbers), abs=1e-3)
        assert found[metric].variance == pytest.approx(np.var(numbers, ddof=1), rel=1e-4)


def test_stars_are_those_of_all_ratings_with_an_error_over_the_visitors_who_rated(
    guests: tuple[Guest, ...], details: dict[str, ArmDetails], variant: str
) -> None:
    """The jackknife over visitors is the second witness: within 5% of the delta method at some 70 raters."""
    stars = [[stars for _, stars in guest.rated] for guest in people(guests, variant) if guest.rated]
    found = details[variant].ratios["stars_per_rating"]
    assert found.n == len(stars) > 50
    assert found.mean == pytest.approx(np.mean(np.concatenate(stars)))
    without = np.array([np.mean(np.concatenate(stars[:i] + stars[i + 1 :])) for i in range(len(stars))])
    jackknife = (len(stars) - 1) ** 2 / len(stars) * np.var(without, ddof=1)
    assert found.error_variance == pytest.approx(jackknife, rel=0.05)


def test_of_a_film_rated_again_the_last_rating_counts(tmp_path: Path) -> None:
    path = tmp_path / "events.db"
    guests = [Guest(variant="control", rated=((1, 5.0), (2, 3.0))), Guest(variant="treatment")]
    details_of(path, guests)
    with EventLog.open(path) as log:
        again = {"run_id": RUN, "visitor_id": "v000", "simulated_at": guests[0].exposed_at + 1}
        log.record(Rating(**again, rating_id="again", movie_id=1, stars=2.0))
    arms = [arm.details for arm in read_outcomes(path, RUN, with_details=True).arms]
    control, treatment = (arm.ratios["stars_per_rating"] for arm in arms if arm is not None)
    assert (control.n, control.mean) == (1, 2.5)
    assert treatment.n == 0


def test_shares_segments_days_and_pasts_count_every_visitor_once(
    guests: tuple[Guest, ...], details: dict[str, ArmDetails], variant: str
) -> None:
    arm, found = people(guests, variant), details[variant]
    bounced = [len(guest.latencies) == 1 and not guest.watched_s for guest in arm]
    assert found.shares["bounce_rate"] == Arm(variant, len(arm), sum(bounced))
    assert found.shares["fallback_rate"] == Arm(variant, len(arm), sum(guest.is_fallback for guest in arm))
    assert found.segments["persona"] == counted(arm, lambda guest: guest.persona)
    assert found.segments["history"] == counted(
        arm, lambda guest: "new visitor" if guest.user_id is None else "known user"
    )
    assert found.segments["device"] == counted(
        arm, lambda guest: "phone or tablet" if "Mobile" in guest.user_agent else "computer"
    )
    assert found.days == counted(arm, lambda guest: guest.day)
    assert found.pasts == counted(arm, lambda guest: guest.n_before or 0)
    assert sum(found.visits.values()) == len(arm)


def counted(arm: Sequence[Guest], key: object) -> dict[object, Arm]:
    """Return the visitors by a key, and how many of them clicked."""
    cells = Counter(key(guest) for guest in arm)  # type: ignore[operator]  # a function of a guest
    clicked = Counter(key(guest) for guest in arm if guest.clicked)  # type: ignore[operator]  # likewise
    return {name: Arm(arm[0].variant, n, clicked[name]) for name, n in cells.items()}


def test_bots_and_lost_beacons_are_counted_by_arm(
    guests: tuple[Guest, ...], details: dict[str, ArmDetails], variant: str
) -> None:
    bots = [guest for guest in guests if guest.variant == variant and guest.is_bot]
    assert details[variant].bots == Arm(variant, len(bots), sum(guest.clicked for guest in bots))
    clicked = [guest for guest in people(guests, variant) if guest.clicked]
    lost = sum(guest.is_view_lost for guest in clicked)
    assert details[variant].beacons == Arm(variant, len(clicked), lost)


def test_latencies_keep_every_slate_and_how_alike_those_of_a_visitor_are(
    guests: tuple[Guest, ...], details: dict[str, ArmDetails], variant: str
) -> None:
    """The design effect is that of `quantile_design_effect` on the values themselves."""
    slates = [(ms, place) for place, guest in enumerate(people(guests, variant)) for ms in guest.latencies]
    found = details[variant].latencies
    assert found is not None
    assert sum(found.counts.values()) == len(slates)
    values, owners = zip(*slates, strict=True)
    assert found.counts == Counter(round(value, 1) for value in values)
    # Both cut at a quantile of their own definition, so that a slate may lie on either side.
    expected = quantile_design_effect(values, owners, quantile=0.95)
    assert found.design_effect == pytest.approx(expected, rel=0.25)


def test_coverage_gini_and_diversity_are_those_of_the_films_shown(
    guests: tuple[Guest, ...], details: dict[str, ArmDetails], variant: str
) -> None:
    """Gini by its definition, the mean absolute difference of all pairs over twice the mean."""
    films = Counter(
        movie for guest in people(guests, variant) for movie in guest.movies for _ in guest.latencies
    )
    counts = np.array(list(films.values()), dtype=float)
    found = details[variant].shown
    assert found is not None
    assert (found.n_impressions, found.n_films) == (int(counts.sum()), len(counts))
    pairs = np.abs(counts[:, None] - counts[None, :]).mean()
    assert found.gini == pytest.approx(pairs / (2 * counts.mean()))
    assert found.effective_films == pytest.approx(1 / ((counts / counts.sum()) ** 2).sum())
    assert found.coverage.n == found.diversity.n == 20
    assert 1 <= found.diversity.mean <= found.coverage.mean <= found.n_films


def test_a_past_that_nobody_recorded_is_no_past_of_zero(tmp_path: Path) -> None:
    guests = [Guest(variant=variant, n_before=None) for variant in ("control", "treatment")]
    assert details_of(tmp_path / "events.db", guests)["control"].pasts == {}


def test_nobody_rated_is_no_metric_and_no_latency_is_no_quantile(tmp_path: Path) -> None:
    found = details_of(tmp_path / "events.db", [Guest(variant="control", latencies=())])["control"]
    assert "ratings_per_visitor" not in found.values
    assert found.ratios == {}
    assert (found.latencies, found.shown, found.beacons) == (None, None, None)
    assert not any(math.isnan(arm.mean + arm.squares) for arm in found.values.values())
