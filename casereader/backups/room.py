"""A folder of our own for what is not sealed yet, or not any more; whatever a killed command left there goes first."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from casereader import alive

PREFIX = "copy-in-progress-"
WHOSE = "whose"  # the file with the mark of the process


@contextmanager
def room_for_copies(folder: Path) -> Iterator[Path]:
    """A new folder inside this one, gone afterwards."""
    clear_left(folder)
    with TemporaryDirectory(prefix=PREFIX, dir=folder) as made:
        (Path(made) / WHOSE).write_text(alive.mark(), encoding="utf-8")
        yield Path(made)


def clear_left(folder: Path) -> None:
    """Remove what commands that were killed left in a folder."""
    for left in folder.glob(f"{PREFIX}*"):
        with suppress(OSError):
            if alive.is_gone((left / WHOSE).read_text(encoding="utf-8")):
                shutil.rmtree(left)
