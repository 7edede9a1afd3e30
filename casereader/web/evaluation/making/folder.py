"""Where a file lies from when it is made until it is given out: in the data folder, readable by this user alone.

It has the public id of its job for a name. What no job keeps is swept away. Several hosts may share the folder.
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


def read(path: Path) -> bytes | None:
    """What is in a file; None where it is not, or not on this host."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def names(data_folder: Path) -> set[str]:
    """What lies there."""
    return {path.name for path in _folder(data_folder).iterdir()}


def remove(data_folder: Path, unwanted: Collection[str]) -> None:
    """Remove these, whoever else may be removing them."""
    for name in unwanted:
        path_of(data_folder, name).unlink(missing_ok=True)


def _folder(data_folder: Path) -> Path:
    folder = data_folder / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder
