"""What every kind of source must read alike; the second witness counts in pandas, visitor by visitor."""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stats import Arm, ColumnNames, RatioArm, Reading, Resources, read_table

Put = Callable[[Mapping[str, Sequence[Any]]], str]


def impressions(n_visitors: int = 300, seed: int = 20_260_101) -> pd.DataFrame:
    """Several impressions a visitor, some clicked, in no order."""
    rng = np.random.default_rng(seed)
    visitors = rng.integers(0, n_visitors, 6 * n_visitors)
    clicked = rng.random(visitors.size) < 0.05 + 0.1 * (visitors % 7 == 0)
    return pd.DataFrame(
        {
            "visitor_id": [f"v{visitor}" for visitor in visitors],
            "variant": np.where(visitors % 2, "treatment", "control"),
            "clicked": clicked.astype(int),
        }
    )


def columns_of(frame: pd.DataFrame) -> dict[str, Sequence[Any]]:
    return {str(name): frame[name].tolist() for name in frame.columns}


def counted(frame: pd.DataFrame, variant: str) -> tuple[Arm, RatioArm]:
    """The witness: pandas groups impressions by visitor, numpy sums."""
    grouped = frame[frame["variant"] == variant].groupby("visitor_id")["clicked"].agg(["sum", "count"])
    ratio = RatioArm.from_visitors(variant, grouped["sum"], grouped["count"])
    return Arm(variant, len(grouped), int((grouped["sum"] > 0).sum())), ratio


def arm_of(reading: Reading, index: int) -> tuple[Arm, RatioArm | None]:
    arm = reading.outcomes.arms[index]
    return arm.visitors, arm.impressions


def test_further_variants_are_arms_of_their_own_and_crossovers_of_none(put: Put) -> None:
    """Five treatments need more than the bits of one byte; visitor 7 was seen in two of them."""
    names = ["control", "a", "b", "c", "d", "e"]
    columns = {
        "visitor_id": [*range(1, 13), 7],
        "variant": [*names, *names, "b"],
        "clicked": [0, 1] * 6 + [0],
    }
    reading = read_table(put(columns))
    assert (reading.control, reading.treatments) == ("control", ("a", "b", "c", "d", "e"))
    arms = {arm.visitors.variant: arm for arm in reading.outcomes.arms}
    assert {name: arm.visitors.n for name, arm in arms.items()} == {**dict.fromkeys(names, 2), "control": 1}
    assert arms["control"].n_crossovers == 1


def test_impressions_are_summed_over_each_visitor(put: Put) -> None:
    """Six sums of each arm, equal to a count in pandas."""
    frame = impressions()
    reading = read_table(put(columns_of(frame)))
    assert arm_of(reading, 0) == counted(frame, "control")
    assert arm_of(reading, 1) == counted(frame, "treatment")
    assert any("one an impression" in note for note in reading.notes)


def test_counts_of_each_visitor_give_the_same_as_their_impressions(put: Put) -> None:
    frame = impressions()
    visitors = frame.groupby(["visitor_id", "variant"], as_index=False)["clicked"].agg(["sum", "count"])
    visitors = visitors.rename(columns={"sum": "n_clicks", "count": "n_impressions"})
    reading = read_table(put(columns_of(visitors)))
    assert arm_of(reading, 0) == counted(frame, "control")
    assert arm_of(reading, 1) == counted(frame, "treatment")


def test_one_flag_a_visitor_has_a_visitor_ctr_and_no_impression_ctr(put: Put) -> None:
    reading = read_table(
        put({"user": [1, 2, 3, 4], "group": ["b", "a", "a", "b"], "converted": [True, False, True, True]})
    )
    assert [arm_of(reading, index) for index in (0, 1)] == [(Arm("a", 2, 1), None), (Arm("b", 2, 2), None)]
    assert "without numbers of clicks and impressions" in " ".join(reading.notes)


def test_clicked_decides_the_visitor_ctr_where_clicks_are_counted_as_well(put: Put) -> None:
    """Our own event log is so: `clicked` is of the home page, clicks are of all pages."""
    reading = read_table(
        put(
            {
                "visitor": ["x", "y", "z"],
                "variant": ["control", "control", "new"],
                "clicks": [3, 0, 2],
                "impressions": [9, 4, 6],
                "clicked": [0, 0, 1],
            }
        )
    )
    assert arm_of(reading, 0) == (Arm("control", 2, 0), RatioArm("control", 2, 3, 13, 9, 97, 27))
    assert arm_of(reading, 1) == (Arm("new", 1, 1), RatioArm("new", 1, 2, 6, 4, 36, 12))


