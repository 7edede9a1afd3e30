"""Copies that erasing does not reach, as far as they are known: what was given out, and copies beside the database.

They are named in the receipt and on the command line, for whoever must destroy them.
"""

from __future__ import annotations

from datetime import UTC
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from casereader.audit import FILE_TAKEN
from casereader.backups import database_aside
from casereader.models import Account, AuditEvent

PACKED, UNPACKED = "inspection packed", "packed inspection unpacked"  # on a stick, on the laptop and in its backups
GIVEN_OUT = (
    "actions exported",
    "answers exported",
    "challenges exported",
    "held about a case taken",
    PACKED,
    UNPACKED,
    "workbook issued",
    FILE_TAKEN,
)
IS_SQLITE = b"SQLite format 3\0"
NAMES = ("backup", "dump", ".sql", ".bak", ".age")  # as copies are called, by whomever they were made


def given_out(session: Session, inspection_id: int) -> list[dict[str, str]]:
    """Every file with content of the inspection that somebody was given, oldest first: what, when, and to whom."""
    query = (
        select(AuditEvent, Account.public_id)
        .outerjoin(Account, col(Account.id) == AuditEvent.actor_id)
        .where(AuditEvent.inspection_id == inspection_id, col(AuditEvent.action).in_(GIVEN_OUT))
        .order_by(col(AuditEvent.n))
    )
    return [
        {
            "what": _what(event),
            "at": f"{event.at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "by": by or "the command line",
        }
        for event, by in session.exec(query)
    ]


def _what(event: AuditEvent) -> str:
    if event.action == FILE_TAKEN:
        return f"{event.action}: {event.object_id}"
    if event.action == PACKED:
        return f"{event.action}: file {event.body['file']} for the {event.body['for']}, trail {event.body['head'][:16]}"
    if event.action == UNPACKED:
        return f"{event.action}: file {event.body['file']}, trail {event.body['head'][:16]}"
    return event.action


def copies_left(engine: Engine, *, data_folder: Path) -> list[str]:
    """What looks like a copy of the database and nothing of ours removes: files, and databases of a killed check."""
    databases = (f"the database {name} on the same server" for name in database_aside.clear_left(engine))
    return [*map(str, _beside(engine, data_folder=data_folder)), *databases]


def _beside(engine: Engine, *, data_folder: Path) -> list[Path]:
    """Files in the data folder, and beside the database, that look like copies of a database; nothing removes them."""
    own = Path(engine.url.database or "").absolute() if engine.dialect.name == "sqlite" else None
    folders = {data_folder.absolute(), *((own.parent,) if own else ())}
    files = {path for folder in folders if folder.is_dir() for path in folder.iterdir() if path.is_file()}
    itself = {own.with_name(own.name + end) for end in ("", "-wal", "-shm", "-journal")} if own else set()
    return sorted(path for path in files - itself if _is_a_copy(path))


def _is_a_copy(path: Path) -> bool:
    if any(name in path.name.casefold() for name in NAMES):
        return True
    with path.open("rb") as file:
        return file.read(len(IS_SQLITE)) == IS_SQLITE
