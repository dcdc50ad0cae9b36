"""Why a film was shown: what a slate tells the film's page about itself, by way of the click.

Each card of a slate carries a signed note of who made the slate and how, so that the film's page can say so
without asking the event log. Simulated visitors do not ask why; their pages carry no note.
"""

from dataclasses import dataclass

import msgspec

from website.notes import read_note, write_note
from website.served import BECAUSE, HOME, ServedSlate
from website.visits import Visit
from website.words import gettext, marked

__all__ = ["ShownReason", "read_reason", "write_reason"]


class _SlateNote(msgspec.Struct, frozen=True, array_like=True):
    visitor_id: str
    surface: str
    variant: str
    model: str | None
    model_version: str | None
    latency_ms: float | None
    is_fallback: bool
    movie_ids: tuple[int, ...]
    scores: tuple[float, ...] | None
    beside: int | None = None


@dataclass(frozen=True, slots=True)
class ShownReason:
    """Why one film stood where it stood; `model`, `latency_ms` and `score` are None where there was none.

    `beside` is the film that those of the slate were to be like, None for a home slate.
    """

    surface: str
    variant: str
    model: str | None
    model_version: str | None
    latency_ms: float | None
    is_fallback: bool
    position: int
    n_films: int
    score: float | None
    beside: int | None

    @property
    def row(self) -> str:
        """The heading it stood under."""
        headings = {HOME: marked("Recommended for you"), BECAUSE: marked("Because you watched")}
        return gettext(headings.get(self.surface, "More like this"))


def write_reason(visit: Visit, slate: ServedSlate, secret: str, *, beside: int | None = None) -> str:
    """The note for the cards of a slate, which are like the film `beside`; empty for a simulated visitor."""
    if visit.visitor.is_simulated:
        return ""
    note = _SlateNote(
        visitor_id=visit.visitor.visitor_id,
        surface=slate.surface,
        variant=slate.variant,
        model=slate.model,
        model_version=slate.model_version,
        latency_ms=None if slate.latency_ms is None else round(slate.latency_ms, 1),
        is_fallback=slate.is_fallback,
        movie_ids=tuple(film.movie_id for film in slate.films),
        scores=slate.scores,
        beside=beside,
    )
    return write_note(note, secret)


def read_reason(text: str, visit: Visit, movie_id: int, secret: str) -> ShownReason | None:
    """What a note says of one film; None unless it is this visitor's, and of a slate with this film."""
    note = read_note(text, _SlateNote, secret) if text else None
    if note is None or note.visitor_id != visit.visitor.visitor_id or movie_id not in note.movie_ids:
        return None
    index = note.movie_ids.index(movie_id)
    return ShownReason(
        surface=note.surface,
        variant=note.variant,
        model=note.model,
        model_version=note.model_version,
        latency_ms=note.latency_ms,
        is_fallback=note.is_fallback,
        position=index + 1,
        n_films=len(note.movie_ids),
        score=None if note.scores is None else note.scores[index],
        beside=note.beside,
    )
