"""Statements that change rows: how the rows were before one, and how they are after it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Table, bindparam, select, tuple_
from sqlmodel import Session

from casereader.audit.changes import Change, Row, added, changed, counted, removed, told_of, trail_of
from casereader.audit.telling import MOST_ROWS, TABLES, Told
from casereader.models import metadata

AT_ONCE = 500  # keys in one query: well under what SQLite takes


class UnwatchableError(RuntimeError):
    """A statement of a kind whose changes cannot be told: it is a fault of ours, and it was not sent."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What there is to tell once the statement was sent: rows as they were, or changes that are known already."""

    table: Table
    told: Told
    rows: Sequence[Row] = ()
    changes: Sequence[Change] = ()


def before(session: Session, statement: Any, given: Any) -> Seen | None:
    """Look at what a statement will change; None where nothing of it is told."""
    table = metadata.tables[statement.table.name]
    told = told_of(table)
    if told is None:
        return None
    if statement.is_insert:
        return Seen(table, told, changes=_added(table, told, statement, given))
    if given:
        raise UnwatchableError(f"A statement changes rows of {table.name} from a list of values: write it row by row.")
    session.flush()
    query = _all_of(table)
    if statement.whereclause is not None:
        query = query.where(statement.whereclause)
    rows = [dict(row._mapping) for row in session.connection().execute(query)]
    if statement.is_delete:
        return Seen(table, told, changes=_gone(session, table, told, rows))
    return Seen(table, told, rows=rows)


def after(session: Session, seen: Seen) -> None:
    """Gather what the statement changed."""
    trail = trail_of(session)
    for change in seen.changes:
        trail.add(change)
    if not seen.rows:
        return
    table = seen.table
    keys = [column.name for column in table.primary_key]
    was = {tuple(row[name] for name in keys): row for row in seen.rows}
    if len(was) > MOST_ROWS:
        trail.add(counted(table, seen.told, "changed", list(was.values()), with_digest=True))
        return
    query, given = _by_key(table), {"keys": [one if len(keys) > 1 else one[0] for one in was]}
    for row in session.connection().execute(query, given):
        now = dict(row._mapping)
        trail.add(changed(table, seen.told, was[tuple(now[name] for name in keys)], now))


def gone(session: Session, table: Table, told: Told, row: Row) -> Iterator[Change]:
    """The changes with which one row goes, and all that the database takes away with it."""
    yield from _gone(session, table, told, [row])


def _added(table: Table, told: Told, statement: Any, given: Any) -> list[Change]:
    if statement.select is not None or statement._multi_values:
        raise UnwatchableError(f"A statement adds rows to {table.name} that nobody can see: hand over a list of rows.")
    rows = [given] if isinstance(given, Mapping) else list(given or [statement.compile().params])
    if told.in_bulk or len(rows) > MOST_ROWS:
        return [counted(table, told, "added", rows, with_digest=not told.in_bulk)] if rows else []
    return [added(table, told, row) for row in rows]


def _gone(session: Session, table: Table, told: Told, rows: Sequence[Row]) -> list[Change]:
    if not rows:
        return []
    found = [change for child, key in _children(table) for change in _gone_with(session, child, key, rows)]
    if len(rows) > MOST_ROWS:
        return [*found, counted(table, told, "removed", rows, with_digest=True)]
    return [*found, *(removed(table, told, row) for row in rows)]


def _gone_with(session: Session, child: Table, key: str, rows: Sequence[Row]) -> list[Change]:
    told = told_of(child)
    if told is None:
        return []
    ids = [row["id"] for row in rows]
    found: list[Row] = []
    for start in range(0, len(ids), AT_ONCE):
        query = select(*child.c).where(child.c[key].in_(ids[start : start + AT_ONCE]))
        found += [dict(row._mapping) for row in session.connection().execute(query)]
    return _gone(session, child, told, found)


@cache
def _all_of(table: Table) -> Any:
    return select(*table.c)


@cache
def _by_key(table: Table) -> Any:
    columns = list(table.primary_key)
    key: Any = columns[0] if len(columns) == 1 else tuple_(*columns)
    return select(*table.c).where(key.in_(bindparam("keys", expanding=True)))


@cache
def _children(table: Table) -> list[tuple[Table, str]]:
    """The tables whose rows go with rows of this one, and the column that holds its key."""
    return [
        (child, link.parent.name)
        for child in metadata.tables.values()
        for link in child.foreign_keys
        if link.column.table is table and link.ondelete == "CASCADE" and child.name in TABLES
    ]
