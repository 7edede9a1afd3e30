"""Packed files on disk: sealed as they are written, opened into a private place, never left half made."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import RawIOBase
from pathlib import Path
from tempfile import TemporaryFile, mkstemp
from typing import IO, BinaryIO, cast

from casereader import sealed_files
from casereader.backups.unfinished import clear_left
from casereader.errors import RefusedError
from casereader.sealed_files import Key

PART = ".part"


class _Lines(RawIOBase):
    """Lines as a file to be read."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        self._lines, self._left = iter(lines), b""

    def readable(self) -> bool:
        """It is read."""
        return True

    def read(self, size: int = -1) -> bytes:
        """So many bytes, or all that are left."""
        held = [self._left]
        n = len(self._left)
        while size < 0 or n < size:
            line = next(self._lines, None)
            if line is None:
                break
            held.append(line)
            n += len(line)
        whole = b"".join(held)
        end = len(whole) if size < 0 else size
        self._left = whole[end:]
        return whole[:end]


def refuse_taken(path: Path) -> None:
    """RefusedError where a file could not be written: it is there already, or its folder is not."""
    if path.exists() or path.is_symlink():
        raise RefusedError(f"{path} is there already: name a new file. Nothing was packed.")
    if not path.parent.is_dir():
        raise RefusedError(f"There is no folder {path.parent}. Nothing was packed.")


def write(path: Path, lines: Iterable[bytes], *, key: Key) -> int:
    """Write a sealed file that only this user can read, and name it once it is whole; how many bytes it has.

    What a killed command left unfinished in the folder goes.
    """
    try:
        clear_left(path.parent, names=f"*.????????{PART}")
        handle, name = mkstemp(dir=path.parent, prefix=f"{path.name}.", suffix=PART)  # 0600, and nobody else's
        part = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                fcntl.flock(handle, fcntl.LOCK_EX)  # it is being written: another command leaves it alone
                sealed_files.seal(cast(BinaryIO, _Lines(lines)), file, key=key)
                file.flush()
                os.fsync(file.fileno())
            _give_name(part, path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise RefusedError(f"{path} could not be written: {error.strerror}. Pack it again elsewhere.") from error
    return path.stat().st_size


def _give_name(part: Path, path: Path) -> None:
    """Name the whole file, over nothing that is there."""
    try:
        os.link(part, path)
    except FileExistsError as error:
        raise RefusedError(f"{path} is there by now, and is left as it is: pack under another name.") from error
    except OSError:  # a file system without second names, as on many memory sticks
        part.rename(path)


@contextmanager
def opened(path: Path, *, key: Key, folder: Path) -> Iterator[IO[bytes]]:
    """What a sealed file holds, in a place of our own folder without a name, gone afterwards whatever happens."""
    if not path.is_file():
        raise RefusedError(f"{path} is no file: name the packed file itself.")
    with TemporaryFile(dir=folder) as inside:
        try:
            with path.open("rb") as file:
                sealed_files.open_sealed(file, cast(BinaryIO, inside), key=key)
        except OSError as error:
            raise RefusedError(f"{path} cannot be read: {error.strerror}.") from error
        inside.seek(0)
        yield inside
