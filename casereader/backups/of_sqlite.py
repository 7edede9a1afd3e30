"""A copy of a SQLite database in use: one moment of it, without the pages that nobody uses any more."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import Engine, text

from casereader.backups.state import State, state_of
from casereader.db import snapshot
from casereader.errors import RefusedError


def copy(engine: Engine, to: Path) -> State:
    """Copy the database as one reading transaction sees it, whoever writes meanwhile; what that transaction saw.

    Raises RefusedError where that fails.
    """
    to.touch(mode=0o600)
    try:
        return _copy(engine, to)
    except sqlite3.OperationalError as error:
        raise RefusedError(f"The database could not be copied: {error}. Nothing was kept of the backup.") from error


def _copy(engine: Engine, to: Path) -> State:
    with snapshot(engine) as session, closing(sqlite3.connect(to)) as target:
        connection = session.connection()
        connection.execute(text("SELECT 1 FROM audit_event")).first()  # from here on it sees this moment
        state = state_of(connection)
        connection.connection.driver_connection.backup(target)  # type: ignore[union-attr]
        session.rollback()
        target.execute("PRAGMA journal_mode=DELETE")
        target.execute("VACUUM")  # what was erased may stand in pages that nobody uses
    return state
