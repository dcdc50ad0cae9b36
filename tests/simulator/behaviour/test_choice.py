import itertools

import numpy as np
import pytest
import scipy.stats

from simulator.behaviour import NOTHING, ChoiceModel, click_probabilities
from simulator.behaviour.choice import chosen_positions, click_scores

N = 50_000
WORTH = np.array([0.5, -0.2, 1.1, 0.0])
SEEN = np.array([True, False, True, True])
OUTSIDE = 0.7
MODELS: tuple[ChoiceModel, ...] = ("mnl", "pbm", "cascade", "carousel")


def expected_shares() -> np.ndarray:
    """Shares of (nothing, position 1, 2, 3, 4) by hand: each option's e**worth over their sum."""
    odds = np.array([np.exp(OUTSIDE), np.exp(0.5), 0.0, np.exp(1.1), 1.0])
    return odds / odds.sum()


def attractions() -> list[float]:
    """Chance of each film examined to attract by itself, by hand."""
    return [
        1 / (1 + np.exp(OUTSIDE - worth)) if seen else 0.0 for worth, seen in zip(WORTH, SEEN, strict=True)
    ]


def expected_of(model: ChoiceModel) -> np.ndarray:
    """Shares of (nothing, position 1, 2, 3, 4), by going through all films that may attract at once."""
    if model in {"mnl", "carousel"}:
        return expected_shares()
    shares = np.zeros(5)
    for attracted in itertools.product([False, True], repeat=4):
        chance = np.prod([q if is_in else 1 - q for q, is_in in zip(attractions(), attracted, strict=True)])
        positions = [place for place, is_in in enumerate(attracted, start=1) if is_in]
        if not positions:
            shares[NOTHING] += chance
        elif model == "cascade":
            shares[positions[0]] += chance
        else:
            shares[positions] += chance / len(positions)
    return shares


def drawn_shares(outside: float = OUTSIDE, model: ChoiceModel = "mnl") -> np.ndarray:
    chosen = chosen_positions(
        np.tile(WORTH, (N, 1)),
        np.tile(SEEN, (N, 1)),
        np.full(N, outside),
        seed=5,
        visitor_index=np.arange(N),
        step=0,
        model=model,
    )
    return np.bincount(chosen, minlength=5)


@pytest.mark.parametrize("model", MODELS)
def test_choices_are_as_frequent_as_the_model_says(model: ChoiceModel) -> None:
    """50,000 visitors, chi-square over the four options that can be chosen; alarms 1 time in 1,000."""
    counts, shares = drawn_shares(model=model), expected_of(model)
    assert counts[2] == 0
    possible = shares > 0
    assert scipy.stats.chisquare(counts[possible], N * shares[possible]).pvalue > 0.001


@pytest.mark.parametrize("model", MODELS)
def test_an_outside_option_off_by_a_tenth_is_noticed(model: ChoiceModel) -> None:
    """The planted fault: the same test on choices made with another outside option."""
    counts, shares = drawn_shares(OUTSIDE + 0.1, model), expected_of(model)
    possible = shares > 0
    assert scipy.stats.chisquare(counts[possible], N * shares[possible]).pvalue < 0.001


def test_the_models_differ() -> None:
    """Any click: 0.74 under mnl, 0.85 one by one; of these, cascade favours the first position."""
    clicked = {model: 1 - expected_of(model)[NOTHING] for model in MODELS}
    assert clicked["mnl"] < clicked["pbm"] - 0.05
    assert clicked["pbm"] == pytest.approx(clicked["cascade"], abs=1e-12)
    assert expected_of("cascade")[1] > expected_of("pbm")[1] + 0.05


@pytest.mark.parametrize("model", MODELS)
def test_probabilities_are_the_closed_form(model: ChoiceModel) -> None:
    found = click_probabilities(WORTH[None, :], SEEN[None, :], np.array([OUTSIDE]), model=model)[0]
    assert found == pytest.approx(expected_of(model)[1:], abs=1e-12)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("n_positions", [0, 1, 2, 7, 60])
def test_the_chance_of_any_click_is_the_sum_of_all(model: ChoiceModel, n_positions: int) -> None:
    """Of 200 random slates of each size, at three outside options: by position, and from the scores."""
    rng = np.random.default_rng(2)
    worth = 3 * rng.normal(size=(200, n_positions))
    is_examined = rng.random((200, n_positions)) < 0.7
    scores = click_scores(worth, is_examined, model=model)
    for outside in (-4.0, 0.0, 5.0):
        by_position = click_probabilities(worth, is_examined, np.full(200, outside), model=model)
        any_click = 1 - np.prod(1 / (1 + np.exp(scores - outside)), axis=1)
        assert by_position.sum(axis=1) == pytest.approx(any_click, abs=1e-10)
        assert (by_position >= 0).all()


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("outside", [-900.0, 900.0])
def test_probabilities_stay_finite_at_any_outside_option(outside: float, model: ChoiceModel) -> None:
    found = click_probabilities(WORTH[None, :], SEEN[None, :], np.array([outside]), model=model)[0]
    assert found.sum() == pytest.approx(1.0 if outside < 0 else 0.0)


@pytest.mark.parametrize("model", MODELS)
def test_who_examines_nothing_clicks_nothing(model: ChoiceModel) -> None:
    worth, nothing_seen, outside = np.full((100, 4), 9.0), np.zeros((100, 4), dtype=bool), np.zeros(100)
    chosen = chosen_positions(
        worth, nothing_seen, outside, seed=1, visitor_index=np.arange(100), step=0, model=model
    )
    assert (chosen == NOTHING).all()
    assert click_probabilities(worth, nothing_seen, outside, model=model).sum() == 0


@pytest.mark.parametrize("model", MODELS)
def test_another_visit_is_another_choice(model: ChoiceModel) -> None:
    """Of 1,000 visitors who click one of four equal films half the time, hundreds choose otherwise."""
    worth, seen, outside = np.zeros((1000, 4)), np.ones((1000, 4), dtype=bool), np.full(1000, 1.0)
    first, second = (
        chosen_positions(
            worth, seen, outside, seed=1, visitor_index=np.arange(1000), step=0, visit=visit, model=model
        )
        for visit in (0, 1)
    )
    assert (first != second).mean() > 0.4
