"""Locking: the one place where a reading becomes locked, for good, and its reader's running notes are erased.

So are the notes of what will never be locked: of a case that was decided otherwise, and of a draw that was voided.
"""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from casereader import audit
from casereader.models import Account, DrawRecord, Reading, RunningNotes, SampleCase
from casereader.programmes.inspections import Place
from casereader.readings import notes
from casereader.readings.holding import hold_draw_with_cases
from casereader.vocabulary import NOT_TO_BE_READ, ReadingState

DONE = (ReadingState.SIGNED_OFF, ReadingState.SETTLED)


def to_lock(session: Session, *, place: Place) -> list[Reading]:
    """The readings of an inspection that are done and not locked yet."""
    query = (
        select(Reading)
        .join(SampleCase, col(SampleCase.id) == Reading.sample_case_id)
        .join(DrawRecord, col(DrawRecord.id) == SampleCase.draw_id)
        .where(
            DrawRecord.inspection_id == place.inspection.id,
            col(DrawRecord.voided_at).is_(None),
            col(Reading.state).in_(DONE),
        )
    )
    return list(session.exec(query.execution_options(populate_existing=True)))


def lock_all(session: Session, *, place: Place, by: Account, at: datetime) -> int:
    """Lock every reading of an inspection that is signed off or settled; how many they were.

    The notes of readings that come to nothing are erased with theirs.
    """
    hold_draw_with_cases(session, inspection=place.inspection)
    found = to_lock(session, place=place)
    for reading in found:
        reading.state = ReadingState.LOCKED
        session.add(reading)
    notes.erase(session, reading_ids=[reading.id or 0 for reading in found])
    for reading in found:
        audit.record(
            session,
            "reading locked",
            by=by,
            at=at,
            kind="reading",
            object_id=reading.public_id,
            inspection_id=place.inspection.id,
            body={"notes": "erased"},
        )
    left_over = _noted_for_nothing(session, place)
    notes.erase(session, reading_ids=left_over)
    if left_over:
        audit.record_of_inspection(
            session,
            "notes erased",
            place.inspection,
            by=by,
            at=at,
            body={"readings": len(left_over)},
        )
    return len(found)


def _noted_for_nothing(session: Session, place: Place) -> list[int]:
    """The readings with notes whose case was decided otherwise, or whose draw was voided."""
    query = (
        select(RunningNotes.reading_id)
        .join(Reading, col(Reading.id) == RunningNotes.reading_id)
        .join(SampleCase, col(SampleCase.id) == Reading.sample_case_id)
        .join(DrawRecord, col(DrawRecord.id) == SampleCase.draw_id)
        .where(
            DrawRecord.inspection_id == place.inspection.id,
            col(SampleCase.status).in_(NOT_TO_BE_READ) | col(DrawRecord.voided_at).is_not(None),
        )
    )
    return list(session.exec(query))
