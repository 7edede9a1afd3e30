"""What erased rows leave in files: pages of the database that nobody uses any more, its log, and files beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError
from sqlmodel import select

from casereader import append_only, backup_list
from casereader.backups import database_aside, unfinished
from casereader.backups.room import clear_left
from casereader.db import leave_no_trace, snapshot
from casereader.erasing.fates import EMPTIED, NOT_THE_OWNER
from casereader.errors import ConflictError, RefusedError
from casereader.models import Job, PartnershipReturn

RETURNS, ARRIVING = "returns", "arriving-"  # where files of returns lie, and what is still being written there
MADE = "made"  # where files lie that were asked for and took long
COPIES = "{stem}-before-upgrade-*"  # as `database upgrade` makes them, each a database of its time, whole or begun
BUSY = "Others use the database: what was erased may still stand in its files. Give the command again."


def clear(engine: Engine, *, data_folder: Path) -> list[str]:
    """Have what was erased leave every file of ours; the names of the files that were removed. As often as liked.

    Raises ConflictError while others use the database, RefusedError where the role does not own the tables.
    """
    with engine.connect() as connection:
        if not append_only.owns_all(connection, EMPTIED):  # PostgreSQL would only warn, and leave the pages as they are
            raise RefusedError(NOT_THE_OWNER)
    clear_left(data_folder)
    database_aside.clear_left(engine)
    for folder in _folders_of_backups(engine):
        unfinished.clear_left(folder)
    removed = _without_a_row(engine, data_folder / RETURNS, PartnershipReturn)
    removed += _without_a_row(engine, data_folder / MADE, Job)
    if engine.dialect.name == "sqlite":
        file = Path(engine.url.database or "")
        removed += sorted(file.parent.glob(COPIES.format(stem=file.stem)))
    for path in removed:
        path.unlink(missing_ok=True)
    _rewrite(engine)
    return [path.name for path in removed]


def _folders_of_backups(engine: Engine) -> set[Path]:
    with snapshot(engine) as session:
        return {Path(one.file).parent for one in backup_list.there(session)}


def _without_a_row(engine: Engine, folder: Path, table: type[PartnershipReturn | Job]) -> list[Path]:
    """The files of a folder whose rows, which were there before them, are in the database no more."""
    found = list(folder.iterdir()) if folder.is_dir() else []
    with snapshot(engine) as session:
        known = set(session.exec(select(table.public_id)))
    return sorted(path for path in found if path.name not in known and not path.name.startswith(ARRIVING))


def _rewrite(engine: Engine) -> None:
    """Have the database write its tables anew, so that no page holds what was there."""
    if engine.dialect.name == "sqlite":
        try:
            _vacuum(engine)
        except OperationalError as error:
            raise ConflictError(BUSY) from error
        if not leave_no_trace(engine):
            raise ConflictError(BUSY)
        return
    quoted = engine.dialect.identifier_preparer.quote_identifier
    try:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for name in EMPTIED:
                connection.execute(text(f"VACUUM FULL {quoted(name)}"))
    except OperationalError as error:  # somebody reads or writes one of them for longer than anybody waits
        raise ConflictError(BUSY) from error


def _vacuum(engine: Engine) -> None:
    connection = engine.raw_connection()
    held: Any = connection.driver_connection
    try:
        with append_only.copying(held):
            held.execute("VACUUM")
    finally:
        connection.close()
