"""A site that somebody else runs, looked at before visitors are sent to it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import requests

from experiment import experiment_fingerprint
from funflix.errors import SetupError

if TYPE_CHECKING:
    from experiment import Experiment

_TIMEOUT_S = 10.0


def require_same_experiment(site_url: str, experiment: Experiment, *, timeout_s: float = _TIMEOUT_S) -> None:
    """Check that a site is there and runs this very experiment, or no report on the run would be true.

    Args:
        site_url: where it is, without a path.
        experiment: what it has to run.
        timeout_s: longest wait for its answer.

    Raises:
        SetupError: the URL is none, nobody answers there, it is no Funflix, or it runs another experiment.
    """
    theirs = _ask(site_url, "/readyz", timeout_s).get("experiment")
    if theirs != experiment_fingerprint(experiment):
        raise SetupError(
            f"--site {site_url!r}: runs another experiment than this workspace; serve it from this workspace"
        )


def require_same_log(site_url: str, run_id: str) -> None:
    """Check that a site records into the log that the run was begun in, or its events would be in another.

    Args:
        site_url: where it is, without a path.
        run_id: of the run, which has begun.

    Raises:
        SetupError: the site does not know of the run, or fails to say.
    """
    runs = _ask(site_url, "/api/experiment/runs", _TIMEOUT_S).get("runs")
    if not isinstance(runs, list) or not any(run.get("run_id") == run_id for run in runs):
        raise SetupError(
            f"--site {site_url!r}: records into another event log, for it knows of no run {run_id!r}; serve "
            "it from this workspace"
        )


def _ask(site_url: str, path: str, timeout_s: float) -> dict[str, object]:
    if urlsplit(site_url).scheme not in {"http", "https"} or not urlsplit(site_url).netloc:
        raise SetupError(f"--site {site_url!r}: must be a URL such as http://127.0.0.1:8000")
    try:
        with requests.Session() as session:
            session.trust_env = False  # a proxy in the environment must not come between
            response = session.get(site_url.rstrip("/") + path, timeout=timeout_s)
    except requests.ConnectionError as error:
        raise SetupError(f"--site {site_url!r}: nobody answers; start one with `funflix serve`") from error
    except requests.Timeout as error:
        raise SetupError(
            f"--site {site_url!r}: no answer within {timeout_s:g} s; look at its log, or start it anew"
        ) from error
    except requests.RequestException as error:
        raise SetupError(f"--site {site_url!r}: is no Funflix site ({type(error).__name__})") from error
    try:
        answer = response.json()
    except ValueError as error:
        raise SetupError(
            f"--site {site_url!r}: answers HTTP {response.status_code} to {path}; a Funflix site that is "
            "well answers 200 and JSON; look at its log, or name another site"
        ) from error
    return answer if isinstance(answer, dict) else {}