def test_a_visitor_in_both_variants_counts_in_neither_and_is_a_crossover(put: Put) -> None:
    reading = read_table(
        put(
            {
                "visitor": [1, 1, 2, 3, 4, 4],
                "variant": ["control", "treatment", "control", "treatment", "treatment", "holdout"],
                "clicked": [1, 1, 0, 1, 0, 0],
            }
        )
    )
    assert [arm.visitors.n for arm in reading.outcomes.arms] == [1, 1]
    assert sum(arm.n_crossovers for arm in reading.outcomes.arms) == 2


def test_bots_and_holdout_are_counted_and_left_out(put: Put) -> None:
    reading = read_table(
        put(
            {
                "visitor": [1, 2, 3, 4, 5, 5],
                "variant": ["control", "treatment", "holdout", "control", "control", "treatment"],
                "clicked": [1, 0, 1, 1, 1, 1],
                "is_bot": [0, 0, 0, 1, 1, 0],
            }
        )
    )
    assert (reading.outcomes.n_bots, reading.outcomes.n_holdout) == (2, 1)
    assert [arm.visitors for arm in reading.outcomes.arms] == [Arm("control", 1, 1), Arm("treatment", 1, 0)]
    assert sum(arm.n_crossovers for arm in reading.outcomes.arms) == 0


def test_further_variants_are_left_out_and_named_when_two_are_chosen(put: Put) -> None:
    table = put({"visitor": [1, 2, 3, 4], "variant": ["a", "b", "c", "c"], "clicked": [1, 1, 0, 0]})
    reading = read_table(table, control="b", treatment="c")
    assert [arm.visitors for arm in reading.outcomes.arms] == [Arm("b", 1, 1), Arm("c", 2, 0)]
    assert "left out: 'a'" in reading.notes


def test_columns_and_variants_may_have_any_name(put: Put) -> None:
    """Quotes, spaces and SQL in names are names."""
    table = put({'who "is" it': [1, 2], "arm; --": ["it's", 'the "new"'], "did click": [0, 1]})
    reading = read_table(
        table, columns=ColumnNames('who "is" it', "arm; --", clicked="did click"), control="it's"
    )
    assert [arm.visitors for arm in reading.outcomes.arms] == [Arm("it's", 1, 0), Arm('the "new"', 1, 1)]


def test_rows_may_be_said_to_be_visitors_or_impressions(put: Put) -> None:
    columns = {"variant": ["a", "a", "b", "b"], "clicked": [1, 0, 1, 1]}
    assert [arm.visitors for arm in read_table(put(columns), rows="visitor").outcomes.arms] == [
        Arm("a", 2, 1),
        Arm("b", 2, 2),
    ]
    reading = read_table(put({**columns, "visitor": [1, 2, 3, 4]}), rows="impression")
    assert arm_of(reading, 0)[1] == RatioArm("a", 2, 1, 2, 1, 2, 1)


def test_visitors_of_whom_a_few_stand_twice_are_not_impressions(put: Put) -> None:
    reading = read_table(
        put({"visitor": [1, 2, 3, 3], "variant": ["a", "b", "b", "b"], "clicked": [1, 0, 0, 1]})
    )
    assert [arm_of(reading, index) for index in (0, 1)] == [(Arm("a", 1, 1), None), (Arm("b", 2, 1), None)]
    assert "--rows impression" in " ".join(reading.notes)


def test_several_rows_of_a_visitor_with_counts_are_summed(put: Put) -> None:
    """A visitor of two days has 3 clicks of 12 impressions, not two visitors."""
    reading = read_table(
        put(
            {
                "visitor": [1, 1, 2],
                "variant": ["control", "control", "test"],
                "clicks": [1, 2, 0],
                "impressions": [6, 6, 5],
            }
        )
    )
    assert arm_of(reading, 0) == (Arm("control", 1, 1), RatioArm("control", 1, 3, 12, 9, 144, 36))


def test_a_billion_impressions_of_one_visitor_are_summed_exactly(put: Put) -> None:
    reading = read_table(
        put(
            {
                "visitor": [1, 2, 3],
                "variant": ["control", "control", "test"],
                "clicks": [10**9 - 1, 0, 1],
                "impressions": [10**9, 1, 1],
            }
        )
    )
    expected = RatioArm.from_visitors("control", [10**9 - 1, 0], [10**9, 1])
    assert arm_of(reading, 0)[1] == expected


def test_whole_numbers_kept_as_decimals_or_text_are_read(put: Put) -> None:
    """As pandas and spreadsheets leave them."""
    reading = read_table(
        put({"visitor": [1, 2], "variant": ["control", "b"], "clicks": ["1", "0"], "impressions": [6.0, 3.0]})
    )
    assert arm_of(reading, 0)[1] == RatioArm("control", 1, 1, 6, 1, 36, 6)


