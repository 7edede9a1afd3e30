"""The database connection: engine, transactions, and SQLite's settings.

`synchronous=FULL` and `BEGIN IMMEDIATE` keep what was acknowledged through a power cut and a race. The writers of one
process queue for SQLite in the order in which they came, from the beginning of a transaction until its connection goes
back to the pool, which every commit, rollback, close and error ends in; whoever only reads never waits.

PostgreSQL lets many write at once. There, whoever changes a thing says so first (`Turn`) and waits for whoever does,
in whichever process on whichever host: what is read before a change is then still so when it is written.
"""

from __future__ import annotations

import hashlib
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from casereader import append_only
from casereader.audit import WatchedSession
from casereader.private_files import close_file
from casereader.turns import Turns

SQLITE_PRAGMAS = (
    "synchronous=FULL",
    "foreign_keys=ON",
    "busy_timeout=6000",  # milliseconds: a writer of 4 s is waited for; after that the answer is 503, and tried again
    "trusted_schema=OFF",
    "secure_delete=ON",
    "recursive_triggers=ON",
)
# As long a wait as SQLite's. A host that lost its power or its network holds nothing longer than half a minute.
POSTGRESQL_SETTINGS = {
    "lock_timeout": "6s",
    "idle_in_transaction_session_timeout": "1h",
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "25s",
}
# The same the other way: what libpq notices of a database whose host is gone.
POSTGRESQL_CONNECTING = {
    "connect_timeout": "5",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "25000",
}
SHORTLY = 50  # milliseconds
ATTEMPTS, PAUSE = 200, 0.03  # seconds between attempts: as long as a writer is waited for
WRITE = "BEGIN IMMEDIATE"
LOCK_TIMEOUT = text("SELECT set_config('lock_timeout', :milliseconds, true)")
TURN = "turn to write"  # kept on a pooled connection while it has it
HELD = "held to what is written once"  # kept on a pooled connection from then on


@dataclass(frozen=True)
class Turn:
    """What somebody is about to change: one at a time, beside others who say the same `beside`, but not its owner."""

    alone: str
    beside: str = ""


def at_inspection(public_id: str) -> Turn:
    """The turn of whoever changes an inspection; nobody changes its programme meanwhile."""
    return Turn(f"inspections/{public_id}", beside="programmes")


def take_turn(connection: Connection, turn: Turn) -> None:
    """Wait until nobody else changes it, and keep them out until the transaction ends; SQLite has one writer anyway."""
    if connection.dialect.name != "postgresql":
        return
    if turn.beside:
        both = "SELECT pg_advisory_xact_lock_shared(:beside), pg_advisory_xact_lock(:alone)"
        connection.execute(text(both), {"beside": _number_of(turn.beside), "alone": _number_of(turn.alone)})
    else:
        connection.execute(text("SELECT pg_advisory_xact_lock(:alone)"), {"alone": _number_of(turn.alone)})


def wait_for_turn(session: Session, turn: Turn) -> None:
    """Take the turn in a transaction that has begun: what was looked up before is looked up again."""
    take_turn(session.connection(), turn)
    session.expire_all()


def _number_of(name: str) -> int:
    """PostgreSQL knows such locks by a number of 64 bits."""
    digest = hashlib.sha256(f"casereader turn {name}".encode()).digest()
    return int.from_bytes(digest[:8], signed=True)


def _how_to_connect(url: URL) -> dict[str, str]:
    """What is set on each connection; what the address says itself goes first."""
    found = {name: value for name, value in POSTGRESQL_CONNECTING.items() if name not in url.query}
    settings = " ".join(f"-c {name}={value}" for name, value in POSTGRESQL_SETTINGS.items())
    own = url.query.get("options", "")
    return {**found, "options": f"{settings} {own if isinstance(own, str) else ' '.join(own)}".strip()}


def make_engine(url: str, *, makes: bool = True) -> Engine:
    """An engine for SQLite or PostgreSQL; a new SQLite file, where it `makes` one, is readable by this user alone."""
    if make_url(url).get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True, hide_parameters=True, connect_args=_how_to_connect(make_url(url)))
    path = make_url(url).database
    if path and path != ":memory:":
        if makes and not Path(path).exists():
            Path(path).touch(mode=0o600)
        for beside in ("", "-wal", "-shm"):
            close_file(Path(path + beside))
    engine = create_engine(url, hide_parameters=True)  # what somebody wrote has no place in a log
    event.listen(engine, "connect", _set_pragmas)
    turns = Turns()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        if connection.get_execution_options().get("write", False):
            _begin_in_turn(connection, turns)
        else:
            connection.exec_driver_sql("BEGIN")

    @event.listens_for(engine, "checkin")
    def _end_turn(_connection: object, record: Any) -> None:
        if record.record_info.pop(TURN, False):
            turns.give_back()

    return engine


