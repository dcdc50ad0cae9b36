"""The app factory: puts the parts of a site together and returns a Flask application."""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask, g
from jinja2 import StrictUndefined

from experiment import EventLog, EventReader, TokenSigner
from website import (
    catalogue_pages,
    clicks,
    comparison,
    compression,
    entry,
    explaining,
    headers,
    health,
    languages,
    metrics,
    overlay,
    own_films,
    pictures,
    plays,
    privacy,
    profiles,
    rate_limits,
    refusals,
    search,
    views,
    welcome,
)
from website.cards import CardPrinter
from website.credit import CreditDesk
from website.dashboard import api as dashboard_api
from website.dashboard import boards as dashboard_boards
from website.dashboard import page as dashboard_page
from website.form_tokens import form_token
from website.freshness import Fresh
from website.log_counts import count_log
from website.measuring import Meters
from website.settings import SiteSettings
from website.site import EXTENSION, Site, current_site
from website.tmdb import TMDB_NOTICE
from website.words import LANGUAGES

if TYPE_CHECKING:
    from website.visits import Visit

__all__ = ["create_app"]

_PROJECT = Path(__file__).parents[1]
_LARGEST_BODY = 64 * 1024

_BLUEPRINTS = (
    catalogue_pages.bp,
    clicks.bp,
    comparison.bp,
    entry.bp,
    explaining.bp,
    dashboard_api.bp,
    dashboard_page.bp,
    health.bp,
    languages.bp,
    metrics.bp,
    overlay.bp,
    own_films.bp,
    pictures.bp,
    plays.bp,
    privacy.bp,
    profiles.bp,
    search.bp,
    views.bp,
    welcome.bp,
)


def create_app(settings: SiteSettings) -> Flask:
    """A site for these settings; each worker process makes its own.

    The event log is opened (and made, where there is none); call `site_of(app).close()` to let go of it.

    Raises:
        EventLogError: the event log cannot be opened.
    """
    app = Flask(
        "website",
        root_path=str(_PROJECT / "website"),
        template_folder=str(_PROJECT / "templates"),
        static_folder=str(_PROJECT / "static"),
    )
    app.config.update(
        MAX_CONTENT_LENGTH=_LARGEST_BODY,
        MAX_FORM_MEMORY_SIZE=_LARGEST_BODY,
        MAX_FORM_PARTS=20,
    )
    _prepare_templates(app, has_real_posters=settings.real_posters is not None)
    reader = EventReader(settings.event_log_path)
    app.extensions[EXTENSION] = Site(
        settings=settings,
        signer=TokenSigner(settings.secret, max_age_s=settings.token_max_age_s, clock=settings.clock),
        log=EventLog.open(settings.event_log_path),
        reader=reader,
        credit=CreditDesk(settings.experiment, settings.clients, settings.secret),
        printers={
            language: CardPrinter(app, settings.storefront, settings.real_posters) for language in LANGUAGES
        },
        meters=Meters(),
        log_counts=Fresh(lambda _: count_log(reader, settings.event_log_path)),
    )
    dashboard_boards.install(app, settings)
    for blueprint in _BLUEPRINTS:
        app.register_blueprint(blueprint)
    headers.install(app)
    languages.install(app)
    compression.install(app)
    refusals.install(app)
    rate_limits.install(app, per_visitor=settings.visitor_limit, per_address=settings.address_limit)
    return app


def _about_visit() -> dict[str, object]:
    """What the base of all pages shows a person: the question of consent, and the forms at the foot."""
    visit: Visit | None = g.get("visit")
    if visit is None or visit.visitor.is_simulated:
        return {"asks_consent": False, "page_form_token": "", "is_overlaid": False}
    return {
        "asks_consent": not (visit.consent or visit.is_bot),
        "page_form_token": form_token(current_site(), visit),
        "is_overlaid": overlay.has_overlay(visit),
    }


def _prepare_templates(app: Flask, *, has_real_posters: bool) -> None:
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.auto_reload = False
    languages.prepare_templates(app)
    digests = {
        path.relative_to(_PROJECT / "static").as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()[:10]
        for path in sorted((_PROJECT / "static").rglob("*.*"))
    }
    app.context_processor(_about_visit)
    app.jinja_env.globals.update(
        asset=lambda name: f"/static/{name}?v={digests[name]}",
        here="",
        visitor_name="",
        tmdb_notice=TMDB_NOTICE if has_real_posters else "",
    )
