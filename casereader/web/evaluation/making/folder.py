"""Where a file lies from when it is made until it is given out: in the data folder, readable by this user alone.

It has the public id of its job for a name. What no job keeps is swept away.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path

FOLDER = "made"


def path_of(data_folder: Path, public_id: str) -> Path:
    """Where the file of a job is."""
    return _folder(data_folder) / public_id


def write(path: Path, content: bytes) -> None:
    """Write down a file that was made."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)


def sweep(data_folder: Path, keep: Collection[str]) -> None:
    """Remove every file but those of the jobs to keep."""
    for path in _folder(data_folder).iterdir():
        if path.name not in keep:
            path.unlink(missing_ok=True)


def _folder(data_folder: Path) -> Path:
    folder = data_folder / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder
