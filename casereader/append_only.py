"""What is written once and never changed: the trail, and what a draw rests on. The database itself refuses it.

SQLite has no roles, so the program's own connections are held: an authorizer refuses the statements, and a trigger that
lives in the connection stops what replaces a row, which no authorizer is told of. On PostgreSQL the owner of the tables
gives the role that the program runs as no right to it. Whoever holds the file or the owner's password can still change
it all: that is found against a printed head.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, text

from casereader.errors import RefusedError
from casereader.models import metadata
from casereader.places import COMMAND

# Of each table whose rows are never removed, the columns that are never changed; `None`: all. Only erasure takes the
# cases out of a certificate, whose SHA-256 stays.
WRITTEN_ONCE: Mapping[str, frozenset[str] | None] = {
    "audit_event": None,
    "draw": frozenset(
        {"public_id", "inspection_id", "plan_id", "public_value", "seed", "certificate", "certificate_sha256"}
        | {"drawn_at", "drawn_by_id"}
    ),
}
REMEDY = (
    "Let it run as a role of its own that is a member of no other, and give that role its rights with"
    f" `{COMMAND} database grants --to ROLE`, run as the owner."
)
REFUSED = "This is written once: no row of it is replaced or removed."
VERSIONS = "alembic_version"

_QUICK = frozenset({sqlite3.SQLITE_READ, sqlite3.SQLITE_SELECT, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_INSERT})
_ON_FIRST = frozenset({sqlite3.SQLITE_DELETE, sqlite3.SQLITE_DROP_TABLE})  # the table is named first
_ON_SECOND = frozenset(
    {
        sqlite3.SQLITE_ALTER_TABLE,
        sqlite3.SQLITE_CREATE_TRIGGER,
        sqlite3.SQLITE_DROP_TRIGGER,
        sqlite3.SQLITE_DROP_TEMP_TRIGGER,
        sqlite3.SQLITE_DROP_INDEX,
    }
)
# Another name for the same file, or another table of the same name, is a way past whatever is held by its name.
_NEVER = frozenset(
    {
        sqlite3.SQLITE_ATTACH,
        sqlite3.SQLITE_CREATE_TEMP_TABLE,
        sqlite3.SQLITE_CREATE_TEMP_VIEW,
        sqlite3.SQLITE_CREATE_TEMP_TRIGGER,
        sqlite3.SQLITE_CREATE_VTABLE,
    }
)
# With one of them set otherwise the trigger is passed by; storage of another kind begins without it.
_HELD = frozenset({"recursive_triggers", "writable_schema", "temp_store", "temp_store_directory"})


def _judged(action: int, first: str | None, second: str | None, _database: object, _inside: object) -> int:
    """What SQLite asks for each step of a statement that it prepares; it asks often, so the usual goes first."""
    if action in _QUICK:
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_UPDATE and first is not None and first in WRITTEN_ONCE:
        columns = WRITTEN_ONCE[first]
        return sqlite3.SQLITE_DENY if columns is None or second in columns else sqlite3.SQLITE_OK
    if action in _NEVER or (action in _ON_FIRST and first in WRITTEN_ONCE):
        return sqlite3.SQLITE_DENY
    if action in _ON_SECOND and second in WRITTEN_ONCE:
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_PRAGMA and first and first.lower() in _HELD and second is not None:
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK


def hold(connection: Any) -> bool:
    """Hold a connection of SQLite's driver to it; False where not all tables are there yet: then do it again."""
    connection.set_authorizer(None)
    there = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    for table in WRITTEN_ONCE.keys() & there:
        connection.execute(
            f'CREATE TEMP TRIGGER IF NOT EXISTS "{table} stays" BEFORE DELETE ON main."{table}"'
            f" BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"
        )
    connection.set_authorizer(_judged)
    return there >= WRITTEN_ONCE.keys()


def _judged_erasing(action: int, first: str | None, second: str | None, database: object, inside: object) -> int:
    if action == sqlite3.SQLITE_UPDATE and first == "draw" and second == "certificate":
        return sqlite3.SQLITE_OK
    return _judged(action, first, second, database, inside)


@contextmanager
def erasing(connection: Any) -> Iterator[None]:
    """Let a connection of SQLite's driver take the references out of a draw's certificate, and nothing more."""
    connection.set_authorizer(_judged_erasing)
    try:
        yield
    finally:
        connection.set_authorizer(_judged)


@contextmanager
def copying(connection: Any) -> Iterator[None]:
    """Let a connection of SQLite's driver write the whole database anew, here or elsewhere, which attaches one."""
    connection.set_authorizer(None)
    try:
        yield
    finally:
        connection.set_authorizer(_judged)


