"""A session that sees every change which is made through it, and commits none without a deed.

Objects are seen as they are flushed. Statements are seen as they are sent: the rows that one will change are read
before it, and again after. A transaction that changes content and records no deed fails.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Table, event, select
from sqlalchemy.orm import InstanceState, LoaderCallableStatus, SessionTransaction
from sqlmodel import Session

from casereader.audit import statements
from casereader.audit.changes import TRAIL, added, changed, told_of, trail_of
from casereader.audit.recording import asks_for_events, write
from casereader.audit.telling import Told


class WatchedSession(Session):
    """A session whose changes the trail tells."""

    def exec(self, statement: Any, *arguments: Any, **options: Any) -> Any:
        """As SQLModel's, watched."""
        seen = self._before(statement, arguments, options)
        result = super().exec(statement, *arguments, **options)
        if seen is not None:
            statements.after(self, seen)
        return result

    def execute(self, statement: Any, *arguments: Any, **options: Any) -> Any:
        """As SQLAlchemy's, watched."""
        seen = self._before(statement, arguments, options)
        result = super().execute(statement, *arguments, **options)
        if seen is not None:
            statements.after(self, seen)
        return result

    def _before(self, statement: Any, arguments: tuple[Any, ...], options: dict[str, Any]) -> statements.Seen | None:
        if getattr(statement, "is_dml", False):
            return statements.before(self, statement, arguments[0] if arguments else options.get("params"))
        if TRAIL in self.info and trail_of(self).deeds and asks_for_events(statement):
            write(self)
        return None


@event.listens_for(WatchedSession, "before_flush")
def _see_changed(session: Session, _context: object, _objects: object) -> None:
    """Gather what is changed and removed: once it is flushed, the database no longer knows how it was."""
    trail = trail_of(session)
    for one in session.dirty:
        table, told, state = _of(one)
        if told is not None:
            held = {name: old for name, old in _columns(state, state.committed_state) if name not in told.passing}
            if held:
                now = dict(_columns(state, state.dict))
                before = {**now, **held, **_stored(session, table, now, held)}
                trail.add(changed(table, told, before, {name: now.get(name) for name in held}))
    for one in session.deleted:
        table, told, state = _of(one)
        if told is not None:
            row = dict(_columns(state, {**state.dict, **state.committed_state}))
            for change in statements.gone(session, table, told, row):
                trail.add(change)


@event.listens_for(WatchedSession, "after_flush")
def _see_added(session: Session, _context: object) -> None:
    """Gather what is new, now that it has its key."""
    trail = trail_of(session)
    for one in session.new:
        table, told, state = _of(one)
        if told is not None:
            trail.add(added(table, told, dict(_columns(state, state.dict))))


@event.listens_for(WatchedSession, "before_commit")
def _write(session: Session) -> None:
    session.flush()
    if TRAIL in session.info:
        write(session)


@event.listens_for(WatchedSession, "after_commit")
def _begin_anew(session: Session) -> None:
    session.info.pop(TRAIL, None)


@event.listens_for(WatchedSession, "after_transaction_create")
def _mark(session: Session, transaction: SessionTransaction) -> None:
    if transaction.nested:
        session.flush()
        trail_of(session).mark(transaction)


@event.listens_for(WatchedSession, "after_soft_rollback")
def _forget(session: Session, transaction: SessionTransaction) -> None:
    """What was rolled back did not happen."""
    if transaction.nested:
        trail_of(session).back_to(transaction)
    else:
        session.info.pop(TRAIL, None)


def _of(one: Any) -> tuple[Table, Told | None, InstanceState[Any]]:
    table: Table = one.__table__
    return table, told_of(table), one._sa_instance_state


def _columns(state: InstanceState[Any], values: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    names = state.mapper.columns
    return ((names[key].name, value) for key, value in values.items() if key in names)


def _stored(session: Session, table: Table, now: dict[str, Any], held: dict[str, Any]) -> dict[str, Any]:
    """What the database holds of the columns that were set without being read before."""
    unread = [name for name, old in held.items() if old is LoaderCallableStatus.NO_VALUE]
    if not unread:
        return {}
    query = select(*(table.c[name] for name in unread))
    for column in table.primary_key:
        query = query.where(column == now[column.name])
    row = session.connection().execute(query).one()
    return dict(row._mapping)
