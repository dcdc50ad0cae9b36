"""Whole visits as the tables of a lake: the rows of the event log, films of a slate side by side."""

from experiment import EventTable, FilledSlate, Texts
from simulator.engines.vector_events import (
    Roll,
    click_table,
    play_table,
    slate_table,
    viewed_after_ms,
    visit_tables,
)
from simulator.engines.vector_slates import SlateShelf
from simulator.engines.vector_walk import Page, Walk


def lake_tables_of(walk: Walk, roll: Roll, shelf: SlateShelf) -> list[EventTable]:
    """What `events_of` says of these visits, with one row for a slate and its impressions."""
    tables = visit_tables(walk, roll, shelf)
    for page in walk.pages:
        ids = roll.ids(page.places, page.steps, page.surface)
        tables += [_filled(page, ids, roll, shelf), click_table(page, ids, roll, shelf)]
    return [*tables, play_table(walk.plays, roll)]


def _filled(page: Page, ids: Texts, roll: Roll, shelf: SlateShelf) -> EventTable:
    columns = slate_table(page, ids, roll, shelf).columns
    return EventTable(
        FilledSlate,
        {**columns, "movie_ids": page.slates.movie_ids, "viewed_after_ms": viewed_after_ms(page)},
    )
