"""Posters and backdrops: SVG made from a film's title, year and genres alone, the same on any machine."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from random import Random

from catalog import Film
from website import poster_scenes_bold as bold
from website import poster_scenes_dark as dark
from website import poster_scenes_quiet as quiet
from website import poster_scenes_space as space
from website.poster_palettes import INK_LIGHT, Palette, palettes_of
from website.poster_shapes import gradient
from website.poster_type import TitleBlock, poster_title, printable, set_title

__all__ = ["PosterDesign", "backdrop_svg", "design_poster", "main_genre", "poster_digest", "poster_svg"]

# Raised whenever drawing changes, so that browsers drop the pictures they were told to keep for ever.
_ART_VERSION = "1"

WIDTH, HEIGHT = 400, 600
_BACKDROP_WIDTH, _BACKDROP_HEIGHT = 1600, 900
_MARGIN = 34
_TITLE_FOOT = 70  # from the last baseline of the title to the lower edge
_ACCENT_EM = 0.24  # how far an accent rises above a capital
_SANS = "Helvetica Neue,Helvetica,Arial,Liberation Sans,sans-serif"
_SERIF = "Times New Roman,Liberation Serif,Times,serif"
# Over pure white this much near-black leaves light ink a contrast of 9.6 to 1.
_SCRIM_AT_TITLE = 0.78
_SCRIM_AT_FOOT = 0.96

Scene = Callable[[float, float, Random, Palette], str]

# A film's first genre in this order decides the scene: the telling genres before the common ones.
_SCENES: dict[str, tuple[Scene, ...]] = {
    "Film-Noir": (dark.blinds, bold.city),
    "Western": (bold.mesas,),
    "Documentary": (quiet.globe, quiet.contours),
    "Horror": (dark.moon_branches, dark.keyhole, dark.fracture),
    "Musical": (bold.record, bold.equaliser),
    "Animation": (bold.memphis, bold.balloons, quiet.castle),
    "Sci-Fi": (space.planet, space.synth_sun),
    "Children": (bold.balloons, bold.memphis),
    "Fantasy": (quiet.castle, bold.peaks),
    "Romance": (quiet.heart, quiet.sunset_sea, quiet.lone_tree),
    "Comedy": (bold.sunburst, bold.grin, bold.memphis),
    "War": (dark.searchlights, bold.blast),
    "Mystery": (dark.keyhole, dark.doorway),
    "Crime": (bold.city, dark.fracture, dark.blinds),
    "Adventure": (bold.peaks, quiet.sunset_sea),
    "Thriller": (dark.vertigo, dark.fracture, dark.doorway),
    "Action": (bold.blast, bold.city),
    "Drama": (quiet.eclipse, quiet.colour_field, dark.doorway, quiet.lone_tree, quiet.sunset_sea),
}
_OTHER_SCENES: tuple[Scene, ...] = (quiet.colour_field, quiet.contours, quiet.eclipse)
_SERIF_GENRES = frozenset({"Drama", "Romance", "Fantasy", "Mystery", "War", "Western", "Film-Noir"})
_UPPERCASE_LIMIT = 26


@dataclass(frozen=True, slots=True)
class PosterDesign:
    """What was decided before drawing: scene, colours and how the title is set."""

    genre: str
    scene: Scene
    palette: Palette
    title: TitleBlock
    is_serif: bool
    is_centred: bool
    seed: int

    @property
    def ink(self) -> str:
        """The colour of all lettering."""
        return INK_LIGHT

    @property
    def title_top(self) -> float:
        """Where the lettering begins, accents included; from here down the scrim is dense enough."""
        return HEIGHT - _TITLE_FOOT - self.title.height - _ACCENT_EM * self.title.size


def poster_digest(film: Film) -> str:
    """Ten characters that change when the film's poster would; part of its address and its ETag."""
    return hashlib.blake2b(_described(film), digest_size=5).hexdigest()


