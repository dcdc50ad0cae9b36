from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from catalog import CatalogError, DatasetError, load_dataset

WriteFiles = Callable[[Mapping[str, str | bytes]], Path]

_HEADER = "userId,movieId,rating,timestamp\n"
_FLAGS = "|".join("0" * 19)
_PIPES = {"u.item": f"1|Rosa (1990)||||{_FLAGS}\n", "u.data": "5\t1\t3\t9\n"}
_COLONS = {"movies.dat": "1::Rosa (1990)::Drama\n", "ratings.dat": "5::1::3::9\n"}


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        ("1,1,4,9\n1,7,abc,9\n", r"line 3: rating 'abc' must be a number of stars from 0.5 to 5"),
        ("1,1,4,9\n1,7,,9\n", r"line 3: rating ''"),
        ("1,1,4,9\n1,7,nan,9\n", r"line 3: rating 'nan'"),
        ("1,1,4,9\n1,7,inf,9\n", r"line 3: rating 'inf'"),
        ("1,1,4,9\n1,7,5.5,9\n", r"line 3: rating '5.5'"),
        ("1,1,4,9\n\n1,7,0,9\n", r"line 4: rating '0'"),
        ("1,1,true,9\n", r"line 2: rating 'true'"),
        ("1,1,4,9\n1.5,7,4,9\n", r"line 3: userId '1.5' must be a whole number from 0 to 2147483647"),
        ("1,1,4,9\n-1,7,4,9\n", r"line 3: userId '-1'"),
        ("1,1,4,9\n1,x,4,9\n", r"line 3: movieId 'x'"),
        ("1,1,4,9\n1,99999999999999999999,4,9\n", r"line 3: movieId '99999999999999999999'"),
        ("1,1,4,9\n1,7,4,1537799250000\n", r"line 3: timestamp '1537799250000'.*give seconds since 1970"),
        ("1,1,4,9\n1,7,4\n", r"line 3: \['1', '7', '4'\] has 3 fields; there must be 4, divided by ','"),
        ("1,1,4,9,2\n", r"line 2: \['1', '1', '4', '9', '2'\] has 5 fields"),
        ("1,1,4,9\n1,7,4,9,2\n", r"line 3: .* has 5 fields"),
        ("1,1,4,9\n1;7;4;9\n", r"line 3: \['1;7;4;9'\] has 1 fields"),
        ("1,1,4,9\n\xff,7,4,9\n", r"line 3: userId 'Ã¿'"),
        ('1,1,4,9\n1,7,4,"9\n', r"after line 2: unexpected end of data; is a quote missing"),
        ("1,1,4,9\n1,7,4,9\n1,1,2,9\n", r"line 4: user 1 rates film 1 again, after line 2; keep one"),
        ("1,1,4,9\n1,8,4,9\n", r"line 3: film 8 is rated but not in movies.csv; add it there or leave"),
        ("", r"ratings.csv holds no ratings; give at least one, or download it again"),
    ],
)
def test_a_fault_in_ratings_is_named_with_file_line_value_and_way_out(
    csv_files: dict[str, str], write: WriteFiles, rows: str, complaint: str
) -> None:
    """The header is line 1."""
    folder = write({**csv_files, "ratings.csv": _HEADER + rows})
    with pytest.raises(DatasetError, match=complaint) as caught:
        load_dataset(folder)
    assert "ratings.csv" in str(caught.value)


