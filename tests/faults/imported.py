"""Servers begun by a process that has the program's modules imported already, so that a start is short.

Each is a process of its own with nothing of an earlier one in it: only the reading of the modules is spared.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from tests.readable import Reader

BEGINNING = """
import importlib, os, pkgutil, sys

import casereader
from flask.cli import main

for found in pkgutil.walk_packages(casereader.__path__, "casereader."):
    if "migrations" not in found.name and "__main__" not in found.name:
        importlib.import_module(found.name)

sys.argv = ["flask", "--app", sys.argv[1], "serve"]
told = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(2, 1)  # what a server says goes where its errors go
for _ in sys.stdin:
    pid = os.fork()
    if pid == 0:
        told.close()
        main()
        os._exit(0)
    print(pid, file=told)
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), file=told)
"""


class Imported:
    """The process that begins servers, one after another."""

    def __init__(self, reader: Reader, program: Path, app: str, told: Mapping[str, str], said: IO[str]) -> None:
        self._process = subprocess.Popen(
            [reader.python, "-c", BEGINNING, app],
            cwd=program,
            env=dict(told),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=said,
            bufsize=0,
            **reader.owner,
        )

    def start(self) -> Begun:
        """Begin a server."""
        asked, told = self._process.stdin, self._process.stdout
        if asked is None or told is None:
            raise RuntimeError("a process that is told by pipes has none")
        asked.write(b"\n")
        if not (pid := told.readline()):
            raise RuntimeError("the program's modules could not be imported")
        return Begun(int(pid), told)

    def stop(self) -> None:
        """Begin no more."""
        self._process.kill()
        self._process.communicate()


class Begun:
    """A server that was begun so, with what of a Popen is used."""

    def __init__(self, pid: int, told: IO[bytes]) -> None:
        self.pid, self._told = pid, told
        self.returncode: int | None = None

    def wait(self, timeout: float | None = None) -> int:
        """How it ended, once it has."""
        if self.returncode is None:
            if not select.select([self._told], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired("serve", timeout or 0.0)
            self.returncode = int(self._told.readline())
        return self.returncode

    def poll(self) -> int | None:
        """How it ended; None where it has not."""
        try:
            return self.wait(0.0)
        except subprocess.TimeoutExpired:
            return None

    def send_signal(self, how: signal.Signals) -> None:
        """Signal it, where it is there."""
        if self.poll() is None:
            os.kill(self.pid, how)

    def kill(self) -> None:
        """What `kill -9` does."""
        self.send_signal(signal.SIGKILL)
