"""Packed files on disk: sealed as they are written, opened into a private place, never left half made."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import RawIOBase
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, BinaryIO, cast

from casereader import sealed_files
from casereader.errors import RefusedError
from casereader.sealed_files import Key

ENDING = ".packed"


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
    if path.exists():
        raise RefusedError(f"{path} is there already: name a new file. Nothing was packed.")
    if not path.parent.is_dir():
        raise RefusedError(f"There is no folder {path.parent}. Nothing was packed.")


def write(path: Path, lines: Iterable[bytes], *, key: Key) -> int:
    """Write a sealed file that only this user can read, and name it once it is whole; how many bytes it has."""
    part = path.with_name(path.name + ".part")
    try:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            sealed_files.seal(cast(BinaryIO, _Lines(lines)), file, key=key)
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise RefusedError(f"{path} could not be written: {error.strerror}. Pack it again elsewhere.") from error
    return path.stat().st_size


@contextmanager
def opened(path: Path, *, key: Key) -> Iterator[IO[bytes]]:
    """What a sealed file holds, in a place without a name that is gone afterwards."""
    with TemporaryFile() as inside:
        try:
            with path.open("rb") as file:
                sealed_files.open_sealed(file, cast(BinaryIO, inside), key=key)
        except OSError as error:
            raise RefusedError(f"{path} cannot be read: {error.strerror}.") from error
        inside.seek(0)
        yield inside
