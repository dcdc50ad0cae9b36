"""How fast another simulator of recommenders shows slates, beside our vector engine, in the same run.

    python benchmarks/peers_vector.py --install     # peers go into a temporary folder, which is deleted

Each peer gets an environment of its own, with the libraries of its time where it needs them (a gigabyte in
all; Sim4Rec needs Java). One that cannot be installed here is skipped, and the table says why. What they do
for a slate differs, and is told beside each. Rates are per second of CPU, of one thread where there is a
choice, the best of three rounds; a peer runs a small load. With numba installed (`funflix[fast]`) our engine
uses it.
"""

import argparse
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from _peer_programs import PEERS, Peer

_INSTALL_S, _RUN_S = 900, 600
_MEASURE = """
import time
seconds = globals().get("seconds", time.process_time)
def rate():
    began = seconds()
    return slates() / (seconds() - began)
slates(), slates()  # warms up
print("RATE", max(rate() for _ in range(3)))
"""
_OURS = """
import argparse
from vector_engine import _bench, _n_slates
bench = _bench(argparse.Namespace(dataset="synthetic", visitors=300_000))
def slates():
    return sum(_n_slates(walk) for walk, _ in bench.walks())
slates(), slates()  # numba takes over after a million visitors
"""


def main() -> None:
    options = _options()
    print(f"{'':<52}{'slates per core-second':>24}")
    ours = _run([sys.executable, "-c", _OURS + _MEASURE], cwd=Path(__file__).parent)
    print(f"{'Funflix, vector engine, events kept as columns':<52}{ours:>24}")
    if not options.install:
        print("peers are installed and measured with --install")
        return
    for peer in PEERS:
        with tempfile.TemporaryDirectory(prefix="funflix-peer-", ignore_cleanup_errors=True) as folder:
            print(f"{peer.name:<52}{_measure(peer, Path(folder)):>24}   {peer.does}", flush=True)


def _measure(peer: Peer, folder: Path) -> str:
    python = folder / "bin" / "python"
    pip = (python, "-m", "pip", "install", "-q", "--no-input", "--disable-pip-version-check")
    steps: tuple[Sequence[str | Path], ...] = (
        (sys.executable, "-m", "venv", folder),
        (*pip, *peer.requirements),
        (*pip, "--no-deps", "--ignore-requires-python", *peer.alone),
    )
    for step in steps:
        code, _, errors = _finished(step, cwd=folder, limit_s=_INSTALL_S)
        if code is None:
            return f"skipped: no end of installing within {_INSTALL_S} s"
        if code:
            version = f"{sys.version_info.major}.{sys.version_info.minor}"
            return f"skipped: does not install on Python {version}: {_last_line(errors)}"
    return _run((python, "-c", peer.program + _MEASURE), cwd=folder)


def _run(command: Sequence[str | Path], cwd: Path) -> str:
    """The rate a program prints, or why there is none."""
    code, output, errors = _finished(command, cwd=cwd, limit_s=_RUN_S)
    if code is None:
        return f"skipped: no end within {_RUN_S} s"
    rates = [line.split()[1] for line in output.splitlines() if line.startswith("RATE ")]
    return f"{float(rates[0]):,.0f}" if rates else f"skipped: {_last_line(errors)}"


def _finished(command: Sequence[str | Path], *, cwd: Path, limit_s: float) -> tuple[int | None, str, str]:
    """How a program ended (None: not in time), what it printed, what it complained of; it leaves no child."""
    process = subprocess.Popen(
        command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        output, errors = process.communicate(timeout=limit_s)
    except subprocess.TimeoutExpired:
        output = errors = ""
    in_time = process.poll() is not None
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return (process.returncode if in_time else None), output, errors


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["it said nothing"])[-1][:120]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--install", action="store_true", help="install the peers, from PyPI")
    return parser.parse_args()


if __name__ == "__main__":
    main()
