"""TMDB's ids, from `links.csv`."""

from pathlib import Path

import pytest

from catalog import DatasetError, load_dataset

MOVIES = "movieId,title,genres\n1,Toy Story (1995),Comedy\n2,Jumanji (1995),Fantasy\n"
RATINGS = "userId,movieId,rating,timestamp\n1,1,4.0,964982703\n1,2,4.0,964981247\n"


def written(folder: Path, links: str | None) -> Path:
    """A dataset of two films."""
    (folder / "movies.csv").write_text(MOVIES, encoding="utf-8")
    (folder / "ratings.csv").write_text(RATINGS, encoding="utf-8")
    if links is not None:
        (folder / "links.csv").write_text(links, encoding="utf-8")
    return folder


def test_films_have_the_ids_that_the_file_gives_them(tmp_path: Path) -> None:
    """A film may have none; who wants none need not have the file, and no digest changes with it."""
    without = load_dataset(written(tmp_path, None))
    found = load_dataset(written(tmp_path, "movieId,imdbId,tmdbId\n1,0114709,862\n2,0113497,\n"))
    assert (dict(without.tmdb_ids), dict(found.tmdb_ids)) == ({}, {1: 862})
    assert found.digest == without.digest


@pytest.mark.parametrize(
    ("links", "words"),
    [
        ("movieId,imdbId\n1,0114709\n", "must name the columns movieId and tmdbId"),
        ("movieId,imdbId,tmdbId\n1,0114709,none\n", "line 2: movieId '1' and tmdbId 'none'"),
        ("movieId,imdbId,tmdbId\n1,0114709,862\n-2,1,3\n", "line 3: movieId '-2'"),
    ],
)
def test_a_fault_is_named(tmp_path: Path, links: str, words: str) -> None:
    with pytest.raises(DatasetError, match=words):
        load_dataset(written(tmp_path, links))


def test_movielens_has_an_id_for_almost_every_film(movielens_path: Path) -> None:
    """9,734 of 9,742 films of ml-latest-small; Toy Story is 862."""
    dataset = load_dataset(movielens_path)
    assert dataset.tmdb_ids[1] == 862
    assert len(dataset.tmdb_ids) == 9_734
