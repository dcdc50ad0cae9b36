"""Who visits (skeleton; the population file follows)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Visitor:
    """One visitor of a population.

    Args:
        index: place in the population, from 0; every draw of the visitor is made from it.
        visitor_id: its name on the site and in the event log.
        persona: the name of its persona.
        user_id: the user of the ratings data as whom it browses; None when it browses as nobody.
        arrival_ms: when it comes, in simulated epoch milliseconds.
    """

    index: int
    visitor_id: str
    persona: str
    user_id: int | None
    arrival_ms: int
