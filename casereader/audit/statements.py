"""Statements that change rows: how the rows were before one, and how they are after it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Table, bindparam, func, select, tuple_
from sqlmodel import Session

from casereader.audit.changes import Change, Row, added, changed, counted, removed, told_of, trail_of
from casereader.audit.telling import TABLES, Told
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
    newer_than: int | None = None  # rows added in bulk, which get their keys with the statement


def before(session: Session, statement: Any, given: Any) -> Seen | None:
    """Look at what a statement will change; None where nothing of it is told."""
    table = metadata.tables[statement.table.name]
    told = told_of(table)
    if told is None:
        return None
    if statement.is_insert:
        return _adding(session, table, told, statement, given)
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
    trail, table = trail_of(session), seen.table
    if seen.newer_than is not None:
        trail.add(counted(table, seen.told, "added", _newer(session, seen)))
        return
    _find_keys(session, seen)
    for change in seen.changes:
        trail.add(change)
    if not seen.rows:
        return
    keys = [column.name for column in table.primary_key]
    was = {tuple(row[name] for name in keys): row for row in seen.rows}
    whole = list(was)
    for start in range(0, len(whole), AT_ONCE):
        given = [one if len(keys) > 1 else one[0] for one in whole[start : start + AT_ONCE]]
        for row in session.connection().execute(_by_key(table), {"keys": given}):
            now = dict(row._mapping)
            trail.add(changed(table, seen.told, was[tuple(now[name] for name in keys)], now))


def gone(session: Session, table: Table, told: Told, row: Row) -> Iterator[Change]:
    """The changes with which one row goes, and all that the database takes away with it."""
    yield from _gone(session, table, told, [row])


def _adding(session: Session, table: Table, told: Told, statement: Any, given: Any) -> Seen:
    if statement.select is not None or statement._multi_values:
        raise UnwatchableError(f"A statement adds rows to {table.name} that nobody can see: hand over a list of rows.")
    rows = [given] if isinstance(given, Mapping) else list(given or [statement.compile().params])
    if not told.in_bulk:
        changes = [added(table, told, row) for row in rows]
        if any(change.row is None for change in changes):
            raise UnwatchableError(f"A statement adds rows to {table.name} without the name they are told by.")
        return Seen(table, told, changes=changes)
    if not rows or "id" in told.passing:
        return Seen(table, told, changes=[counted(table, told, "added", rows)] if rows else [])
    if len({row[told.owner] for row in rows}) > 1:
        raise UnwatchableError(f"A statement adds rows of several owners to {table.name}: write one's at a time.")
    newest = select(func.coalesce(func.max(table.c.id), 0)).where(table.c[told.owner] == rows[0][told.owner])
    return Seen(table, told, rows=rows, newer_than=session.connection().execute(newest).scalar_one())


def _newer(session: Session, seen: Seen) -> list[Row]:
    """The rows that the statement added, with their keys, which other tables name."""
    table, owner = seen.table, seen.told.owner
    query = _all_of(table).where(table.c[owner] == seen.rows[0][owner], table.c.id > seen.newer_than)
    return [dict(row._mapping) for row in session.connection().execute(query)]


def _find_keys(session: Session, seen: Seen) -> None:
    """Tell the keys of rows that a statement added under their public names."""
    if "public_id" not in seen.table.c or "id" in seen.told.passing:
        return
    fresh = {one.row: one for one in seen.changes if one.kind == "added" and "id" not in one.fields}
    for start in range(0, len(fresh), AT_ONCE):
        names = list(fresh)[start : start + AT_ONCE]
        query = select(seen.table.c.public_id, seen.table.c.id).where(seen.table.c.public_id.in_(names))
        for name, key in session.connection().execute(query):
            fresh[name].fields["id"] = [None, key]


def _gone(session: Session, table: Table, told: Told, rows: Sequence[Row]) -> list[Change]:
    if not rows:
        return []
    found = [change for child, key in _children(table) for change in _gone_with(session, child, key, rows)]
    if told.in_bulk and not told.later:
        return [*found, counted(table, told, "removed", rows)]
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
