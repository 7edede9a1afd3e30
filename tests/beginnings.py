"""Where tests begin: the cast, or their sample dealt out, made by the verbs once and put in as rows from then on.

The verbs take a tenth of a second, and hundreds of tests begin with them. Each process makes a beginning once on each
kind of database; a test that asks what the verbs do calls them itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import Connection
from sqlmodel import Session, select

from casereader import audit
from casereader.instrument import Instrument
from casereader.models import Account, DrawRecord
from casereader.programmes import inspections
from tests.cast import Cast, gather
from tests.postgres import metadata

Deal = Callable[[Session, Cast, Instrument], object]
Rows = list[tuple[str, Any]]  # of a table: tuples on SQLite, and on PostgreSQL the text that COPY takes


@dataclass(frozen=True)
class _Kept:
    instrument: Instrument  # held, since it is known by its identity
    rows: Rows
    people: dict[str, int]
    inspection_id: int


_kept: dict[tuple[str, int, Deal | None], _Kept] = {}


def begin(session: Session, instrument: Instrument, deal: Deal | None = None) -> Cast:
    """The cast and their inspection in an empty database: nothing done yet, or with the sample dealt out by `deal`."""
    kind = session.get_bind().dialect.name
    take, put = (_take_sqlite, _put_sqlite) if kind == "sqlite" else (_take_postgres, _put_postgres)
    kept = _kept.get((kind, id(instrument), deal))
    if kept is None:
        cast = gather(session, instrument=instrument)
        if deal is not None:
            deal(session, cast, instrument)
        people = {field.name: getattr(cast, field.name).id for field in fields(Cast) if field.name != "place"}
        audit.head(session)  # which writes the deeds that wait for the end of the transaction
        rows = take(session.connection())
        _kept[kind, id(instrument), deal] = _Kept(instrument, rows, people, cast.place.inspection.id or 0)
        return cast
    put(session.connection(), kept.rows)
    accounts = {account.id: account for account in session.exec(select(Account))}
    people = {role: accounts[key] for role, key in kept.people.items()}
    return Cast(place=inspections.place_of(session, inspection_id=kept.inspection_id), **people)


def record_of(session: Session) -> DrawRecord:
    """The draw of the sample that was dealt."""
    return session.exec(select(DrawRecord)).one()


def _take_sqlite(connection: Connection) -> Rows:
    taken: Rows = []
    for table in metadata().sorted_tables:
        if rows := connection.exec_driver_sql(f'SELECT * FROM "{table.name}"').fetchall():
            marks = ", ".join("?" * len(rows[0]))
            taken.append((f'INSERT INTO "{table.name}" VALUES ({marks})', [tuple(row) for row in rows]))
    return taken


def _put_sqlite(connection: Connection, rows: Rows) -> None:
    for statement, values in rows:
        connection.exec_driver_sql(statement, values)


def _take_postgres(connection: Connection) -> Rows:
    taken: Rows = []
    with _cursor(connection) as cursor:
        for table in metadata().sorted_tables:
            with cursor.copy(f'COPY "{table.name}" TO STDOUT') as copy:
                if text := b"".join(copy):
                    taken.append((table.name, text))
    return taken


def _put_postgres(connection: Connection, rows: Rows) -> None:
    with _cursor(connection) as cursor:
        for table, text in rows:
            with cursor.copy(f'COPY "{table}" FROM STDIN') as copy:
                copy.write(text)
            if "id" in metadata().tables[table].columns:
                cursor.execute(f"SELECT setval(pg_get_serial_sequence('\"{table}\"', 'id'), max(id)) FROM \"{table}\"")


def _cursor(connection: Connection) -> Any:
    return connection.connection.cursor()
