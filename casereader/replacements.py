"""Replacing ineligible cases, and only those: proposed by one person, confirmed by another, by the next reserve."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from casereader import assignments, audit
from casereader.errors import AbsentError, ConflictError, RefusedError
from casereader.models import Account, Case, DrawRecord, Inspection, Reading, Replacement, SampleCase
from casereader.readings import hold_cases
from casereader.vocabulary import CaseStatus, ReadingKind, SampleRole


def waiting(session: Session, *, inspection: Inspection) -> Sequence[tuple[Replacement, SampleCase, Case, Account]]:
    """Proposals of the inspection that nobody has confirmed yet, oldest first."""
    query = (
        select(Replacement, SampleCase, Case, Account)
        .join(SampleCase, col(SampleCase.id) == Replacement.sample_case_id)
        .join(Case, col(Case.id) == SampleCase.case_id)
        .join(DrawRecord, col(DrawRecord.id) == SampleCase.draw_id)
        .join(Account, col(Account.id) == Replacement.proposed_by_id)
        .where(DrawRecord.inspection_id == inspection.id, col(Replacement.confirmed_at).is_(None))
        .order_by(col(Replacement.proposed_at))
    )
    return session.exec(query).all()


def find(session: Session, *, inspection: Inspection, public_id: str, to_change: bool = False) -> Replacement:
    """The inspection's proposal of that name; AbsentError otherwise. `to_change` holds its case."""
    if to_change:
        of_proposal = select(Replacement.sample_case_id).where(Replacement.public_id == public_id)
        hold_cases(session, col(SampleCase.id).in_(of_proposal))
    query = (
        select(Replacement)
        .join(SampleCase, col(SampleCase.id) == Replacement.sample_case_id)
        .join(DrawRecord, col(DrawRecord.id) == SampleCase.draw_id)
        .where(DrawRecord.inspection_id == inspection.id, Replacement.public_id == public_id)
    )
    found = session.exec(query).first()
    if found is None:
        raise AbsentError
    return found


def next_reserve(session: Session, *, sample_case: SampleCase) -> SampleCase | None:
    """The next reserve of the case's stratum in ticket order, if any is left and none before it was stopped."""
    in_stratum = (SampleCase.draw_id == sample_case.draw_id, SampleCase.stratum == sample_case.stratum)
    stopped = select(SampleCase.id).where(*in_stratum, SampleCase.status == CaseStatus.NOT_REACHED)
    if session.exec(stopped).first() is not None:
        return None  # an earlier ticket would be read before it
    query = (
        select(SampleCase)
        .where(
            *in_stratum,
            SampleCase.role == SampleRole.RESERVE,
            col(SampleCase.called_on).is_(False),
        )
        .order_by(col(SampleCase.order))
    )
    return session.exec(query).first()


def confirm(
    session: Session, *, inspection: Inspection, replacement: Replacement, by: Account, at: datetime
) -> SampleCase | None:
    """Declare the case ineligible and call on the next reserve for the same reader; None when no reserve is left."""
    if replacement.confirmed_at is not None:
        raise ConflictError("This replacement is confirmed already.")
    if replacement.proposed_by_id == by.id:
        raise RefusedError("You proposed this replacement yourself: somebody else must confirm it.")
    case = session.get_one(SampleCase, replacement.sample_case_id)
    case.status, case.reason = CaseStatus.INELIGIBLE, replacement.reason
    case.decided_at, case.decided_by_id = at, by.id
    reserve = next_reserve(session, sample_case=case)
    if reserve is not None:
        reserve.called_on = True
        replacement.reserve_id = reserve.id
        session.add(reserve)
    replacement.confirmed_at, replacement.confirmed_by_id = at, by.id
    session.add_all([case, replacement])
    session.flush()
    first = session.exec(
        select(Reading).where(Reading.sample_case_id == case.id, Reading.kind == ReadingKind.FIRST)
    ).first()
    if reserve is not None and first is not None:
        assignments.give_reserve(
            session,
            reserve=reserve,
            reviewer_id=first.reviewer_id,
            instrument=(first.instrument_id, first.instrument_version),
            by=by,
            at=at,
        )
    audit.record(
        session,
        "replacement confirmed",
        by=by,
        at=at,
        kind="sample case",
        object_id=case.public_id,
        inspection_id=inspection.id,
        body={"reason": replacement.reason, "reserve": reserve.public_id if reserve else None},
    )
    return reserve


def turn_down(session: Session, *, inspection: Inspection, replacement: Replacement, by: Account, at: datetime) -> None:
    """Say that the case is eligible after all: it stays with its reader."""
    if replacement.confirmed_at is not None:
        raise ConflictError("This replacement is confirmed already.")
    case = session.get_one(SampleCase, replacement.sample_case_id)
    session.delete(replacement)
    session.flush()
    audit.record(
        session,
        "replacement turned down",
        by=by,
        at=at,
        kind="sample case",
        object_id=case.public_id,
        inspection_id=inspection.id,
        body={"reason": replacement.reason},
    )
