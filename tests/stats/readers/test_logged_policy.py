"""Impressions with propensities from every kind of table, beside the same summed by numpy."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stats import InvalidOutcomesError, LoggedImpressions, OffPolicySums, read_logged

Put = Callable[[Mapping[str, Sequence[Any]]], str]

LOGGING, TARGET = np.array([0.5, 0.3, 0.2]), np.array([0.0, 0.4, 0.6])


def impressions(n: int = 400) -> dict[str, list[Any]]:
    """Some five impressions a visitor, of three films, one of which the target policy never shows."""
    rng = np.random.default_rng(20_261_143)
    films = rng.choice(3, n, p=LOGGING)
    return {
        "visitor_id": [f"v{number}" for number in rng.integers(0, 80, n)],
        "reward": (rng.random(n) < 0.2).astype(int).tolist(),
        "propensity": LOGGING[films].tolist(),
        "target_chance": TARGET[films].tolist(),
        "predicted": np.array([0.1, 0.2, 0.3])[films].tolist(),
        "predicted_target": [0.26] * n,
    }


def summed(rows: Mapping[str, Sequence[Any]]) -> OffPolicySums:
    """The same by numpy."""
    has_model = "predicted" in rows
    return OffPolicySums.from_logged(
        LoggedImpressions(
            np.array(rows["reward"], dtype=float),
            np.array(rows["propensity"]),
            np.array(rows["target_chance"]),
            np.array([int(text[1:]) for text in rows["visitor_id"]]),
            np.array(rows["predicted"]) if has_model else None,
            np.array(rows["predicted_target"]) if has_model else None,
        )
    )


def assert_same(found: OffPolicySums, expected: OffPolicySums) -> None:
    assert found.totals == pytest.approx(dict(expected.totals), rel=1e-9)
    assert found.products == pytest.approx(dict(expected.products), rel=1e-9)
    for mine, theirs in zip(astuple(found), astuple(expected), strict=True):
        if not isinstance(mine, dict):
            assert mine == pytest.approx(theirs, rel=1e-9)


def test_every_kind_of_table_gives_the_sums_of_numpy(put: Put) -> None:
    """To 1e-9."""
    rows = impressions()
    reading = read_logged(put(rows))
    assert_same(reading.logged.sums, summed(rows))
    assert "predicted-target = 'predicted_target' (by its name)" in reading.notes[0]


def test_without_predictions_there_is_no_doubly_robust_sum(put: Put) -> None:
    rows = impressions()
    del rows["predicted"]  # the other alone is not enough, and is left out
    sums = read_logged(put(rows)).logged.sums
    assert_same(sums, summed(rows))
    assert not sums.has_predictions


def test_rows_of_other_visitors_each_need_no_column(tmp_path: Path) -> None:
    rows = impressions()
    alone = {**rows, "visitor_id": [f"v{index}" for index in range(400)]}
    path = table(tmp_path, {name: values for name, values in alone.items() if name != "visitor_id"})
    assert_same(read_logged(path, is_row_a_visitor=True).logged.sums, summed(alone))
    with pytest.raises(InvalidOutcomesError, match="--rows visitor where every row is another visitor"):
        read_logged(path)


def test_bots_are_counted_and_left_out(tmp_path: Path) -> None:
    rows = impressions()
    is_bot = [int(visitor in {"v3", "v4"}) for visitor in rows["visitor_id"]]
    reading = read_logged(table(tmp_path, {**rows, "is_bot": is_bot}))
    people = [index for index, bot in enumerate(is_bot) if not bot]
    assert_same(
        reading.logged.sums,
        summed({name: [values[index] for index in people] for name, values in rows.items()}),
    )
    assert reading.logged.n_bots == 2


def table(folder: Path, rows: Mapping[str, Sequence[Any]]) -> str:
    path = folder / "log.csv"
    lines = [
        ",".join("" if value is None else str(value) for value in row)
        for row in zip(*rows.values(), strict=True)
    ]
    path.write_text("\n".join([",".join(rows), *lines]) + "\n")
    return str(path)


SMALL: Mapping[str, Sequence[Any]] = {
    "visitor_id": ["a", "b", "c"],
    "reward": [0, 1, 0],
    "propensity": [0.5, 0.5, 0.5],
    "target_chance": [0.5, 0.25, 1],
}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"propensity": [0.5, 0, 0.5]}, ("'propensity' (--propensity)", "holds 0;", "never rebuild")),
        ({"propensity": [0.5, 1.5, 0.5]}, ("holds 1.5", "at most 1")),
        ({"propensity": [0.5, None, 0.5]}, ("'propensity'", "no value in 1 of 3 rows")),
        ({"target_chance": [0.5, -0.1, 0.5]}, ("'target_chance'", "-0.1", "from 0 to 1")),
        ({"target_chance": [0.5, 40, 0.5]}, ("'target_chance'", "holds 40", "from 0 to 1")),
        ({"reward": [0, "much", 0]}, ("'reward'", "'much'", "numbers")),
        ({"reward": [0, 0, 0]}, ("'reward'", "0 alone", "right column")),
        ({"visitor_id": ["a", None, "c"]}, ("without visitor id", "--visitor")),
    ],
)  # fmt: skip
def test_values_that_cannot_be_are_named(
    tmp_path: Path, change: Mapping[str, Sequence[Any]], words: tuple[str, ...]
) -> None:
    with pytest.raises(InvalidOutcomesError) as caught:
        read_logged(table(tmp_path, {**SMALL, **change}))
    assert all(word in str(caught.value) for word in words), caught.value
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("left_out", "columns", "words"),
    [
        (
            "propensity",
            {},
            ("the propensity", "--propensity", "it has visitor_id, reward, target_chance, score"),
        ),
        ("target_chance", {}, ("the target policy's chance", "--target-chance")),
        ("reward", {}, ("the reward", "--reward")),
        ("", {"propensity": "propnsity"}, ("no column 'propnsity'", "did you mean 'propensity'")),
        ("", {"predicted": "score"}, ("--predicted alone ('score')", "name both, or neither")),
    ],
)
def test_columns_that_are_not_there_are_named(
    tmp_path: Path, left_out: str, columns: dict[str, str], words: tuple[str, ...]
) -> None:
    rows = {name: values for name, values in {**SMALL, "score": [1, 2, 3]}.items() if name != left_out}
    with pytest.raises(InvalidOutcomesError) as caught:
        read_logged(table(tmp_path, rows), columns=columns)
    assert all(word in str(caught.value) for word in words), caught.value


def test_a_table_without_rows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidOutcomesError, match="no row"):
        read_logged(table(tmp_path, {name: [] for name in SMALL}))
