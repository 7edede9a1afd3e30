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
    """The file that was sent, under a name of ours; its folder is held, so that no other process takes it for left."""
    with tempfile.TemporaryDirectory(dir=within, prefix=PREFIX) as folder:
        held = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(held, fcntl.LOCK_EX)
            path = Path(folder) / "sent"
            upload.save(path)
            if path.stat().st_size > megabytes * 1024 * 1024:
                raise RequestEntityTooLarge
            yield path
        finally:
            os.close(held)


def clear(within: Path) -> None:
    """Remove what a process left that was stopped while it read a file."""
    for folder in within.glob(f"{PREFIX}*"):
        held = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            continue  # another process is reading it
        else:
            shutil.rmtree(folder)
        finally:
            os.close(held)
