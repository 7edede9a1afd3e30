"""A backup's file: a compressed tar of manifest and database, sealed, written and read in pieces as it goes.

Whoever has the key opens one without this program: `age --decrypt --identity KEY FILE | tar --extract --gzip`.
"""

from __future__ import annotations

import os
import tarfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from gzip import GzipFile
from io import BytesIO
from pathlib import Path
from threading import Thread
from typing import BinaryIO

from casereader.backups.manifest import NO_BACKUP, Manifest, manifest_of
from casereader.errors import RefusedError
from casereader.sealed_files import MARK, DamagedError, Key, open_sealed, seal

MANIFEST = "manifest.json"
DATABASE = {"sqlite": "casereader.sqlite3", "postgresql": "casereader.dump"}
LARGEST_MANIFEST = 1_000_000  # bytes
QUICK = 1  # of gzip's nine: databases shrink to a third, and the rest takes long
GZIP = b"\x1f\x8b"
CUT = "The file is cut off or was changed since it was written."


def write(target: BinaryIO, *, manifest: Manifest, database: Path, key: Key | None) -> None:
    """Write a backup; without a key it is not sealed. Raises OSError as writing does."""
    if key is None:
        _pack(target, manifest, database)
        return
    with _running(lambda end: _pack(end, manifest, database)) as packed:
        seal(packed, target, key=key)


def unpack(source: BinaryIO, *, key: Key | None, folder: Path) -> tuple[Manifest, Path]:
    """The manifest of a backup, and its database, brought into a folder; RefusedError for what is no whole backup."""
    if key is None:
        return _unpacked(source, folder)
    with _running(lambda end: open_sealed(source, end, key=key)) as opened:
        return _unpacked(opened, folder)


def is_sealed(source: BinaryIO) -> bool:
    """Whether a file begins as a sealed one does; RefusedError where it begins as no backup at all."""
    start = source.read(len(MARK))
    source.seek(0)
    if start == MARK:
        return True
    if not start:
        raise RefusedError("The file is empty.")
    if not start.startswith(GZIP):
        raise RefusedError("This file is no backup: it begins neither as a sealed nor as an open one does.")
    return False


def _pack(target: BinaryIO, manifest: Manifest, database: Path) -> None:
    said, at = manifest.as_json(), int(manifest.made_at.timestamp())
    squeezed = GzipFile(filename="", mode="wb", compresslevel=QUICK, fileobj=target, mtime=at)
    with squeezed, tarfile.open(fileobj=squeezed, mode="w|") as archive:
        archive.addfile(_entry(MANIFEST, len(said), at), BytesIO(said))
        with database.open("rb") as file:
            archive.addfile(_entry(DATABASE[manifest.kind], database.stat().st_size, at), file)


def _entry(name: str, size: int, at: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mtime, entry.mode = size, at, 0o600
    return entry


def _unpacked(source: BinaryIO, folder: Path) -> tuple[Manifest, Path]:
    try:
        with tarfile.open(fileobj=source, mode="r|gz") as archive:
            first = archive.next()
            if first is None or first.name != MANIFEST or not first.isfile() or first.size > LARGEST_MANIFEST:
                raise RefusedError(NO_BACKUP)
            manifest = manifest_of(_content(archive, first).read())
            second = archive.next()
            if second is None or second.name != DATABASE.get(manifest.kind) or not second.isfile():
                raise RefusedError(NO_BACKUP)
            database = folder / second.name
            _copy(_content(archive, second), database, second.size)
            if archive.next() is not None:
                raise RefusedError(NO_BACKUP)
    except (tarfile.TarError, EOFError, zlib.error) as error:
        raise DamagedError(CUT) from error
    while source.read(1 << 16):  # to the last byte, whose seal says that the file is whole
        pass
    return manifest, database


def _content(archive: tarfile.TarFile, entry: tarfile.TarInfo) -> BinaryIO:
    found = archive.extractfile(entry)
    if found is None:
        raise RefusedError(NO_BACKUP)
    return found  # type: ignore[return-value]


def _copy(source: BinaryIO, path: Path, size: int) -> None:
    left = size
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        while piece := source.read(min(1 << 20, left) or 1):
            file.write(piece)
            left -= len(piece)
    if left:
        raise DamagedError(CUT)


@contextmanager
def _running(work: Callable[[BinaryIO], None]) -> Iterator[BinaryIO]:
    """What `work` writes, to be read while it writes; what goes wrong with it is raised here, before all else."""
    reading, writing = os.pipe()
    faults: list[BaseException] = []

    def run() -> None:
        try:
            with os.fdopen(writing, "wb") as end:
                work(end)
        except BrokenPipeError:  # whoever read has stopped, and says why
            pass
        except BaseException as error:  # raised again by whoever reads
            faults.append(error)

    thread = Thread(target=run)
    thread.start()
    try:
        with os.fdopen(reading, "rb") as end:
            yield end
    except Exception as error:
        thread.join()
        raise (faults[0] if faults else error) from error
    thread.join()
    if faults:
        raise faults[0]
