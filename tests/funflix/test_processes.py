"""Server processes: started, refused, and never left behind."""

import os
import re
import select
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from funflix.errors import FunflixError, SetupError
from funflix.processes import LOOPBACK, ServerProcess, free_port, require_free_port

# A parent that starts a child which watches it; the child inherits the pipe and holds it open while it lives.
_FAMILY = """
import subprocess, sys
child = "from funflix.processes import stop_with_parent; import os, threading; " \
        "stop_with_parent(os.getppid()); print('watching', flush=True); threading.Event().wait()"
subprocess.Popen([sys.executable, "-c", child]).wait()
"""


def test_a_port_in_use_is_named_with_the_option_that_changes_it() -> None:
    with socket.create_server((LOOPBACK, 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SetupError, match=rf"port {port} on 127\.0\.0\.1 .*--port"):
            require_free_port(port, option="--port")


def test_a_free_port_can_be_used() -> None:
    port = free_port()
    require_free_port(port, option="--port")
    with socket.create_server(("127.0.0.1", port)) as taken:
        assert taken.getsockname()[1] == port


def test_a_process_ends_with_a_parent_that_was_killed() -> None:
    """The pipe closes once the child, the last to hold it, is gone: within 10 s, or the test fails."""
    reading, writing = os.pipe()
    parent = subprocess.Popen([sys.executable, "-c", _FAMILY], stdout=writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as words:
        first = words.readline()
        parent.send_signal(signal.SIGKILL)
        parent.wait()
        assert first == b"watching\n"
        readable, _, _ = select.select([words], [], [], 10)
        assert readable
        assert words.read() == b""


def test_a_server_that_cannot_start_says_its_last_words(tmp_path: Path) -> None:
    server = ServerProcess(
        name="endpoint",
        port=free_port(),
        ready_path="/v2/health/ready",
        logs=tmp_path,
        environment={"FUNFLIX_WORKSPACE": str(tmp_path / "empty")},
        n_workers=1,
    )
    with pytest.raises(FunflixError, match=re.escape("the endpoint server ended while starting: ")), server:
        pytest.fail("a server without models must not start")
    assert not server.is_running()
