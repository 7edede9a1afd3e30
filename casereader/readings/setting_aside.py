"""Records that cannot be read: not produced, not eligible, or not this reviewer's to read.

Each is said before the reader's first answer; what was filled in beforehand is none. A not-produced case is never
replaced; an ineligible one is, once somebody else confirms it; a conflict of interest hands the same case back to the
coordinator for another reviewer. The first two are said of the case, so neither may undo what its other reader has
begun, nor tell that there is one.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlmodel import Session, col, select

from casereader import audit
from casereader.errors import ConflictError, RefusedError
from casereader.instrument import Answer
from casereader.models import Account, Reading, Replacement
from casereader.naming import said
from casereader.people import conflicts
from casereader.readings.counting import settle_statuses
from casereader.readings.finding import Opened, answers_of
from casereader.readings.handing_over import forget_reader, start_anew
from casereader.vocabulary import INELIGIBLE_REASONS, OPEN_STATES, CaseStatus, ReadingState

ANSWERED = (
    "You have answered questions of this record. Ask the coordinator if it should not be read after all: they can "
    "propose that it is not eligible, or give it to somebody else."
)


def say_not_produced(
    session: Session, *, opened: Opened, reason: str, by: Account, at: datetime, filled_in: Collection[str] = ()
) -> None:
    """Record that the partnership could not supply the record: a finding of its own.

    Raises ConflictError once answers are saved, or where the case is set aside or may not be.
    """
    _refuse_answered(session, opened, filled_in)
    _refuse_begun(session, opened)
    case = opened.sample_case
    case.reason = said(reason, "Say what was asked for, and what the partnership answered.")
    _leave_unbegun(session, opened, by, at)
    case.status, case.decided_at, case.decided_by_id = CaseStatus.NOT_PRODUCED, at, by.id
    session.add(case)
    _audit(session, opened, "record not produced", by, at)


def say_turned_up(session: Session, *, opened: Opened, by: Account, at: datetime) -> None:
    """Take back that a record was not produced: it has turned up and can be read."""
    case = opened.sample_case
    if case.status is not CaseStatus.NOT_PRODUCED:
        return
    if not opened.is_said_here:
        raise ConflictError("This record is not read. Tell the coordinator if you can read it after all.")
    case.status, case.reason, case.decided_at, case.decided_by_id = CaseStatus.WAITING, None, None, None
    session.add(case)
    _audit(session, opened, "record turned up", by, at)
    settle_statuses(session, sample_case_ids=[case.id or 0], by=by, at=at)


def propose_ineligible(
    session: Session, *, opened: Opened, reason: str, by: Account, at: datetime, filled_in: Collection[str] = ()
) -> Replacement:
    """Propose, with a listed reason, that the case be replaced; a moderator or lead confirms it.

    Raises ConflictError once answers are saved, or where the case is set aside or may not be; RefusedError for any
    other reason.
    """
    _refuse_answered(session, opened, filled_in)
    _refuse_begun(session, opened)
    if reason not in INELIGIBLE_REASONS:
        raise RefusedError("Choose one of the listed reasons for which a case is not eligible.")
    _leave_unbegun(session, opened, by, at)
    proposed = Replacement(
        sample_case_id=opened.sample_case.id or 0, reason=reason, proposed_at=at, proposed_by_id=by.id or 0
    )
    session.add(proposed)
    session.flush()
    _audit(session, opened, "replacement proposed", by, at)
    return proposed


def hand_back(
    session: Session, *, opened: Opened, reason: str, by: Account, at: datetime, filled_in: Collection[str] = ()
) -> None:
    """Hand the case back to the coordinator for a conflict of interest, which is kept: another reviewer reads it.

    Raises ConflictError once answers are saved, or where the case is set aside.
    """
    _refuse_answered(session, opened, filled_in)
    reading, why = opened.reading, said(reason, "Say what the conflict of interest is, without names.")
    _leave_unbegun(session, opened, by, at)
    reading.handed_back_reason, reading.handed_back_at = why, at
    session.add(reading)
    forget_reader(session, reading_ids=[opened.key])
    _audit(session, opened, "case handed back", by, at)
    inspection = opened.place.inspection
    conflicts.keep(session, inspection=inspection, account=by, case=opened.case, reason=why, by=by, at=at)


def is_unanswered(session: Session, *, opened: Opened, filled_in: Collection[str]) -> bool:
    """Whether an open reading holds no answer but under the keys that are `filled_in` beforehand, nor a note there."""
    if opened.reading.state not in OPEN_STATES:
        return False
    return not any(
        answer != Answer(None) and (key not in filled_in or answer.note or answer.discuss)
        for key, answer in answers_of(session, opened.key).items()
    )


def _refuse_answered(session: Session, opened: Opened, filled_in: Collection[str]) -> None:
    if opened.is_set_aside:
        raise ConflictError("This record is not read any more: load the page again to see how it stands.")
    if not is_unanswered(session, opened=opened, filled_in=filled_in):
        raise ConflictError(ANSWERED)


def _leave_unbegun(session: Session, opened: Opened, by: Account, at: datetime) -> None:
    """Put a reading that was started and not answered back to where it was: it begins afresh if it is read at all."""
    if opened.reading.state is ReadingState.IN_PROGRESS:
        start_anew(session, reading=opened.reading, by=by, at=at)


def _refuse_begun(session: Session, opened: Opened) -> None:
    """Keep what the case's other reader has begun, in words that fit a case read once as well."""
    query = select(Reading.id).where(
        Reading.sample_case_id == opened.sample_case.id,
        Reading.id != opened.key,
        col(Reading.state) != ReadingState.ASSIGNED,
    )
    if session.exec(query.limit(1)).first() is not None:
        raise ConflictError(
            "This record cannot be set aside from here. Tell the coordinator of the inspection why you cannot read it."
        )


def _audit(session: Session, opened: Opened, action: str, by: Account, at: datetime) -> None:
    audit.record(
        session,
        action,
        by=by,
        at=at,
        kind="reading",
        object_id=opened.reading.public_id,
        inspection_id=opened.place.inspection.id,
    )
