"""A backup beside its name until it is finished, for its maker alone; what a killed command left of one goes.

The lock on the file tells the one that is being written from the one that was left.
"""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from casereader.backups.archive import GZIP
from casereader.errors import RefusedError
from casereader.sealed_files import MARK

UNFINISHED = ".in-progress"
UNDER_WAY = "Another backup to {path} is under way."
STRANGE = "{path} is there, and this command did not make it: look whose it is, and remove it. Nothing was written."


def beside(target: Path) -> Path:
    """Where a backup lies until it has its name."""
    return target.with_name(f"{target.name}{UNFINISHED}")


@contextmanager
def unfinished(target: Path) -> Iterator[BinaryIO]:
    """The file beside its name; one that a killed command of ours left is taken over. RefusedError for any other."""
    path = beside(target)
    try:
        handle, is_new = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), True
    except FileExistsError:
        handle, is_new = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK), False
    if not is_new and not _is_ours(handle):
        os.close(handle)
        raise RefusedError(STRANGE.format(path=path))
    with os.fdopen(handle, "r+b") as file:
        if not _is_locked(handle) or not _is_still(path, handle):
            raise RefusedError(UNDER_WAY.format(path=target))
        try:
            file.truncate(0)
            with suppress(PermissionError):  # some memory sticks have no modes
                os.fchmod(handle, 0o600)
            yield file
        finally:
            path.unlink(missing_ok=True)


def clear_left(folder: Path, *, names: str = f"*{UNFINISHED}") -> list[Path]:
    """Remove from a folder what killed commands left there under such names; which those were."""
    return [path for path in sorted(folder.glob(names)) if _is_removed(path)]


def _is_removed(path: Path) -> bool:
    with suppress(OSError):
        handle = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            if _is_ours(handle) and _begins_as_one(handle) and _is_locked(handle) and _is_still(path, handle):
                path.unlink()
                return True
        finally:
            os.close(handle)
    return False


def _is_ours(handle: int) -> bool:
    """Whether it is a file that we made, and nobody reads it by having made it first, or by another name."""
    found = os.fstat(handle)
    return stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid() and found.st_nlink == 1


def _begins_as_one(handle: int) -> bool:
    start = os.pread(handle, len(MARK), 0)
    return start == MARK[: len(start)] or start.startswith(GZIP)


def _is_locked(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_still(path: Path, handle: int) -> bool:
    """Whether the file that was opened has its name still: another command may have removed it meanwhile."""
    return path.exists() and os.path.samestat(path.stat(), os.fstat(handle))
