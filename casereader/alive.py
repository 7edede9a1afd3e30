"""Which process does a piece of work, so that another can tell whether it still runs.

A mark names the machine, the process and the moment it began: ids of processes come again, as in a container whose
server always has the same one.
"""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from pathlib import Path


def mark() -> str:
    """The mark of this process."""
    return f"{os.getpid()}.{_began(os.getpid())}@{socket.gethostname()}"


def is_gone(marked: str) -> bool:
    """Whether the process of a mark has ended; False where it is, or may be, on another machine."""
    process, _, host = marked.partition("@")
    pid, _, began = process.partition(".")
    if host != socket.gethostname() or not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:  # somebody else's
        pass
    return began != _began(int(pid))


def _began(pid: int) -> str:
    """When a process began, in the words of its system; nothing where the system has none."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[19]
    return ""
