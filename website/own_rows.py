"""What only this visitor's home page has: films begun, films like the last one watched, films listed.

What they watched to the end is shown nowhere on it. Simulated visitors have no shelf, hence none of this:
their pages depend on the seed alone, and ask the log nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from markupsafe import Markup

from experiment import watched_films
from website.reasons import write_reason
from website.rows_to_come import row_to_come
from website.runtimes import runtime_min
from website.served import BECAUSE
from website.shelf import Shelf
from website.site import Site
from website.slates import record_slate, serve_slate
from website.storefront import FilmRow
from website.visits import Visit
from website.words import gettext, marked

__all__ = ["Watched", "because_row", "film_rows", "own_rows", "read_watched"]

_MOST_BEGUN = 12
_WORTH_CONTINUING_S = 30.0


@dataclass(frozen=True, slots=True)
class Watched:
    """What a visitor watched of the films there are: begun and not ended, and ended; the latest first.

    `begun` has the longest sitting with each film, in seconds.
    """

    begun: Mapping[int, float] = field(default_factory=dict)
    ended: tuple[int, ...] = ()
    latest: int | None = None


def read_watched(site: Site, visit: Visit, shelf: Shelf) -> Watched:
    """Ask the event log, if the shelf says that it may know of anything."""
    if not shelf.has_played:
        return Watched()
    who, films = visit.visitor, site.settings.storefront.films
    rows = watched_films(site.settings.event_log_path, who.run_id, who.visitor_id, who.attempt)
    known = [row for row in rows if row.movie_id in films]
    ended = tuple(row.movie_id for row in known if row.is_completed)
    seen = [row for row in known if row.is_completed or row.watch_s >= _WORTH_CONTINUING_S]
    begun = {row.movie_id: row.watch_s for row in [row for row in seen if not row.is_completed][:_MOST_BEGUN]}
    return Watched(begun, ended, seen[0].movie_id if seen else None)


def own_rows(
    site: Site, visit: Visit, shelf: Shelf, watched: Watched, *, has_overlay: bool, is_later: bool
) -> Markup:
    """The visitor's own rows; where `is_later`, the page's script fetches the one that a model fills."""
    films = site.settings.storefront.films
    listed = tuple(film for film in shelf.listed if film in films)
    mine = site.cards.rows(_filled(FilmRow("my-list", marked("My list"), listed)))
    begun = Markup()
    if watched.begun:
        row = FilmRow("continue", marked("Continue watching"), tuple(watched.begun))
        begun = site.cards.row(row, shares=_shares_seen(site, shelf, watched))
    if is_later and watched.latest is not None:
        heading = _because(site, watched.latest)
        to_come = row_to_come("/rows/because", heading, n_films=site.settings.experiment.slate_size)
        return begun + to_come + mine
    return begun + because_row(site, visit, shelf, watched, has_overlay=has_overlay) + mine


def film_rows(site: Site, watched: Watched) -> Markup:
    """The rows that are the same for all, but for what this visitor watched to the end."""
    rows = site.settings.storefront.rows
    if not watched.ended:
        return site.cards.keep("rows", lambda: site.cards.rows(rows))
    left = [(row, tuple(film for film in row.movie_ids if film not in watched.ended)) for row in rows]
    return site.cards.rows([replace(row, movie_ids=films) for row, films in left if films])


def _shares_seen(site: Site, shelf: Shelf, watched: Watched) -> dict[int, float]:
    """How far the visitor is in each film begun, in [0, 1]; by the longest sitting if need be."""
    films = site.settings.storefront.films
    return {
        film: min(shelf.positions.get(film, longest_s) / (60 * runtime_min(films[film])), 1.0)
        for film, longest_s in watched.begun.items()
    }


def because_row(site: Site, visit: Visit, shelf: Shelf, watched: Watched, *, has_overlay: bool) -> Markup:
    """Films like the last one watched, by the visitor's variant; nothing where its model is silent."""
    if watched.latest is None:
        return Markup()
    slate = serve_slate(
        site,
        visit,
        BECAUSE,
        movie_id=watched.latest,
        history=shelf.history,
        watched=frozenset(watched.ended) | {watched.latest},
    )
    if slate.is_fallback or slate.model is None:
        return Markup()
    slate = record_slate(site, visit, slate)
    why = write_reason(visit, slate, site.settings.secret, beside=watched.latest)
    return site.cards.slate(slate, _because(site, watched.latest), why=why, has_overlay=has_overlay)


def _because(site: Site, movie_id: int) -> str:
    title = site.settings.storefront.films[movie_id].title
    return gettext("Because you watched %(title)s", title=title)


def _filled(row: FilmRow) -> tuple[FilmRow, ...]:
    return (row,) if row.movie_ids else ()
