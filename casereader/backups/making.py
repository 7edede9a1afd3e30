"""Making a backup: a copy of one moment, sealed, written beside its name, read back, restored, and compared.

Only then is it put on the list in the trail and given its name, in this order: no backup is there that is not listed.
Whatever goes wrong before leaves no file, and none that was there is touched.
"""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from casereader import backup_list, schema
from casereader.backups import archive, of_postgresql, of_sqlite
from casereader.backups.database_aside import clear_left, database_aside
from casereader.backups.manifest import Manifest
from casereader.backups.room import room_for_copies
from casereader.backups.shape import strange
from casereader.backups.state import State, faults_of, faults_of_trail
from casereader.backups.unfinished import beside, unfinished
from casereader.backups.unfinished import clear_left as clear_unfinished
from casereader.db import make_engine, transaction
from casereader.errors import RefusedError
from casereader.sealed_files import Key, for_once
from sampling.version import VERSION

ATTEMPTS = 5  # each waits as long for other writers as the database lets one wait
BEFORE_THAT = " To back it up as it is, use the version of casereader that it was used with."
FULL = (
    "There is no room left on the disk of {path} or of the data folder, where a copy is made first: nothing was kept of"
    " the backup. Make room, or name a file on another disk."
)
ERASED_MEANWHILE = (
    "An inspection was erased while this backup was made, and would still be in it: nothing was kept. Make it again."
)
NOT_THE_SAME = "What was read back is not what was copied, so the backup was thrown away: {faults}. Look at the disk."

MIND = "MIND: the database is not as this version makes it, and `restore` will refuse this backup: {strange}. Ask why."

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Made:
    """A backup that is there."""

    path: Path
    bytes_: int
    sha256: str
    manifest: Manifest
    removed: tuple[str, ...]


def make(
    engine: Engine,
    target: Path,
    *,
    key: Key | None,
    data_folder: Path,
    installation: str,
    at: datetime,
    tell: Tell,
    keep: int | None = None,
) -> Made:
    """Make a backup at `target`, sealed unless `key` is None; with `keep`, remove our older ones from its folder.

    Raises RefusedError where the file cannot be made there, the database is not at this version, or the copy is not
    like it.
    """
    target = _free(target)
    if not schema.is_current(engine):
        raise RefusedError(schema.why_not_current(engine) + BEFORE_THAT)
    clear_left(engine)
    clear_unfinished(target.parent)
    try:
        with room_for_copies(data_folder) as room, unfinished(target) as file:
            tell("Copying the database …")
            copied = room / "copied"
            state = _copy(engine, copied)
            manifest = _manifest(engine, state, installation=installation, at=at)
            tell("Sealing and writing it …" if key else "Writing it, open to whoever has the file …")
            both, once = for_once(key) if key else (None, None)
            archive.write(file, manifest=manifest, database=copied, key=both)
            file.flush()
            os.fsync(file.fileno())
            copied.unlink()
            tell("Reading it back, restoring it elsewhere and comparing every table …")
            for one in _check(engine, file, key=once, room=room):
                tell(MIND.format(strange=one))
            made = backup_list.Backup(_sha256(file), str(target), at, key is not None)
            size = file.tell()
            _put_on_list(engine, made, bytes_=size, sealed_to=key.names if key else (), state=state)
            _give_name(beside(target), target)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise RefusedError(FULL.format(path=target)) from error
        raise RefusedError(f"{target} cannot be written: {error.strerror or error}.") from error
    removed = () if keep is None else _remove_older(engine, target.parent, keep=keep, at=at)
    return Made(target, size, made.sha256, manifest, removed)


def _free(target: Path) -> Path:
    """The whole path, at which nothing is yet."""
    target = target.absolute()
    if target.is_dir():
        raise RefusedError(f"{target} is a folder: name the file that is to be made in it.")
    if target.exists() or target.is_symlink():
        raise RefusedError(f"{target} is there already, and is left as it is: name another file.")
    if not target.parent.is_dir():
        raise RefusedError(f"There is no folder {target.parent}: make it first, with mode 700.")
    return target.parent.resolve() / target.name


def _copy(engine: Engine, to: Path) -> State:
    return of_sqlite.copy(engine, to) if engine.dialect.name == "sqlite" else of_postgresql.copy(engine, to)


def _manifest(engine: Engine, state: State, *, installation: str, at: datetime) -> Manifest:
    return Manifest(
        made_at=at,
        program=VERSION,
        kind=engine.dialect.name,
        schema=state.schema,
        installation=installation,
        events=state.events,
        head=state.head,
        tables=state.tables,
    )


def _check(engine: Engine, file: BinaryIO, *, key: Key | None, room: Path) -> list[str]:
    """Hold the file against what was copied; what acts in it that no version of ours made."""
    file.seek(0)
    manifest, database = archive.unpack(file, key=key, folder=room)
    with restored(engine, database) as copy:
        faults = faults_of(copy, manifest) or faults_of_trail(copy)
        found = strange(copy)
    if faults:
        raise RefusedError(NOT_THE_SAME.format(faults="; ".join(faults[:5])))
    database.unlink(missing_ok=True)
    return found


@contextmanager
def restored(engine: Engine, database: Path) -> Iterator[Engine]:
    """What was unpacked, brought back in a place of its own: beside the file, or in a database made for it."""
    if engine.dialect.name == "sqlite":
        copy = make_engine(f"sqlite:///{database}")
        try:
            yield copy
        finally:
            copy.dispose()
        return
    with database_aside(engine) as url:
        of_postgresql.restore(database, url=url)
        copy = make_engine(url.render_as_string(hide_password=False))
        try:
            yield copy
        finally:
            copy.dispose()


def _put_on_list(
    engine: Engine, made: backup_list.Backup, *, bytes_: int, sealed_to: tuple[str, ...], state: State
) -> None:
    """Put it on the list, however many write meanwhile: what was copied and checked is not thrown away for a queue."""
    for left in reversed(range(ATTEMPTS)):
        try:
            with transaction(engine) as session:
                if backup_list.erased_since(session, event=state.events):
                    raise RefusedError(ERASED_MEANWHILE)
                backup_list.add(
                    session,
                    made,
                    bytes_=bytes_,
                    sealed_to=sealed_to,
                    events=state.events,
                    head=state.head,
                )
            return
        except OperationalError:
            if not left:
                raise


def _sha256(file: BinaryIO) -> str:
    file.seek(0)
    digest = hashlib.sha256()
    while piece := file.read(1 << 20):
        digest.update(piece)
    return digest.hexdigest()


def _give_name(finished: Path, target: Path) -> None:
    """Give the finished file its name, unless something else has it by now."""
    try:
        os.link(finished, target)
    except FileExistsError as error:
        raise RefusedError(f"{target} is there by now, and is left as it is: name another file.") from error
    except OSError:  # a file system without second names, as on many memory sticks
        finished.rename(target)
    with suppress(OSError):  # some cannot sync a folder
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _remove_older(engine: Engine, folder: Path, *, keep: int, at: datetime) -> tuple[str, ...]:
    with transaction(engine) as session:
        older = backup_list.beyond(session, folder=folder, keep=keep)
        for one in older:
            Path(one.file).unlink(missing_ok=True)
            backup_list.remove(session, one, at=at)
    return tuple(one.file for one in older)
