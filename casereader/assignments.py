"""Giving the drawn cases to reviewers: dealt by the seeded rule, changed by hand only with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert
from sqlmodel import Session, col, select

from casereader import audit, contacts, draws, inspections, readings
from casereader.dealing import deal, second_readings
from casereader.errors import AbsentError, ConflictError, RefusedError
from casereader.models import Account, Case, DrawRecord, Inspection, Reading, SampleCase, SamplingPlan
from casereader.vocabulary import ReadingKind, ReadingState, Role, SampleRole

READS = (Role.REVIEWER, Role.LOCAL_REVIEWER)


def readers(session: Session, *, inspection: Inspection) -> list[tuple[Account, Role]]:
    """Who may be given cases in the inspection, by name."""
    return [
        (account, entry.role)
        for account, entry in inspections.people(session, inspection=inspection)
        if entry.role in READS
    ]


def assign(
    session: Session,
    *,
    inspection: Inspection,
    instrument: tuple[str, str],
    chosen: Sequence[Account],
    by: Account,
    at: datetime,
) -> int:
    """Deal every main case to the chosen readers, and the second readings to independent ones; how many were given.

    `instrument` is id and version. A second reading goes to a reviewer only, never to staff of the partnership.
    Refused until a lead and a deputy are named, each with a telephone number.
    """
    record = _drawn(session, inspection)
    roles = {account.email: role for account, role in readers(session, inspection=inspection)}
    reasons = [f"{account.name} is no reviewer here." for account in chosen if account.email not in roles]
    if not chosen:
        reasons.append("Choose at least one reviewer.")
    reasons += contacts.lacking(session, inspection=inspection, at=at)
    if is_assigned(session, draw_record=record):
        raise ConflictError("The cases are assigned already.")
    if reasons:
        raise RefusedError(*reasons)
    main = {
        case.case_ref: drawn
        for drawn, case in draws.sampled(session, draw_record=record)
        if drawn.role is SampleRole.MAIN
    }
    by_email = {account.email: account for account in chosen}  # what the addendum names them by
    plan = session.get_one(SamplingPlan, record.plan_id)
    first = deal({ref: drawn.stratum for ref, drawn in main.items()}, list(by_email), seed=record.seed)
    independent = [email for email in by_email if roles[email] is Role.REVIEWER]
    second = second_readings(first, independent, seed=record.seed, share=plan.second_share)
    rows = [
        _row(main[ref], kind, by_email[reader], instrument=instrument, by=by, at=at)
        for kind, given in ((ReadingKind.FIRST, first), (ReadingKind.SECOND, second))
        for ref, reader in given.items()
    ]
    session.execute(insert(Reading), rows)
    draws.seal(
        session,
        draw_record=record,
        addendum={
            "schema": "casereader/addendum/1",
            "certificate": record.certificate_sha256,
            "readers": sorted(by_email),
            "first": dict(sorted(first.items())),
            "second": dict(sorted(second.items())),
        },
    )
    audit.record(
        session,
        "cases assigned",
        by=by,
        at=at,
        kind="draw",
        object_id=record.public_id,
        inspection_id=inspection.id,
        body={"first": len(first), "second": len(second), "addendum": record.addendum_sha256},
    )
    return len(first)


def is_assigned(session: Session, *, draw_record: DrawRecord) -> bool:
    """Whether the draw's cases were given to readers."""
    query = (
        select(Reading.id)
        .join(SampleCase, col(SampleCase.id) == Reading.sample_case_id)
        .where(SampleCase.draw_id == draw_record.id)
        .limit(1)
    )
    return session.exec(query).first() is not None


def find(session: Session, *, inspection: Inspection, public_id: str) -> tuple[Reading, str]:
    """A reading of the inspection, and the reference of its case; AbsentError otherwise."""
    query = (
        select(Reading, Case.case_ref)
        .join(SampleCase, col(SampleCase.id) == Reading.sample_case_id)
        .join(DrawRecord, col(DrawRecord.id) == SampleCase.draw_id)
        .join(Case, col(Case.id) == SampleCase.case_id)
        .where(DrawRecord.inspection_id == inspection.id, Reading.public_id == public_id)
    )
    found = session.exec(query).first()
    if found is None:
        raise AbsentError
    return found


