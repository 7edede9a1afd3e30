"""Writing results: all files or none, each whole, and never over another without being told."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path


def in_the_way(folder: Path, names: Mapping[str, bytes] | tuple[str, ...]) -> list[str]:
    """What keeps `names` from being written into `folder` without writing over something."""
    if folder.exists() and not folder.is_dir():
        return [str(folder)]
    return [name for name in names if (folder / name).exists()]


def write_together(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write the files into the folder, which is made if need be; on an error none of them is left half written.

    Each is written beside its place, flushed to the disk and then moved there. Files that exist are replaced;
    a folder of that name is an IsADirectoryError.
    """
    made = [parent for parent in (folder, *folder.parents) if not parent.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    waiting: dict[str, Path] = {}
    try:
        for name, content in files.items():
            handle, path = tempfile.mkstemp(prefix=f".{name}.", dir=folder)
            waiting[name] = Path(path)
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        for name in files:
            if (folder / name).is_dir():
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(folder / name))
        for name in files:
            waiting.pop(name).replace(folder / name)
    except OSError:
        for left in waiting.values():
            left.unlink(missing_ok=True)
        for parent in made:
            if parent.is_dir() and not any(parent.iterdir()):
                parent.rmdir()
        raise
