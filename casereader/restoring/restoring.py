"""Bringing a backup back into an empty database, and saying what it does not hold of what was done since.

All is checked before anything is brought there: key, wholeness, installation, schema, every table, the trail. On SQLite
the finished file takes its place by one renaming, on PostgreSQL the finished database by one transaction: wherever it
is killed, there is nothing to serve, or all of it with its sign-ins ended.
"""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, inspect
from sqlmodel import Session, col, delete, select, update

from casereader import audit, backup_list, dated, erasing, schema
from casereader.backups import archive, of_postgresql
from casereader.backups.making import restored
from casereader.backups.manifest import Manifest
from casereader.backups.room import room_for_copies
from casereader.backups.shape import strange
from casereader.backups.state import faults_of, faults_of_trail, unlike
from casereader.db import leave_no_trace, transaction
from casereader.errors import RefusedError
from casereader.models import AuditEvent, OneTimeLink, SignIn
from casereader.restoring.receipts import Receipt
from casereader.sealed_files import Key

NO_KEY = "This backup is sealed: set BACKUP_KEY_FILE to the file with the secret half of its key."
NOT_EMPTY = (
    "There is a database already, and nothing is ever restored over one. Name an empty one with DATABASE_URL, or a new"
    " folder with CASEREADER_DATA; or look at the backup alone with --drill."
)
LOG_ALONE = (
    "{file} lies there without its database, and may hold the last that was saved in it. Stop the service everywhere,"
    " move the file to where the database went, and try again."
)
NEWER = "The backup is at schema {schema}, which this version does not know: restore it with a newer version."
OTHER_KIND = "This is a backup of {theirs}, and DATABASE_URL names {ours}: restore it into a database of its own kind."
OTHER_INSTALLATION = (
    "This is a backup of another installation, or the secret key was changed since: its second factors and rescue files"
    " open only under the secret key that was in use then. Put that key into SECRET_KEY_FILE (as the first line, or as"
    " a later one if you have another now). If it is lost, give --other-secret-key: whoever used codes of an app must"
    " then set up a second step anew."
)
NOT_WHOLE = "What is in the backup is not what it says it is, so nothing was restored: {faults}."
STRANGE = (
    "This was not made by casereader alone, so nothing was restored: {faults}. Whoever has the public half of the key"
    " can seal such a file: take another backup, and ask who could write to the place that this one comes from."
)
OTHER_FILE = "The SHA-256 of {file} is {found}, and not the one that was given: it is not the file that was made."
FULL = "There is no room left in {folder} for what is in the backup: nothing was restored. Make room there."
KINDS = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Wanted:
    """What whoever restores knows beyond the file."""

    anchors: tuple[str, ...] = ()  # heads on paper, in files and mails
    sha256: str | None = None  # of the file, as `backup` told it and the trail keeps it
    receipts: tuple[Receipt, ...] = ()  # of inspections that were erased
    installations: frozenset[str] | None = frozenset()  # the public names of our secret keys; None takes any


@dataclass
class Found:
    """What a backup was found to hold, and what was done with it."""

    manifest: Manifest
    file: Path
    sha256: str
    is_sealed: bool
    held: list[tuple[str, int]] = field(default_factory=list)  # heads that are in its trail, and at which event
    missing: list[str] = field(default_factory=list)  # heads of what was done after it
    come_back: list[str] = field(default_factory=list)  # erased inspections that it still holds: erased again
    upgraded: str = ""
    sign_ins: int = 0
    links: int = 0


def try_out(engine: Engine, file: Path, *, key: Key | None, data_folder: Path, wanted: Wanted, tell: Tell) -> Found:
    """Restore a backup into a place of its own, check all of it, and throw it away again.

    Raises RefusedError where it is not the file that was wanted, does not open, or is not whole.
    """
    with _unpacked(engine, file, key=key, folder=data_folder, wanted=wanted, tell=tell) as (found, database):
        with restored(engine, database) as copy:
            _check(copy, found, tell)
            schema.upgrade(copy.url.render_as_string(hide_password=False), at=found.manifest.made_at)
            _compare(copy, found, wanted)
        return found


