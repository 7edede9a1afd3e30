"""Where the file of a return lies while it is open: in the data folder, readable by this user alone, and no longer.

A file has the public id of its return for a name. What no open return belongs to is swept away.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from werkzeug.datastructures import FileStorage

from casereader import alive
from casereader.config import Settings

FOLDER = "returns"
ARRIVING = "arriving-"
LONGEST = 3600  # seconds that a file takes to arrive
FRESH = 120  # seconds within which the return of a file that arrived is in the database for everybody to see
_PIECE = 1 << 20


@dataclass(frozen=True)
class Arrived:
    """A file that was sent, before it is known whose it is."""

    path: Path
    sha256: str
    size: int


def folder_of(settings: Settings) -> Path:
    """The folder of the files, made where it is missing."""
    folder = settings.data_folder / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def save(settings: Settings, upload: FileStorage) -> Arrived:
    """Write down what was sent, as it is: it is not looked into here."""
    path = folder_of(settings) / f"{ARRIVING}{secrets.token_hex(8)}-{alive.mark()}"
    digest, size = hashlib.sha256(), 0
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            for piece in _pieces(upload):
                digest.update(piece)
                size += len(piece)
                file.write(piece)
    except BaseException:
        path.unlink()  # no room for all of it: none is kept
        raise
    return Arrived(path, digest.hexdigest(), size)


def path_of(settings: Settings, public_id: str) -> Path:
    """Where the file of a return is."""
    return folder_of(settings) / public_id


def sweep(settings: Settings, are_open: Mapping[str, bool], *, at: datetime) -> None:
    """Remove the files of returns that are not open any more, and those that were cut off on their way.

    The folder may be shared by several hosts: a file whose return nobody else sees yet is let be.
    """
    for path in folder_of(settings).iterdir():
        is_wanted = are_open.get(path.name)
        if is_wanted is None:
            is_wanted = _is_arriving(path, at) if path.name.startswith(ARRIVING) else _is_younger(path, FRESH, at)
        if not is_wanted:
            path.unlink(missing_ok=True)


def _is_arriving(path: Path, at: datetime) -> bool:
    """Whether a process is still writing it down; of one on another machine, whether it may be."""
    return not alive.is_gone(path.name.split("-", 2)[-1]) and _is_younger(path, LONGEST, at)


def _is_younger(path: Path, seconds: float, at: datetime) -> bool:
    try:
        return at.timestamp() - path.stat().st_mtime < seconds
    except FileNotFoundError:  # somebody else removed it
        return False


def _pieces(upload: FileStorage) -> Iterator[bytes]:
    while piece := upload.stream.read(_PIECE):
        yield piece
