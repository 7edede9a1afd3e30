"""The chain: every deed is one row, written in the deed's own transaction and chained to the row before.

A row's hash is SHA-256 over the canonical JSON array of its fields and the previous hash, so a row edited, removed or
moved is found by `verify`. A cut-off tail is found only against a hash that somebody else holds (`anchor`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text
from sqlmodel import Session, col, select

from casereader.models import Account, AuditEvent

FIRST = "0" * 64
LOCK_NUMBER = 7_205_111_985  # any number that means "casereader audit chain" to every process


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
) -> AuditEvent:
    """Add one event to the chain; `by` is None for the command line. `body` holds names and counts, never texts."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": LOCK_NUMBER})
    last = session.exec(select(AuditEvent).order_by(col(AuditEvent.n).desc()).limit(1)).first()
    event = AuditEvent(
        n=last.n + 1 if last else 1,
        at=at,
        actor_id=by.id if by else None,
        action=action,
        object_kind=kind,
        object_id=object_id,
        inspection_id=inspection_id,
        body=dict(body or {}),
        previous=last.hash if last else FIRST,
        hash="",
    )
    event.hash = hash_of(event)
    session.add(event)
    session.flush()
    return event


def hash_of(event: AuditEvent) -> str:
    """The hash that `event` should carry, from its own fields."""
    fields = [
        event.n,
        event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        event.actor_id,
        event.action,
        event.object_kind,
        event.object_id,
        event.inspection_id,
        event.body,
        event.previous,
    ]
    canonical = json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def head(session: Session) -> str:
    """The hash of the newest event: print it where somebody else will keep it."""
    return session.exec(select(AuditEvent.hash).order_by(col(AuditEvent.n).desc()).limit(1)).first() or FIRST