def restore(
    engine: Engine, file: Path, *, key: Key | None, data_folder: Path, wanted: Wanted, at: datetime, tell: Tell
) -> Found:
    """Restore a backup into the database of `engine`, which is empty.

    Raises RefusedError where that is not empty, or the backup is not the file that was wanted, does not open, or is not
    whole.
    """
    if not _is_empty(engine):
        raise RefusedError(NOT_EMPTY)
    _refuse_a_log_alone(engine)
    folder = _beside(engine) or data_folder
    with _unpacked(engine, file, key=key, folder=folder, wanted=wanted, tell=tell) as (found, database):
        with restored(engine, database) as copy:
            _finish(copy, found, wanted, data_folder, at, tell)
            if not leave_no_trace(copy):
                raise RefusedError("Something else has the file that is being restored open. Try again.")
            if engine.dialect.name == "postgresql":
                tell("Bringing it in, all of it at once …")
                _bring_over(copy, engine, database.with_name("finished"))
        if engine.dialect.name == "sqlite":
            _put_in_place(engine, database)
    return found


def _finish(engine: Engine, found: Found, wanted: Wanted, data_folder: Path, at: datetime, tell: Tell) -> None:
    _check(engine, found, tell)
    found.upgraded = schema.upgrade(engine.url.render_as_string(hide_password=False), at=at)
    _compare(engine, found, wanted)
    with transaction(engine) as session:
        _end_what_opens(session, found, at)
        for receipt in (one for one in wanted.receipts if one.inspection in found.come_back):
            erasing.erase_again(session, public_id=receipt.inspection, receipt=receipt.body, at=at)
        _record(session, found, at=at)
    if found.come_back:
        erasing.clear(engine, data_folder=data_folder)


@contextmanager
def _unpacked(
    engine: Engine, file: Path, *, key: Key | None, folder: Path, wanted: Wanted, tell: Tell
) -> Iterator[tuple[Found, Path]]:
    """The backup's content in a folder of its own, for as long as it is needed; what its manifest tells is checked."""
    if not file.is_file():
        raise RefusedError(f"{file} is no file.")
    try:
        with room_for_copies(folder) as room, file.open("rb") as source:
            sha256 = hashlib.file_digest(source, "sha256").hexdigest()
            if wanted.sha256 not in (None, sha256):
                raise RefusedError(OTHER_FILE.format(file=file, found=sha256))
            source.seek(0)
            if archive.is_sealed(source):
                if key is None:
                    raise RefusedError(NO_KEY)
            else:
                key = None
            tell("Opening the backup …")
            manifest, database = archive.unpack(source, key=key, folder=room)
            _refuse_strange(manifest, engine, wanted)
            yield Found(manifest, file.absolute(), sha256, key is not None), database
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise RefusedError(FULL.format(folder=folder)) from error
        raise RefusedError(f"The backup could not be restored: {file}: {error.strerror or error}.") from error


def _refuse_strange(manifest: Manifest, engine: Engine, wanted: Wanted) -> None:
    if manifest.kind != engine.dialect.name:
        raise RefusedError(OTHER_KIND.format(theirs=KINDS[manifest.kind], ours=KINDS[engine.dialect.name]))
    if not schema.is_known(manifest.schema):
        raise RefusedError(NEWER.format(schema=manifest.schema))
    if wanted.installations is not None and manifest.installation not in wanted.installations:
        raise RefusedError(OTHER_INSTALLATION)


def _is_empty(engine: Engine) -> bool:
    path = Path(engine.url.database or "")
    if engine.dialect.name == "sqlite" and (not path.exists() or path.stat().st_size == 0):
        return True
    return not inspect(engine).get_table_names()


def _refuse_a_log_alone(engine: Engine) -> None:
    """Leave the log of a database that was moved away: SQLite would drop it, and so would we."""
    path = Path(engine.url.database or "")
    if engine.dialect.name != "sqlite" or (path.exists() and path.stat().st_size):
        return
    for log in (path.with_name(f"{path.name}{ending}") for ending in ("-wal", "-journal")):
        if log.exists() and log.stat().st_size:
            raise RefusedError(LOG_ALONE.format(file=log))


