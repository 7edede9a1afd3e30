"""The history of one record: every deed that was done to it, with what it changed before and after, in words.

A text stands in the trail under its digest alone. Who may see the record is told its words, and others how long it is.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Boolean, Date, Text, cast, or_
from sqlmodel import Session, col, select

from casereader import dated
from casereader.audit.speaking import NOTHING, column_spoken, said, spoken
from casereader.audit.telling import TABLES, Told
from casereader.models import Account, AuditEvent, Inspection, Partnership, Programme, TextVersion, metadata
from casereader.models.columns import UtcTime

MOST = 200  # deeds of one record that are shown, the newest
MOST_LINES = 60  # changes of one deed
COMMAND_LINE = "The command line"
HIDDEN = frozenset({"id", "public_id", "minutes"})  # how long a reader took is nobody else's business

REPEATS = frozenset({"answer_revision"})  # says again what stands beside it

Change = Mapping[str, Any]


@dataclass(frozen=True)
class Line:
    """One thing that changed. `is_hidden`: how it was and is is not told."""

    what: str
    before: str = ""
    after: str = ""
    is_hidden: bool = False
    is_new: bool = False  # of a thing that came with the deed: there was no before


@dataclass(frozen=True)
class Entry:
    """Who did what, when, and what it changed; `n_more` changes are not listed."""

    n: int
    at: datetime
    who: str
    action: str
    lines: tuple[Line, ...]
    n_more: int = 0
    says: tuple[str, ...] = ()  # what the deed says of itself, besides what changed


@dataclass(frozen=True)
class Reader:
    """What whoever asks may be told: the words of texts, and values at all, of all tables or of these."""

    texts: frozenset[str] | None = None
    values: frozenset[str] | None = None


WHOLE = Reader()


def history_of(
    session: Session, object_ids: Collection[str], *, inspection_id: int | None = None, reader: Reader = WHOLE
) -> list[Entry]:
    """The deeds done to a record, the newest first; with its inspection also what others changed in it.

    A record that is written anew each time, as an evaluation, has several names.
    """
    named: Any = col(AuditEvent.object_id).in_(object_ids)
    if inspection_id is not None:
        body = cast(col(AuditEvent.body), Text)
        within = [body.contains(f'"{name}"', autoescape=True) for name in object_ids]
        named = or_(named, *within) & (col(AuditEvent.inspection_id) == inspection_id)
    query = select(AuditEvent).where(named).order_by(col(AuditEvent.n).desc()).limit(MOST)
    return entries(session, session.exec(query).all(), of=frozenset(object_ids), reader=reader)


def history_within(
    session: Session, inspection_id: int, *, kinds: Collection[str], reader: Reader = WHOLE
) -> list[Entry]:
    """The deeds done within an inspection to things of these kinds, gone ones too, the newest first."""
    query = select(AuditEvent).where(AuditEvent.inspection_id == inspection_id, col(AuditEvent.object_kind).in_(kinds))
    found = session.exec(query.order_by(col(AuditEvent.n).desc()).limit(MOST)).all()
    return entries(session, found, reader=reader)


def entries(
    session: Session, events: Sequence[AuditEvent], *, of: Collection[str] | None = None, reader: Reader = WHOLE
) -> list[Entry]:
    """Events in words; `of` a record: of deeds that were done to something else only what changed in it."""
    changes = {event.n: _changes(event, of) for event in events}
    says = _Words(session, [(event.inspection_id, one) for event in events for one in changes[event.n]], reader)
    found = []
    for event in events:
        lines = [line for one in changes[event.n] for line in says.lines(event.inspection_id, one)]
        who = says.names.get(event.actor_id, "") if event.actor_id else COMMAND_LINE
        shown = tuple(lines[:MOST_LINES])
        n_more = len(lines) - len(shown)
        found.append(Entry(event.n, event.at, who or "Somebody", event.action, shown, n_more, says.deed(event)))
    return found


def _changes(event: AuditEvent, of: Collection[str] | None) -> list[Change]:
    every: list[Change] = event.body.get("changes", [])
    return every if of is None or event.object_id in of else [one for one in every if one.get("row") in of]


# What deeds said in clear before 27 November 2026: of a child, an answer or a finding, and for nobody without a role.
UNSAID = frozenset({"answers", "figure changed", "kind", "rating", "told"})
CHANGES, REASON = "changes", "reason"
PEOPLE = frozenset({"asked_by", "prepared_by", "from", "to"})  # a number here is an account's, where it is one
OF_PEOPLE = frozenset({"voiding dropped", "draw voided", "unlock refused", "reading unlocked"}) | {
    "reading given to another",
    "issue issued",
}


class _Words:
    """What stands in the events of one page in words; texts and names are loaded once for all."""

    def __init__(self, session: Session, changes: Sequence[tuple[int | None, Change]], reader: Reader) -> None:
        self._session, self._reader = session, reader
        digests = {value["digest"] for _, one in changes for value in _values(one) if _is_text(value)}
        query = select(TextVersion.inspection_id, TextVersion.digest, TextVersion.text)
        found = session.exec(query.where(col(TextVersion.digest).in_(digests))) if digests else ()
        self._texts = {(where, digest): text for where, digest, text in found}
        people = session.exec(select(Account.id, Account.public_id, Account.name)).all()
        self.names = {key: name for key, _, name in people}
        self._by_name = {public_id: name for _, public_id, name in people}

    def deed(self, event: AuditEvent) -> tuple[str, ...]:
        """What a deed says of itself, a line each."""
        told = {name: value for name, value in event.body.items() if name not in UNSAID | {CHANGES}}
        if event.object_kind != "inspection":
            told.pop(REASON, None)
        return tuple(f"{spoken(name)}: {said(self._known(event.action, name, value))}" for name, value in told.items())

    def _known(self, action: str, name: str, value: Any) -> Any:
        """Who is meant, where it is somebody."""
        if isinstance(value, str):
            return self._by_name.get(value, value)
        is_person = action in OF_PEOPLE and name in PEOPLE and isinstance(value, int)
        return self.names.get(value, "somebody") if is_person else value

    def lines(self, inspection_id: int | None, change: Change) -> Iterator[Line]:
        """What one change says."""
        table = str(change.get("table", ""))
        name = spoken(table)
        if table in REPEATS:
            return
        if "rows" in change:
            yield Line(f"{name}: {change['rows']} {change.get('kind')}", is_hidden=True)
            return
        key = str(change.get("row") or "").partition("/")[2] if table == "answer" else ""
        told = self._reader.values is None or table in self._reader.values
        for field, values in change.get("fields", {}).items():
            column = metadata.tables[table].columns.get(field) if table in metadata.tables else None
            keys = [] if column is None else [one.column.table.name for one in column.foreign_keys]
            if field in HIDDEN or (keys and keys not in (["account"], ["inspection"] if table == "membership" else [])):
                continue
            what = f"{name} {key}, {spoken(field).lower()}" if key else f"{name}: {column_spoken(table, field)}"
            before, after = (self._said(one, table, column, inspection_id, told) for one in values)
            is_new = change.get("kind") == "added"
            if is_new and (after == NOTHING or field in _bulky(table)):
                continue
            yield Line(what, before, after, is_hidden=before == after == "", is_new=is_new)

    def _said(self, value: Any, table: str, column: Any, inspection_id: int | None, told: bool) -> str:
        if _is_text(value):
            return self._text(value, table, column, inspection_id)
        if not told or value == "changed":
            return ""
        if column is not None and value is not None and column.foreign_keys:
            (link,) = column.foreign_keys
            if link.column.table.name == "inspection":
                return self._place(value)
            return self.names.get(value, "somebody")
        if column is not None and isinstance(value, str) and value and isinstance(column.type, UtcTime):
            return dated.moment(datetime.fromisoformat(value))
        if column is not None and isinstance(value, str) and value and isinstance(column.type, Date):
            return dated.day(date.fromisoformat(value))
        return said(value)

    def _place(self, inspection_id: int) -> str:
        query = select(Partnership.name, Programme.name).select_from(Inspection).join(Partnership).join(Programme)
        found = self._session.exec(query.where(Inspection.id == inspection_id)).first()
        return ", ".join(found) if found else "an inspection"

    def _text(self, value: Mapping[str, Any], table: str, column: Any, inspection_id: int | None) -> str:
        about = f"a text of {value['length']} characters" if value["length"] else "a short text"
        if self._reader.texts is not None and table not in self._reader.texts:
            return about
        for where in (inspection_id, None):
            if (where, value["digest"]) in self._texts:
                words = _listed(self._texts[where, value["digest"]])
                return {"true": "yes", "false": "no"}[words] if isinstance(column.type, Boolean) else words
        return f"{about}, no longer kept"


def _bulky(table: str) -> frozenset[str]:
    told = TABLES.get(table)
    return told.bulky if isinstance(told, Told) else frozenset()


def _values(change: Change) -> Collection[Any]:
    return [value for values in change.get("fields", {}).values() for value in values]


def _is_text(value: Any) -> bool:
    return isinstance(value, dict) and value.keys() == {"digest", "length"}


def _listed(text: str) -> str:
    """A list of words, or what was chosen by name, as one says it; any other text as it stands."""
    if text[:1] in ("[", "{"):
        try:
            found = json.loads(text)
        except ValueError:
            return text
        if isinstance(found, dict) or (isinstance(found, list) and all(isinstance(one, str | dict) for one in found)):
            return said(found)
    return text
