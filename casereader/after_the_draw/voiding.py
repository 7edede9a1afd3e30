"""Voiding a draw: asked for by one person, agreed to by another, one of them a lead. It stays listed, with the reason.

List and plan are then open to a new version. The list is copied, so that whatever is mended in the new version leaves
alone what the voided draw was drawn from.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from casereader import audit
from casereader.drawing import draws
from casereader.errors import ConflictError, RefusedError
from casereader.in_waves import looks
from casereader.in_waves.handed_in import ever_handed_in
from casereader.models import (
    Account,
    Case,
    ConflictOfInterest,
    DrawRecord,
    Inspection,
    ListChange,
    SamplingFrame,
    SamplingPlan,
)
from casereader.programmes import two_people
from casereader.readings import hold_draw, hold_draw_with_cases
from casereader.vocabulary import FrameState

LONGEST_REASON = 1000


def ask(session: Session, *, inspection: Inspection, reason: str, by: Account, at: datetime) -> DrawRecord:
    """Ask that the active draw be voided; nothing changes before another person agrees.

    Raises ConflictError where it is asked for already or a reading was handed in, RefusedError without a reason.
    """
    hold_draw(session, inspection=inspection)
    record = _voidable(session, inspection)
    if record.void_asked_at is not None:
        raise ConflictError("Somebody has asked already that this draw be voided.")
    record.void_asked_at, record.void_asked_by_id, record.void_asked_reason = at, by.id, told_reason(reason)
    session.add(record)
    session.flush()
    _record(session, "voiding asked for", record=record, by=by, at=at, reason_length=len(record.void_asked_reason))
    return record


def drop(session: Session, *, inspection: Inspection, by: Account, at: datetime) -> None:
    """Take back the asking, or turn it down: the draw stands.

    Raises ConflictError where nobody asks for it.
    """
    hold_draw(session, inspection=inspection)
    record = _asked(session, inspection)
    asked_by = record.void_asked_by_id
    record.void_asked_at, record.void_asked_by_id, record.void_asked_reason = None, None, ""
    session.add(record)
    session.flush()
    _record(session, "voiding dropped", record=record, by=by, at=at, asked_by=asked_by)


def agree(session: Session, *, inspection: Inspection, by: Account, at: datetime) -> DrawRecord:
    """Void the draw as the second person, and open list and plan to a new version.

    Raises ConflictError where nobody asks for it or a reading was handed in, RefusedError unless they are two people,
    one a lead.
    """
    hold_draw_with_cases(session, inspection=inspection)
    record = _asked(session, inspection)
    _voidable(session, inspection)
    asker = session.get_one(Account, record.void_asked_by_id)
    two_people.refuse_others(session, inspection=inspection, asker=asker, by=by, deed="asked that the draw be voided")
    record.voided_at, record.void_reason = at, record.void_asked_reason
    record.voided_by_id, record.void_confirmed_by_id = asker.id, by.id
    plan = session.get_one(SamplingPlan, record.plan_id)
    plan.superseded_at = at
    session.add_all([record, plan])
    frame = session.get_one(SamplingFrame, plan.frame_id)
    frame.state = FrameState.SUPERSEDED
    session.add(frame)
    session.flush()
    _copied(session, frame)
    _record(
        session,
        "draw voided",
        record=record,
        by=by,
        at=at,
        asked_by=asker.id,
        certificate=record.certificate_sha256,
        reason_length=len(record.void_reason or ""),
    )
    return record


def voided(session: Session, *, inspection: Inspection) -> Sequence[DrawRecord]:
    """The inspection's voided draws, oldest first."""
    query = (
        select(DrawRecord)
        .where(DrawRecord.inspection_id == inspection.id, col(DrawRecord.voided_at).is_not(None))
        .order_by(col(DrawRecord.drawn_at))
    )
    return session.exec(query).all()


def told_reason(reason: str) -> str:
    """A reason on one line; RefusedError where there is none, or too much of it."""
    told = " ".join(reason.split())
    if not 1 <= len(told) <= LONGEST_REASON:
        raise RefusedError(f"Give the reason, in at most {LONGEST_REASON:,} characters.")
    return told


def _asked(session: Session, inspection: Inspection) -> DrawRecord:
    record = draws.current(session, inspection=inspection)
    if record is None or record.void_asked_at is None:
        raise ConflictError("Nobody has asked that the draw be voided.")
    return record


def _voidable(session: Session, inspection: Inspection) -> DrawRecord:
    record = draws.current(session, inspection=inspection)
    if record is None:
        raise ConflictError("The sample is not drawn yet.")
    key = inspection.id or 0
    if ever_handed_in(session, [key]) or looks.last_wave(session, inspection=inspection):
        raise ConflictError(
            "A reading of this sample was submitted, even if it is open again or with somebody else since. From then "
            "on the sample stands, and the rule of its waves with it: a new one could be chosen by what was read. "
            "Cases that should not be read are replaced or stopped one by one."
        )
    return record


def _copied(session: Session, frame: SamplingFrame) -> SamplingFrame:
    """The same list as its next version, with what was changed in it; conflicts of interest go with their cases."""
    kept = frame.model_dump(exclude={"id", "public_id", "version", "state"})
    copy = SamplingFrame(**kept, version=frame.version + 1, state=FrameState.CHECKED)
    session.add(copy)
    session.flush()
    table: Any = Case.__table__  # type: ignore[attr-defined]
    columns = [column for column in table.c if column.name not in ("id", "frame_id")]
    rows = select_columns(*columns).where(table.c.frame_id == frame.id).order_by(table.c.id)
    new = [{**row._mapping, "frame_id": copy.id} for row in session.execute(rows)]
    session.execute(insert(Case), new)
    changes = session.exec(select(ListChange).where(ListChange.frame_id == frame.id)).all()
    for change in changes:
        session.add(ListChange(**change.model_dump(exclude={"id", "public_id", "frame_id"}), frame_id=copy.id))
    conflicts = session.exec(
        select(ConflictOfInterest, Case.case_ref)
        .join(Case, col(Case.id) == ConflictOfInterest.case_id)
        .where(Case.frame_id == frame.id)
    ).all()
    if conflicts:
        keys = {ref: key for key, ref in session.exec(select(Case.id, Case.case_ref).where(Case.frame_id == copy.id))}
        for conflict, ref in conflicts:
            conflict.case_id = keys[ref]
            session.add(conflict)
    session.flush()
    return copy


def _record(session: Session, action: str, *, record: DrawRecord, by: Account, at: datetime, **body: object) -> None:
    audit.record(
        session,
        action,
        by=by,
        at=at,
        kind="draw",
        object_id=record.public_id,
        inspection_id=record.inspection_id,
        body=body,
    )
