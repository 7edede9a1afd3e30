"""Who did something to an object, and when: asked of the trail."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from casereader.models import Account, AuditEvent


@dataclass(frozen=True)
class Deed:
    """Who did something, when, and to what."""

    by_id: int | None
    who: str
    at: datetime
    object_id: str


def deeds(session: Session, action: str, *, object_ids: Collection[str]) -> list[Deed]:
    """Every time that was done to one of these objects, oldest first, whatever was undone since."""
    query = (
        select(AuditEvent.actor_id, Account.name, AuditEvent.at, AuditEvent.object_id)
        .join(Account, col(Account.id) == AuditEvent.actor_id)
        .where(AuditEvent.action == action, col(AuditEvent.object_id).in_(object_ids))
        .order_by(col(AuditEvent.n))
    )
    return [Deed(*row) for row in session.exec(query)]
