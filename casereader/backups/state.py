"""What a database holds at one moment, as a backup says it: schema, trail, and a digest of every table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DatabaseError

from casereader import audit
from casereader.backups.digests import Digest, differences, digests
from casereader.backups.manifest import Manifest
from casereader.db import snapshot
from casereader.schema import revision_of

_LAST = "SELECT n, hash FROM audit_event ORDER BY n DESC LIMIT 1"


@dataclass(frozen=True)
class State:
    """One moment of a database."""

    schema: str
    events: int
    head: str
    tables: Mapping[str, Digest]


def state_of(connection: Connection) -> State:
    """The state that the transaction of this connection sees."""
    last = connection.exec_driver_sql(_LAST).first()
    n, head = last if last else (0, audit.FIRST)
    return State(revision_of(connection) or "", n, head, digests(connection))


def unlike(engine: Engine, state: State) -> list[str]:
    """In what a database's tables are not as a state says, in words."""
    with engine.connect() as connection:
        return differences(state.tables, state_of(connection).tables)


def faults_of(engine: Engine, manifest: Manifest) -> list[str]:
    """In what a database is not what a manifest says, in words; an empty list where it is."""
    try:
        with engine.connect() as connection:
            found = state_of(connection)
            inside = _inside(connection)
    except DatabaseError:  # which says what stands in it
        return ["its database cannot be read"]
    faults = differences(manifest.tables, found.tables)
    if (found.schema, found.events, found.head) != (manifest.schema, manifest.events, manifest.head):
        faults.append("its schema or its trail ends elsewhere than it says")
    return [*faults, *inside]


def faults_of_trail(engine: Engine) -> list[str]:
    """What is wrong with the chain of its trail; the schema must be this version's."""
    with snapshot(engine) as session:
        return audit.verify(session)


def _inside(connection: Connection) -> list[str]:
    """What SQLite itself finds wrong with a file; PostgreSQL checked every row and key as it took them."""
    if connection.dialect.name != "sqlite":
        return []
    faults = [str(line) for line in connection.exec_driver_sql("PRAGMA integrity_check(5)").scalars() if line != "ok"]
    if connection.exec_driver_sql("PRAGMA foreign_key_check").first():
        faults.append("rows are without their parents")
    return faults
