"""Fills one slate: asks the variant's model, falls back to popular films, and says what is to be recorded."""

import json
import logging
import time
from dataclasses import dataclass, replace

from experiment import (
    HOLDOUT,
    Event,
    Experiment,
    Impression,
    ImpressionToken,
    ModelCall,
    Slate,
    assign,
    assign_request,
)
from recommender_client import (
    MAX_N_FILMS,
    BadAnswerError,
    Recommendation,
    RecommendationRequest,
    RecommenderClientError,
)
from website.served import ServedFilm, ServedSlate
from website.site import Site
from website.visits import Visit

__all__ = ["record_slate", "serve_slate"]

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Draft:
    """What is settled about a slate before any model is asked."""

    visit: Visit
    slate_id: str
    surface: str
    variant: str


@dataclass(frozen=True, slots=True)
class _Answer:
    """What the slate will hold; `recommendation` is None when popular films stand in.

    `failure` says why they do, None when that is as intended; `latency_ms` is None when no model was asked.
    """

    movie_ids: tuple[int, ...]
    recommendation: Recommendation | None = None
    latency_ms: float | None = None
    failure: str | None = None
    scores: tuple[float, ...] | None = None

    def unwatched(self, watched: frozenset[int], n_films: int) -> "_Answer":
        """The first `n_films` of it that were not watched, with their scores."""
        places = [place for place, film in enumerate(self.movie_ids) if film not in watched][:n_films]
        scores = None if self.scores is None else tuple(self.scores[place] for place in places)
        return replace(self, movie_ids=tuple(self.movie_ids[place] for place in places), scores=scores)


def serve_slate(
    site: Site,
    visit: Visit,
    surface: str,
    *,
    movie_id: int | None = None,
    history: tuple[int, ...] = (),
    watched: frozenset[int] = frozenset(),
) -> ServedSlate:
    """The visitor's slate for `surface`; with `movie_id`, films like that one. No model can make it fail.

    It holds none of the films `watched`: so many more are asked for, and the first that are left are shown.

    `history` are films that speak for a visitor without a user, for endpoints that are to hear of them. The
    slates of simulated visitors depend on user and film alone, as in the engine that meets no pages.
    """
    experiment = site.settings.experiment
    slate_id = visit.new_id(surface)
    draft = _Draft(visit, slate_id, surface, _variant(experiment, visit, slate_id))
    if draft.variant == HOLDOUT:
        answer = _Answer(site.popular(experiment.slate_size, without={movie_id, *watched}))
    else:
        who = visit.visitor
        is_nobody = who.user_id is None and not who.is_simulated
        told = history if is_nobody and experiment.variant(draft.variant).sends_history else ()
        n_asked = min(experiment.slate_size + len(watched), MAX_N_FILMS)
        request = RecommendationRequest(who.user_id, n_asked, movie_id, slate_id, told)
        answer = _ask(site, draft.variant, request, watched).unwatched(watched, experiment.slate_size)
    recommendation = answer.recommendation
    has_routing = recommendation is not None and bool(recommendation.routing)
    return ServedSlate(
        slate_id=slate_id,
        surface=surface,
        variant=draft.variant,
        model=recommendation.model if recommendation else None,
        model_version=recommendation.model_version if recommendation else None,
        latency_ms=answer.latency_ms,
        scores=answer.scores,
        films=_signed_films(site, draft, answer.movie_ids, credit=_credit(site, draft, recommendation)),
        is_fallback=answer.failure is not None,
        router_claim=json.dumps(dict(recommendation.routing)) if recommendation and has_routing else None,
        events=_events(experiment, draft, answer),
    )


def record_slate(site: Site, visit: Visit, slate: ServedSlate, *others: Event) -> ServedSlate:
    """Record that the slate is shown, and the other events with it; gives the slate to show.

    That is another one where a simulated page is fetched again and the model answers otherwise than the first
    time: the films to show are those that the log already has under this id.
    """
    result = site.record(visit, *others, *slate.events)
    if result.is_stored[len(others)]:
        return slate
    stored = site.reader.slate(slate.slate_id)
    shown = tuple(film.movie_id for film in slate.films)
    if stored is None or (stored.model, stored.movie_ids) == (slate.model, shown):
        return slate
    draft = _Draft(visit, slate.slate_id, slate.surface, stored.variant)
    return replace(
        slate,
        variant=stored.variant,
        model=stored.model,
        scores=None,
        # Without credit: what the endpoint called its first answer is not in the log.
        films=_signed_films(site, draft, stored.movie_ids),
        is_fallback=stored.is_fallback,
    )


