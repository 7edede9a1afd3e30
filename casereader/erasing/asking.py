"""The first of the two: the lead asks that the content be erased, and may take it back until it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from casereader import audit, dated
from casereader.errors import ConflictError, RefusedError
from casereader.models import Account, AuditEvent, Inspection

ASKED, WITHDRAWN = "erasure asked", "erasure taken back"


@dataclass(frozen=True)
class Asked:
    """Who asked that the content be erased, and when."""

    by: Account
    at: datetime


def asked(session: Session, *, inspection: Inspection) -> Asked | None:
    """The request that stands, if one does."""
    found = session.exec(
        select(AuditEvent, Account)
        .join(Account, col(Account.id) == AuditEvent.actor_id)
        .where(col(AuditEvent.action).in_((ASKED, WITHDRAWN)), AuditEvent.object_id == inspection.public_id)
        .order_by(col(AuditEvent.n).desc())
        .limit(1)
    ).first()
    return Asked(found[1], found[0].at) if found and found[0].action == ASKED else None


def asked_for(session: Session) -> dict[str, Asked]:
    """Every request that stands, by the public id of its inspection."""
    query = (
        select(AuditEvent, Account)
        .join(Account, col(Account.id) == AuditEvent.actor_id)
        .join(Inspection, col(Inspection.public_id) == AuditEvent.object_id)
        .where(col(AuditEvent.action).in_((ASKED, WITHDRAWN)), col(Inspection.erased_at).is_(None))
        .order_by(col(AuditEvent.n))
    )
    found: dict[str, Asked] = {}
    for event, account in session.exec(query):
        found.pop(event.object_id, None)
        if event.action == ASKED:
            found[event.object_id] = Asked(account, event.at)
    return found


def ask(session: Session, *, inspection: Inspection, is_sooner: bool, by: Account, at: datetime) -> None:
    """Ask; before the day until which it is kept only where that is said.

    Raises ConflictError where it is asked for or done already, RefusedError before the day is set or past.
    """
    session.refresh(inspection, with_for_update={"key_share": True})  # whoever asks at the same moment waits
    _refuse_erased(inspection)
    if asked(session, inspection=inspection) is not None:
        raise ConflictError("Somebody has asked for it already.")
    if inspection.retain_until is None:
        raise RefusedError("Set first until which day the content is kept.")
    if at.date() <= inspection.retain_until and not is_sooner:
        raise RefusedError(
            f"The content is kept until {dated.day(inspection.retain_until)}: tick that it is to go sooner."
        )
    _record(session, ASKED, inspection, by, at)


def withdraw(session: Session, *, inspection: Inspection, by: Account, at: datetime) -> None:
    """Take the request back.

    Raises ConflictError where nobody asks for it, or it is done.
    """
    session.refresh(inspection, with_for_update={"key_share": True})
    _refuse_erased(inspection)
    if asked(session, inspection=inspection) is None:
        raise ConflictError("Nobody asks for it any more.")
    _record(session, WITHDRAWN, inspection, by, at)


def _refuse_erased(inspection: Inspection) -> None:
    if inspection.erased_at is not None:
        raise ConflictError("The content is erased already.")


def _record(session: Session, action: str, inspection: Inspection, by: Account, at: datetime) -> None:
    audit.record_of_inspection(session, action, inspection, by=by, at=at)
