"""A site is looked at before visitors are sent to it; what it answers instead is said in words."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from experiment import parse_experiment
from funflix.errors import SetupError
from funflix.visited_site import require_same_experiment

EXPERIMENT = parse_experiment("""
    [experiment]
    name = "looked-at"
    salt = "s"
    [[variants]]
    name = "control"
    url = "http://127.0.0.1:9"
    model = "older"
    [[variants]]
    name = "treatment"
    url = "http://127.0.0.1:9"
    model = "newer"
""")


class _Sick(ThreadingHTTPServer):
    """Answers 500, but for what is asked of `/hanging`: that once it is released."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.released = threading.Event()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        """Fail."""
        if self.path.startswith("/hanging"):
            assert isinstance(self.server, _Sick)
            self.server.released.wait(30)
            self.close_connection = True
            return
        self.send_error(500)

    def log_message(self, *_: object) -> None:
        """Nothing: pytest shows what failed."""


@pytest.fixture
def sick_url() -> Iterator[str]:
    """Where the sick site is."""
    server = _Sick()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.released.set()
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_site_that_answers_500_is_named_with_its_status(sick_url: str) -> None:
    with pytest.raises(SetupError, match=r"answers HTTP 500 to /readyz"):
        require_same_experiment(sick_url, EXPERIMENT)


def test_a_site_that_hangs_is_named_with_the_time_it_was_given(sick_url: str) -> None:
    with pytest.raises(SetupError, match=r"no answer within 0\.2 s"):
        require_same_experiment(f"{sick_url}/hanging", EXPERIMENT, timeout_s=0.2)
