"""A loader of lists of cases that stumbles, planted for the fuzzer to find; used inside the scanners' folder only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sampling import read_frame


def read_lists_badly(path: Path, **more: Any) -> object:
    """Read a list as the program does, after a look that takes for granted what no list promises."""
    first = path.read_bytes().partition(b"\n")[0]
    first.index(b",")  # planted: a list with one column only
    return read_frame(path, **more)
