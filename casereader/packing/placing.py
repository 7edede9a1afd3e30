"""Writing what a packed file brought: rows under their names; our trail tells of each who did it there, and when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Date, Enum, Table, insert, select
from sqlalchemy.orm.attributes import flag_modified
from sqlmodel import Session, SQLModel

from casereader import audit
from casereader.models import Reading, metadata
from casereader.models.columns import UtcTime
from casereader.packing.gathering import ACCOUNTS_IN, Row, Rows, leads_to, packed, tables
from casereader.packing.merging import Plan
from casereader.packing.parts import Rule

KINDS: Mapping[str, Any] = {
    mapper.local_table.name: mapper.class_  # type: ignore[attr-defined]
    for mapper in SQLModel._sa_registry.mappers
}
# A laptop, or the office, may know these already from another inspection, or by themselves.
KNOWN_BEFORE = frozenset({"practice_reading", "conflict_of_interest"})
# Nearly all rows of a week, and named by no other: one statement each writes them, for others wait until it is done.
IN_BULK = frozenset({"answer", "answer_revision", "active_minute"})


class Placing:
    """One file on its way into the tables of this side."""

    def __init__(self, session: Session, mine: Rows, plan: Plan, *, action: str, at: datetime) -> None:
        self._session, self._plan, self._action, self._at = session, plan, action, at
        self._ids: dict[str, dict[str, int]] = {
            table: {name: row.id for name, row in named.items() if row.id is not None} for table, named in mine.items()
        }
        self._mine = mine
        self.counts: dict[str, int] = defaultdict(int)

    def id(self, table: str, name: str) -> int:
        """The key here of a row that is here by now."""
        return self._ids[table][name]

    def place(self, *, inspection: str, body: Mapping[str, Any]) -> list[str]:
        """Write it all, first what is no reading's; the names of the readings that were touched."""
        readings = self._by_reading()
        self._write(readings.pop(None, _Of()))
        self._record("inspection", inspection, inspection, body)
        for name in sorted(reading for reading in readings if reading is not None):
            of_it = readings[name]
            self._write(of_it)
            self._touch(name, of_it)
            self._record("reading", name, inspection, {**body, **_who_and_when(of_it, self._accounts())})
        return sorted(name for name in readings if name is not None)

    def _by_reading(self) -> dict[str | None, _Of]:
        found: dict[str | None, _Of] = defaultdict(_Of)
        for row in self._plan.added:
            found[row.reading].added.append(row)
        for row, values in self._plan.changed:
            found[row.reading].changed.append((row, values))
        for row in self._plan.removed:
            found[row.reading].removed.append(row)
        for one in self._plan.differs:
            found[one.reading].differs += 1
        return found

    def _write(self, of_it: _Of) -> None:
        order = {name: place for place, name in enumerate(tables())}
        for row in sorted(of_it.removed, key=lambda row: -order[row.table]):
            self._session.delete(self._object(row))
            self.counts[row.table] += 1
        self._session.flush()
        for row, values in of_it.changed:
            self._set(self._object(row), metadata.tables[row.table], values)
            self.counts[row.table] += 1
        self._session.flush()
        added = defaultdict(list)
        for row in of_it.added:
            added[row.table].append(row)
        for table in sorted(added, key=order.__getitem__):
            self._add(table, added[table])

    def _add(self, table: str, rows: list[Row]) -> None:
        part = packed(table)
        assert part is not None
        if part.rule is Rule.OFFICE or table in KNOWN_BEFORE:
            rows = [row for row in rows if not self._is_known(row)]
        self.counts[table] += len(rows)
        if table in IN_BULK:
            columns = [self._decoded(metadata.tables[table], {**row.values, **row.passing}) for row in rows]
            self._session.execute(insert(KINDS[table]), columns)
            return
        made = []
        for row in rows:
            one = KINDS[table]()
            self._set(one, metadata.tables[table], {**row.values, **row.passing})
            self._session.add(one)
            made.append((row.name, one))
        self._session.flush()
        for name, one in made:
            self._ids[table][name] = one.id if "id" in metadata.tables[table].c else one.reading_id

    def _is_known(self, row: Row) -> bool:
        """Whether the row is here already under the same name: it stays as it is."""
        table, part = metadata.tables[row.table], packed(row.table)
        assert part is not None
        values = self._decoded(table, {name: row.values[name] for name in part.by})
        query = select(table.c.id)
        for name, value in values.items():
            query = query.where(table.c[name] == value)
        found = self._session.execute(query).scalar()
        if found is not None:
            self._ids[row.table][row.name] = found
        return found is not None

    def _object(self, row: Row) -> Any:
        return self._session.get_one(KINDS[row.table], self._ids[row.table][row.name])

    def _set(self, one: Any, table: Table, values: Mapping[str, Any]) -> None:
        for name, value in self._decoded(table, values).items():
            setattr(one, name, value)
        self._session.add(one)

    def _decoded(self, table: Table, values: Mapping[str, Any]) -> dict[str, Any]:
        return {name: self._value(table, name, value) for name, value in values.items()}

    def _value(self, table: Table, name: str, value: Any) -> Any:
        target, kind = leads_to(table.name).get(name), table.c[name].type
        if value is None:
            return None
        if target is not None:
            return self._ids[target][value]
        if isinstance(kind, JSON) and (inside := ACCOUNTS_IN.get((table.name, name))):
            accounts = self._ids["account"]
            return [one | {key: accounts[one[key]] for key in inside if one.get(key)} for one in value]
        return as_stored(table, name, value)

    def _touch(self, name: str, of_it: _Of) -> None:
        """Raise the version of a reading, so that a page of it that was left open is told."""
        if any(row.table == "reading" for row in of_it.added):
            return
        reading = self._session.get_one(Reading, self._ids["reading"][name])
        saved = [datetime.fromisoformat(moment) for moment in of_it.moments() if moment]
        reading.saved_at = max([*saved, *([reading.saved_at] if reading.saved_at else [])], default=None)
        if reading.saved_at is not None and reading.started_at is None and reading.state != "assigned":
            reading.started_at = min(saved, default=reading.saved_at)
        flag_modified(reading, "saved_at")
        self._session.add(reading)
        self._session.flush()

    def _accounts(self) -> Mapping[str, int]:
        return self._ids["account"]

    def _record(self, kind: str, name: str, inspection: str, body: Mapping[str, Any]) -> None:
        audit.record(
            self._session,
            self._action,
            by=None,
            at=self._at,
            kind=kind,
            object_id=name,
            inspection_id=self._ids["inspection"][inspection],
            body=body,
        )


