"""Colours of the generated artwork: five tones a palette, and the palettes that suit each genre."""

from typing import NamedTuple

__all__ = ["INK_DARK", "INK_LIGHT", "Palette", "contrast_ratio", "palettes_of", "relative_luminance"]

INK_LIGHT = "#fffaf0"
INK_DARK = "#0d0b12"


class Palette(NamedTuple):
    """Five tones from darkest to lightest, as `#rrggbb`."""

    night: str
    deep: str
    middle: str
    bright: str
    pale: str


_PALETTES: dict[str, Palette] = {
    "ember": Palette("#12060a", "#4a0d1c", "#b3202c", "#ff6b35", "#ffd9a0"),
    "lava": Palette("#140b06", "#572010", "#c4451c", "#ff9e2c", "#fff0c2"),
    "voltage": Palette("#0a0a1f", "#1d1a5e", "#4b3bd1", "#ff3d7f", "#ffe45e"),
    "dawn": Palette("#1b1033", "#51286b", "#c2487e", "#ff8f6b", "#ffe3b8"),
    "alpine": Palette("#07202b", "#0f4658", "#2b8a9d", "#f2a65a", "#fdecc8"),
    "jungle": Palette("#06180f", "#0f3d2a", "#2a7d53", "#d8b24a", "#f7efc5"),
    "candy": Palette("#2a1250", "#6a2fb5", "#ff5fa2", "#ffc145", "#d9fbff"),
    "lagoon": Palette("#06283d", "#0f5c8c", "#1ba3c6", "#ffcf56", "#f2fbff"),
    "mint": Palette("#0d2b2a", "#17635c", "#35b59a", "#ff8a5b", "#fff3d6"),
    "lemon": Palette("#2b1a05", "#8a4b08", "#f08a24", "#ffcb3d", "#fff6d5"),
    "coral": Palette("#2a0d1b", "#8c2347", "#ef5d60", "#ffb26b", "#fff0dc"),
    "asphalt": Palette("#0b0d12", "#1e2530", "#46556b", "#d9a441", "#f3e9d2"),
    "midnight": Palette("#060a18", "#121d42", "#2f4a8f", "#7fa8e8", "#e9f1ff"),
    "archive": Palette("#14181a", "#2c3b3f", "#5f7f80", "#d7b98a", "#f4ecdd"),
    "clay": Palette("#1d0f0a", "#5b2c1c", "#a75b3a", "#e3a76f", "#f9e6cf"),
    "moss": Palette("#10160b", "#2f3d1c", "#69793a", "#c5b05f", "#f0ecd0"),
    "plum": Palette("#150a1c", "#3c1a4d", "#7d3f8c", "#d98cb3", "#fbe6ee"),
    "dusk": Palette("#0f0f25", "#2d2a5e", "#6f5aa8", "#f19a8e", "#ffe5d1"),
    "silver": Palette("#08080a", "#1f2125", "#55595f", "#a9adb3", "#f1f1ee"),
    "sepia": Palette("#0d0a07", "#2b231a", "#6b5a44", "#bda888", "#f5ecdb"),
    "blood": Palette("#0a0405", "#2b070b", "#7a0e17", "#d3202f", "#f7d9c4"),
    "swamp": Palette("#060a07", "#16231a", "#36513a", "#8fae5d", "#eaf2c9"),
    "bruise": Palette("#09060f", "#221436", "#4d2a6b", "#c22e5f", "#f5d5dc"),
    "velvet": Palette("#1a0524", "#5a0f52", "#b8266f", "#ffb03b", "#ffeeda"),
    "indigo": Palette("#0a0820", "#241c63", "#4e3fc0", "#31c6d4", "#e6fbff"),
    "rose": Palette("#260a18", "#7d1f44", "#d8577b", "#ffa48f", "#ffe9e0"),
    "orbit": Palette("#04060f", "#0e1a3a", "#23498f", "#36d1dc", "#e3fdff"),
    "neon": Palette("#0b0420", "#2b0f5c", "#8b1fa9", "#ff4fa3", "#ffe66d"),
    "mars": Palette("#110505", "#4d160f", "#a63d22", "#f08a4b", "#ffe2bd"),
    "khaki": Palette("#12120b", "#34351f", "#6b6a3f", "#c78b3c", "#efe4c2"),
    "steel": Palette("#0a1014", "#1d2f3a", "#44657a", "#d46a3c", "#ece7dc"),
    "desert": Palette("#1f0a06", "#6d2412", "#c9542a", "#f6a24a", "#ffe6b0"),
    "mesa": Palette("#190c1f", "#54203a", "#b4453c", "#f29d52", "#ffe9bd"),
}

_OF_GENRE: dict[str, tuple[str, ...]] = {
    "Action": ("ember", "lava", "voltage", "steel"),
    "Adventure": ("dawn", "alpine", "jungle", "mesa"),
    "Animation": ("candy", "lagoon", "mint", "coral"),
    "Children": ("lagoon", "lemon", "candy", "mint"),
    "Comedy": ("lemon", "coral", "mint", "lagoon", "candy"),
    "Crime": ("asphalt", "ember", "midnight", "steel"),
    "Documentary": ("archive", "clay", "moss", "alpine"),
    "Drama": ("dusk", "clay", "plum", "midnight", "archive", "rose"),
    "Fantasy": ("indigo", "plum", "jungle", "dawn"),
    "Film-Noir": ("silver", "sepia"),
    "Horror": ("blood", "swamp", "bruise"),
    "Musical": ("velvet", "neon", "indigo", "lemon"),
    "Mystery": ("midnight", "plum", "swamp", "sepia"),
    "Romance": ("rose", "dawn", "velvet", "coral"),
    "Sci-Fi": ("orbit", "neon", "mars", "indigo"),
    "Thriller": ("blood", "bruise", "steel", "midnight"),
    "War": ("khaki", "steel", "ember"),
    "Western": ("desert", "mesa", "clay"),
}
_OF_OTHERS = ("archive", "dusk", "midnight", "mint")


def _resolved(names: tuple[str, ...]) -> tuple[Palette, ...]:
    return tuple(_PALETTES[name] for name in names)


_RESOLVED = {genre: _resolved(names) for genre, names in _OF_GENRE.items()}
_RESOLVED_OTHERS = _resolved(_OF_OTHERS)


def palettes_of(genre: str) -> tuple[Palette, ...]:
    """The palettes that suit a genre; a few calm ones for a genre we do not know."""
    return _RESOLVED.get(genre, _RESOLVED_OTHERS)


def relative_luminance(colour: str) -> float:
    """Luminance of `#rrggbb` in [0, 1].

    Source: WCAG 2.2, definition of relative luminance, https://www.w3.org/TR/WCAG22/#dfn-relative-luminance.
    """
    linear_below = 0.04045
    channels = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= linear_below else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast_ratio(one: str, other: str) -> float:
    """Contrast of two `#rrggbb` colours, 1 to 21 (WCAG 2.2)."""
    lighter, darker = sorted((relative_luminance(one), relative_luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)