def may_take(session: Session, *, inspection: Inspection, reading: Reading) -> list[Account]:
    """Who else could read it, by name: nobody who knows a reading of the case, and a second one no local reviewer."""
    on_the_case = set(session.exec(select(Reading.reviewer_id).where(Reading.sample_case_id == reading.sample_case_id)))
    knowing = on_the_case | _have_signed(session, reading)
    return [
        account
        for account, role in readers(session, inspection=inspection)
        if account.id not in knowing and (reading.kind is ReadingKind.FIRST or role is Role.REVIEWER)
    ]


def give(
    session: Session,
    *,
    inspection: Inspection,
    reading: Reading,
    to: Account,
    reason: str,
    by: Account,
    at: datetime,
) -> None:
    """Hand a reading that was not begun to another reader, with the reason."""
    allowed = {account.id: role for account, role in readers(session, inspection=inspection)}
    twin = session.exec(
        select(Reading).where(
            Reading.sample_case_id == reading.sample_case_id, Reading.kind != reading.kind, Reading.reviewer_id == to.id
        )
    ).first()
    reasons = []
    if reading.handed_back_at is not None and reading.reviewer_id == to.id:
        reasons.append(f"{to.name} handed this case back: give it to somebody else.")
    if reading.state is not ReadingState.ASSIGNED:
        reasons.append("This reading is begun: it stays with its reader.")
    if to.id not in allowed:
        reasons.append(f"{to.name} is no reviewer here.")
    if reading.kind is ReadingKind.SECOND and allowed.get(to.id) is Role.LOCAL_REVIEWER:
        reasons.append("A second reading goes to an inspector, not to staff of the partnership.")
    if twin is not None:
        reasons.append(f"{to.name} has the other reading of this case: the two must be independent.")
    if to.id in _have_signed(session, reading):
        reasons.append(f"{to.name} has countersigned or signed off a reading of this case, so has seen its answers.")
    if not reason.strip():
        reasons.append("Say why the case changes hands.")
    if reasons:
        raise RefusedError(*reasons)
    before = reading.reviewer_id
    reading.reviewer_id, reading.assigned_at, reading.assigned_by_id = to.id or 0, at, by.id or 0
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
        body={"from": before, "to": to.id, "reason_length": len(reason)},
    )


def give_reserve(
    session: Session,
    *,
    reserve: SampleCase,
    reviewer_id: int,
    instrument: tuple[str, str],
    by: Account,
    at: datetime,
) -> Reading:
    """A first reading of a reserve that was called on, for the reader whose case it replaces."""
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
    session.add(reading)
    session.flush()
    return reading


def _have_signed(session: Session, reading: Reading) -> set[int | None]:
    """Who countersigned or signed off a reading of the same case, also one that was reopened since."""
    query = select(Reading.public_id, Reading.countersigned_by_id, Reading.signed_off_by_id).where(
        Reading.sample_case_id == reading.sample_case_id
    )
    rows = session.exec(query).all()
    before = audit.deeds(session, readings.COUNTERSIGNED, object_ids=[row[0] for row in rows])
    return ({signed for row in rows for signed in row[1:]} | {deed.by_id for deed in before}) - {None}


def _row(
    drawn: SampleCase,
    kind: ReadingKind,
    reader: Account,
    *,
    instrument: tuple[str, str],
    by: Account,
    at: datetime,
) -> dict[str, object]:
    reading = Reading(
        sample_case_id=drawn.id or 0,
        kind=kind,
        reviewer_id=reader.id or 0,
        instrument_id=instrument[0],
        instrument_version=instrument[1],
        version=1,
        assigned_at=at,
        assigned_by_id=by.id or 0,
    )
    return reading.model_dump(exclude={"id"})


def _drawn(session: Session, inspection: Inspection) -> DrawRecord:
    record = draws.current(session, inspection=inspection)
    if record is None:
        raise ConflictError("The sample is not drawn yet.")
    return record
