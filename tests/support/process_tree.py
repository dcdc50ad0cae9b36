"""The processes that carry a mark in their environment: how many, how large, how busy. Linux only."""

import os
from dataclasses import dataclass, field
from pathlib import Path

import pytest

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


@dataclass
class ProcessTree:
    """All that was started with this text in its environment.

    Args:
        mark: the text, which no other process carries.
    """

    mark: str
    rss_bytes: list[int] = field(default_factory=list)
    _cpu_s: dict[int, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not Path("/proc/self/environ").exists():
            pytest.skip("needs /proc to see the processes of a run")

    def alive(self) -> list[int]:
        """Those that live now; what is dead and not yet reaped does not."""
        return [pid for pid, state, _, _ in self._stats() if state != "Z"]

    def sample(self) -> None:
        """Note how much memory all of them hold now, and the CPU time of each so far."""
        rss = 0
        for pid, _, cpu_s, pages in self._stats():
            self._cpu_s[pid] = max(cpu_s, self._cpu_s.get(pid, 0.0))
            rss += pages * _PAGE_BYTES
        self.rss_bytes.append(rss)

    @property
    def cpu_s(self) -> float:
        """CPU time of all that were ever sampled, up to each one's last sample."""
        return sum(self._cpu_s.values())

    def _stats(self) -> list[tuple[int, str, float, int]]:
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if self.mark.encode() not in (folder / "environ").read_bytes():
                    continue
                fields = (folder / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            except OSError:  # gone meanwhile, or somebody else's
                continue
            cpu_s = (int(fields[11]) + int(fields[12])) / _TICKS_PER_S
            found.append((int(folder.name), fields[0], cpu_s, int(fields[21])))
        return found