def main_genre(film: Film) -> str:
    """The genre that tells most about a film; the data list genres by alphabet. Empty when there is none."""
    return next((genre for genre in _SCENES if genre in film.genres), film.genres[0] if film.genres else "")


def design_poster(film: Film) -> PosterDesign:
    """Decide how the film's poster looks."""
    seed = int.from_bytes(hashlib.blake2b(_described(film), digest_size=8).digest(), "big")
    genre = main_genre(film)
    scenes, palettes = _SCENES.get(genre, _OTHER_SCENES), palettes_of(genre)
    is_serif = genre in _SERIF_GENRES
    text = poster_title(film.title)
    if len(text) <= _UPPERCASE_LIMIT and seed & 3:
        text = text.upper()
    return PosterDesign(
        genre=genre,
        scene=scenes[(seed >> 2) % len(scenes)],
        palette=palettes[(seed >> 6) % len(palettes)],
        title=set_title(text, width=WIDTH - 2 * _MARGIN, height=190, largest=78, is_serif=is_serif),
        is_serif=is_serif,
        is_centred=bool(seed >> 10 & 1),
        seed=seed,
    )


def poster_svg(film: Film) -> str:
    """The film's poster, 400 by 600, lettering included."""
    design = design_poster(film)
    art = design.scene(WIDTH, HEIGHT, Random(design.seed), design.palette)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"'
        f' width="{WIDTH}" height="{HEIGHT}" preserveAspectRatio="xMidYMid slice" role="img">'
        f"<title>{escape(printable(film.title))}</title>{art}{_scrim(design)}{_lettering(film, design)}</svg>"
    )


def backdrop_svg(film: Film) -> str:
    """The same scene wide and without lettering, 1600 by 900, to stand behind a headline."""
    design = design_poster(film)
    art = design.scene(_BACKDROP_WIDTH, _BACKDROP_HEIGHT, Random(design.seed), design.palette)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_BACKDROP_WIDTH} {_BACKDROP_HEIGHT}"'
        f' preserveAspectRatio="xMidYMid slice">{art}</svg>'
    )


def _described(film: Film) -> bytes:
    return "\0".join((_ART_VERSION, film.title, str(film.year), *film.genres)).encode(errors="replace")


def _scrim(design: PosterDesign) -> str:
    """Darkness that rises behind the lettering, dense enough there for every palette."""
    top = design.title_top - 90
    share = 90 / (HEIGHT - top)
    night = design.palette.night
    stops = (
        (0.0, night, 0.0),
        (round(share * 0.55, 3), night, 0.5),
        (round(share, 3), night, _SCRIM_AT_TITLE),
        (1.0, night, _SCRIM_AT_FOOT),
    )
    return gradient("z", *stops) + (
        f'<rect y="{top:.0f}" width="{WIDTH}" height="{HEIGHT - top:.0f}" fill="url(#z)"/>'
    )


def _lettering(film: Film, design: PosterDesign) -> str:
    x, anchor = (WIDTH / 2, "middle") if design.is_centred else (_MARGIN, "start")
    words = [str(film.year)] if film.year is not None else []
    words += [escape(design.genre.upper())] if design.genre else []
    rule_x = x - 22 if design.is_centred else x
    return (
        f'<g fill="{design.ink}" font-weight="700" font-family="{_SERIF if design.is_serif else _SANS}">'
        f"{design.title.svg(x, HEIGHT - _TITLE_FOOT, anchor=anchor)}</g>"
        f'<rect x="{rule_x:.0f}" y="{HEIGHT - 46}" width="44" height="4" fill="{design.palette.bright}"/>'
        f'<text x="{x:.0f}" y="{HEIGHT - 18}" text-anchor="{anchor}" fill="{design.ink}" font-size="19"'
        f' letter-spacing="2" font-family="{_SANS}">{"  ·  ".join(words)}</text>'
    )
