"""The chain: every event is one row, written in its deed's own transaction and chained to the row before.

A row's hash is SHA-256 over the canonical JSON array of its fields and the previous hash, so a row edited, removed or
moved is found by `verify`. A cut-off tail is found only against a hash that somebody else holds (`anchor`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from json.encoder import encode_basestring as _quoted
from typing import Any

from sqlalchemy import Connection, insert, text
from sqlmodel import Session, col, select

from casereader.models import AuditEvent
from casereader.models.columns import canonical

FIRST = "0" * 64
BEGUN, TELLS_EVERY_ROW = "trail", "tells every row"  # said by the first event: what stands is compared with the trail
_NULL = "null"
LOCK_NUMBER = 7_205_111_985  # any number that means "casereader audit chain" to every process

_TABLE: Any = AuditEvent.__table__  # type: ignore[attr-defined]


def add(connection: Connection, events: Sequence[dict[str, Any]]) -> None:
    """Add events to the end of the chain; until the transaction ends nobody else does."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": LOCK_NUMBER})
    last = connection.execute(_LAST).first()
    n, previous = (last.n, last.hash) if last else (0, FIRST)
    rows = []
    if n == 0 and events:
        events = [{**events[0], "body": {**events[0]["body"], BEGUN: TELLS_EVERY_ROW}}, *events[1:]]
    for event in events:
        n += 1
        row = {**event, "n": n, "previous": previous}
        previous = hash_of_fields(**{**row, "at": moment_text(row["at"]), "body": canonical(row["body"])})
        rows.append({**row, "hash": previous})
    connection.execute(insert(_TABLE), rows)


_LAST = select(_TABLE.c.n, _TABLE.c.hash).order_by(_TABLE.c.n.desc()).limit(1)


def hash_of(event: AuditEvent) -> str:
    """The hash that `event` should carry, from its own fields."""
    return hash_of_fields(
        event.n,
        moment_text(event.at),
        event.actor_id,
        event.action,
        event.object_kind,
        event.object_id,
        event.inspection_id,
        canonical(event.body),
        event.previous,
    )


def hash_of_fields(
    n: int,
    at: str,
    actor_id: int | None,
    action: str,
    object_kind: str,
    object_id: str,
    inspection_id: int | None,
    body: str,
    previous: str,
) -> str:
    """The hash of an event with these fields, `at` as `moment_text` has it and its body as canonical JSON."""
    # put together by hand, so that the body of half a million events is not parsed to be written again
    whole = (
        f"[{n},{_quoted(at)},{_NULL if actor_id is None else actor_id},{_quoted(action)},{_quoted(object_kind)},"
        f"{_quoted(object_id)},{_NULL if inspection_id is None else inspection_id},{body},{_quoted(previous)}]"
    )
    return hashlib.sha256(whole.encode()).hexdigest()


def moment_text(at: datetime) -> str:
    """A moment as it is hashed."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def head(session: Session) -> str:
    """The hash of the newest event: print it where somebody else will keep it."""
    return session.exec(select(AuditEvent.hash).order_by(col(AuditEvent.n).desc()).limit(1)).first() or FIRST
