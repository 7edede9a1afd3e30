"""Reading files nobody trusts yet, in a child process with little memory and time.

The parent calls `ask_apart`; the child's module ends in `serve`. They speak JSON over standard input and output.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sampling.errors import FrameError

MEMORY_LIMIT = 2 * 1024**3  # of address space: readers map more than they touch
SECONDS_LIMIT = 60


def ask_apart(module: str, request: dict[str, Any], *, too_much: str) -> dict[str, Any]:
    """What `python -m module` says of the request; FrameError with `too_much` where it was stopped."""
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    try:
        done = subprocess.run(  # noqa: S603 - the modules are ours, named in our own code
            [sys.executable, "-m", module],
            input=json.dumps(request).encode(),
            capture_output=True,
            timeout=SECONDS_LIMIT,
            cwd=Path(__file__).resolve().parent.parent,
            env=environment,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise FrameError(too_much) from error
    if done.returncode != 0:
        raise FrameError(too_much)
    reply: dict[str, Any] = json.loads(done.stdout)
    return reply


def serve(answer: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """The child: limits first, then the reading."""
    try:
        import resource
    except ImportError:  # Windows has no such limits; the parent's time limit remains
        pass
    else:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS_LIMIT, SECONDS_LIMIT))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    json.dump(answer(json.load(sys.stdin)), sys.stdout)
