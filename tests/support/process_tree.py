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
    _parents: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not Path("/proc/self/environ").exists():
            pytest.skip("needs /proc to see the processes of a run")

    def alive(self) -> list[int]:
        """Those that live now; what is dead and not yet reaped does not."""
        return [pid for pid, state, _, _, _ in self._stats() if state != "Z"]

    def sample(self) -> None:
        """Note how much memory all of them hold now, and the CPU time of each so far."""
        stats = self._stats()
        living = {pid for pid, *_ in stats}
        # What its parent has reaped meanwhile is counted there.
        for pid in [pid for pid in self._cpu_s if pid not in living and self._parents[pid] in living]:
            del self._cpu_s[pid]
        for pid, _, parent, cpu_s, _ in stats:
            self._cpu_s[pid], self._parents[pid] = cpu_s, parent
        self.rss_bytes.append(sum(pages * _PAGE_BYTES for *_, pages in stats))

    @property
    def cpu_s(self) -> float:
        """CPU time of all that were ever sampled and of what they reaped, up to each one's last sample."""
        return sum(self._cpu_s.values())

    def _stats(self) -> list[tuple[int, str, int, float, int]]:
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if self.mark.encode() not in (folder / "environ").read_bytes():
                    continue
                fields = (folder / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            except OSError:  # gone meanwhile, or somebody else's
                continue
            # Its own time, and that of the children it waited for: user and system each.
            cpu_s = sum(int(ticks) for ticks in fields[11:15]) / _TICKS_PER_S
            found.append((int(folder.name), fields[0], int(fields[1]), cpu_s, int(fields[21])))
        return found
