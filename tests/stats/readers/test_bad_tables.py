"""What is refused: one sentence with the value, the rule and the way out."""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from stats import ColumnNames, InvalidOutcomesError, UnreadableOutcomesError, read_table

Put = Callable[[Mapping[str, Sequence[Any]]], str]
GOOD: Mapping[str, Sequence[Any]] = {
    "visitor": [1, 2, 3],
    "variant": ["control", "treatment", "control"],
    "clicks": [0, 1, 2],
    "impressions": [6, 6, 6],
}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"clicks": [0, -1, 2]}, ("'clicks'", "-1", "negative")),
        (
            {"clicks": [0, 1, 7]},
            ("1 visitor of", "more clicks in 'clicks' than impressions in 'impressions'"),
        ),
        ({"clicks": [0, "many", 2]}, ("'clicks'", "'many'", "whole numbers")),
        ({"clicks": [0, 0.5, 2]}, ("'clicks'", "'0.5'", "whole numbers")),
        ({"clicks": [0, None, 2]}, ("'clicks'", "no value in 1 of 3 rows", "write 0")),
        ({"impressions": [6, 6, 2 * 10**9]}, ("'impressions'", "2e+09", "right column")),
        ({"visitor": ["a", None, "c"]}, ("1 rows", "no visitor id in 'visitor'", "--visitor")),
        ({"variant": ["control", None, "b"]}, ("1 of 3 rows", "no variant in 'variant'", "--variant")),
        ({"variant": ["control", "control", "control"]}, ("one variant ('control')", "a treatment")),
        ({"variant": ["x", "y", "x"]}, ("'x', 'y'", "--control")),
    ],
)
def test_values_that_cannot_be_are_named(
    put: Put, change: Mapping[str, Sequence[Any]], words: tuple[str, ...]
) -> None:
    with pytest.raises(InvalidOutcomesError) as caught:
        read_table(put({**GOOD, **change}))
    assert all(word in str(caught.value) for word in words), caught.value
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("values", [[0, 2, 1], [0, "maybe", 1]])
def test_a_flag_is_0_or_1(put: Put, values: list[Any]) -> None:
    flagged = {"visitor": [1, 2, 3], "variant": ["control", "b", "b"], "clicked": values}
    with pytest.raises(InvalidOutcomesError, match=r"'clicked' \(--clicked\).*must hold 0 or 1"):
        read_table(put(flagged))


def test_a_table_without_rows_is_refused(put: Put) -> None:
    with pytest.raises(InvalidOutcomesError, match="no row"):
        read_table(put({"visitor": [], "variant": [], "clicked": []}))


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (
            {"variant": "varant"},
            "no column 'varant' (--variant); it has visitor, variant, clicks, impressions",
        ),
        ({"variant": "varant"}, "did you mean 'variant'?"),
        ({"clicks": "Clicks"}, "did you mean 'clicks'?"),
        ({"clicked": "zzz"}, "(--clicked)"),
    ],
)
def test_a_column_that_is_missing_is_guessed(put: Put, names: dict[str, str], words: str) -> None:
    with pytest.raises(InvalidOutcomesError) as caught:
        read_table(put(GOOD), columns=ColumnNames(**names))
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("columns", "option"),
    [
        ({"visitor": [1], "thing": ["a"], "clicked": [1]}, "--variant"),
        ({"visitor": [1], "variant": ["a"], "thing": [1]}, "--clicks or --clicked"),
        ({"thing": [1], "variant": ["a"], "clicked": [1]}, "--visitor, or say --rows visitor"),
    ],
)
def test_a_role_without_column_names_its_option(
    put: Put, columns: Mapping[str, Sequence[Any]], option: str
) -> None:
    with pytest.raises(InvalidOutcomesError, match=option):
        read_table(put(columns))


@pytest.mark.parametrize(
    ("control", "treatment"), [("contrl", None), (None, "treatmnt"), ("control", "control")]
)
def test_variants_that_were_not_seen_are_guessed(
    put: Put, control: str | None, treatment: str | None
) -> None:
    with pytest.raises(InvalidOutcomesError, match=r"did you mean|two variants"):
        read_table(put(GOOD), control=control, treatment=treatment)


def test_two_rows_of_a_visitor_break_the_promise_of_one(put: Put) -> None:
    with pytest.raises(InvalidOutcomesError, match=r"a visitor of .* has 2 rows"):
        read_table(put({**GOOD, "visitor": [1, 2, 1]}), rows="visitor")


