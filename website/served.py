"""A slate as it is shown, and what showing it means for the event log."""

from dataclasses import dataclass

from experiment import Event

__all__ = ["BECAUSE", "FILM", "HOME", "ServedFilm", "ServedSlate"]

HOME = "home"
FILM = "film"
BECAUSE = "because"  # of a film that the visitor watched


@dataclass(frozen=True, slots=True)
class ServedFilm:
    """One film of a slate, with the token that lets its click and its view be reported."""

    movie_id: int
    position: int
    token: str


@dataclass(frozen=True, slots=True)
class ServedSlate:
    """A slate ready to be shown, and the events that showing it means.

    `router_claim` is what the model endpoint's own router says it chose, as JSON; None without a router.
    """

    slate_id: str
    surface: str
    variant: str
    model: str | None
    model_version: str | None
    latency_ms: float | None
    films: tuple[ServedFilm, ...]
    scores: tuple[float, ...] | None
    is_fallback: bool
    router_claim: str | None
    events: tuple[Event, ...]
