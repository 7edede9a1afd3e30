"""A digest of each table, so that what is brought back can be held against what was copied, row by row.

Each row is a line of text, in the order of the primary key: on SQLite as canonical JSON of its stored values, on
PostgreSQL as the server writes a row. Both copies of one comparison are on the same kind of database.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

AT_ONCE = 5_000
# However server and role are set, so that a row is written one way: UTC, ISO dates, every digit of a number.
ONE_WAY = (
    "SET LOCAL timezone = 'UTC'",
    "SET LOCAL datestyle = 'ISO'",
    "SET LOCAL intervalstyle = 'postgres'",
    "SET LOCAL extra_float_digits = 1",
    "SET LOCAL bytea_output = 'hex'",
)
_OF_POSTGRESQL = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
_OF_SQLITE = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY 1"
_KEY_OF_POSTGRESQL = """
    SELECT attname FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY(indkey)
    WHERE indisprimary AND indrelid = CAST(CAST(%s AS text) AS regclass)
    ORDER BY array_position(indkey, attnum)
"""


@dataclass(frozen=True)
class Digest:
    """How many rows a table has, and the SHA-256 of them all."""

    rows: int
    sha256: str


def digests(connection: Connection) -> dict[str, Digest]:
    """The digest of every table, in the transaction of this connection."""
    if connection.dialect.name == "postgresql":
        return dict(_of_postgresql(connection))
    return of_sqlite(connection.connection.driver_connection)


def of_sqlite(held: Any) -> dict[str, Digest]:
    """The digest of every table, in the transaction of a connection of SQLite's driver."""
    found = {}
    for (name,) in held.execute(_OF_SQLITE).fetchall():
        columns = held.execute(f"PRAGMA table_info({_quoted(name)})").fetchall()
        key = [column[1] for column in sorted(columns, key=lambda column: column[5]) if column[5]] or ["rowid"]
        order = ", ".join(map(_quoted, key))
        cursor = held.execute(f"SELECT * FROM {_quoted(name)} ORDER BY {order}")  # noqa: S608 - its own names, quoted
        found[name] = _digest(json.dumps(row, default=bytes.hex) for row in cursor)
    return found


def differences(expected: Mapping[str, Digest], found: Mapping[str, Digest]) -> list[str]:
    """In which tables they differ, in words without content."""
    return [
        f"{name} has {_said(found.get(name))}, not {_said(expected.get(name))}"
        for name in sorted(expected.keys() | found.keys())
        if expected.get(name) != found.get(name)
    ]


def _of_postgresql(connection: Connection) -> Iterator[tuple[str, Digest]]:
    for setting in ONE_WAY:
        connection.exec_driver_sql(setting)
    for name in connection.exec_driver_sql(_OF_POSTGRESQL).scalars().all():
        quoted = _quoted(name)
        key = connection.exec_driver_sql(_KEY_OF_POSTGRESQL, (quoted,)).scalars().all()
        # by the bytes of the key's text: whatever language the one or the other database sorts by
        order = ", ".join(f'CAST(t.{_quoted(one)} AS text) COLLATE "C"' for one in key) or 'CAST(t AS text) COLLATE "C"'
        query = f"SELECT CAST(t AS text) FROM {quoted} AS t ORDER BY {order}"  # noqa: S608 - its own names, quoted
        rows = connection.exec_driver_sql(query, execution_options={"yield_per": AT_ONCE})
        yield name, _digest(row for (row,) in rows)


def _digest(rows: Iterable[str]) -> Digest:
    digest, n = hashlib.sha256(), 0
    for row in rows:
        digest.update(row.encode("utf-8", "surrogatepass"))
        digest.update(b"\n")
        n += 1
    return Digest(n, digest.hexdigest())


def _said(one: Digest | None) -> str:
    return "no rows, for it is not there" if one is None else f"{one.rows:,} rows with digest {one.sha256[:12]}…"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
