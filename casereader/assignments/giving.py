"""Changing by hand who reads a case: always with a reason, and never so that two readings of it cease to be apart."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from casereader import audit, readings
from casereader.assignments import bars
from casereader.assignments.proposing import Proposal, propose
from casereader.assignments.sealed import append, as_dealt_around
from casereader.errors import RefusedError, present
from casereader.models import Account, Case, DrawRecord, Inspection, Reading, SampleCase
from casereader.vocabulary import OPEN_STATES, Begun, ReadingKind, ReadingState


def find(session: Session, *, inspection: Inspection, public_id: str) -> tuple[Reading, str]:
    """A reading of the inspection, and the reference of its case; AbsentError otherwise."""
    query = (
        select(Reading, Case.case_ref)
        .join(SampleCase, col(SampleCase.id) == Reading.sample_case_id)
        .join(DrawRecord, col(DrawRecord.id) == SampleCase.draw_id)
        .join(Case, col(Case.id) == SampleCase.case_id)
        .where(
            DrawRecord.inspection_id == inspection.id,
            col(DrawRecord.voided_at).is_(None),
            Reading.public_id == public_id,
        )
    )
    return present(session.exec(query).first())


def first_reader(session: Session, *, sample_case: SampleCase) -> Account | None:
    """Who has the first reading of a case, if anybody."""
    query = (
        select(Account)
        .join(Reading, col(Reading.reviewer_id) == Account.id)
        .where(Reading.sample_case_id == sample_case.id, Reading.kind == ReadingKind.FIRST)
    )
    return session.exec(query).first()


def may_take(session: Session, *, inspection: Inspection, reading: Reading) -> list[Account]:
    """Who else could read it, by name: nobody with a conflict, and nobody who knows another reading of the case."""
    return bars.load(session, inspection=inspection).may_take(reading)


def give(
    session: Session,
    *,
    inspection: Inspection,
    reading: Reading,
    to: Account,
    reason: str,
    by: Account,
    at: datetime,
    begun: Begun | None = None,
) -> None:
    """Hand an open reading to another reader, with the reason; of one that is begun, `begun` says what is done with it.

    A submitted reading never changes hands. Raises RefusedError with everything that keeps the reader from it.
    """
    readings.hold_cases_of(session, [reading.public_id])
    session.refresh(reading)
    reasons = []
    if reading.handed_back_at is not None and reading.reviewer_id == to.id:
        reasons.append(f"{to.name} handed this case back: give it to somebody else.")
    elif reading.reviewer_id == to.id:
        reasons.append(f"{to.name} has this reading now: choose somebody else.")
    if reading.state not in OPEN_STATES:
        reasons.append("This reading is submitted: it stays with its reader.")
    if reading.state is ReadingState.IN_PROGRESS and begun is None:
        reasons.append("This reading is begun: say whether its answers are kept or it starts anew.")
    reasons += bars.load(session, inspection=inspection).why_not(to, reading)
    if not reason.strip():
        reasons.append("Say why the case changes hands.")
    if reasons:
        raise RefusedError(*reasons)
    hand_over(session, inspection=inspection, reading=reading, to=to, reason=reason, begun=begun, by=by, at=at)


def hand_over(
    session: Session,
    *,
    inspection: Inspection,
    reading: Reading,
    to: Account,
    reason: str,
    begun: Begun | None,
    by: Account,
    at: datetime,
) -> None:
    """Write down that an open reading has another reader, to whom nothing bars it."""
    before = reading.reviewer_id
    was_begun = reading.state is ReadingState.IN_PROGRESS
    if was_begun and begun is Begun.ANEW:
        readings.start_anew(session, reading=reading, by=by, at=at)
    elif was_begun:
        reading.begun_by_id = before
    reading.reviewer_id, reading.assigned_at, reading.assigned_by_id = to.id or 0, at, by.id or 0
    reading.first_submitted_at = None
    reading.assigned_reason = reason.strip()[:1000]
    reading.handed_back_at, reading.handed_back_reason = None, ""
    session.add(reading)
    session.flush()
    readings.forget_reader(session, reading_ids=[reading.id or 0])
    audit.record(
        session,
        "reading given to another",
        by=by,
        at=at,
        kind="reading",
        object_id=reading.public_id,
        inspection_id=inspection.id,
        body={
            "from": before,
            "to": to.id,
            "reason_length": len(reason),
            "begun": begun.value if was_begun and begun else None,
        },
    )


def give_reserve(
    session: Session,
    *,
    inspection: Inspection,
    draw_record: DrawRecord,
    replaced: SampleCase,
    reserve: SampleCase,
    reviewer_id: int,
    instrument: tuple[str, str],
    by: Account,
    at: datetime,
) -> Reading | None:
    """A first reading of a reserve that was called on, for the reader whose case it replaces.

    Where a conflict of interest or a brother or sister in the sample keeps it from them it goes to whom the rule gives
    it, and to nobody yet where the rule finds nobody: then it waits among the cases to assign. The addendum is sealed
    again with it.
    """
    case = session.get_one(Case, reserve.case_id)
    reading = Reading(
        sample_case_id=reserve.id or 0,
        kind=ReadingKind.FIRST,
        reviewer_id=reviewer_id,
        instrument_id=instrument[0],
        instrument_version=instrument[1],
        assigned_at=at,
        assigned_by_id=by.id or 0,
        assigned_reason="Replaces an ineligible case",
    )
    who, by_rule = _reader_of_reserve(session, inspection, reading, reserve, case, at)
    first = session.get_one(Account, reviewer_id).email
    entry: dict[str, Any] = {
        "replaced": session.get_one(Case, replaced.case_id).case_ref,
        "reserve": case.case_ref,
        "reason": replaced.reason,
        "first_reader": first,  # of the replaced case, who may have come to it by hand
        "reader": first,
    }
    if by_rule is not None:
        entry |= {"reader": by_rule.dealt.first.get(case.case_ref), "dealt": as_dealt_around(session, by_rule)}
    append(session, draw_record, "replacements", entry)
    if who is None:
        return None
    reading.reviewer_id = who
    session.add(reading)
    session.flush()
    return reading


def _reader_of_reserve(
    session: Session, inspection: Inspection, reading: Reading, reserve: SampleCase, case: Case, at: datetime
) -> tuple[int | None, Proposal | None]:
    """Who reads it, and what the rule gave where it does not simply go to the reader of the replaced case."""
    known = bars.load(session, inspection=inspection)
    siblings = {
        row.reading.reviewer_id
        for row in known.rows.values()
        if case.family_group and row.case.family_group == case.family_group and row.reading.kind is ReadingKind.FIRST
    }
    wanted = session.get_one(Account, reading.reviewer_id)
    known.rows[0] = bars.Row(reading, reserve, case)  # as if it were given already
    if not known.why_not(wanted, reading) and siblings <= {reading.reviewer_id}:
        return reading.reviewer_id, None
    proposal = propose(session, inspection=inspection, at=at)
    email = proposal.dealt.first.get(case.case_ref)
    return next((seat.key for seat in proposal.seats if seat.account.email == email), None), proposal