def as_stored(table: Table, name: str, value: Any) -> Any:
    """A value that names no other row as its column takes it; ValueError or TypeError where it is none."""
    kind = table.c[name].type
    if isinstance(kind, UtcTime):
        return datetime.fromisoformat(value)
    if isinstance(kind, Date):
        return date.fromisoformat(value)
    if isinstance(kind, Enum) and kind.enum_class is not None:
        return kind.enum_class(value)
    return value


class _Of:
    """What is to be written of one reading, or of none."""

    def __init__(self) -> None:
        self.added: list[Row] = []
        self.changed: list[tuple[Row, dict[str, Any]]] = []
        self.removed: list[Row] = []
        self.differs = 0

    def moments(self) -> Iterator[str]:
        """When its answers were saved."""
        for row in self.added:
            if row.table in ("answer_revision", "answer"):
                yield str(row.values.get("saved_at") or row.passing.get("saved_at"))


def _who_and_when(of_it: _Of, keys: Mapping[str, int]) -> dict[str, Any]:
    """Who did it on the other side, by their keys here, and from when to when."""
    who, moments = set(), []
    for row in of_it.added:
        when = row.values.get("saved_at") or row.values.get("at") or row.values.get("raised_at")
        by = row.values.get("saved_by_id") or row.values.get("by_id") or row.values.get("raised_by_id")
        if when and by:
            moments.append(str(when))
            who.add(keys[by])
    return {"who": sorted(who), "from": min(moments), "to": max(moments)} if moments else {}
