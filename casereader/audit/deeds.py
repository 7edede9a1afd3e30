"""Who did something to an object, and when: asked of the trail."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import bindparam
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
    asked = {"action": action, "object_ids": list(object_ids)}
    return [Deed(*row) for row in session.exec(_deeds(), params=asked)]


@cache
def _deeds() -> Any:
    """Built once: whether two accounts are two people is asked for each of those who may agree to something."""
    return (
        select(AuditEvent.actor_id, Account.name, AuditEvent.at, AuditEvent.object_id)
        .join(Account, col(Account.id) == AuditEvent.actor_id)
        .where(
            AuditEvent.action == bindparam("action"),
            col(AuditEvent.object_id).in_(bindparam("object_ids", expanding=True)),
        )
        .order_by(col(AuditEvent.n))
    )
