"""How long the content of an inspection is kept: a day that its lead sets, with a reason. Nothing goes by itself.

What is proposed is six years after the report: the end of the sixth year in which somebody may still ask about it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from sqlmodel import Session, col, select

from casereader import audit
from casereader.errors import RefusedError
from casereader.models import Account, AuditEvent, Inspection
from casereader.programmes.inspections import Place
from casereader.vocabulary import RetentionReason

YEARS = 6
LONGEST = 100  # years: a mistyped year is none of these
SET = "kept until set"


def proposed(inspection: Inspection) -> date:
    """The last day on which its content is kept where nothing else is decided."""
    since = inspection.published_on or inspection.publish_on or inspection.reading_ends or inspection.period_to
    return date(since.year + YEARS, 12, 31)


def counted_from(inspection: Inspection) -> str:
    """From what the proposal counts, in words."""
    if inspection.published_on or inspection.publish_on:
        return "the report"
    return "the reading days" if inspection.reading_ends else "the reading period"


def agree(
    session: Session, *, inspection: Inspection, until: date, reason: RetentionReason, by: Account, at: datetime
) -> None:
    """Keep its content until the end of that day.

    Raises RefusedError where it is gone already, or for a day that cannot be.
    """
    if inspection.erased_at is not None:
        raise RefusedError("The content of this inspection is erased already.")
    if until < inspection.period_to:
        raise RefusedError("The day lies before the end of the reading period.")
    if until.year > at.year + LONGEST:
        raise RefusedError(f"The year {until.year} is more than {LONGEST} years away.")
    if until == inspection.retain_until and reason is reason_given(session, inspection=inspection):
        return
    inspection.retain_until = until
    session.add(inspection)
    session.flush()
    audit.record_of_inspection(
        session,
        SET,
        inspection,
        by=by,
        at=at,
        body={"until": until.isoformat(), "reason": reason.value},
    )


def reason_given(session: Session, *, inspection: Inspection) -> RetentionReason | None:
    """Why the day is the one it is, as said when it was set last."""
    found = session.exec(
        select(AuditEvent)
        .where(AuditEvent.action == SET, AuditEvent.object_id == inspection.public_id)
        .order_by(col(AuditEvent.n).desc())
        .limit(1)
    ).first()
    return RetentionReason(found.body["reason"]) if found else None


def due(places: Iterable[Place], *, today: date) -> list[Place]:
    """Those whose day is past and whose content is still there, the one that waited longest first."""
    found = [one for one in places if one.inspection.retain_until is not None and one.inspection.retain_until < today]
    return sorted(found, key=lambda one: one.inspection.retain_until or today)
