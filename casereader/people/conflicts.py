"""Conflicts of interest: a partnership, or one case of its list, that a person must not read.

Declared by the person or by the coordinator, and kept until the coordinator ends them. Whoever has one is given nothing
that it covers, does not open what they were given before, and neither countersigns nor moderates it. A case is meant by
its reference, whatever list of the inspection it was declared on.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import and_, bindparam, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, exists, select

from casereader import audit
from casereader.errors import AbsentError, RefusedError
from casereader.models import (
    Account,
    Case,
    ConflictOfInterest,
    DrawRecord,
    Inspection,
    Membership,
    Reading,
    SampleCase,
    SamplingFrame,
)
from casereader.naming import said
from casereader.vocabulary import NOT_TO_BE_READ, FrameState, ReadingKind, ReadingState, Role

BUILT_AT_MOST = 512  # conditions, one for each account: to build one takes longer than to ask by it


@dataclass(frozen=True)
class Declared:
    """A conflict that stands; `case_ref` is blank where it is with the whole partnership."""

    conflict: ConflictOfInterest
    account: Account
    case_ref: str

    @property
    def covers_all(self) -> bool:
        """Whether the person must read nothing of the partnership."""
        return not self.case_ref


@dataclass(frozen=True)
class Held:
    """A reading that is not signed off and that a conflict reaches: its reader's, or that of the pair's inspector."""

    account: Account  # who has the conflict
    reader: Account
    case_ref: str
    reading: Reading
    inspection_id: int

    @property
    def is_of_pair(self) -> bool:
        """Whether it is the inspector who has it, and so cannot countersign the reading."""
        return self.account.id != self.reader.id

    @property
    def stands_still(self) -> bool:
        """Whether nothing comes of the reading till the coordinator acts; one submitted is the moderator's to weigh."""
        return self.is_of_pair or self.reading.submitted_at is None


def of_inspection(session: Session, *, inspection: Inspection, account: Account | None = None) -> list[Declared]:
    """The conflicts that stand in the inspection (of one person), by name and reference."""
    query = (
        select(ConflictOfInterest, Account, Case.case_ref)
        .join(Account, col(Account.id) == ConflictOfInterest.account_id)
        .outerjoin(Case, col(Case.id) == ConflictOfInterest.case_id)
        .outerjoin(SamplingFrame, col(SamplingFrame.id) == Case.frame_id)
        .where(
            col(ConflictOfInterest.ended_at).is_(None),
            or_(
                col(ConflictOfInterest.partnership_id) == inspection.partnership_id,
                col(SamplingFrame.inspection_id) == inspection.id,
            ),
        )
        .order_by(Account.name, col(Account.id), col(Case.case_ref), col(ConflictOfInterest.id))
    )
    if account is not None:
        query = query.where(ConflictOfInterest.account_id == account.id)
    return [Declared(conflict, person, ref or "") for conflict, person, ref in session.exec(query)]


def declare(
    session: Session,
    *,
    inspection: Inspection,
    account: Account,
    case_ref: str,
    with_all: bool,
    reason: str,
    by: Account,
    at: datetime,
) -> ConflictOfInterest:
    """Keep that the account must not read the case, or nothing of the partnership (`with_all`).

    What it covers and was not begun goes back to the coordinator at once. Raises RefusedError with every reason why it
    cannot be kept.
    """
    reasons: list[str] = []
    try:
        reason = said(reason, "Say what the conflict of interest is, without names.")
    except RefusedError as error:
        reasons += error.reasons
    ref = " ".join(case_ref.split())
    case = _case(session, inspection, ref) if ref else None
    if bool(ref) == with_all:
        reasons.append("Enter the reference of one case, or tick the whole partnership: one of the two.")
    if ref and case is None:
        reasons.append(f"There is no case {ref[:40]} on the list of this inspection: check the reference.")
    standing = of_inspection(session, inspection=inspection, account=account)
    if any(one.covers_all or one.case_ref == ref for one in standing):
        reasons.append("This conflict of interest is declared already.")
    if reasons:
        raise RefusedError(*reasons)
    kept = keep(session, inspection=inspection, account=account, case=case, reason=reason, by=by, at=at)
    _hand_back(session, inspection, account, at)
    return kept


def keep(
    session: Session,
    *,
    inspection: Inspection,
    account: Account,
    case: Case | None,
    reason: str,
    by: Account,
    at: datetime,
) -> ConflictOfInterest:
    """Write the conflict down, with the case or with the whole partnership."""
    kept = ConflictOfInterest(
        account_id=account.id or 0,
        partnership_id=inspection.partnership_id if case is None else None,
        case_id=case.id if case else None,
        reason=reason,
        declared_at=at,
        declared_by_id=by.id or 0,
    )
    session.add(kept)
    session.flush()
    _audit(session, "conflict of interest declared", kept, account, inspection, by, at)
    return kept


