"""Bringing a database to the schema this version of the program knows, and telling whether it is there."""

from __future__ import annotations

import os
from datetime import datetime
from enum import StrEnum
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import make_url

from casereader import append_only
from casereader.db import make_engine, write_ahead
from casereader.places import COMMAND

MIGRATIONS = Path(__file__).parent / "migrations"
LOCK_NUMBER = 7_205_111_984  # any number that means "casereader migration" to every process


class Standing(StrEnum):
    """How a database's schema stands to the one that this version knows."""

    CURRENT = "current"
    OLD = "old"
    NEWER = "newer"


class SchemaError(Exception):
    """The database is not one that this version can use."""


def configuration(connection: Connection | None = None) -> Config:
    """Alembic's configuration without a file: the folder, and the connection that holds the lock."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


@cache
def newest() -> str:
    """The revision this version of the program knows."""
    head = ScriptDirectory.from_config(configuration()).get_current_head()
    if head is None:
        raise SchemaError("No migrations came with the program: install it again.")
    return head


def revision_of(connection: Connection) -> str | None:
    """The revision the database is at; None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


def standing(engine: Engine) -> Standing:
    """How the database's schema stands to the one this version knows."""
    with engine.connect() as connection:
        found = revision_of(connection)
    if found == newest():
        return Standing.CURRENT
    return Standing.OLD if found is None or found in _known() else Standing.NEWER


def is_current(engine: Engine) -> bool:
    """Whether the database has the schema this version knows."""
    return standing(engine) is Standing.CURRENT


def is_empty(engine: Engine) -> bool:
    """Whether nothing of ours was ever made in the database."""
    with engine.connect() as connection:
        return revision_of(connection) is None


def why_not_current(engine: Engine) -> str:
    """What to do with a database that has another schema."""
    if standing(engine) is Standing.NEWER:
        return "The database was upgraded by a newer version of the program: run that one."
    return f"The database is not up to date: run `{COMMAND} database upgrade` first."


def is_known(revision: str) -> bool:
    """Whether it is a schema of this version or of one before it."""
    return revision in _known()


def upgrade(url: str, *, at: datetime) -> str:
    """Bring the database to the newest schema under a lock (an SQLite file is copied first); tells what it did."""
    _keep_copy(url, at=at)
    sqlite = make_url(url).get_backend_name() == "sqlite"
    engine = _sqlite_migration_engine(url) if sqlite else make_engine(url)
    try:
        with engine.begin() as connection:
            if not sqlite:
                connection.execute(text("SET LOCAL lock_timeout = 0"))  # whoever upgrades meanwhile may take long
                connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": LOCK_NUMBER})
            before = revision_of(connection)
            _refuse_unknown(connection, before)
            if before == newest():
                return "The database is up to date."
            command.upgrade(configuration(connection), "head")
            if sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall():
                raise SchemaError("The upgrade would leave rows without their parents; nothing was changed.")
    finally:
        engine.dispose()
    return "The database was made." if before is None else f"The database went from {before} to {newest()}."


def _keep_copy(url: str, *, at: datetime) -> Path | None:
    """Copy an SQLite database about to be upgraded beside itself; None when there is nothing to keep."""
    path = make_url(url).database
    if make_url(url).get_backend_name() != "sqlite" or not path or not Path(path).exists():
        return None
    engine = make_engine(url)
    try:
        with engine.connect() as connection:
            if revision_of(connection) in (None, newest()):
                return None
        copy = Path(path).with_name(f"{Path(path).stem}-before-upgrade-{at:%Y%m%dT%H%M%SZ}.sqlite3")
        unfinished = copy.with_suffix(".unfinished")
        unfinished.unlink(missing_ok=True)
        raw = engine.raw_connection()
        try:
            with append_only.copying(raw.driver_connection):
                raw.cursor().execute("VACUUM INTO ?", (str(unfinished),))
        finally:
            raw.close()
        unfinished.chmod(0o600)
        with unfinished.open("rb") as file:
            os.fsync(file.fileno())
        unfinished.replace(copy)  # whatever has that name is whole
    finally:
        engine.dispose()
    return copy


def _sqlite_migration_engine(url: str) -> Engine:
    """Foreign keys off: a batch change of a parent table would otherwise delete its children in silence."""
    path = make_url(url).database
    if path and path != ":memory:" and not Path(path).exists():
        Path(path).touch(mode=0o600)
    engine = create_engine(url)

    @event.listens_for(engine, "connect")
    def _connect(connection: object, _record: object) -> None:
        connection.isolation_level = None  # type: ignore[attr-defined]
        for pragma in ("busy_timeout=60000", "synchronous=FULL", "foreign_keys=OFF"):
            connection.execute(f"PRAGMA {pragma}")  # type: ignore[attr-defined]
        write_ahead(connection)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _refuse_unknown(connection: Connection, before: str | None) -> None:
    if before is None:
        if inspect(connection).get_table_names():
            raise SchemaError("This database holds other tables: give casereader a database of its own.")
        return
    if not is_known(before):
        raise SchemaError(f"The database is at {before}, which this version does not know: use a newer version.")


@cache
def _known() -> frozenset[str]:
    return frozenset(script.revision for script in ScriptDirectory.from_config(configuration()).walk_revisions())