_VISITS = st.lists(st.tuples(st.integers(0, 9), st.booleans()), min_size=1, max_size=60)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(visits=_VISITS, seed=st.integers(0, 2**32 - 1))
def test_the_order_of_rows_is_irrelevant(tmp_path: Path, visits: list[tuple[int, bool]], seed: int) -> None:
    rows = [*visits, (0, True), (1, False)]
    frame = pd.DataFrame(rows, columns=["visitor_id", "clicked"])
    frame["variant"] = np.where(frame["visitor_id"] % 2, "treatment", "control")
    readings = []
    for order in (frame, frame.sample(frac=1, random_state=seed)):
        order.to_csv(tmp_path / "rows.csv", index=False)
        readings.append(read_table(str(tmp_path / "rows.csv"), rows="impression"))
    assert readings[0] == readings[1]
    assert arm_of(readings[0], 0) == counted(frame, "control")


@pytest.mark.parametrize("ending", ["csv", "csv.gz", "tsv", "parquet"])
def test_a_folder_or_a_pattern_of_files_is_one_table(tmp_path: Path, ending: str) -> None:
    frame = impressions(100)
    folder = tmp_path / "lake" / "day=1"
    folder.mkdir(parents=True)
    for index in range(3):
        part, path = frame.iloc[index::3], folder / f"part{index}.{ending}"
        if ending == "parquet":
            part.to_parquet(path)
        else:
            part.to_csv(path, index=False, sep="\t" if ending == "tsv" else ",")
    reading = read_table(f"{tmp_path}/lake/**/*.{ending}")
    assert arm_of(reading, 0) == counted(frame, "control")
    if ending in ("csv", "parquet"):
        assert read_table(str(tmp_path / "lake")).outcomes.arms == reading.outcomes.arms


@pytest.mark.parametrize("name", ["day[1].csv", "what?*.csv", "it's.csv", "d'[1].parquet"])
def test_a_name_that_looks_like_a_pattern_is_a_name(tmp_path: Path, name: str) -> None:
    """As a pattern, "day[1].csv" names day1.csv, which is there as well and holds something else."""
    write = pd.DataFrame.to_parquet if name.endswith("parquet") else pd.DataFrame.to_csv
    write(impressions(50), tmp_path / name)
    write(impressions(60), tmp_path / name.replace("[1]", "1"))
    write(impressions(50), tmp_path / name)
    assert arm_of(read_table(str(tmp_path / name)), 0) == counted(impressions(50), "control")


def test_a_spreadsheet_s_csv_is_read(tmp_path: Path) -> None:
    """A byte-order mark, semicolons, quotes, CRLF."""
    path = tmp_path / "sheet.csv"
    path.write_bytes('\ufeffvisitor;variant;clicked\r\n"1";"contr;ol";1\r\n2;"b ""b""";0\r\n'.encode())
    reading = read_table(str(path), control="contr;ol")
    assert [arm.visitors for arm in reading.outcomes.arms] == [Arm("contr;ol", 1, 1), Arm('b "b"', 1, 0)]


def test_files_may_have_their_columns_in_another_order(tmp_path: Path) -> None:
    impressions(40).to_csv(tmp_path / "1.csv", index=False)
    other = impressions(40, seed=2)[["clicked", "variant", "visitor_id"]]
    other.to_csv(tmp_path / "2.csv", index=False)
    expected = counted(pd.concat([impressions(40), other]), "control")
    assert arm_of(read_table(str(tmp_path)), 0) == expected


def test_views_of_sqlite_are_read_and_named(tmp_path: Path) -> None:
    path = tmp_path / "some.db"
    with closing(sqlite3.connect(path)) as connection:
        impressions().to_sql("shown", connection)
        connection.execute('CREATE VIEW first AS SELECT * FROM shown WHERE "index" < 600')
    reading = read_table(str(path), table="first")
    assert arm_of(reading, 1) == counted(impressions().iloc[:600], "treatment")


def test_groups_beyond_the_memory_allowed_go_to_disk_and_nothing_stays(tmp_path: Path) -> None:
    """400,000 visitors with long ids in 64 MB."""
    n = 400_000
    frame = pd.DataFrame({"visitor_id": np.arange(n), "clicked": np.arange(n) % 10 == 0})
    frame["visitor_id"] = "a visitor of a long name " + frame["visitor_id"].astype(str)
    frame["variant"] = np.where(np.arange(n) % 2, "treatment", "control")
    frame.to_parquet(tmp_path / "many.parquet")
    spill = tmp_path / "spill"
    spill.mkdir()
    reading = read_table(str(tmp_path / "many.parquet"), resources=Resources(64, spill))
    assert [arm.visitors.n for arm in reading.outcomes.arms] == [n / 2, n / 2]
    assert list(spill.iterdir()) == []
