"""Whether the chain is whole: every event is where it stood, says what it said, and follows the one before.

A row that was tampered with is named once, with what can be done about it, however many rows after it no longer fit.
Texts kept beside the chain are held to their digests for as long as their inspection has its key.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Row, Text, cast, func, select
from sqlmodel import Session

from casereader.audit import carried
from casereader.audit.chain import FIRST, hash_of, hash_of_fields
from casereader.audit.texts import OF_INSTALLATION, digest_of, key_of_installation
from casereader.models import AuditEvent, Inspection, TextVersion

AT_A_TIME = 5_000
MOST_FAULTS = 50  # of a chain that was written anew there would be as many as events

_EVENTS: Any = AuditEvent.__table__  # type: ignore[attr-defined]
_TEXTS: Any = TextVersion.__table__  # type: ignore[attr-defined]
_INSPECTIONS: Any = Inspection.__table__  # type: ignore[attr-defined]

CUT = (
    "The anchor is not in the chain: events up to it were cut off or written anew. Look for the anchor in the newest "
    "backup that was made after it was printed, and keep this database as it is."
)


def verify(session: Session, *, anchor: str | None = None) -> list[str]:
    """What is wrong with the chain, in words; an empty list when nothing is. `anchor` must be one of its hashes."""
    faults: list[str] = []
    n_more = 0
    for fault in _faults(session, anchor):
        if len(faults) < MOST_FAULTS:
            faults.append(fault)
        else:
            n_more += 1
    return [*faults, f"… and {n_more:,} more."] if n_more else faults


def _faults(session: Session, anchor: str | None) -> Iterator[str]:
    previous, expected, is_anchored, is_broken = FIRST, 1, anchor in (None, FIRST), False
    for event in _events(session):
        fields: Any = event[:9]
        if event.n != expected:
            yield _missing(expected, event.n - 1)
            is_broken = True
        own = hash_of_fields(*fields)
        is_changed = own != event.hash and not _was_written_otherwise(session, event)
        if is_changed:
            yield (
                f"{_named(event)} was changed after it was written, or another was put in its place. Compare it with "
                f"a backup that was made before, and find out who had access to the database."
            )
        elif event.previous != previous and not is_broken:
            yield (
                f"{_named(event)} does not follow the event before it: event {event.n - 1} or this one was written "
                "anew. Compare both with a backup that was made before."
            )
        is_anchored = is_anchored or event.hash == anchor
        previous, expected, is_broken = event.hash, event.n + 1, is_changed
    if not is_anchored and not carried.is_kept(session, anchor):
        yield CUT
    yield from carried.faults(session)
    yield from _text_faults(session)


def _events(session: Session) -> Iterator[Row[Any]]:
    """Every event as it is hashed: moments and bodies are read as text, and not made into objects first."""
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        at: Any = func.to_char(func.timezone("UTC", _EVENTS.c.at), 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"')
    else:
        at = func.replace(cast(_EVENTS.c.at, Text), " ", "T").concat("+00:00")
    names = ("actor_id", "action", "object_kind", "object_id", "inspection_id")
    columns = [_EVENTS.c.n, at.label("at"), *(_EVENTS.c[name] for name in names), cast(_EVENTS.c.body, Text)]
    query = select(*columns, _EVENTS.c.previous, _EVENTS.c.hash).order_by(_EVENTS.c.n)
    return iter(connection.execute(query, execution_options={"yield_per": AT_A_TIME}))


def _was_written_otherwise(session: Session, event: Row[Any]) -> bool:
    """Whether only the form of the body differs, as in events written before there was one form of it."""
    stored = session.connection().execute(select(*_EVENTS.c).where(_EVENTS.c.n == event.n)).one()
    return bool(hash_of(AuditEvent(**stored._mapping)) == event.hash)


def _named(event: Row[Any]) -> str:
    return f"Event {event.n} ({event.action}, {event.object_kind} {event.object_id}, {event.at[:19]} UTC)"


def _missing(first: int, last: int) -> str:
    which = f"Event {first} is" if first == last else f"Events {first} to {last} are"
    return f"{which} missing: taken out after the next was written. Look in a backup that was made before."


def _text_faults(session: Session) -> Iterator[str]:
    connection = session.connection()
    keys = {None: key_of_installation(connection)}
    keys |= {row.id: row.digest_key for row in connection.execute(select(_INSPECTIONS.c.id, _INSPECTIONS.c.digest_key))}
    query = select(_TEXTS.c.id, _TEXTS.c.inspection_id, _TEXTS.c.digest, _TEXTS.c.text).order_by(_TEXTS.c.id)
    for row in connection.execute(query, execution_options={"yield_per": AT_A_TIME}):
        key = keys.get(row.inspection_id)
        if row.digest != OF_INSTALLATION and key is not None and digest_of(key, row.text) != row.digest:
            yield (
                f"Text version {row.id} is not the text that was written: its digest is another. Compare it with a "
                "backup that was made before."
            )
