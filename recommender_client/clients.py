"""A client by the name of its protocol, as an experiment file gives it."""

import difflib
from collections.abc import Callable, Collection, Mapping
from urllib.parse import quote

from recommender_client.circuit import CircuitBreaker, with_circuit_breaker
from recommender_client.errors import ClientSettingsError
from recommender_client.hydrosphere import APPLICATIONS, HydrosphereClient
from recommender_client.interface import RecommenderClient
from recommender_client.open_inference import OpenInferenceClient
from recommender_client.rest import RECOMMEND, RestClient
from recommender_client.seldon import PREDICTIONS, SeldonClient
from recommender_client.transport import Transport


def create_client(
    protocol: str, url: str, model: str, *, timeout_s: float, known_films: Collection[int] | None = None
) -> RecommenderClient:
    """A client of one endpoint, behind a circuit breaker of its own. Opens no connection yet.

    Args:
        protocol: one of `PROTOCOLS`.
        url: for `open_inference` the base of `/v2`. For `seldon` the base of `/api/v1.0/predictions` (or all
            of that); a URL without any path, together with a model, means our own endpoint's deployment of
            that name, `/seldon/funflix/MODEL`, for at the bare path a router would pick the model. For
            `hydrosphere` the base of the gateway's `/gateway/application`, for `rest` that of `/recommend`;
            either may be written out.
        model: the model's name at the endpoint; for `seldon` empty asks what the URL names.
        timeout_s: seconds within which a whole call ends.
        known_films: the films the site can show; an answer with another is a bad answer. None lets any pass.

    Raises:
        ClientSettingsError: no such protocol, or a URL, model or time limit that cannot be used.
    """
    build = PROTOCOLS.get(protocol)
    if build is None:
        near = difflib.get_close_matches(protocol, PROTOCOLS, n=1, cutoff=0.5)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise ClientSettingsError(f"protocol {protocol!r}: must be one of {', '.join(PROTOCOLS)}{hint}")
    films = None if known_films is None else frozenset(known_films)
    return with_circuit_breaker(build(url, model, timeout_s, films), CircuitBreaker())


def _open_inference(
    url: str, model: str, timeout_s: float, films: frozenset[int] | None
) -> RecommenderClient:
    return OpenInferenceClient(Transport(url, timeout_s=timeout_s), model, known_films=films)


def _seldon(url: str, model: str, timeout_s: float, films: frozenset[int] | None) -> RecommenderClient:
    base_url = url.rstrip("/")
    if base_url.endswith(PREDICTIONS):
        base_url = base_url.removesuffix(PREDICTIONS)
    elif model and base_url.count("/") == 2:  # noqa: PLR2004 - the two of http://, so there is no path
        base_url = f"{base_url}/seldon/funflix/{quote(model, safe='')}"
    return SeldonClient(Transport(base_url, timeout_s=timeout_s), model, known_films=films)


def _hydrosphere(url: str, model: str, timeout_s: float, films: frozenset[int] | None) -> RecommenderClient:
    base_url = url.rstrip("/").removesuffix(f"/{quote(model, safe='')}").removesuffix(APPLICATIONS)
    return HydrosphereClient(Transport(base_url, timeout_s=timeout_s), model, known_films=films)


def _rest(url: str, model: str, timeout_s: float, films: frozenset[int] | None) -> RecommenderClient:
    base_url = url.rstrip("/").removesuffix(RECOMMEND)
    return RestClient(Transport(base_url, timeout_s=timeout_s), model, known_films=films)


PROTOCOLS: Mapping[str, Callable[[str, str, float, frozenset[int] | None], RecommenderClient]] = {
    "open_inference": _open_inference,
    "seldon": _seldon,
    "hydrosphere": _hydrosphere,
    "rest": _rest,
}
