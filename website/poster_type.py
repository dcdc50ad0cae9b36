"""Sets a film's title: shortens, wraps and sizes it so that it fills its space and never leaves it."""

from dataclasses import dataclass
from html import escape

__all__ = ["TitleBlock", "poster_title", "printable", "set_title"]

LINE_HEIGHT = 1.06
_MOST_LINES = 5
_LONGEST_TITLE = 96

# Advance widths in 1/1000 em. Source: Adobe font metrics of Helvetica-Bold and Times-Bold, which Arial,
# Liberation and their kin share. Lines also carry `textLength`, so another font is fitted to the same width.
_SANS_GROUPS = {
    "ijlI'|": 270, " ,.:;!()-f/t": 322, "r": 389, '"': 474, "z": 500, "acekvxys0123456789$J#_": 556,
    "bdghnopqu?FLTZ": 611, "EPSVXY": 667, "ABCDHKNRU&": 722, "GOQw": 778, "Mm": 870, "W%@": 944,
}  # fmt: skip
_SERIF_GROUPS = {
    " ,.ilj'|": 275, "!()-:;ft/": 333, "I": 389, "rcez": 444, "s": 389, "0123456789agovxykbdhnpqu?JS$#_": 530,
    "FP": 611, "BELZT": 667, "ACDNRUVXYw": 722, "GHKOQ": 778, "m&": 833, "M": 944, "W%@": 1000,
}  # fmt: skip
_OTHER_WIDTH = 640
_FIRST_WIDE_CHARACTER = 0x2E80  # from here on: East Asian scripts, one em wide


def _widths(groups: dict[str, int]) -> dict[str, int]:
    return {character: width for characters, width in groups.items() for character in characters}


_SANS = _widths(_SANS_GROUPS)
_SERIF = _widths(_SERIF_GROUPS)


@dataclass(frozen=True, slots=True)
class TitleBlock:
    """A title broken into lines at one size, in the units of the picture."""

    lines: tuple[tuple[str, float], ...]  # text and its width at `size`
    size: float

    @property
    def height(self) -> float:
        """From the top of the first line's capitals to the last baseline."""
        return self.size * (0.72 + LINE_HEIGHT * (len(self.lines) - 1))

    def svg(self, x: float, baseline: float, *, anchor: str = "start") -> str:
        """`<text>` elements whose last baseline is `baseline`."""
        first = baseline - self.size * LINE_HEIGHT * (len(self.lines) - 1)
        return "".join(
            f'<text x="{x:.0f}" y="{first + index * self.size * LINE_HEIGHT:.0f}" text-anchor="{anchor}"'
            f' font-size="{self.size:.1f}" textLength="{width:.0f}" lengthAdjust="spacingAndGlyphs">'
            f"{escape(text, quote=False)}</text>"
            for index, (text, width) in enumerate(self.lines)
        )


def poster_title(title: str) -> str:
    """The title as a poster would print it: without other names in brackets, at most 96 characters.

    >>> poster_title("The City of Lost Children (Cité des enfants perdus, La)")
    'The City of Lost Children'
    """
    title = printable(title).strip()
    bare = title.partition(" (")[0].strip()
    chosen = bare or title or "Untitled"
    return chosen if len(chosen) <= _LONGEST_TITLE else chosen[: _LONGEST_TITLE - 1].rstrip() + "…"


def printable(text: str) -> str:
    """The text with a space for each character that XML forbids or no font can show."""
    return "".join(character if character.isprintable() else " " for character in text)


def set_title(
    text: str, *, width: float, height: float, largest: float, is_serif: bool = False
) -> TitleBlock:
    """Break `text` into the number of lines that lets it be set largest in `width` by `height`."""
    widths = _SERIF if is_serif else _SANS
    words = [(word, _measure(word, widths)) for word in text.split()]
    space = widths[" "] / 1000
    best: tuple[float, list[tuple[str, float]]] = (0.0, [])
    for n_lines in range(1, min(len(words), _MOST_LINES) + 1):
        lines = _wrap(words, n_lines, space)
        widest = max(line_width for _, line_width in lines)
        size = min(largest, width / widest, height / (0.72 + LINE_HEIGHT * (len(lines) - 1)))
        # A further line must earn its place: 4% larger type, or a title that was too small.
        if size > best[0] * 1.04:
            best = (size, lines)
    size, lines = best
    return TitleBlock(tuple((line, line_width * size) for line, line_width in lines), size)


def _measure(text: str, widths: dict[str, int]) -> float:
    """Width of `text` in em."""
    total = 0
    for character in text:
        width = widths.get(character)
        if width is None:
            width = 1000 if ord(character) >= _FIRST_WIDE_CHARACTER else _OTHER_WIDTH
        total += width
    return total / 1000


def _wrap(words: list[tuple[str, float]], n_lines: int, space: float) -> list[tuple[str, float]]:
    """Fill at most `n_lines` lines of nearly equal width, the narrowest measure that holds the words."""
    total = sum(width for _, width in words) + space * (len(words) - 1)
    measure = max(total / n_lines, *(width for _, width in words))
    while True:
        lines: list[tuple[str, float]] = []
        text, filled = words[0]
        for word, width in words[1:]:
            if filled + space + width <= measure + 1e-9:
                text, filled = f"{text} {word}", filled + space + width
            else:
                lines.append((text, filled))
                text, filled = word, width
        lines.append((text, filled))
        if len(lines) <= n_lines:
            return lines
        measure *= 1.06
