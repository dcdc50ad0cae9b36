import csv
import io
import shutil
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog import Dataset, DatasetNotFoundError, Film, Ratings, load_dataset, make_dataset

FLAG_GENRES = (
    *("unknown", "Action", "Adventure", "Animation", "Children's", "Comedy", "Crime", "Documentary", "Drama"),
    *("Fantasy", "Film-Noir", "Horror", "Musical", "Mystery", "Romance", "Sci-Fi", "Thriller", "War"),
    "Western",
)
_PIPE_FLAGS = {"Toy Story": "|".join("0001110000000000000"), "unknown": "|".join("1000000000000000000")}
ML_100K = {
    "u.item": (
        f"1|Toy Story (1995)|01-Jan-1995||http://us.imdb.com/M/title|{_PIPE_FLAGS['Toy Story']}\n"
        f"267|unknown||||{_PIPE_FLAGS['unknown']}\n"
        f"543|Misérables, Les (1995)|01-Jan-1995|||{_PIPE_FLAGS['unknown']}\n"
    ).encode("latin-1"),
    "u.data": b"196\t1\t3\t881250949\n186\t543\t5\t891717742\n",
}
ML_1M = {
    "movies.dat": (
        "1::Toy Story (1995)::Animation|Children's|Comedy\n73::Misérables, Les (1995)::Drama|Musical\n"
    ).encode("latin-1"),
    "ratings.dat": b"1::73::5::978300760\n1::1::3::978302109\n",
}


def test_ml_latest_small_loads_whole(movielens_path: Path) -> None:
    """Counts of its README.txt; 13 films without a year, 34 without genres and 5 doubles by another tool."""
    dataset = load_dataset(movielens_path)
    assert (dataset.name, dataset.is_synthetic) == ("ml-latest-small", False)
    assert (len(dataset.ratings), len(dataset.films), len(dataset.user_ids)) == (100_836, 9_742, 610)
    assert sum(film.year is None for film in dataset.films) == 13
    assert sum(not film.genres for film in dataset.films) == 34
    assert dataset.film_by_id[2571] == Film(2571, "The Matrix", 1999, ("Action", "Sci-Fi", "Thriller"))
    filed = [(film.title, film.year) for film in dataset.films]
    assert len(filed) - len(set(filed)) == 5


def test_a_zip_and_its_unpacked_folder_are_the_same_dataset(movielens_path: Path) -> None:
    """The archive of GroupLens has a top folder, the unpacked files have none."""
    archive = movielens_path / "ml-latest-small.zip"
    if not archive.is_file():
        pytest.skip(f"no {archive}")
    assert load_dataset(archive).digest == load_dataset(movielens_path).digest


@pytest.mark.parametrize("has_genre_file", [True, False])
def test_ml_100k_loads_with_its_flags_and_latin_1_letters(tmp_path: Path, *, has_genre_file: bool) -> None:
    """Three lines of u.item by hand; the film called "unknown" has neither year nor genre there."""
    files = dict(ML_100K)
    if has_genre_file:
        genre_lines = [f"{genre}|{flag}\n" for flag, genre in enumerate(FLAG_GENRES)]
        files["u.genre"] = "".join(genre_lines).encode() + b"\n"
    dataset = load_dataset(_written(tmp_path, files))
    assert dataset.films == (
        Film(1, "Toy Story", 1995, ("Animation", "Children", "Comedy")),
        Film(267, "unknown", None, ()),
        Film(543, "Les Misérables", 1995, ()),
    )
    assert dataset.ratings.user_ids.tolist() == [186, 196]
    assert dataset.ratings.values.tolist() == [5.0, 3.0]


def test_ml_1m_loads_with_double_colons_and_latin_1_letters(tmp_path: Path) -> None:
    dataset = load_dataset(_written(tmp_path, ML_1M))
    assert dataset.films == (
        Film(1, "Toy Story", 1995, ("Animation", "Children", "Comedy")),
        Film(73, "Les Misérables", 1995, ("Drama", "Musical")),
    )
    assert dataset.ratings.movie_ids.tolist() == [1, 73]
    assert dataset.ratings.timestamps.tolist() == [978302109, 978300760]


def test_columns_may_stand_in_any_order_and_lines_end_as_they_like(tmp_path: Path) -> None:
    files = {
        "movies.csv": b"\xef\xbb\xbfgenres,movieId,title\r\nDrama,3,Rosa (1990)\r\n\r\n",
        "ratings.csv": b"\xef\xbb\xbftimestamp,rating,movieId,userId\r\n\r\n5,4.5,3,8\r\n",
    }
    dataset = load_dataset(_written(tmp_path, files))
    assert dataset.films == (Film(3, "Rosa", 1990, ("Drama",)),)
    assert dataset.ratings.user_ids.tolist() == [8]
    assert dataset.ratings.values.tolist() == [4.5]


def test_the_order_of_rows_changes_nothing(tmp_path: Path) -> None:
    turned = {name: b"\n".join(reversed(content.split(b"\n"))) for name, content in ML_1M.items()}
    straight = load_dataset(_written(tmp_path / "straight", ML_1M))
    assert load_dataset(_written(tmp_path / "turned", turned)).digest == straight.digest