@pytest.mark.parametrize(
    ("header", "complaint"),
    [
        ("", "ratings.csv, line 1: the header is"),
        ("userId,movieId,rating\n", "it must be userId,movieId,rating,timestamp"),
        ("userId,movieId,rating,timestamp,extra\n", "it must be userId,movieId,rating,timestamp"),
        ("1,1,4.0,964982703\n", r"the header is \['1', '1', '4.0', '964982703'\]"),
        ("<!DOCTYPE html><html>\n", r"the header is \['<!DOCTYPE html><html>'\]"),
        ("x" * 200_000, "ratings.csv is no table: field larger than field limit"),
    ],
)
def test_a_wrong_header_of_ratings_is_named(
    csv_files: dict[str, str], write: WriteFiles, header: str, complaint: str
) -> None:
    with pytest.raises(DatasetError, match=complaint):
        load_dataset(write({**csv_files, "ratings.csv": header}))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "movies.csv holds no films"),
        ("movieId,title,genres\n", "movies.csv holds no films"),
        (
            "movieId,title\n1,Rosa\n",
            r"line 1: the header is \['movieId', 'title'\]; it must name movieId, title, g",
        ),
        ("movieId,title,genres\n1,Sense, and Rosa,Drama\n", r"line 2: .* has 4 fields; the header names 3"),
        ("movieId,title,genres\n\nx,Rosa,Drama\n", r"line 3: film id 'x' must be a whole number from 0"),
        ("movieId,title,genres\n2147483648,Rosa,Drama\n", r"line 2: film id '2147483648'"),
        ("movieId,title,genres\n²,Rosa,Drama\n", r"line 2: film id '²'"),
        (
            "movieId,title,genres\n1,Rosa,\n7,Otto,\n1,Rosa,\n",
            r"line 4: film 1 is already in line 2; give each",
        ),
        ("movieId,title,genres\n1, ,Drama\n", r"line 2: film 1 has an empty title"),
        ('movieId,title,genres\n1,"Rosa,Drama\n7,Otto,\n', r"line 2: unexpected end of data; quote fields"),
        (
            'movieId,title,genres\n1,"Rosa\nOtto",Drama\n',
            r"line 2: title 'Rosa\\nOtto' holds a control character",
        ),
    ],
)
def test_a_fault_in_films_is_named_with_file_line_value_and_way_out(
    csv_files: dict[str, str], write: WriteFiles, text: str, complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint) as caught:
        load_dataset(write({**csv_files, "movies.csv": text}))
    assert isinstance(caught.value, CatalogError)
    assert "movies.csv" in str(caught.value)


@pytest.mark.parametrize(
    ("files", "complaint"),
    [
        (
            {**_PIPES, "u.data": "5\t1\t3\t9\n6\t1\t0.5\t9\n"},
            r"u.data, line 2: rating '0.5' must be .* from 1 to 5",
        ),
        (
            {**_PIPES, "u.data": "5 1 3 9\n"},
            r"u.data, line 1: \['5 1 3 9'\] has 1 fields; .* divided by a tab",
        ),
        ({**_PIPES, "u.data": "userId\tmovieId\trating\ttimestamp\n"}, r"line 1: userId 'userId' must be"),
        ({**_PIPES, "u.item": "1|Rosa (1990)||||0|1\n"}, r"u.item, line 1: .* has 7 fields; ml-100k has 24"),
        (
            {**_PIPES, "u.item": f"1|Rosa||||2{_FLAGS[1:]}\n"},
            r"line 1: the flag of genre 'unknown' is '2'; it must",
        ),
        ({**_PIPES, "u.genre": "Drama|0\n"}, r"u.item, line 1: .* ml-100k has 6, divided by |"),
        ({**_COLONS, "ratings.dat": "5::1::3::9\n6::1::5.5::9\n"}, r"ratings.dat, line 2: rating '5.5'"),
        (
            {**_COLONS, "ratings.dat": "5::1::3::9\n6:1::3::9\n"},
            r"line 2: .* has 3 fields; .* divided by '::'",
        ),
        ({**_COLONS, "ratings.dat": "5::1::3::9\n6::1:::3::9\n"}, r"line 2: rating ':3'"),
        ({**_COLONS, "ratings.dat": "5::1::3::9\n6\t1\t3\t9\n"}, r"line 2: .* has 1 fields"),
        (
            {**_COLONS, "movies.dat": "1::Rosa (1990)\n"},
            r"movies.dat, line 1: '1::Rosa \(1990\)' is not `id::title",
        ),
    ],
)
def test_a_fault_in_the_older_layouts_is_named_too(
    write: WriteFiles, files: dict[str, str], complaint: str
) -> None:
    """Their ratings go from 1 to 5, and their files have no header."""
    with pytest.raises(DatasetError, match=complaint):
        load_dataset(write(files))


def test_titles_may_repeat_and_hold_double_colons(write: WriteFiles) -> None:
    films = "1::Rosa (1990)::Drama\n2::Rosa (1990)::Drama\n3::Rosa::Otto (1990)::Drama|Comedy\n"
    dataset = load_dataset(write({**_COLONS, "movies.dat": films}))
    assert [film.title for film in dataset.films] == ["Rosa", "Rosa", "Rosa::Otto"]


def test_an_unreadable_file_is_a_fault_of_ours(csv_files: dict[str, str], write: WriteFiles) -> None:
    """A folder where a file should be stands for any file the system will not open."""
    folder = write(csv_files)
    (folder / "ratings.csv").unlink()
    (folder / "ratings.csv").mkdir()
    with pytest.raises(CatalogError, match=r"holds no MovieLens files|cannot be read"):
        load_dataset(folder)