def end(session: Session, *, inspection: Inspection, public_id: str, by: Account, at: datetime) -> Declared:
    """End a conflict that was declared by mistake or is over; nobody ends their own.

    Raises AbsentError where there is none, RefusedError for one's own.
    """
    found = next(
        (one for one in of_inspection(session, inspection=inspection) if one.conflict.public_id == public_id), None
    )
    if found is None:
        raise AbsentError
    if found.account.id == by.id:
        raise RefusedError("This conflict of interest is your own: another coordinator ends it.")
    found.conflict.ended_at = at
    session.add(found.conflict)
    session.flush()
    _audit(session, "conflict of interest ended", found.conflict, found.account, inspection, by, at)
    return found


def still_holds(session: Session, *, inspection_ids: Collection[int]) -> list[Held]:
    """Every reading that a conflict reaches in these inspections, by who has it and reference."""
    found = []
    rows = session.exec(_reached(), params={"inspection_ids": list(inspection_ids)})
    for its_reader, pair, ref, reading, key, is_readers, is_pairs in rows:
        found += [Held(its_reader, its_reader, ref, reading, key)] if is_readers else []
        found += [Held(pair, its_reader, ref, reading, key)] if is_pairs else []
    return sorted(found, key=lambda one: (one.account.name, one.case_ref, one.reading.kind))


@cache
def _reached() -> Any:
    """Built once: Home and the board ask it."""
    reader, inspector = aliased(Account), aliased(Account)
    of_reader, of_pair = covered(col(Reading.reviewer_id)), covered(col(Membership.paired_with_id))
    waits_for_pair = and_(
        or_(col(Reading.submitted_at).is_(None), col(Reading.needs_countersigning).is_(True)),
        col(Reading.countersigned_at).is_(None),
        of_pair,
    )
    columns: Any = select(reader, inspector, Case.case_ref, Reading)
    return (
        columns.add_columns(Inspection.id, of_reader, waits_for_pair)
        .select_from(Reading)
        .join(reader, reader.id == Reading.reviewer_id)
        .join(SampleCase, col(SampleCase.id) == Reading.sample_case_id)
        .join(Case, col(Case.id) == SampleCase.case_id)
        .join(DrawRecord, col(DrawRecord.id) == SampleCase.draw_id)
        .join(Inspection, col(Inspection.id) == DrawRecord.inspection_id)
        .outerjoin(
            Membership,
            and_(
                col(Membership.inspection_id) == Inspection.id,
                col(Membership.account_id) == Reading.reviewer_id,
                col(Membership.role) == Role.LOCAL_REVIEWER,
            ),
        )
        .outerjoin(inspector, inspector.id == Membership.paired_with_id)
        .where(
            col(Inspection.id).in_(bindparam("inspection_ids", expanding=True)),
            col(DrawRecord.voided_at).is_(None),
            col(SampleCase.status).not_in(NOT_TO_BE_READ),
            Reading.kind != ReadingKind.CONSENSUS,
            col(Reading.signed_off_at).is_(None),
            or_(of_reader, waits_for_pair),
        )
    )


@lru_cache(maxsize=BUILT_AT_MOST)
def covered(account_id: Any) -> Any:
    """That a conflict of the account covers the case; for queries over cases with their draw and inspection."""
    named, frame = aliased(Case), aliased(SamplingFrame)
    of_account = (
        select(ConflictOfInterest.id)
        .outerjoin(named, col(named.id) == ConflictOfInterest.case_id)
        .outerjoin(frame, col(frame.id) == named.frame_id)
        .where(
            ConflictOfInterest.account_id == account_id,
            col(ConflictOfInterest.ended_at).is_(None),
            or_(
                col(ConflictOfInterest.partnership_id) == Inspection.partnership_id,
                and_(col(named.case_ref) == Case.case_ref, col(frame.inspection_id) == Inspection.id),
            ),
        )
    )
    return exists(of_account.correlate(Case, Inspection, Membership, Reading))


def _case(session: Session, inspection: Inspection, ref: str) -> Case | None:
    query = (
        select(Case)
        .join(SamplingFrame, col(SamplingFrame.id) == Case.frame_id)
        .where(
            SamplingFrame.inspection_id == inspection.id,
            SamplingFrame.state != FrameState.SUPERSEDED,
            Case.case_ref == ref,
        )
    )
    return session.exec(query).first()


def _hand_back(session: Session, inspection: Inspection, account: Account, at: datetime) -> None:
    for held in still_holds(session, inspection_ids=[inspection.id or 0]):
        reading = held.reading
        is_own = held.account.id == account.id and not held.is_of_pair
        if is_own and reading.state is ReadingState.ASSIGNED and reading.handed_back_at is None:
            reading.handed_back_at, reading.handed_back_reason = at, "A conflict of interest was declared."
            session.add(reading)
    session.flush()


def _audit(
    session: Session,
    action: str,
    conflict: ConflictOfInterest,
    account: Account,
    inspection: Inspection,
    by: Account,
    at: datetime,
) -> None:
    audit.record(
        session,
        action,
        by=by,
        at=at,
        kind="conflict of interest",
        object_id=conflict.public_id,
        inspection_id=inspection.id,
        body={"account": account.public_id, "of": "case" if conflict.case_id else "partnership"},
    )
