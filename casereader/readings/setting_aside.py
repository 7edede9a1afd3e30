"""Records that cannot be read: not produced, not eligible, or not this reviewer's to read.

Each is said before the first answer. A not-produced case is never replaced; an ineligible one is, once somebody else
confirms it; a conflict of interest hands the same case back to the coordinator for another reviewer.
"""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from casereader import audit
from casereader.errors import ConflictError, RefusedError
from casereader.models import Account, Replacement
from casereader.readings.finding import Opened
from casereader.readings.steps import said
from casereader.vocabulary import INELIGIBLE_REASONS, CaseStatus, ReadingState


def say_not_produced(session: Session, *, opened: Opened, reason: str, by: Account, at: datetime) -> None:
    """Record that the partnership could not supply the record: a finding of its own."""
    _refuse_started(opened)
    case = opened.sample_case
    case.reason = said(reason, "Say what was asked for, and what the partnership answered.")
    case.status, case.decided_at, case.decided_by_id = CaseStatus.NOT_PRODUCED, at, by.id
    session.add(case)
    _audit(session, opened, "record not produced", by, at)


def say_turned_up(session: Session, *, opened: Opened, by: Account, at: datetime) -> None:
    """Take back that a record was not produced: it has turned up and can be read."""
    case = opened.sample_case
    if case.status is not CaseStatus.NOT_PRODUCED:
        return
    case.status, case.reason, case.decided_at, case.decided_by_id = CaseStatus.WAITING, None, None, None
    session.add(case)
    _audit(session, opened, "record turned up", by, at)


def propose_ineligible(session: Session, *, opened: Opened, reason: str, by: Account, at: datetime) -> Replacement:
    """Propose, with a listed reason, that the case be replaced; a moderator or lead confirms it."""
    _refuse_started(opened)
    if reason not in INELIGIBLE_REASONS:
        raise RefusedError("Choose one of the listed reasons for which a case is not eligible.")
    proposed = Replacement(
        sample_case_id=opened.sample_case.id or 0, reason=reason, proposed_at=at, proposed_by_id=by.id or 0
    )
    session.add(proposed)
    session.flush()
    _audit(session, opened, "replacement proposed", by, at, reason=reason)
    return proposed


def hand_back(session: Session, *, opened: Opened, reason: str, by: Account, at: datetime) -> None:
    """Hand the case back to the coordinator for a conflict of interest: another reviewer reads it."""
    _refuse_started(opened)
    reading = opened.reading
    reading.handed_back_reason = said(reason, "Say what the conflict of interest is, without names.")
    reading.handed_back_at = at
    session.add(reading)
    _audit(session, opened, "case handed back", by, at)


def _refuse_started(opened: Opened) -> None:
    if opened.is_set_aside:
        raise ConflictError("Something was said about this record already: load the page again to see what.")
    if opened.reading.state is not ReadingState.ASSIGNED:
        raise ConflictError("This reading was started. Ask the coordinator if the record should not be read after all.")


def _audit(session: Session, opened: Opened, action: str, by: Account, at: datetime, **body: str) -> None:
    audit.record(
        session,
        action,
        by=by,
        at=at,
        kind="reading",
        object_id=opened.reading.public_id,
        inspection_id=opened.place.inspection.id,
        body=body,
    )
