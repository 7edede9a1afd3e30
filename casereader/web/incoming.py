"""Files that somebody sends: in a folder of their own while they are read, and gone afterwards, whatever happened."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import RequestEntityTooLarge

PREFIX = "incoming-"


@contextmanager
def while_read(upload: FileStorage, *, within: Path, megabytes: int) -> Iterator[Path]:
    """The file that was sent, under a name of ours."""
    with folder_while_read(within) as folder:
        path = folder / "sent"
        upload.save(path)
        if path.stat().st_size > megabytes * 1024 * 1024:
            raise RequestEntityTooLarge
        yield path


@contextmanager
def folder_while_read(within: Path) -> Iterator[Path]:
    """A folder for what is read and not kept; it is held, so that no other process takes it for left."""
    with tempfile.TemporaryDirectory(dir=within, prefix=PREFIX) as folder:
        held = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(held, fcntl.LOCK_EX)
            yield Path(folder)
        finally:
            os.close(held)


def clear(within: Path) -> None:
    """Remove what a process left that was stopped while it read a file."""
    for folder in within.glob(f"{PREFIX}*"):
        try:
            held = os.open(folder, os.O_RDONLY)
        except FileNotFoundError:
            continue  # whoever read it has just ended
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            continue  # another process is reading it
        else:
            shutil.rmtree(folder)
        finally:
            os.close(held)