def _variant(experiment: Experiment, visit: Visit, slate_id: str) -> str:
    visitor_id = visit.visitor.visitor_id
    if experiment.assignment == "request":
        return assign_request(experiment, visitor_id, slate_id).variant
    return assign(experiment, visitor_id).variant


def _ask(site: Site, variant: str, request: RecommendationRequest, watched: frozenset[int]) -> _Answer:
    started = time.perf_counter()
    try:
        recommendation = site.settings.clients[variant].recommend(request)
        _require_showable(site, request, recommendation)
    except Exception as error:  # noqa: BLE001  a client of the user's own may raise anything; the page must stand
        latency_ms = (time.perf_counter() - started) * 1000
        popular = site.popular(request.n_films, without={request.movie_id, *watched})
        return _Answer(popular, latency_ms=latency_ms, failure=_reason(variant, error))
    latency_ms = (time.perf_counter() - started) * 1000
    return _Answer(recommendation.movie_ids, recommendation, latency_ms, scores=recommendation.scores)


def _reason(variant: str, error: Exception) -> str:
    """Why popular films stand in; what no client of ours raises is for the user's log, with its traceback."""
    if isinstance(error, RecommenderClientError):
        return error.reason
    _LOGGER.error(
        "the client of variant %r raised %r; raise a RecommenderClientError", variant, error, exc_info=error
    )
    return RecommenderClientError.reason


def _require_showable(site: Site, request: RecommendationRequest, recommendation: Recommendation) -> None:
    """Clients check answers too; this is the last gate, for clients made elsewhere."""
    movie_ids = recommendation.movie_ids
    films = site.settings.storefront.films
    if len(movie_ids) != request.n_films or len(set(movie_ids)) != len(movie_ids):
        raise BadAnswerError(f"films {movie_ids!r}; a slate has {request.n_films} distinct films")
    for movie_id in movie_ids:
        if movie_id not in films:
            raise BadAnswerError(
                f"film {movie_id!r} is not in the catalogue; train the model on this dataset"
            )


def _credit(site: Site, draft: _Draft, recommendation: Recommendation | None) -> str:
    if recommendation is None:
        return ""
    return site.credit.suffix(draft.variant, draft.slate_id, recommendation)


def _signed_films(
    site: Site, draft: _Draft, movie_ids: tuple[int, ...], *, credit: str = ""
) -> tuple[ServedFilm, ...]:
    who, sign = draft.visit.visitor, site.signer.sign
    films = []
    for position, movie_id in enumerate(movie_ids, start=1):
        token = ImpressionToken(
            run_id=who.run_id,
            visitor_id=who.visitor_id,
            attempt=who.attempt,
            variant=draft.variant,
            slate_id=draft.slate_id,
            surface=draft.surface,
            movie_id=movie_id,
            position=position,
        )
        films.append(ServedFilm(movie_id, position, sign(token) + credit))
    return tuple(films)


def _events(experiment: Experiment, draft: _Draft, answer: _Answer) -> tuple[Event, ...]:
    visit = draft.visit
    slate = _slate_event(draft, answer)
    impressions = [
        Impression(
            run_id=slate.run_id,
            visitor_id=slate.visitor_id,
            attempt=slate.attempt,
            simulated_at=slate.simulated_at,
            slate_id=slate.slate_id,
            position=position,
            movie_id=movie_id,
            served_at=visit.time_ms,
        )
        for position, movie_id in enumerate(answer.movie_ids, start=1)
    ]
    if answer.latency_ms is None:
        return (slate, *impressions)
    asked = experiment.variant(draft.variant)
    call = ModelCall(
        run_id=slate.run_id,
        visitor_id=slate.visitor_id,
        attempt=slate.attempt,
        simulated_at=slate.simulated_at,
        call_id=slate.slate_id,
        slate_id=slate.slate_id,
        variant=draft.variant,
        model=asked.model,
        model_version=slate.model_version,
        protocol=asked.protocol,
        latency_ms=answer.latency_ms,
        error=answer.failure,
    )
    return (slate, call, *impressions)


def _slate_event(draft: _Draft, answer: _Answer) -> Slate:
    who, recommendation = draft.visit.visitor, answer.recommendation
    return Slate(
        run_id=who.run_id,
        visitor_id=who.visitor_id,
        attempt=who.attempt,
        simulated_at=draft.visit.simulated_at,
        slate_id=draft.slate_id,
        surface=draft.surface,
        variant=draft.variant,
        model=recommendation.model if recommendation else None,
        model_version=recommendation.model_version if recommendation else None,
        latency_ms=answer.latency_ms,
        is_fallback=answer.failure is not None,
        fallback_reason=answer.failure,
        is_known_user=recommendation.is_known_user if recommendation else None,
    )