def test_an_impression_is_not_clicked_twice(put: Put) -> None:
    with pytest.raises(InvalidOutcomesError, match=r"'clicks' .* holds more than 1; an impression"):
        read_table(put(GOOD), rows="impression")


def test_sqlite_ids_of_mixed_types_are_refused(tmp_path: Path) -> None:
    """1 and '1' are two values there: a visitor would count twice."""
    path = tmp_path / "mixed.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE visits (visitor, variant, clicked)")
        rows = [(1, "control", 0), ("1", "control", 1), ("b", "treatment", 1)]
        connection.executemany("INSERT INTO visits VALUES (?, ?, ?)", rows)
    with pytest.raises(InvalidOutcomesError, match="mixes types integer and text"):
        read_table(str(path))


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("missing.csv", None, "No such file"),
        ("empty.csv", b"", "is empty"),
        ("blob.bin", b"\0\1\2\3" * 40, "neither CSV, Parquet nor SQLite"),
        ("cut.parquet", b"PAR1 and nothing more", "cannot be read"),
        ("cut.db", b"SQLite format 3\0 and nothing more", "cannot be read"),
        ("ragged.csv", b"visitor,variant,clicked\n1,a,0\n2,b,0,9,9,9\n", "ragged.csv"),
        ("short.csv", b"visitor,variant,clicked\n1,a,0\n2,b\n3,b,0\n", "the header line"),
        ("quote.csv", b'visitor,variant,clicked\n1,"a,0\n2,b,0\n', "a quote is not closed"),
        ("deep.csv", b"visitor,variant,clicked\n" + b"1,a,0\n" * 50_000 + b"1,a\n", "Line: 50002"),
        ("latin.csv", b"visitor,variant,clicked\n1,a,0\n2,caf\xe9,0\n", "latin.csv"),
    ],
)
def test_files_that_cannot_be_read_are_named_on_one_line(
    tmp_path: Path, name: str, content: bytes | None, words: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises((UnreadableOutcomesError, InvalidOutcomesError)) as caught:
        read_table(str(path))
    assert words in str(caught.value)
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)


def test_folders_hold_files_of_one_known_format(tmp_path: Path) -> None:
    with pytest.raises(UnreadableOutcomesError, match="no Parquet or CSV file"):
        read_table(str(tmp_path))
    (tmp_path / "a.csv").write_text("visitor\n1\n")
    (tmp_path / "a.parquet").write_bytes(b"PAR1")
    with pytest.raises(InvalidOutcomesError, match="csv and parquet"):
        read_table(f"{tmp_path}/a.*")


def test_tables_are_named_where_there_are_several(tmp_path: Path) -> None:
    path = tmp_path / "two.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE visits (visitor)")
        connection.execute("CREATE TABLE films (film)")
    with pytest.raises(InvalidOutcomesError, match="2 tables and views; name one by --table: films, visits"):
        read_table(str(path))
    with pytest.raises(InvalidOutcomesError, match=r"'visit'.* did you mean 'visits'"):
        read_table(str(path), table="visit")


def test_a_file_that_is_one_table_takes_no_table_name(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("visitor\n1\n")
    with pytest.raises(InvalidOutcomesError, match="--table 'x' is for SQLite and PostgreSQL"):
        read_table(str(tmp_path / "a.csv"), table="x")


def test_an_address_of_another_kind_says_which_are_read() -> None:
    with pytest.raises(UnreadableOutcomesError, match="http:// cannot be read; give a file, s3://"):
        read_table("http://127.0.0.1/visits.csv")


@pytest.mark.parametrize("address", ["postgresql://127.0.0.1:1/shop?user=ann&password=s3cret&x"])
def test_a_password_in_the_query_is_hidden(address: str) -> None:
    with pytest.raises(UnreadableOutcomesError) as caught:
        read_table(address)
    assert "s3cret" not in str(caught.value)


def test_a_server_that_is_not_there_is_named_without_the_password() -> None:
    with pytest.raises(UnreadableOutcomesError) as caught:
        read_table("postgresql://ann:s3cret@127.0.0.1:1/shop")
    assert "postgresql://127.0.0.1:1/shop cannot be read" in str(caught.value)
    assert "s3cret" not in str(caught.value)


def test_an_address_nobody_can_parse_hides_the_password_too() -> None:
    with pytest.raises(UnreadableOutcomesError) as caught:
        read_table("postgresql://ann:s3cret@127.0.0.1:port/shop?bad")
    assert "s3cret" not in str(caught.value)
