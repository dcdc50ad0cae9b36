"""Films of the synthetic catalogue: years, genres, and the latent features by which users like them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

# The 18 genre names of MovieLens, as its README.txt lists them.
GENRES = (
    *("Action", "Adventure", "Animation", "Children", "Comedy", "Crime", "Documentary", "Drama", "Fantasy"),
    *("Film-Noir", "Horror", "Musical", "Mystery", "Romance", "Sci-Fi", "Thriller", "War", "Western"),
)
N_MOODS = 10

# Quantiles of the release years of ml-latest-small, at 0, 10, 25, 50, 75, 90 and 100%.
_YEAR_QUANTILES = ((0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0), (1915, 1967, 1988, 1999, 2008, 2013, 2018))
_LAST_FILM_NOIR_YEAR = 1958
# Ratings per film of ml-latest-small, at 0, 25, 50, 75, 90, 99 and 100%, but with the obscurest below one
# rating (the generator drops films nobody rated) and the best known more (329 there).
_AUDIENCE_QUANTILES = ((0.0, 0.25, 0.5, 0.75, 0.9, 0.99, 1.0), (0.25, 1, 3, 9, 27, 114, 435))
_N_USERS_BEHIND_AUDIENCES = 610
_SHARPNESS = 1.72  # found by trial, against the facts the tests check
# Of the 9,742 films of ml-latest-small, 34 have no genre and 13 no year; readers must meet such films here
# too.
_NO_GENRE_SHARE, _NO_YEAR_SHARE = 34 / 9742, 13 / 9742


@dataclass(frozen=True, slots=True)
class FilmKind:
    """A sort of film: its share of all films, its genres, and the genres it may have besides."""

    name: str
    share: float
    genres: tuple[str, ...]
    companions: tuple[tuple[str, float], ...] = ()


# Shares and companions are set so that the genre counts come near those of ml-latest-small.
FILM_KINDS = (
    FilmKind(
        "drama", 0.165, ("Drama",), (("War", 0.05), ("Mystery", 0.08), ("Thriller", 0.15), ("Fantasy", 0.03))
    ),
    FilmKind(
        "comedy",
        0.145,
        ("Comedy",),
        (("Crime", 0.12), ("Adventure", 0.1), ("Action", 0.12), ("Horror", 0.04)),
    ),
    FilmKind(
        "romantic comedy",
        0.06,
        ("Comedy", "Romance"),
        (("Drama", 0.45), ("Fantasy", 0.08), ("Musical", 0.06)),
    ),
    FilmKind("romance", 0.07, ("Drama", "Romance"), (("War", 0.1), ("Musical", 0.06), ("Comedy", 0.15))),
    FilmKind(
        "comedy drama", 0.07, ("Comedy", "Drama"), (("Romance", 0.25), ("Musical", 0.06), ("Crime", 0.1))
    ),
    FilmKind("action", 0.075, ("Action", "Thriller"), (("Crime", 0.5), ("Drama", 0.3), ("Adventure", 0.25))),
    FilmKind("crime", 0.055, ("Crime", "Drama"), (("Thriller", 0.6), ("Mystery", 0.25), ("Action", 0.1))),
    FilmKind(
        "adventure", 0.05, ("Action", "Adventure"), (("Sci-Fi", 0.5), ("Fantasy", 0.35), ("Comedy", 0.25))
    ),
    FilmKind(
        "science fiction", 0.045, ("Sci-Fi",), (("Action", 0.5), ("Thriller", 0.5), ("Adventure", 0.35))
    ),
    FilmKind(
        "horror", 0.08, ("Horror",), (("Thriller", 0.5), ("Sci-Fi", 0.2), ("Mystery", 0.2), ("Comedy", 0.15))
    ),
    FilmKind(
        "family", 0.025, ("Children", "Comedy"), (("Adventure", 0.5), ("Fantasy", 0.4), ("Drama", 0.15))
    ),
    FilmKind("animation", 0.06, ("Animation",), (("Children", 0.65), ("Adventure", 0.5), ("Comedy", 0.5))),
    FilmKind("mystery", 0.025, ("Mystery", "Thriller"), (("Drama", 0.6), ("Crime", 0.45), ("Horror", 0.15))),
    FilmKind("documentary", 0.043, ("Documentary",), (("Musical", 0.06), ("War", 0.05))),
    FilmKind("war", 0.02, ("Drama", "War"), (("Action", 0.5), ("Romance", 0.15))),
    FilmKind("musical", 0.018, ("Musical",), (("Comedy", 0.55), ("Romance", 0.5), ("Drama", 0.3))),
    FilmKind("western", 0.016, ("Western",), (("Action", 0.4), ("Drama", 0.35), ("Adventure", 0.3))),
    FilmKind("film noir", 0.009, ("Film-Noir",), (("Crime", 0.65), ("Drama", 0.5), ("Mystery", 0.4))),
    FilmKind("fantasy", 0.02, ("Fantasy",), (("Adventure", 0.6), ("Drama", 0.4), ("Children", 0.25))),
)


@dataclass(frozen=True, slots=True, eq=False)
class FilmTraits:
    """What the generator knows of each film, one row a film.

    `kinds` are offsets into FILM_KINDS; `has_genre` is (n, 18), `moods` (n, N_MOODS) of about unit length.
    Fame (log expected audience) and quality are on their own scales. A film without a known year still has
    one here.
    """

    kinds: Integers
    years: Integers
    has_genre: Mask
    is_year_known: Mask
    moods: Array
    fame: Array
    quality: Array

    def take(self, rows: Integers) -> "FilmTraits":
        """Choose films by their offsets."""
        return FilmTraits(
            self.kinds[rows],
            self.years[rows],
            self.has_genre[rows],
            self.is_year_known[rows],
            self.moods[rows],
            self.fame[rows],
            self.quality[rows],
        )


def draw_films(rng: np.random.Generator, n: int) -> FilmTraits:
    """Draw the traits of `n` films."""
    shares = np.array([kind.share for kind in FILM_KINDS])
    kinds = rng.choice(len(FILM_KINDS), size=n, p=shares / shares.sum())
    fame = _draw_fame(rng, n)
    return FilmTraits(
        kinds=kinds,
        years=_draw_years(rng, kinds),
        has_genre=_draw_genres(rng, kinds),
        is_year_known=rng.random(n) >= _NO_YEAR_SHARE,
        moods=_draw_moods(rng, kinds),
        fame=fame,
        # The better known a film, the better liked it is on average, as in MovieLens.
        quality=0.36 * (fame - fame.mean()) / fame.std() + 0.28 * rng.standard_normal(n),
    )


def _draw_fame(rng: np.random.Generator, n: int) -> Array:
    """Draw log audience sizes: those of ml-latest-small, sharpened, for taste and chance will blur them."""
    # Stratified, not independent, draws: so few films have most of the audience that chance would move its
    # share.
    ranks = rng.permutation((np.arange(n) + 0.5) / n)
    shares, audiences = _AUDIENCE_QUANTILES
    audience = np.exp(np.interp(ranks, shares, np.log(audiences)))
    # A chance p of being picked takes an appeal in proportion to -log(1 - p).
    return np.asarray(_SHARPNESS * np.log(-np.log1p(-audience / _N_USERS_BEHIND_AUDIENCES)), dtype=np.float64)


def _draw_years(rng: np.random.Generator, kinds: Integers) -> Integers:
    years = np.interp(rng.random(len(kinds)), *_YEAR_QUANTILES).astype(np.int64)
    is_noir = kinds == [kind.name for kind in FILM_KINDS].index("film noir")
    years[is_noir] = rng.integers(1940, _LAST_FILM_NOIR_YEAR + 1, size=int(is_noir.sum()))
    return years


def _draw_genres(rng: np.random.Generator, kinds: Integers) -> Mask:
    chances = np.zeros((len(FILM_KINDS), len(GENRES)))
    for row, kind in enumerate(FILM_KINDS):
        for genre, chance in (*((genre, 1.0) for genre in kind.genres), *kind.companions):
            chances[row, GENRES.index(genre)] = chance
    has_genre = rng.random((len(kinds), len(GENRES))) < chances[kinds]
    has_genre[rng.random(len(kinds)) < _NO_GENRE_SHARE] = False
    return has_genre


def _draw_moods(rng: np.random.Generator, kinds: Integers) -> Array:
    """Give each film a mood: in part that of its kind, in part its own; no genre label tells the latter."""
    of_kind = rng.standard_normal((len(FILM_KINDS), N_MOODS))
    moods = 0.5 * of_kind[kinds] + rng.standard_normal((len(kinds), N_MOODS))
    return np.asarray(moods / np.linalg.norm(moods, axis=1, keepdims=True), dtype=np.float64)
