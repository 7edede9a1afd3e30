"""A database of PostgreSQL made beside the service's own, in which a backup is tried and finished, and dropped again.

Whatever a killed command left of one is dropped by the next backup, restore or erasure.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.pool import NullPool

from casereader.errors import RefusedError

PREFIX = "casereader_check_"
NO_ROOM_TO_CHECK = (
    "A backup is tried in a database made for that and dropped again, which this role may not make. Let it once, as a"
    " superuser: ALTER ROLE {role} CREATEDB."
)
_MAY_MAKE = "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
_THERE = "SELECT datname FROM pg_database WHERE starts_with(datname, :prefix) ORDER BY 1"
_LEFT = """
    SELECT datname FROM pg_database
    WHERE starts_with(datname, :prefix) AND pg_has_role(current_user, datdba, 'USAGE')
    AND NOT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datid = pg_database.oid)
"""
ATTEMPTS = 3


@contextmanager
def database_aside(engine: Engine) -> Iterator[URL]:
    """An empty database, for as long as it is needed."""
    clear_left(engine)
    with _held(engine) as url:
        yield url


def clear_left(engine: Engine) -> list[str]:
    """Drop those that nobody is connected to; the names of those that are there still."""
    if engine.dialect.name != "postgresql":
        return []
    with _at_once(engine.url) as connection:
        for name in connection.execute(text(_LEFT), {"prefix": PREFIX}).scalars().all():
            with suppress(OperationalError, ProgrammingError):  # somebody is connected by now, or has dropped it
                quoted = engine.dialect.identifier_preparer.quote_identifier(name)
                connection.execute(text(f"DROP DATABASE {quoted}"))
        return list(connection.execute(text(_THERE), {"prefix": PREFIX}).scalars())


def may_make_one(connection: Connection) -> None:
    """RefusedError where this role may make no database."""
    if not connection.execute(text(_MAY_MAKE)).scalar():
        raise RefusedError(NO_ROOM_TO_CHECK.format(role=connection.execute(text("SELECT current_user")).scalar()))


@contextmanager
def _held(engine: Engine) -> Iterator[URL]:
    """One to which this process stays connected, by which others know that it is in use."""
    for left in reversed(range(ATTEMPTS)):
        url = engine.url.set(database=f"{PREFIX}{secrets.token_hex(6)}")
        with _at_once(engine.url) as connection:
            may_make_one(connection)
            connection.execute(text(f"CREATE DATABASE {url.database} TEMPLATE template0"))
        holder = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
        try:
            held = holder.connect()
        except OperationalError:  # another command took it for one that was left
            if not left:
                raise
            continue
        break
    try:
        yield url
    finally:
        held.close()
        with _at_once(engine.url) as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {url.database} WITH (FORCE)"))


@contextmanager
def _at_once(url: URL) -> Iterator[Connection]:
    """A connection outside any transaction, in which databases are made and dropped."""
    own = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with own.connect() as connection:
        yield connection
