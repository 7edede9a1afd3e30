"""All that is held about one case: gathered for the person it is about, who may ask for it.

What belongs to a case is found by the keys of the tables, so that a new table is gathered too: every row that leads to
a row of a list with that reference. Where else the reference stands, in papers of the whole list, is named only.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, or_, select
from sqlmodel import Session, col
from sqlmodel import select as rows_of

from casereader import audit
from casereader.erasing import FATES, Kept, words_of
from casereader.erasing.rows import of
from casereader.errors import AbsentError
from casereader.models import Account, AuditEvent, TextVersion, metadata
from casereader.programmes.inspections import Place

NOTE = (
    "Read this before it is handed over. Notes may tell of other people: brothers and sisters, parents, staff, whoever "
    "raised a concern. Take out what is about others, unless they agree or it is reasonable without, and say that it "
    "was taken out. Names of people who acted in their work are those of the accounts."
)

Row = dict[str, Any]


@dataclass(frozen=True)
class Held:
    """What is held about a case."""

    inspection: str
    reference: str
    made_at: datetime
    tables: Mapping[str, list[Row]]
    events: list[Row]
    texts: list[Row]
    named_in: list[Row]

    def as_plain(self) -> dict[str, Any]:
        """As it goes into a file."""
        return {
            "inspection": self.inspection,
            "reference": self.reference,
            "made_at": self.made_at.isoformat(timespec="seconds"),
            "note": NOTE,
            "held": dict(self.tables),
            "trail": self.events,
            "versions_of_texts": self.texts,
            "also_named_in": self.named_in,
        }


def gather(session: Session, *, place: Place, reference: str, by: Account, at: datetime) -> Held:
    """Gather it, and write down that it was taken; AbsentError where the reference is on no list of the inspection."""
    connection, reference = session.connection(), reference.strip()
    found = dict(_rows(connection, place.inspection.id or 0, reference))
    if not found.get("frame_case"):
        raise AbsentError("No list of this inspection holds that reference.")
    names = {row["public_id"] for rows in found.values() for row in rows if "public_id" in row}
    events = _events(session, place.inspection.id, names)
    people = {account.id: account.name for account in session.exec(rows_of(Account))}
    held = Held(
        inspection=place.name,
        reference=reference,
        made_at=at,
        tables={name: [_plain(metadata.tables[name], row, people) for row in rows] for name, rows in found.items()},
        events=[_event(event, people) for event in events],
        texts=_texts(session, place.inspection.id, events),
        named_in=list(_named_in(connection, place.inspection.id or 0, _called(found, reference), set(found))),
    )
    taken = (found.get("sample_case") or found["frame_case"])[0]
    audit.record(
        session,
        "held about a case taken",
        by=by,
        at=at,
        kind="case",
        object_id=taken.get("public_id") or place.inspection.public_id,
        inspection_id=place.inspection.id,
        body={"rows": sum(len(rows) for rows in found.values())},
    )
    return held


def _rows(connection: Connection, inspection_id: int, reference: str) -> Iterator[tuple[str, list[Row]]]:
    """Each table with rows that lead to the case, and these rows."""
    about: dict[str, ColumnElement[bool]] = {}
    for table in metadata.sorted_tables:
        condition = _about(table, about, inspection_id, reference)
        if condition is None:
            continue
        about[table.name] = condition
        rows = [dict(row._mapping) for row in connection.execute(select(table).where(condition))]
        if rows:
            yield table.name, rows


def _about(
    table: Table, about: Mapping[str, ColumnElement[bool]], inspection_id: int, reference: str
) -> ColumnElement[bool] | None:
    if table.name in ("frame_case", "list_change"):
        return of(table, inspection_id) & (table.c.case_ref == reference)
    leads = [
        column.in_(select(key.column).where(about[key.column.table.name]))
        for column in table.columns
        for key in column.foreign_keys
        if key.column.table.name in about
    ]
    return or_(*leads) if leads else None


def _called(found: Mapping[str, list[Row]], reference: str) -> set[str]:
    """By which names papers of many cases speak of this one."""
    return {reference, *(row["public_id"] for name in ("reading", "sample_case") for row in found.get(name, ()))}


def _named_in(connection: Connection, inspection_id: int, names: set[str], gathered: set[str]) -> Iterator[Row]:
    """Where else its names stand in what belongs to the inspection, and of lists of many cases the parts that do.

    Its names are the reference and what its readings are called: papers of the whole list, workbooks, and other notes.
    """
    for table in metadata.sorted_tables:
        if isinstance(FATES[table.name], Kept):
            continue
        words = sorted(words_of(table))
        for row in connection.execute(select(table).where(of(table, inspection_id))).mappings():
            is_own = table.name in gathered and bool({row.get("case_ref"), row.get("public_id")} & names)
            parts = {name: _parts(row[name], names) for name in words if not is_own}
            columns = [name for name in parts if any(one in str(row[name]) for one in names)]
            if columns:
                found = {name: parts[name] for name in columns if parts[name]}
                yield {"table": table.name, "row": row.get("public_id") or row.get("id"), "columns": columns} | (
                    {"parts": found} if found else {}
                )


def _parts(value: Any, names: set[str]) -> list[Any]:
    """The parts of a list of many cases, or of what is held by their names, that are of this one."""
    if isinstance(value, dict):
        return [inner for name, inner in value.items() if name in names]
    if isinstance(value, list):
        return [inner for inner in value if any(name in json.dumps(inner, ensure_ascii=False) for name in names)]
    return []


def _events(session: Session, inspection_id: int | None, names: set[str]) -> list[AuditEvent]:
    query = rows_of(AuditEvent).where(AuditEvent.inspection_id == inspection_id).order_by(col(AuditEvent.n))
    return [event for event in session.exec(query) if event.object_id in names or _changes(event) & names]


def _changes(event: AuditEvent) -> set[str]:
    return {str(change.get("row")) for change in event.body.get("changes", ()) if isinstance(change, dict)}


def _event(event: AuditEvent, people: Mapping[int | None, str]) -> Row:
    who = people.get(event.actor_id, "the command line")
    return {"n": event.n, "at": event.at.isoformat(), "who": who, "action": event.action, "body": event.body}


def _texts(session: Session, inspection_id: int | None, events: list[AuditEvent]) -> list[Row]:
    digests = {digest for event in events for digest in _digests(event.body)}
    query = rows_of(TextVersion).where(TextVersion.inspection_id == inspection_id).order_by(col(TextVersion.id))
    return [
        {"digest": one.digest, "text": one.text, "kept_at": one.kept_at.isoformat()}
        for one in session.exec(query)
        if one.digest in digests
    ]


def _digests(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("digest"), str):
            yield value["digest"]
        for inner in value.values():
            yield from _digests(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _digests(inner)


def _plain(table: Table, row: Row, people: Mapping[int | None, str]) -> Row:
    accounts = {
        column.name for column in table.columns for key in column.foreign_keys if key.column.table.name == "account"
    }
    return {
        name: people.get(value) if name in accounts and value is not None else _value(value)
        for name, value in row.items()
    }


def _value(value: Any) -> Any:
    if isinstance(value, StrEnum):
        return value.value
    return value.isoformat() if isinstance(value, date | datetime) else value
