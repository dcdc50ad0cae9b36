"""Whole visits as tables of events: the rows that the same visits leave through the site.

Three things differ, for there is no site: slates have no latency, there are no model calls (slates are asked
for in batches, ahead of the visits), and visitors have no user agent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np

from experiment import (
    Click,
    EventTable,
    Exposure,
    Impression,
    Play,
    Slate,
    VisitMade,
    VisitorSeen,
    click_id,
    simulated_ids,
)
from simulator.behaviour import NO_USER
from simulator.engines.vector_slates import Integers, SlateShelf
from simulator.engines.vector_walk import PLAY, Page, Plays, Walk
from simulator.visit import VIEWED_AFTER_S

ENGINE = "vector"
_VIEWED_AFTER_MS = round(VIEWED_AFTER_S * 1000)
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, eq=False)
class Roll:
    """Who the visitors of a walk are in the event log.

    Args:
        run_id: their run.
        visitor_ids: their ids, in the order of the walk's visitors.
        attempts: which try of each visit this is, likewise.
        n_ratings: of each user of the ratings data, by user id.
    """

    run_id: str
    visitor_ids: Sequence[str]
    attempts: Sequence[int]
    n_ratings: Mapping[int, int] = field(default_factory=dict)

    def ids(self, places: Integers, steps: Integers, purpose: str) -> list[str]:
        """Ids of what these visitors meet at these steps."""
        numbers = places.tolist()
        return simulated_ids(
            self.run_id,
            [self.visitor_ids[place] for place in numbers],
            [self.attempts[place] for place in numbers],
            steps.tolist(),
            purpose,
        )

    def columns(self, places: Integers, simulated_ms: Integers) -> dict[str, Any]:
        """The columns that every event of a visitor has."""
        numbers = places.tolist()
        return {
            "run_id": self.run_id,
            "visitor_id": [self.visitor_ids[place] for place in numbers],
            "attempt": [self.attempts[place] for place in numbers],
            "simulated_at": simulated_ms.tolist(),
        }


def events_of(walk: Walk, roll: Roll, shelf: SlateShelf) -> list[EventTable]:
    """Everything that the log is to hold of these visits, the ledger included; slates came from `shelf`."""
    tables = _visits(walk, roll, shelf)
    for page in walk.pages:
        tables += _slates(page, roll, shelf)
    return [*tables, _plays(walk.plays, roll)]


def _visits(walk: Walk, roll: Roll, shelf: SlateShelf) -> list[EventTable]:
    visitors, home = walk.visitors, walk.pages[0]
    whose = roll.columns(home.places, visitors.arrival_ms)
    claims = [source.router_claim for source in shelf.sources]
    seen = {
        "user_id": [None if user_id == NO_USER else user_id for user_id in visitors.user_id.tolist()],
        "persona": _named(visitors.persona_names, visitors.persona_index),
        "n_ratings_before": [roll.n_ratings.get(user_id) for user_id in visitors.user_id.tolist()],
    }
    exposed = {
        "variant": _named(shelf.arm_names, home.arms),
        "router_claim": _named(claims, home.slates.source_index),
    }
    return [
        EventTable(VisitMade, {**whose, "engine": ENGINE}),
        EventTable(VisitorSeen, {**whose, **seen}),
        EventTable(Exposure, {**whose, **exposed}),
    ]


def _slates(page: Page, roll: Roll, shelf: SlateShelf) -> list[EventTable]:
    """The slates of one page with their impressions and clicks."""
    ids = roll.ids(page.places, page.steps, page.surface)
    whose = roll.columns(page.places, page.served_ms)
    models = [source.model for source in shelf.sources]
    versions = [source.model_version for source in shelf.sources]
    slates = {
        "slate_id": ids,
        "surface": page.surface,
        "variant": _named(shelf.arm_names, page.arms),
        "model": _named(models, page.slates.source_index),
        "model_version": _named(versions, page.slates.source_index),
        "is_known_user": [
            known if index else None
            for known, index in zip(
                page.slates.is_known_user.tolist(), page.slates.source_index.tolist(), strict=True
            )
        ],
    }
    return [
        EventTable(Slate, {**whose, **slates}),
        _impressions(page, ids, whose),
        _clicks(page, ids, roll, shelf),
    ]


def _impressions(page: Page, ids: Sequence[str], whose: dict[str, Any]) -> EventTable:
    n_films = page.slates.movie_ids.shape[1]
    viewed_ms = np.where(page.is_viewed, page.served_ms + _VIEWED_AFTER_MS, -1).tolist()
    return EventTable(
        Impression,
        {
            **{name: _each(column, n_films) for name, column in whose.items()},
            "slate_id": _each(list(ids), n_films),
            "position": list(range(1, n_films + 1)) * len(ids),
            "movie_id": page.slates.movie_ids.ravel().tolist(),
            "served_at": _each(page.served_ms.tolist(), n_films),
            "viewed_at": _each([None if ms < 0 else ms for ms in viewed_ms], n_films),
        },
    )


def _clicks(page: Page, ids: Sequence[str], roll: Roll, shelf: SlateShelf) -> EventTable:
    rows = page.clicked
    positions = page.clicked_positions[rows].tolist()
    slate_ids = _named(ids, rows)
    return EventTable(
        Click,
        {
            **roll.columns(page.places[rows], page.clicked_ms[rows]),
            "click_id": [click_id(*place) for place in zip(slate_ids, positions, strict=True)],
            "slate_id": slate_ids,
            "surface": page.surface,
            "position": positions,
            "movie_id": page.clicked_movie_ids().tolist(),
            "variant": _named(shelf.arm_names, page.arms[rows]),
        },
    )


def _plays(plays: Plays, roll: Roll) -> EventTable:
    return EventTable(
        Play,
        {
            **roll.columns(plays.places, plays.ended_ms),
            "play_id": roll.ids(plays.places, plays.steps, PLAY),
            "movie_id": plays.movie_ids.tolist(),
            "watch_s": plays.watch_s.tolist(),
            "is_completed": plays.is_completed.tolist(),
        },
    )


def _named(names: Sequence[_T], index: Integers) -> list[_T]:
    return [names[place] for place in index.tolist()]


def _each(column: Any, count: int) -> Any:  # noqa: ANN401  a column is a list, or one value for all rows
    """Every value of a column as often as a slate has films."""
    return [value for value in column for _ in range(count)] if isinstance(column, list) else column
