"""Reading files nobody trusts yet, in a child process with little memory and time.

The parent calls `ask_apart`, or asks a `Child` several times; the child's module ends in `serve`. They speak JSON over
standard input and output, a line to a request and to a reply; before its reply a child may say how far it has come.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sampling.errors import FrameError

MEMORY_LIMIT = 2 * 1024**3  # of address space: readers map more than they touch
SECONDS_LIMIT = 60
NICENESS = 5  # behind the pages
# Whoever stops the parent, by its terminal or as a whole group, leaves it to the parent what becomes of the child.
OF_ITS_OWN: dict[str, Any] = {} if sys.platform == "win32" else {"process_group": 0}


def ask_apart(module: str, request: dict[str, Any], *, too_much: str) -> dict[str, Any]:
    """What `python -m module` says of the request; FrameError with `too_much` where it was stopped."""
    with Child(module, too_much=too_much) as child:
        return child.ask(request)


class Child:
    """A child process that answers requests one after the other, within the limits of one, until it is left."""

    def __init__(self, module: str, *, too_much: str, seconds: int | None = None) -> None:
        self._module, self._too_much = module, too_much
        self._seconds = SECONDS_LIMIT if seconds is None else seconds

    def __enter__(self) -> Self:
        environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        self._process = subprocess.Popen(  # noqa: S603 - the modules are ours, named in our own code
            [sys.executable, "-m", self._module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # what a damaged file makes a library say may quote the file
            cwd=Path(__file__).resolve().parent.parent,
            env=environment,
            **OF_ITS_OWN,
        )
        self._timer = threading.Timer(self._seconds, self._process.kill)
        self._timer.daemon = True
        self._timer.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):  # what was not sent yet to a child that has ended
                    pipe.close()
        self._process.wait()

    @property
    def process_id(self) -> int:
        """The id of the process while it runs."""
        return self._process.pid

    def end(self) -> None:
        """Stop it in the midst of its work: whoever waits for its answer gets a FrameError."""
        self._process.kill()

    def ask(self, request: dict[str, Any], *, progress: Callable[[int], None] | None = None) -> dict[str, Any]:
        """What the child says of the request; `progress` hears of per cent done. FrameError where it was stopped."""
        sent, answers = self._process.stdin, self._process.stdout
        if sent is None or answers is None:
            raise FrameError(self._too_much)
        with suppress(OSError):  # a child that has ended already gives no answer below
            sent.write(json.dumps(request).encode() + b"\n")
            sent.flush()
        for line in answers:
            reply: dict[str, Any] = json.loads(line)
            if "per_cent" not in reply:
                return reply
            if progress is not None:
                progress(reply["per_cent"])
        raise FrameError(self._too_much)


def tell(per_cent: int) -> None:
    """Say to the parent how far the answer has come."""
    _say({"per_cent": per_cent})


def serve(answer: Callable[[dict[str, Any]], dict[str, Any]], *, seconds: int = SECONDS_LIMIT) -> None:
    """The child: limits first, then the reading; it leaves the processor to the pages where both want it."""
    try:
        import resource
    except ImportError:  # Windows has no such limits; the parent's time limit remains
        pass
    else:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        os.nice(NICENESS)
    for line in sys.stdin:
        _say(answer(json.loads(line)))


def _say(said: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()