# A member counts even of a role whose rights it does not inherit: `SET ROLE` gives them. The owner of the schema may
# drop its tables; whoever may make roles could, before PostgreSQL 16, make itself a member of the owner's.
_OWNS = """
    SELECT (
        SELECT bool_or(
            rolsuper OR rolcreaterole
            OR EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = 'public' AND nspowner = roles.oid)
            OR EXISTS (
                SELECT 1 FROM pg_tables
                WHERE schemaname = 'public' AND tablename = ANY(CAST(:tables AS text[])) AND tableowner = rolname
            )
        )
        FROM pg_roles AS roles WHERE pg_has_role(asked.oid, roles.oid, 'MEMBER')
    )
    FROM pg_roles AS asked WHERE rolname = :role
"""
_MAY_CHANGE = """
    WITH ours AS (SELECT oid FROM pg_roles WHERE pg_has_role(CAST(:role AS name), oid, 'MEMBER'))
    SELECT name FROM ours, unnest(CAST(:tables AS text[])) AS name
    WHERE has_table_privilege(ours.oid, name, 'DELETE, TRUNCATE, TRIGGER')
    UNION
    SELECT name FROM ours, unnest(CAST(:of AS text[]), CAST(:columns AS text[])) AS held(name, field)
    WHERE has_column_privilege(ours.oid, name, field, 'UPDATE, REFERENCES')
    ORDER BY 1
"""
_LACKS = (
    "SELECT name FROM unnest(CAST(:tables AS text[])) AS name"
    " WHERE NOT has_table_privilege(current_user, name, 'INSERT')"
)


def grant(engine: Engine, *, role: str) -> None:
    """Give a role of PostgreSQL what the program needs and no more; run as the owner of the tables, as often as liked.

    RefusedError where it is SQLite, or the role is not there, or owns the tables itself.
    """
    if engine.dialect.name != "postgresql":
        raise RefusedError("SQLite has no roles: the program holds its own connections to it.")
    with engine.begin() as connection:
        owns = _owns(connection, role)
        if owns is None:
            raise RefusedError(f"There is no role {role}: make it first, with CREATE ROLE … LOGIN.")
        if owns:
            raise RefusedError(f"{role} owns the tables, or may act as their owner: give the program another role.")
        for statement in _grants(engine, role):
            connection.execute(text(statement))


def _grants(engine: Engine, role: str) -> Iterator[str]:
    quoted = engine.dialect.identifier_preparer.quote_identifier
    to = quoted(role)
    yield f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {to}"
    yield f"GRANT USAGE ON SCHEMA public TO {to}"
    yield f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {to}"
    yield f"GRANT SELECT ON {quoted(VERSIONS)} TO {to}"
    for table in metadata.sorted_tables:
        name = quoted(table.name)
        if table.name not in WRITTEN_ONCE:
            yield f"GRANT SELECT, INSERT, UPDATE, DELETE ON {name} TO {to}"
            continue
        yield f"REVOKE ALL ON {name} FROM PUBLIC"
        yield f"GRANT SELECT, INSERT ON {name} TO {to}"
        if (columns := WRITTEN_ONCE[table.name]) is not None:
            free = ", ".join(quoted(column.name) for column in table.columns if column.name not in columns)
            yield f"GRANT UPDATE ({free}) ON {name} TO {to}"


def _owns(connection: Connection, role: str) -> bool | None:
    """Whether a role has or can get an owner's rights; None where there is no such role."""
    return connection.execute(text(_OWNS), {"role": role, "tables": list(WRITTEN_ONCE)}).scalar()


def why_not_held(connection: Connection) -> str | None:
    """Why PostgreSQL would let the program change what is written once, in words; None where it would not.

    An owner counts even where the right was taken, since an owner can take it back.
    """
    if connection.dialect.name != "postgresql":
        return None
    role = connection.execute(text("SELECT current_user")).scalar()
    if _owns(connection, str(role)):
        return (
            "The program runs as the owner of its tables, or may act as the owner, so that PostgreSQL would let it"
            " change its own trail."
        )
    every = {table: WRITTEN_ONCE[table] or metadata.tables[table].columns.keys() for table in WRITTEN_ONCE}
    pairs = [(table, column) for table, columns in every.items() for column in columns]
    asked = {"role": role, "tables": list(every), "of": [a for a, _ in pairs], "columns": [b for _, b in pairs]}
    if not (tables := connection.execute(text(_MAY_CHANGE), asked).scalars().all()):
        return None
    return (
        f"The program's role, or one that it may act as, may do more in {' and '.join(tables)} than read and add, so"
        " that PostgreSQL would let it change its own trail."
    )


def owns_all(connection: Connection, tables: Iterable[str]) -> bool:
    """Whether whoever is connected has an owner's rights in all these tables; in SQLite whoever has the file has."""
    if connection.dialect.name != "postgresql":
        return True
    query = (
        "SELECT bool_and(pg_has_role(current_user, tableowner, 'USAGE')) FROM pg_tables"
        " WHERE schemaname = 'public' AND tablename = ANY(CAST(:tables AS text[]))"
    )
    return bool(connection.execute(text(query), {"tables": list(tables)}).scalar())


def missing_rights(connection: Connection) -> list[str]:
    """The tables that the role of this connection may not use as it must: those made since the last `grants`."""
    if connection.dialect.name != "postgresql":
        return []
    names = [table.name for table in metadata.sorted_tables]
    return sorted(connection.execute(text(_LACKS), {"tables": names}).scalars())
