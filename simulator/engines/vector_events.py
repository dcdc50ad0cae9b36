"""Whole visits as tables of events: the rows that the same visits leave through the site.

Three things differ, for there is no site: slates have no latency, there are no model calls (slates are asked
for in batches, ahead of the visits), and visitors have no user agent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from experiment import (
    Click,
    Coded,
    Each,
    EventTable,
    Exposure,
    Impression,
    Play,
    Slate,
    Texts,
    VisitMade,
    VisitorSeen,
    click_id_texts,
    join_texts,
    number_texts,
    simulated_id_texts,
)
from simulator.behaviour import NO_USER, Visitors, visitor_id
from simulator.engines.vector_slates import Booleans, Integers, SlateShelf
from simulator.engines.vector_walk import PLAY, Page, Plays, Walk
from simulator.visit import VIEWED_AFTER_S

ENGINE = "vector"
_VIEWED_AFTER_MS = round(VIEWED_AFTER_S * 1000)
_N_DIGITS = 6  # of the least index in a visitor's name


@dataclass(frozen=True, slots=True, eq=False)
class Roll:
    """Who the visitors of a walk are in the event log.

    Args:
        run_id: their run.
        names: their ids, in the order of the walk's visitors.
        attempts: which try of each visit this is, likewise.
        n_ratings: of each user of the ratings data, by user id.
    """

    run_id: str
    names: Texts
    attempts: Integers
    n_ratings: Mapping[int, int] = field(default_factory=dict)

    def ids(self, places: Integers, steps: Integers, purpose: str) -> Texts:
        """Ids of what these visitors meet at these steps."""
        return simulated_id_texts(self.run_id, self.names[places], self.attempts[places], steps, purpose)

    def columns(self, places: Integers, simulated_ms: Integers) -> dict[str, Any]:
        """The columns that every event of a visitor has."""
        return {
            "run_id": self.run_id,
            "visitor_id": self.names[places],
            "attempt": self.attempts[places],
            "simulated_at": simulated_ms,
        }


def roll_of(
    run_id: str,
    visitors: Visitors,
    *,
    attempts: Mapping[str, int] | None = None,
    n_ratings: Mapping[int, int] | None = None,
) -> Roll:
    """The roll of these visitors; `attempts` has, by id, those who do not come for the first time."""
    names = visitor_names(visitors)
    tries = np.ones(len(visitors), dtype=np.int64)
    if attempts:
        tries[:] = [attempts.get(name, 1) for name in names.astype(np.str_).tolist()]
    return Roll(run_id, names, tries, n_ratings or {})


def visitor_names(visitors: Visitors) -> Texts:
    """The visitors' ids, as `Visitors.visitor_ids` has them."""
    prefix = visitor_id(visitors.seed, 0).removesuffix("0" * _N_DIGITS)
    return join_texts(prefix.encode(), number_texts(visitors.index, width=_N_DIGITS))


def events_of(walk: Walk, roll: Roll, shelf: SlateShelf) -> list[EventTable]:
    """Everything that the log is to hold of these visits, the ledger included; slates came from `shelf`."""
    tables = visit_tables(walk, roll, shelf)
    for page in walk.pages:
        ids = roll.ids(page.places, page.steps, page.surface)
        slates = slate_table(page, ids, roll, shelf)
        tables += [slates, _impressions(page, slates), click_table(page, ids, roll, shelf)]
    return [*tables, play_table(walk.plays, roll)]


def visit_tables(walk: Walk, roll: Roll, shelf: SlateShelf) -> list[EventTable]:
    """The ledger, the visitors, and the arms they were exposed to."""
    visitors, home = walk.visitors, walk.pages[0]
    whose = roll.columns(home.places, visitors.arrival_ms)
    claims = [source.router_claim for source in shelf.sources]
    seen = {
        "user_id": np.ma.masked_equal(visitors.user_id, NO_USER),
        "persona": Coded(visitors.persona_names, visitors.persona_index),
        "n_ratings_before": _n_ratings(visitors, roll),
    }
    exposed = {
        "variant": Coded(shelf.arm_names, home.arms),
        "router_claim": Coded(claims, home.slates.source_index),
    }
    return [
        EventTable(VisitMade, {**whose, "engine": ENGINE}),
        EventTable(VisitorSeen, {**whose, **seen}),
        EventTable(Exposure, {**whose, **exposed}),
    ]


def _n_ratings(visitors: Visitors, roll: Roll) -> Coded | None:
    if not roll.n_ratings:
        return None
    users, places = np.unique(visitors.user_id, return_inverse=True)
    return Coded([roll.n_ratings.get(user_id) for user_id in users.tolist()], places)


def slate_table(page: Page, ids: Texts, roll: Roll, shelf: SlateShelf) -> EventTable:
    """The slates of one page."""
    sources, by_nobody = page.slates.source_index, page.slates.source_index == 0
    return EventTable(
        Slate,
        {
            **roll.columns(page.places, page.served_ms),
            "slate_id": ids,
            "surface": page.surface,
            "variant": Coded(shelf.arm_names, page.arms),
            "model": Coded([source.model for source in shelf.sources], sources),
            "model_version": Coded([source.model_version for source in shelf.sources], sources),
            "is_known_user": np.ma.masked_array(page.slates.is_known_user, by_nobody),
        },
    )


def click_table(page: Page, ids: Texts, roll: Roll, shelf: SlateShelf) -> EventTable:
    """The clicks that ended the looks at one page."""
    rows = page.clicked
    positions, slate_ids = page.clicked_positions[rows], ids[rows]
    return EventTable(
        Click,
        {
            **roll.columns(page.places[rows], page.clicked_ms[rows]),
            "click_id": click_id_texts(slate_ids, positions),
            "slate_id": slate_ids,
            "surface": page.surface,
            "position": positions,
            "movie_id": page.clicked_movie_ids(),
            "variant": Coded(shelf.arm_names, page.arms[rows]),
        },
    )


def play_table(plays: Plays, roll: Roll) -> EventTable:
    """The films watched."""
    return EventTable(
        Play,
        {
            **roll.columns(plays.places, plays.ended_ms),
            "play_id": roll.ids(plays.places, plays.steps, PLAY),
            "movie_id": plays.movie_ids,
            "watch_s": plays.watch_s,
            "is_completed": plays.is_completed,
        },
    )


def viewed_after_ms(page: Page) -> Integers:
    """How long after its slate each film was viewed, (n_slates, n_films); masked where it was not."""
    shape = page.slates.movie_ids.shape
    is_viewed: Booleans = np.broadcast_to(page.is_viewed.reshape(len(page.places), -1), shape)
    masked: npt.NDArray[np.integer] = np.ma.masked_array(np.full(shape, _VIEWED_AFTER_MS), ~is_viewed)
    return masked


def _impressions(page: Page, slates: EventTable) -> EventTable:
    n_films = page.slates.movie_ids.shape[1]
    whose: Sequence[str] = ("visitor_id", "attempt", "simulated_at", "slate_id")
    return EventTable(
        Impression,
        {
            "run_id": slates.columns["run_id"],
            **{name: Each(slates.columns[name], n_films) for name in whose},
            "position": np.tile(np.arange(1, n_films + 1), len(page.places)),
            "movie_id": page.slates.movie_ids.ravel(),
            "served_at": Each(page.served_ms, n_films),
            "viewed_at": (viewed_after_ms(page) + page.served_ms[:, None]).ravel(),
        },
    )