def _set_pragmas(connection: Any, record: Any) -> None:
    connection.isolation_level = None  # the driver's own late BEGIN leaves reads outside the transaction
    for pragma in SQLITE_PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    write_ahead(connection)
    record.info[HELD] = append_only.hold(connection)


def write_ahead(connection: Any) -> None:
    """Turn the write-ahead log on; SQLite does not wait for another process that turns it on meanwhile, so we do."""
    for attempt in range(ATTEMPTS):
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or attempt == ATTEMPTS - 1:
                raise
            time.sleep(PAUSE)


def _begin_in_turn(connection: Any, turns: Turns) -> None:
    """Begin to write once nobody before us in this process does, nor anybody in another, in the time that there is."""
    pooled = connection.connection
    if TURN in pooled.record_info:  # it went on after a commit, and was not given back between
        connection.exec_driver_sql(WRITE)
        return
    held = pooled.driver_connection
    if not pooled.info[HELD]:  # it was opened before the tables were made
        pooled.info[HELD] = append_only.hold(held)
    patience = held.execute("PRAGMA busy_timeout").fetchone()[0]
    since = time.monotonic()
    if not turns.take(patience / 1000):
        raise OperationalError(WRITE, None, sqlite3.OperationalError("database is locked: others write"))
    pooled.record_info[TURN] = True
    left = patience - round((time.monotonic() - since) * 1000)
    try:
        held.execute(f"PRAGMA busy_timeout={max(left, 0)}")
        connection.exec_driver_sql(WRITE)
    finally:
        held.execute(f"PRAGMA busy_timeout={patience}")


def open_session(engine: Engine, *, write: bool, turn: Turn | None = None) -> Session:
    """A session whose transaction takes SQLite's write lock at its start when `write`, else sees one state of all.

    On PostgreSQL each of its transactions begins with `turn`, before anything is looked up.
    """
    bound: Engine = engine
    if write:
        bound = engine.execution_options(write=True)
    elif engine.dialect.name == "postgresql":
        bound = engine.execution_options(isolation_level="REPEATABLE READ")  # as SQLite reads: one state throughout
    session = WatchedSession(bound, expire_on_commit=False)
    if turn is not None and engine.dialect.name == "postgresql":

        @event.listens_for(session, "after_begin")
        def _begin(_session: Session, _transaction: object, connection: Connection) -> None:
            take_turn(connection, turn)

    return session


@contextmanager
def transaction(engine: Engine, turn: Turn | None = None) -> Iterator[Session]:
    """One writing transaction: committed at the end, rolled back on any error."""
    with open_session(engine, write=True, turn=turn) as session:
        yield session
        session.commit()


@contextmanager
def at_once(engine: Engine) -> Iterator[Session]:
    """One writing transaction that hardly waits for another writer: OperationalError where it would."""
    with engine.execution_options(write=True).connect() as connection:
        held: Any = connection.connection.driver_connection
        is_sqlite = engine.dialect.name == "sqlite"
        patience = held.execute("PRAGMA busy_timeout").fetchone()[0] if is_sqlite else 0
        try:
            if is_sqlite:
                held.execute(f"PRAGMA busy_timeout={min(patience, SHORTLY)}")
            with WatchedSession(connection, expire_on_commit=False) as session:
                if (
                    not is_sqlite
                ):  # by the session, whose transaction it is: on the connection, its commit would keep nothing
                    session.execute(LOCK_TIMEOUT, {"milliseconds": str(SHORTLY)})
                yield session
                session.commit()
        finally:
            if is_sqlite:
                held.execute(f"PRAGMA busy_timeout={patience}")


def leave_no_trace(engine: Engine) -> bool:
    """Have what was blanked leave SQLite's log of changes too; False while somebody still reads or writes.

    What is deleted is overwritten in the database (`secure_delete`), but the log beside it holds pages as they were.
    """
    if engine.dialect.name != "sqlite":
        return True
    connection = engine.raw_connection()
    try:
        held: Any = connection.driver_connection
        patience = held.execute("PRAGMA busy_timeout").fetchone()[0]
        try:
            held.execute(f"PRAGMA busy_timeout={min(patience, SHORTLY)}")
            is_busy: int = held.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        finally:
            held.execute(f"PRAGMA busy_timeout={patience}")
    finally:
        connection.close()
    return not is_busy


@contextmanager
def snapshot(engine: Engine) -> Iterator[Session]:
    """One reading transaction, never committed."""
    with open_session(engine, write=False) as session:
        yield session
