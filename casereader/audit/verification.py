"""Whether the chain is whole: every event is where it stood, says what it said, and follows the one before."""

from __future__ import annotations

from sqlmodel import Session, col, select

from casereader.audit.chain import FIRST, hash_of
from casereader.models import AuditEvent


def verify(session: Session, *, anchor: str | None = None) -> list[str]:
    """What is wrong with the chain, in words; an empty list when nothing is. `anchor` must be one of its hashes."""
    faults: list[str] = []
    previous, expected, anchored = FIRST, 1, anchor in (None, FIRST)
    for event in session.exec(select(AuditEvent).order_by(col(AuditEvent.n)).execution_options(yield_per=5000)):
        if event.n != expected:
            faults.append(f"Event {expected} is missing: the next one found is {event.n}.")
        if event.previous != previous:
            faults.append(f"Event {event.n} does not follow the event before it.")
        if event.hash != hash_of(event):
            faults.append(f"Event {event.n} ({event.action}) was changed after it was written.")
        anchored = anchored or event.hash == anchor
        previous, expected = event.hash, event.n + 1
    if not anchored:
        faults.append("The anchor is not in the chain: events up to it were cut off or written anew.")
    return faults
