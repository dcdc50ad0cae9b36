"""From the rows of an answer to recommendations: every protocol answers all requests in one table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from recommender_client.answers import checked_reasons, checked_slate
from recommender_client.errors import BadAnswerError
from recommender_client.interface import Reason, Recommendation, RecommendationRequest


@dataclass(frozen=True, slots=True)
class AnsweredRows:
    """What an endpoint answered, decoded and not yet checked.

    Args:
        where: the call, for error messages.
        movie_ids: one row for each request.
        scores: likewise; None where the endpoint gives none.
        is_known_user: one for each request; None where the endpoint does not say.
        model: name of the model that answered.
        model_version: empty where the endpoint names none.
        request_ids: one for each request, by the protocol's rule of who names a call.
        routing: which child each router of the endpoint's graph chose.
        request_path: the images that took part.
        tags: what else the endpoint says, one for each request; empty where it says nothing.
        because_movie_ids: the films that speak for the film each request wants explained; None where the
            endpoint explains nothing.
        because_scores: what each of them adds.
    """

    where: str
    movie_ids: Sequence[Sequence[int]]
    scores: Sequence[Sequence[float]] | None
    is_known_user: Sequence[bool] | None
    model: str
    model_version: str
    request_ids: Sequence[str]
    routing: Mapping[str, int] = field(default_factory=dict)
    request_path: Mapping[str, str] = field(default_factory=dict)
    tags: Sequence[Mapping[str, object]] = ()
    because_movie_ids: Sequence[Sequence[int]] | None = None
    because_scores: Sequence[Sequence[float]] | None = None

    def recommendations(
        self,
        requests: Sequence[RecommendationRequest],
        *,
        n_films: int,
        known_films: frozenset[int] | None,
        latency_ms: float,
    ) -> list[Recommendation]:
        """One recommendation for each request, cut to the length it asked for.

        Raises:
            BadAnswerError: not as many rows as requests, or a row is no slate of `n_films`.
        """
        named = {
            "films": self.movie_ids,
            "scores": self.scores,
            "is_known_user": self.is_known_user,
            "because_movie_ids": self.because_movie_ids,
            "because_scores": self.because_scores,
        }
        for name, rows in named.items():
            if rows is not None and len(rows) != len(requests):
                raise BadAnswerError(
                    f"{self.where} answered {len(rows)} rows of {name} instead of {len(requests)}: give one "
                    "for each request"
                )
        found = []
        for index, request in enumerate(requests):
            slate = checked_slate(
                self.movie_ids[index],
                None if self.scores is None else self.scores[index],
                n_films=n_films,
                known_films=known_films,
                where=self.where,
            ).first(request.n_films)
            is_known = request.user_id is not None
            if self.is_known_user is not None:
                is_known = self.is_known_user[index]
            found.append(
                Recommendation(
                    movie_ids=slate.movie_ids,
                    scores=slate.scores,
                    model=self.model,
                    model_version=self.model_version,
                    is_known_user=is_known,
                    routing=self.routing,
                    request_id=self.request_ids[index],
                    latency_ms=latency_ms,
                    request_path=self.request_path,
                    tags=self.tags[index] if self.tags else {},
                    reasons=None if request.explained is None else self._reasons(index, known_films),
                )
            )
        return found

    def _reasons(self, index: int, known_films: frozenset[int] | None) -> tuple[Reason, ...] | None:
        if self.because_movie_ids is None or self.because_scores is None:
            return None
        return checked_reasons(
            self.because_movie_ids[index],
            self.because_scores[index],
            known_films=known_films,
            where=self.where,
        )
