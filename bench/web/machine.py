"""What processes take of the machine: memory at its highest, and time of the processor."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

EVERY = 0.5  # seconds between looks at the memory
TICK = os.sysconf("SC_CLK_TCK")
PROC = Path("/proc")


@dataclass
class Use:
    """Of some processes and all their children: the most memory at one time, in bytes, and seconds of the processor.

    Memory that processes share counts once (proportional set size).
    """

    roots: tuple[int, ...]
    most_memory: int = 0
    most_processes: int = 0
    processor: float = 0.0
    _before: dict[int, float] = field(default_factory=dict)

    def look(self) -> None:
        """Look at the memory now."""
        found = _family(self.roots)
        self.most_memory = max(self.most_memory, sum(map(_memory, found)))
        self.most_processes = max(self.most_processes, len(found))


@contextmanager
def watched(roots: tuple[int, ...]) -> Iterator[Use]:
    """Look at these processes and their children until the block ends."""
    use, over = Use(roots), threading.Event()
    began = _processor(roots)

    def looks() -> None:
        while not over.wait(EVERY):
            use.look()

    thread = threading.Thread(target=looks, daemon=True)
    use.look()
    thread.start()
    try:
        yield use
    finally:
        over.set()
        thread.join()
        use.look()
        use.processor = _processor(roots) - began


def _family(roots: tuple[int, ...]) -> list[int]:
    parents = {}
    for entry in PROC.iterdir():
        if entry.name.isdigit() and (told := _stat(int(entry.name))):
            parents[int(entry.name)] = int(told[1])
    found = {pid for pid in roots if pid in parents}
    while more := {pid for pid, parent in parents.items() if parent in found and pid not in found}:
        found |= more
    return sorted(found)


def _processor(roots: tuple[int, ...]) -> float:
    """Seconds used so far, those of children that have ended and were waited for with them."""
    return sum(sum(map(int, told[11:15])) for pid in _family(roots) if (told := _stat(pid))) / TICK


def _memory(pid: int) -> int:
    with suppress(OSError):
        for line in (PROC / str(pid) / "smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0


def _stat(pid: int) -> list[str]:
    """The fields after the name; none of a process that has ended."""
    with suppress(OSError):
        return (PROC / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()
    return []