def test_a_dataset_may_lie_one_folder_down_beside_macos_shadows(tmp_path: Path) -> None:
    _written(tmp_path / "outer" / "ml-1m", ML_1M)
    _written(tmp_path / "outer" / "__MACOSX", ML_1M)
    archive = Path(shutil.make_archive(str(tmp_path / "packed"), "zip", tmp_path / "outer"))
    assert load_dataset(archive).digest == load_dataset(tmp_path / "outer").digest
    assert load_dataset(archive).name == "packed"


@pytest.mark.parametrize(
    ("files", "complaint"),
    [
        ({"notes.txt": b"."}, "holds no MovieLens files"),
        ({"ratings.csv": b"."}, "has ratings.csv but no movies.csv"),
        ({**ML_1M, **ML_100K}, "holds several datasets"),
    ],
)
def test_a_folder_that_is_no_dataset_is_named(
    tmp_path: Path, files: dict[str, bytes], complaint: str
) -> None:
    with pytest.raises(DatasetNotFoundError, match=complaint):
        load_dataset(_written(tmp_path, files))


def test_a_missing_path_is_named(tmp_path: Path) -> None:
    with pytest.raises(LookupError, match="nowhere does not exist; give a folder or zip"):
        load_dataset(tmp_path / "nowhere")


_TITLES = st.text(st.sampled_from("abcXYZ éüñß0123456789'&:!?.-"), min_size=1, max_size=20).map(
    lambda text: " ".join(text.split()) or "Z"
)
_GENRES = st.lists(
    st.sampled_from(["Action", "Comedy", "Drama", "Sci-Fi", "Western"]), max_size=3, unique=True
)
_FILMS = st.dictionaries(
    st.integers(0, 2**31 - 1),
    st.tuples(_TITLES, st.none() | st.integers(1000, 9999), _GENRES.map(sorted).map(tuple)),
    min_size=1,
    max_size=6,
)


@st.composite
def _datasets(draw: st.DrawFn) -> Dataset:
    films = tuple(Film(movie_id, *fields) for movie_id, fields in draw(_FILMS).items())
    pairs = st.tuples(st.integers(0, 2**31 - 1), st.sampled_from([film.movie_id for film in films]))
    rows = draw(
        st.dictionaries(
            pairs, st.tuples(st.integers(1, 5), st.integers(0, 4_102_444_800)), min_size=1, max_size=9
        )
    )
    users, movies = np.array(list(rows), dtype=np.int64).T
    values, timestamps = np.array(list(rows.values()), dtype=np.int64).T
    return make_dataset("drawn", films, Ratings(users, movies, values.astype(np.float32), timestamps))


@given(_datasets(), st.sampled_from(["csv", "pipes", "colons"]), st.sampled_from(["utf-8", "latin-1"]))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_is_written_in_any_layout_is_loaded_again(dataset: Dataset, layout: str, encoding: str) -> None:
    """60 drawn datasets; films with and without year and genres, letters beyond ASCII in both encodings."""
    with tempfile.TemporaryDirectory() as folder:
        files = {"csv": _as_csv, "pipes": _as_pipes, "colons": _as_colons}[layout](dataset)
        loaded = load_dataset(
            _written(Path(folder), {name: text.encode(encoding) for name, text in files.items()})
        )
    assert loaded.films == dataset.films
    assert loaded.digest == dataset.digest


def _as_csv(dataset: Dataset) -> dict[str, str]:
    films = io.StringIO()
    writer = csv.writer(films)
    writer.writerow(["movieId", "title", "genres"])
    for film in dataset.films:
        writer.writerow([film.movie_id, _filed(film), "|".join(film.genres) or "(no genres listed)"])
    rows = "".join(f"{u},{m},{v},{t}\n" for u, m, v, t in _rows(dataset))
    return {"movies.csv": films.getvalue(), "ratings.csv": f"userId,movieId,rating,timestamp\n{rows}"}


def _as_pipes(dataset: Dataset) -> dict[str, str]:
    lines = []
    for film in dataset.films:
        flags = "|".join(str(int(genre in film.genres)) for genre in FLAG_GENRES)
        lines.append(f"{film.movie_id}|{_filed(film)}|||http://x|{flags}\n")
    rows = [f"{u}\t{m}\t{v:.0f}\t{t}\n" for u, m, v, t in _rows(dataset)]
    return {"u.item": "".join(lines), "u.data": "".join(rows)}


def _as_colons(dataset: Dataset) -> dict[str, str]:
    lines = [f"{film.movie_id}::{_filed(film)}::{'|'.join(film.genres)}\n" for film in dataset.films]
    rows = [f"{u}::{m}::{v:.0f}::{t}\n" for u, m, v, t in _rows(dataset)]
    return {"movies.dat": "".join(lines), "ratings.dat": "".join(rows)}


def _filed(film: Film) -> str:
    return film.title if film.year is None else f"{film.title} ({film.year})"


def _rows(dataset: Dataset) -> list[tuple[int, int, float, int]]:
    ratings = dataset.ratings
    columns = (ratings.user_ids, ratings.movie_ids, ratings.values, ratings.timestamps)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def _written(folder: Path, files: dict[str, bytes]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder
