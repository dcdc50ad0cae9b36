"""How long films are: the ratings data do not say, so it follows from a film's id."""

import hashlib

from catalog import Film

__all__ = ["clock_text", "runtime_min"]

_SHORTEST_MIN, _LONGEST_MIN = 78, 156


def runtime_min(film: Film) -> int:
    """A believable length in minutes; the ratings data know none, so it follows from the film's id."""
    digest = hashlib.blake2b(f"runtime:{film.movie_id}".encode(), digest_size=2).digest()
    return _SHORTEST_MIN + int.from_bytes(digest, "big") % (_LONGEST_MIN - _SHORTEST_MIN + 1)


def clock_text(seconds: int) -> str:
    """Seconds as the player's clock shows them.

    >>> clock_text(3_725)
    '1:02:05'
    """
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
