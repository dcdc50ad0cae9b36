"""Is the process alive, and can it do its work?"""

from flask import Blueprint, Response, jsonify, make_response

from experiment import EventLogError, experiment_fingerprint
from website.site import Site, current_site

__all__ = ["bp"]

bp = Blueprint("health", __name__)


@bp.get("/livez")
def live() -> Response:
    """The process answers."""
    return make_response("ok\n", 200, {"Content-Type": "text/plain; charset=utf-8"})


@bp.get("/readyz")
def ready() -> Response:
    """The event log can be written, and slates can be filled: by models, or by popular films instead."""
    site = current_site()
    is_writable = _is_writable(site)
    clients = {variant: client.is_ready() for variant, client in site.settings.clients.items()}
    has_fallback = bool(site.settings.storefront.popular)
    is_ready = is_writable and (has_fallback or all(clients.values()))
    answer = jsonify(
        ready=is_ready,
        experiment=experiment_fingerprint(site.settings.experiment),
        event_log="writable" if is_writable else "not writable",
        models=clients,
        fallback=has_fallback,
    )
    answer.status_code = 200 if is_ready else 503
    return answer


def _is_writable(site: Site) -> bool:
    try:
        site.log.record()  # no event, yet a whole transaction
    except EventLogError:
        return False
    return True
