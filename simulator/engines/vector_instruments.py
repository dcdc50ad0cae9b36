"""Whole visits as the instruments of their visitors record them, and the truth about that record.

The same as `simulator.instruments` does for a visit through the site, over arrays.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from experiment import Coded, EventLabelled, EventTable, RefusedEvent, Texts, VisitorLabelled, VisitorSeen
from simulator.behaviour import Mind, Persona
from simulator.behaviour.crawling import are_bots
from simulator.behaviour.instrumentation import double_clicks, have_ad_block, leaves_labels, lose_views
from simulator.engines.vector_events import Roll, events_of
from simulator.engines.vector_slates import Integers, SlateShelf
from simulator.engines.vector_walk import Page, Walk
from simulator.instruments import BOT_USER_AGENT

TablesOf: TypeAlias = Callable[[Walk, Roll, SlateShelf], list[EventTable]]


def recorded_events(
    walk: Walk, roll: Roll, shelf: SlateShelf, mind: Mind, *, tables_of: TablesOf = events_of
) -> list[EventTable]:
    """Everything that the log is to hold of these visits: what was recorded, and labels of what was not.

    `tables_of` makes tables of a walk: for the event log, or for a lake.
    """
    if not leaves_labels(mind.population):
        return tables_of(walk, roll, shelf)
    instruments = _Instruments(walk, roll, mind)
    heard = replace(walk, pages=tuple(instruments.heard(page) for page in walk.pages))
    tables = [instruments.named(table) for table in tables_of(heard, roll, shelf)]
    tables.append(instruments.visitor_labels())
    for page in walk.pages:
        tables += instruments.event_labels(page, shelf)
    return tables


@dataclass(frozen=True, slots=True, eq=False)
class _Instruments:
    """The instruments of all visitors of a walk."""

    walk: Walk
    roll: Roll
    mind: Mind

    @property
    def _personas(self) -> Sequence[Persona]:
        return self.mind.population.personas

    def heard(self, page: Page) -> Page:
        """The page as far as its views were reported."""
        return replace(page, is_viewed=page.is_viewed & ~self._loses_views(page))

    def named(self, table: EventTable) -> EventTable:
        """The table, with the names of bots among the visitors seen: the site flags those not disguised."""
        if table.kind is not VisitorSeen:
            return table
        is_named = np.array([persona.is_bot and not persona.is_disguised for persona in self._personas])
        is_flagged = is_named[self.walk.visitors.persona_index].tolist()
        names = [BOT_USER_AGENT if is_bot else None for is_bot in is_flagged]
        return EventTable(VisitorSeen, {**table.columns, "user_agent": names, "is_bot": is_flagged})

    def visitor_labels(self) -> EventTable:
        """What the visitors truly are."""
        visitors = self.walk.visitors
        settings = self.mind.population.instrumentation
        names = [visitors.persona_names[number] for number in visitors.persona_index.tolist()]
        is_blocked = have_ad_block(settings, seed=self.mind.seed, visitor_index=visitors.index)
        return EventTable(
            VisitorLabelled,
            {
                **self.roll.columns(np.arange(len(visitors)), visitors.arrival_ms),
                "persona": names,
                "person_index": visitors.person_index.tolist(),
                "is_bot": are_bots(self._personas, visitors.persona_index).tolist(),
                "has_ad_block": is_blocked.tolist(),
            },
        )

    def event_labels(self, page: Page, shelf: SlateShelf) -> list[EventTable]:
        """What became of views and clicks of one page; a click that comes twice is refused once."""
        ids = self.roll.ids(page.places, page.steps, page.surface)
        lost = np.flatnonzero(page.is_viewed & self._loses_views(page))
        n_films = page.slates.movie_ids.shape[1]
        clicked = page.clicked
        twice = clicked[self._doubles_clicks(page)[clicked]]
        tables = [
            self._labels("lost-view", page, np.repeat(lost, n_films), ids, page.served_ms)
            | {"position": list(range(1, n_films + 1)) * len(lost)},
            self._labels("doubled-click", page, twice, ids, page.clicked_ms)
            | {"position": page.clicked_positions[twice].tolist()},
        ]
        refused = {
            "run_id": self.roll.run_id,
            "event": "click",
            "reason": ["replayed"] * len(twice),
            "variant": Coded(shelf.arm_names, page.arms[twice]),
        }
        return [*(EventTable(EventLabelled, table) for table in tables), EventTable(RefusedEvent, refused)]

    def _labels(
        self,
        label: str,
        page: Page,
        rows: Integers,
        ids: Texts,
        at_ms: Integers,
    ) -> dict[str, object]:
        times = at_ms[rows]
        return {
            **self.roll.columns(page.places[rows], times),
            "label": label,
            "slate_id": ids[rows],
        }

    def _loses_views(self, page: Page) -> npt.NDArray[np.bool_]:
        settings, index = self.mind.population.instrumentation, self.walk.visitors.index[page.places]
        return lose_views(settings, seed=self.mind.seed, visitor_index=index, step=page.steps)

    def _doubles_clicks(self, page: Page) -> npt.NDArray[np.bool_]:
        settings, index = self.mind.population.instrumentation, self.walk.visitors.index[page.places]
        return double_clicks(settings, seed=self.mind.seed, visitor_index=index, step=page.steps)
