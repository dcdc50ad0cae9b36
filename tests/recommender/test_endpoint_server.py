"""The endpoint as it runs: real servers, real connections, several processes."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families
from requests.adapters import HTTPAdapter
from urllib3 import Retry
from werkzeug.serving import make_server

from recommender import create_endpoint_app

INFER = {"inputs": [{"name": "user_id", "datatype": "INT64", "shape": [1], "data": [2]}]}
FEEDBACK = {"response": {"meta": {"routing": {"ab-router": 1}}}, "reward": 0.5}


def counts_in(text: str) -> dict[tuple[str, ...], float]:
    """Samples by name and label values, in the order of the labels' names."""
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_requests_latencies_and_rewards_are_counted_by_model(artefacts: dict[str, Path]) -> None:
    """Three answers by one model, one refusal, two feedbacks of 0.5 to the other."""
    endpoint = create_endpoint_app(artefacts).test_client()
    for _ in range(3):
        endpoint.post("/v2/models/the-svd/infer", json=INFER)
    endpoint.post("/v2/models/the-svd/infer", json={})
    for _ in range(2):
        endpoint.post("/api/v1.0/feedback", json=FEEDBACK)
    counts = counts_in(endpoint.get("/metrics").text)
    assert counts["funflix_model_requests_total", "the-svd", "open_inference", "200"] == 3
    assert counts["funflix_model_requests_total", "the-svd", "open_inference", "400"] == 1
    assert counts["funflix_model_latency_seconds_count", "the-svd", "open_inference"] == 4
    assert counts["funflix_model_feedback_total", "the-ease"] == 2
    assert counts["funflix_model_feedback_reward_total", "the-ease"] == 1.0


@pytest.fixture
def threaded_server(endpoint_app: Flask) -> Iterator[str]:
    """The endpoint on a threaded werkzeug server."""
    server = make_server("127.0.0.1", 0, endpoint_app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_threads_get_the_same_answers_as_one_caller(threaded_server: str) -> None:
    """200 calls from 8 threads, of which each user's 10 agree."""

    def ask(user_id: int) -> tuple[int, str]:
        body = {"inputs": [{"name": "user_id", "datatype": "INT64", "shape": [1], "data": [user_id]}]}
        with requests.Session() as session:
            session.trust_env = False
            answer = session.post(f"{threaded_server}/v2/models/the-ease/infer", json=body, timeout=60)
        return user_id, answer.text

    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(ask, list(range(2, 62, 3)) * 10))
    assert len(answers) == 20


@pytest.fixture
def granian_server(artefacts: dict[str, Path], tmp_path: Path) -> Iterator[str]:
    """The endpoint on granian with two worker processes, as the command line runs it."""
    (tmp_path / "prometheus").mkdir()
    paths = [str(path) for path in artefacts.values()]
    (tmp_path / "served.py").write_text(
        "from pathlib import Path\n"
        "from recommender import create_endpoint_app\n"
        f"def create_app():\n    return create_endpoint_app([Path(path) for path in {paths}])\n"
    )
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--factory", "--workers", "2"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--working-dir", str(tmp_path)]
    command += ["served:create_app"]
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path / "prometheus")}
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as server:
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def test_two_granian_workers_serve_and_add_up_their_counts(granian_server: str) -> None:
    """40 infer calls and 10 feedbacks over fresh connections; the sums are whole whichever worker answers."""
    with requests.Session() as session:
        session.trust_env = False
        session.headers["Connection"] = "close"
        session.mount("http://", HTTPAdapter(max_retries=Retry(connect=12, backoff_factor=0.05)))
        assert session.get(f"{granian_server}/v2/health/ready", timeout=60).json() == {"ready": True}
        for _ in range(40):
            answer = session.post(f"{granian_server}/v2/models/the-ease/infer", json=INFER, timeout=60)
            assert answer.json()["outputs"][0]["shape"] == [1, 10]
        for _ in range(10):
            session.post(f"{granian_server}/api/v1.0/feedback", json=FEEDBACK, timeout=60)
        assert session.post(f"{granian_server}/v2/models/x/infer", json=INFER, timeout=60).status_code == 404
        large = bytes(1 << 21)
        refused = session.post(f"{granian_server}/v2/models/the-ease/infer", data=large, timeout=60)
        assert refused.status_code == 413
        counts = counts_in(session.get(f"{granian_server}/metrics", timeout=60).text)
    assert counts["funflix_model_requests_total", "the-ease", "open_inference", "200"] == 40
    assert counts["funflix_model_feedback_total", "the-ease"] == 10
    assert counts["funflix_model_feedback_reward_total", "the-ease"] == 5.0
