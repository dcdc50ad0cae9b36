"""The parts of one running site, put together once and shared by all its requests."""

import itertools
from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import Flask, current_app

from experiment import Event, EventLog, EventReader, RecordResult, TokenSigner, VisitorSeen
from website.cards import CardPrinter
from website.credit import CreditDesk
from website.freshness import Fresh
from website.log_counts import CountedLog
from website.measuring import Meters
from website.settings import SiteSettings
from website.visits import Visit
from website.words import current_language

__all__ = ["EXTENSION", "Site", "current_site", "site_of"]

EXTENSION = "funflix"


@dataclass(frozen=True, slots=True, eq=False)
class Site:
    """What a view works with.

    `printers` are by language; `log_counts` (by no key) may be a second old.
    """

    settings: SiteSettings
    signer: TokenSigner
    log: EventLog
    reader: EventReader
    credit: CreditDesk
    printers: Mapping[str, CardPrinter]
    meters: Meters
    log_counts: Fresh[CountedLog]

    @property
    def cards(self) -> CardPrinter:
        """Prints cards in the language of the current request."""
        return self.printers[current_language()]

    def now(self) -> datetime:
        """Real time."""
        return self.settings.clock()

    def now_ms(self) -> int:
        """Real time, ms since epoch."""
        return int(self.settings.clock().timestamp() * 1000)

    def popular(self, n_films: int, *, without: Container[int | None] = ()) -> tuple[int, ...]:
        """The `n_films` most rated films, fewer if the catalogue is smaller."""
        films = (movie_id for movie_id in self.settings.storefront.popular if movie_id not in without)
        return tuple(itertools.islice(films, n_films))

    def seen(self, visit: Visit, *, persona: str | None = None) -> VisitorSeen:
        """The event that a visitor met the site, with what the ratings data hold of their user."""
        user_id = visit.visitor.user_id
        profile = None if user_id is None else self.settings.storefront.profiles.get(user_id)
        return visit.seen(persona=persona, n_ratings_before=profile.n_ratings if profile else None)

    def record(self, visit: Visit, *events: Event) -> RecordResult:
        """Store events of a visit, committed when this returns; nothing for a visitor who said no.

        Such a visitor is told that all was stored, for their pages are to be like everybody's.
        """
        if visit.is_recorded:
            return self.log.record(*events)
        return RecordResult((True,) * len(events))

    def close(self) -> None:
        """Send the feedback that waits, store the events that wait, let go of the files."""
        self.credit.close()
        self.log.close()


def current_site() -> Site:
    """The site that the current request came to."""
    return site_of(current_app)


def site_of(app: Flask) -> Site:
    """The site behind a Flask application made by `create_app`."""
    site = app.extensions[EXTENSION]
    if not isinstance(site, Site):
        raise TypeError(f"extension {EXTENSION!r} is {site!r}; make the application with create_app")
    return site
