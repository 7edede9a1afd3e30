"""What is made once per run and shared by its processes: the first of them that needs it makes it, the others wait."""

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """The folder `name` of this run, to copy from and never to change; `make` fills it."""
    of_this_process = factory.getbasetemp()
    folder = (of_this_process.parent if "PYTEST_XDIST_WORKER" in os.environ else of_this_process) / name
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            making = folder.with_suffix(".making")
            shutil.rmtree(making, ignore_errors=True)  # of a process that failed at it
            making.mkdir()
            make(making)
            making.rename(folder)
    return folder
