"""What became of a row: its columns before and after, gathered from the session until the deed is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Table
from sqlmodel import Session

from casereader.audit.telling import TABLES, Told
from casereader.audit.values import is_something

TRAIL = "trail"  # of a session: what it has gathered

Row = Mapping[str, Any]


@dataclass(slots=True)
class Change:
    """One row added, changed or removed, or many rows of one statement; `lead` is the value of the owner's column.

    Of a table whose rows are sealed, `was` and `now` are the whole row before and after.
    """

    table: str
    row: str | None
    kind: str
    fields: dict[str, list[Any]] = field(default_factory=dict)
    lead: Any = None
    rows: Sequence[Row] = ()
    n: int = 1
    is_counted: bool = False  # many rows: their number is told, and a seal of each
    was: Row | None = None
    now: Row | None = None


@dataclass(slots=True)
class Deed:
    """What somebody did, as it will be written, and what changed with it."""

    action: str
    actor_id: int | None
    at: datetime
    kind: str
    object_id: str
    inspection_id: int | None
    body: dict[str, Any]
    changes: list[Change] = field(default_factory=list)
    inspection: Any = None  # held where it was loaded already: it is asked for again as the deed is written


@dataclass(slots=True)
class Trail:
    """What a transaction has gathered: changes that no deed has claimed yet, and deeds that wait to be written."""

    loose: list[Change] = field(default_factory=list)
    deeds: list[Deed] = field(default_factory=list)
    last: Deed | None = None  # the one recorded last, also once it is written
    marks: dict[object, tuple[int, int]] = field(default_factory=dict)  # where a transaction within it began

    def add(self, change: Change | None) -> None:
        """Gather a change: the next deed claims it, or the last one where none follows."""
        if change is not None:
            self.loose.append(change)

    def mark(self, within: object) -> None:
        """Remember how far the trail has come where a transaction within this one begins."""
        self.marks[within] = (len(self.loose), len(self.deeds))

    def back_to(self, within: object) -> None:
        """Forget what was gathered since a transaction within this one began."""
        loose, deeds = self.marks.pop(within, (0, 0))
        if len(self.deeds) > deeds:  # the first of them had claimed what was gathered before, too
            self.loose = self.deeds[deeds].changes
        del self.loose[loose:], self.deeds[deeds:]
        self.last = self.deeds[-1] if self.deeds else None


def trail_of(session: Session) -> Trail:
    """What the session has gathered in this transaction."""
    found: Trail | None = session.info.get(TRAIL)
    if found is None:
        found = session.info[TRAIL] = Trail()
    return found


def told_of(table: Table) -> Told | None:
    """How changes of a table are told; None where they are not. A table that nobody classed is an error."""
    found = TABLES[table.name]
    return found if isinstance(found, Told) else None


def changed(table: Table, told: Told, before: Row, after: Row) -> Change | None:
    """What changed of a row, if anything; `after` may hold the changed columns alone."""
    fields = {
        name: [before.get(name), value]
        for name, value in after.items()
        if name not in told.passing and before.get(name) != value
    }
    if not fields:
        return None
    whole = {**before, **after}
    found = Change(table.name, row_name(told, whole), "changed", fields, whole.get(told.owner))
    return _sealed(told, found, {**whole, **before}, whole)


def added(table: Table, told: Told, row: Row) -> Change:
    """A row that is new: every column that holds something."""
    fields = {name: [None, value] for name, value in row.items() if is_something(value) and name not in told.passing}
    return _sealed(told, Change(table.name, row_name(told, row), "added", fields, row.get(told.owner)), None, row)


def removed(table: Table, told: Told, row: Row) -> Change:
    """A row that is gone: every column that held something."""
    fields = {name: [value, None] for name, value in row.items() if is_something(value) and name not in told.passing}
    return _sealed(told, Change(table.name, row_name(told, row), "removed", fields, row.get(told.owner)), row, None)


def counted(table: Table, told: Told, kind: str, rows: Sequence[Row]) -> Change:
    """Many rows of one statement: their number, and a seal of each."""
    return Change(table.name, None, kind, {}, rows[0].get(told.owner), rows, len(rows), is_counted=True)


def _sealed(told: Told, change: Change, was: Row | None, now: Row | None) -> Change:
    if told.in_bulk and not change.fields.keys() <= told.later:
        change.was, change.now = was, now
    return change


def row_name(told: Told, row: Row) -> str | None:
    """What a row is called: its public name, or the columns it is known by; None where those are not known yet."""
    parts = [row.get(name) for name in told.named_by]
    return None if None in parts else "/".join(map(str, parts))


def together(changes: Iterable[Change]) -> list[Change]:
    """The changes of one deed, each row once: as it was before the first and is after the last."""
    found: dict[tuple[str, str], Change] = {}
    kept: list[Change | None] = []
    places: dict[tuple[str, str], int] = {}
    for change in changes:
        if change.is_counted or change.row is None:
            kept.append(change)
            continue
        key = (change.table, change.row)
        if key not in found:
            found[key], places[key] = change, len(kept)
            kept.append(change)
            continue
        joined = _joined(found[key], change)
        kept[places[key]] = joined
        if joined is None:
            del found[key], places[key]
        else:
            found[key] = joined
    return [change for change in kept if change is not None]


def _joined(first: Change, then: Change) -> Change | None:
    if first.kind == "added" and then.kind == "removed":
        return None
    fields = {name: list(values) for name, values in first.fields.items()}
    for name, (before, after) in then.fields.items():
        fields[name] = [fields[name][0] if name in fields else before, after]
    if then.kind == "removed":
        fields = {name: [before, None] for name, (before, _) in fields.items()}
    kind = {"added": "added", "removed": "changed"}.get(first.kind, then.kind)
    if kind == "changed":
        fields = {name: values for name, values in fields.items() if values[0] != values[1]}
    elif kind == "added":
        fields = {name: values for name, values in fields.items() if is_something(values[1])}
    if not fields:
        return None
    was, now = (first.was, then.now) if then.was or then.now else (first.was, first.now)
    return Change(first.table, first.row, kind, fields, first.lead or then.lead, was=was, now=now)