def _check(engine: Engine, found: Found, tell: Tell) -> None:
    tell("Comparing every table with what the backup says of it …")
    if faults := faults_of(engine, found.manifest):
        raise RefusedError(NOT_WHOLE.format(faults="; ".join(faults[:5])))


def _compare(engine: Engine, found: Found, wanted: Wanted) -> None:
    """Look at what acts in it, for each head in the trail, and for inspections that were erased since."""
    if faults := strange(engine):
        raise RefusedError(STRANGE.format(faults="; ".join(faults[:5])))
    if faults := faults_of_trail(engine):
        raise RefusedError(NOT_WHOLE.format(faults=" ".join(faults[:5])))
    with transaction(engine) as session:
        for anchor in dict.fromkeys(wanted.anchors):
            n = 0 if anchor == audit.FIRST else _event(session, anchor)
            if n is None:
                found.missing.append(anchor)
            else:
                found.held.append((anchor, n))
        found.come_back += erasing.unerased(session, [receipt.inspection for receipt in wanted.receipts])


def _event(session: Session, head: str) -> int | None:
    return session.exec(select(AuditEvent.n).where(AuditEvent.hash == head)).first()


def _end_what_opens(session: Session, found: Found, at: datetime) -> None:
    """End every sign-in, and every link that was not used then: since then it may have been."""
    ended: Any = session.exec(update(SignIn).where(col(SignIn.ended_at).is_(None)).values(ended_at=at))
    removed: Any = session.exec(delete(OneTimeLink).where(col(OneTimeLink.used_at).is_(None)))
    found.sign_ins, found.links = ended.rowcount, removed.rowcount


def _record(session: Session, found: Found, *, at: datetime) -> None:
    body = {
        "file": str(found.file),
        "sealed": found.is_sealed,
        "made_at": f"{found.manifest.made_at:%Y-%m-%dT%H:%M:%SZ}",
        "events": found.manifest.events,
        "head": found.manifest.head,
        "heads_held": [anchor for anchor, _ in found.held],
        "heads_missing": found.missing,
        "sign_ins_ended": found.sign_ins,
        "links_ended": found.links,
        "erased_again": found.come_back,
        "schema": found.manifest.schema,
    }
    audit.record(
        session, backup_list.RESTORED, by=None, at=at, kind=backup_list.KIND, object_id=found.sha256, body=body
    )


def _beside(engine: Engine) -> Path | None:
    """Where a file lies that only needs another name to take the place of SQLite's."""
    return Path(engine.url.database or "").absolute().parent if engine.dialect.name == "sqlite" else None


def _bring_over(copy: Engine, engine: Engine, dump: Path) -> None:
    """Copy what is finished into the empty database in one transaction: killed before its end, nothing is there."""
    finished = of_postgresql.copy(copy, dump)
    of_postgresql.restore(dump, url=engine.url)
    if faults := unlike(engine, finished):
        of_postgresql.empty(engine)
        raise RefusedError(NOT_WHOLE.format(faults="; ".join(faults[:5])))


def _put_in_place(engine: Engine, database: Path) -> None:
    """Give the finished file the name of the empty one, whose log goes: it belongs to another database."""
    target = Path(engine.url.database or "")
    if not _is_empty(engine):
        raise RefusedError(NOT_EMPTY)
    engine.dispose()
    for ending in ("-wal", "-shm", "-journal"):
        target.with_name(target.name + ending).unlink(missing_ok=True)
    with database.open("rb") as file:
        os.fsync(file.fileno())
    database.replace(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def lost_since(found: Found) -> Sequence[str]:
    """What nobody here can know, for whoever restored to go through."""
    since = dated.moment(found.manifest.made_at)
    return (
        f"What was done after {since} is not in it. Go through what is known of it on paper, in files and in mails:",
        "  - accounts disabled, roles taken away and passwords changed since stand as they stood then: do it again;",
        "  - lines of recovery sheets that were used since are good again: have whoever used one make a new sheet;",
        "  - answers saved, matters of concern raised and figures issued since are gone: have readers look;",
        "  - backups made since are not on its list: write down where they lie, for the day an inspection is erased;",
        "  - inspections erased since are here again unless you named their receipts with --erased: erase them again.",
    )
