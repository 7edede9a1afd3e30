"""What processes use, as Linux counts it: this one, and those of a database or cluster that does work for it."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

_LOOK_EVERY = 0.05  # seconds


class Elsewhere:
    """The processes of a database or cluster that a method has work in: what they use beside its own."""

    def __init__(self, root: int) -> None:
        self.root, self.peak = root, 0.0
        self._began, self._over = processor_of(root), threading.Event()
        self._looking = threading.Thread(target=self._look, daemon=True)
        self._looking.start()

    def ended(self) -> tuple[float, float]:
        """Processor seconds since it was made, and the most megabytes, each shared page counted once."""
        self._over.set()
        self._looking.join()
        return processor_of(self.root) - self._began, self.peak

    def _look(self) -> None:
        while not self._over.wait(_LOOK_EVERY):
            self.peak = max(self.peak, sum(_megabytes(one) for one in _with_children(self.root)))


def processor_of(root: int | None) -> float:
    """Processor seconds of a process with its children, those that ended too; 0 where there is none."""
    if root is None:
        return 0.0
    first, *children = _with_children(root)
    ticks = sum(_ticks(first, 4)) + sum(sum(_ticks(child, 2)) for child in children)
    return ticks / os.sysconf("SC_CLK_TCK")


def memory(which: str) -> float:
    """Megabytes of this process: VmRSS as it is, VmHWM at its most, without what its parent had before it began."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(f"{which}:")).split()[1]) / 1024


def parent_of(pid: int) -> int:
    """The process that began another."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def _with_children(root: int) -> list[int]:
    found = [root]
    for one in found:
        with suppress(OSError):
            for task in Path(f"/proc/{one}/task").iterdir():
                found += [int(child) for child in (task / "children").read_text().split()]
    return found


def _megabytes(pid: int) -> float:
    with suppress(OSError, StopIteration):
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("Pss:")).split()[1]) / 1024
    return 0.0  # it ended meanwhile


def _ticks(pid: int, fields: int) -> Sequence[int]:
    with suppress(OSError):
        return [int(one) for one in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11 : 11 + fields]]
    return []
