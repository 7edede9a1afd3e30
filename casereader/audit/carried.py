"""The trails of laptops that are kept here: each is held to its chain, and to the heads that deeds of ours bind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from casereader.audit.chain import FIRST, hash_of_fields
from casereader.models import AuditEvent, CarriedEvent

AT_A_TIME = 5_000
BOUND = "packed inspection unpacked"  # the deed that binds the head of a laptop's trail
_EVENTS: Any = CarriedEvent.__table__  # type: ignore[attr-defined]
_COLUMNS = ("n", "at", "actor_id", "action", "object_kind", "object_id", "inspection_there", "body", "previous")


def faults(session: Session) -> Iterator[str]:
    """What is wrong with them, in words."""
    query = select(*_EVENTS.c).order_by(_EVENTS.c.laptop, _EVENTS.c.n)
    laptop, expected, previous = "", 1, FIRST
    for event in session.execute(query, execution_options={"yield_per": AT_A_TIME}):
        if event.laptop != laptop:
            laptop, expected, previous = event.laptop, 1, FIRST
        own = hash_of_fields(*(getattr(event, name) for name in _COLUMNS))
        if event.n != expected or event.previous != previous or own != event.hash:
            yield (
                f"Event {event.n} of the trail of the laptop {event.laptop[:8]} was changed, or one before it taken"
                " out, since it was brought. Compare it with the packed file, or a backup that was made before."
            )
        expected, previous = event.n + 1, event.hash
    yield from _not_bound(session)


def _not_bound(session: Session) -> Iterator[str]:
    """Heads that our deeds bind, and that are no longer kept."""
    deeds = select(AuditEvent).where(col(AuditEvent.action) == BOUND).order_by(col(AuditEvent.n))
    for deed in session.execute(deeds).scalars():
        head = deed.body.get("head")
        if "laptop" in deed.body and not is_kept(session, head):
            yield (
                f"The trail of the laptop that event {deed.n} brought is no longer whole: its head is missing. Look in"
                " a backup that was made before."
            )


def is_kept(session: Session, head: str | None) -> bool:
    """Whether a hash is one of a laptop's trail that is kept here."""
    return session.execute(select(_EVENTS.c.id).where(_EVENTS.c.hash == head).limit(1)).first() is not None
