"""Recording deeds: each is written at the end of its transaction, with all that changed in it before and after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ClauseElement, Connection, select
from sqlalchemy.orm.util import identity_key
from sqlalchemy.sql import visitors
from sqlmodel import Session

from casereader import away
from casereader.audit import chain
from casereader.audit.changes import Change, Deed, together, trail_of
from casereader.audit.telling import TABLES, Told
from casereader.audit.texts import Texts
from casereader.audit.values import sealed, told_value
from casereader.models import Account, AuditEvent, Inspection, metadata

AFTERWARDS = "changed with it"  # what a deed changed once its event was written


class UnrecordedChangeError(RuntimeError):
    """A transaction changed content and recorded no deed: it is a fault of ours, and nothing was stored."""


def record(
    session: Session,
    action: str,
    *,
    by: Account | None,
    at: datetime,
    kind: str,
    object_id: str,
    inspection_id: int | None = None,
    body: Mapping[str, Any] | None = None,
    in_any_week: bool = False,
) -> None:
    """Record a deed; `by` is None for the command line. `body` holds names and counts, never texts.

    It takes what was changed since the deed before it, and what is changed after the last deed goes with that.
    RefusedError where the deed waits for the end of an offline week, or is done on its other side, unless it was done
    before and is done `in_any_week` again.
    """
    if not in_any_week:
        away.refuse(session, action, inspection_id)
    session.flush()
    trail = trail_of(session)
    deed = Deed(action, by.id if by else None, at, kind, object_id, inspection_id, dict(body or {}), trail.loose)
    if inspection_id is not None:
        deed.inspection = session.identity_map.get(identity_key(Inspection, inspection_id))
    trail.loose = []
    trail.deeds.append(deed)
    trail.last = deed


def record_of_inspection(
    session: Session,
    action: str,
    inspection: Inspection,
    *,
    by: Account | None,
    at: datetime,
    body: Mapping[str, Any] | None = None,
) -> None:
    """Record a deed on an inspection as a whole, as `record` does."""
    record(
        session,
        action,
        by=by,
        at=at,
        kind="inspection",
        object_id=inspection.public_id,
        inspection_id=inspection.id,
        body=body,
    )


def write(session: Session) -> None:
    """Write the deeds that wait, with what changed; UnrecordedChangeError where something changed without any."""
    trail = trail_of(session)
    if trail.loose:
        if trail.last is None:
            tables = sorted({change.table for change in trail.loose})
            raise UnrecordedChangeError(f"Rows of {', '.join(tables)} were changed, and no deed was recorded.")
        if not trail.deeds:  # its event is written already, and stays as it is
            trail.deeds.append(replace(trail.last, action=AFTERWARDS, body={}, changes=[]))
        trail.deeds[-1].changes += trail.loose
        trail.loose = []
    if not trail.deeds:
        return
    deeds, trail.deeds = trail.deeds, []
    connection = session.connection()
    texts = Texts(session, at=deeds[-1].at)
    owners = _Owners(connection, {deed.inspection_id for deed in deeds})
    chain.add(connection, [_event(deed, texts, owners) for deed in deeds])
    texts.keep()


def asks_for_events(statement: Any) -> bool:
    """Whether a statement reads the trail, so that what waits must be written before."""
    if not isinstance(statement, ClauseElement):
        return False
    # Looked through as it was put together: to have it say its tables, SQLAlchemy would compile it once more.
    return any(getattr(part, "table", part) in _EVENTS for part in visitors.iterate(statement))


_EVENTS: frozenset[Any] = frozenset({AuditEvent.__table__})  # type: ignore[attr-defined]


def _event(deed: Deed, texts: Texts, owners: _Owners) -> dict[str, Any]:
    body = deed.body
    if deed.changes:
        told = _told(deed, texts, owners)
        body = {**body, "changes": told} if told else body
    return {
        "at": deed.at,
        "actor_id": deed.actor_id,
        "action": deed.action,
        "object_kind": deed.kind,
        "object_id": deed.object_id,
        "inspection_id": deed.inspection_id,
        "body": body,
    }


def _told(deed: Deed, texts: Texts, owners: _Owners) -> list[dict[str, Any]]:
    found = []
    for change in together(deed.changes):
        told = TABLES[change.table]
        assert isinstance(told, Told)
        owner = owners.of(change, told, deed)
        says: dict[str, Any] = {"table": change.table, "kind": change.kind}
        if change.is_counted:
            says["rows"] = change.n
            says["seals"] = [texts.seal(sealed(row, told, change.table), inspection_id=owner) for row in change.rows]
        else:
            says["row"] = change.row
            says["fields"] = {
                name: [told_value(name, value, told, texts, owner) for value in values]
                for name, values in change.fields.items()
            }
            if change.was or change.now:
                says["seal"] = [
                    row and texts.seal(sealed(row, told, change.table), inspection_id=owner)
                    for row in (change.was, change.now)
                ]
        if told.owner and owner != deed.inspection_id:
            says["inspection"] = owner
        found.append(says)
    return found


class _Owners:
    """Which inspection each change belongs to: that of its deed, unless the transaction is about several."""

    def __init__(self, connection: Connection, of_deeds: set[int | None]) -> None:
        self._connection, self._is_clear = connection, len(of_deeds) == 1 and None not in of_deeds
        self._found: dict[tuple[str, Any], int | None] = {}

    def of(self, change: Change, told: Told, deed: Deed) -> int | None:
        if not told.owner:
            return None
        if self._is_clear:
            return deed.inspection_id
        return self._up(change.table, told.owner, change.lead) or deed.inspection_id

    def _up(self, table: str, column: str, lead: Any) -> int | None:
        """The inspection that the value of a column leads to, from table to table."""
        if column == "inspection_id" or (table, column) == ("inspection", "id") or lead is None:
            found: int | None = lead
            return found
        (link,) = metadata.tables[table].c[column].foreign_keys
        parent, told = link.column.table, TABLES[link.column.table.name]
        assert isinstance(told, Told)
        if (parent.name, lead) not in self._found:
            query = select(parent.c[told.owner]).where(parent.c.id == lead)
            further = self._connection.execute(query).scalar()
            self._found[parent.name, lead] = self._up(parent.name, told.owner, further)
        return self._found[parent.name, lead]
