"""When a reading goes to somebody else: what its reader kept beside it never goes with it, nor need the answers."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, insert
from sqlmodel import Session, col

from casereader.instrument import Answer
from casereader.models import Account, ActiveMinute, AnswerRevision, AnswerRow, Reading
from casereader.readings import notes
from casereader.readings.finding import answers_of
from casereader.readings.queried import let_go
from casereader.readings.revisions import ANEW
from casereader.readings.saving import as_columns
from casereader.vocabulary import ReadingState


def forget_reader(session: Session, *, reading_ids: Collection[int]) -> None:
    """Erase the running notes, the child's story and the minutes of whoever had these readings."""
    notes.erase(session, reading_ids=reading_ids)
    session.execute(delete(ActiveMinute).where(col(ActiveMinute.reading_id).in_(reading_ids)))


def start_anew(session: Session, *, reading: Reading, by: Account, at: datetime) -> None:
    """Take every answer away, so that the next reader begins with none: only the revisions keep what was answered."""
    key = reading.id or 0
    taken = answers_of(session, key)
    if taken:
        blank = {**as_columns(Answer(None)), ANEW: True}
        rows = [
            {
                "reading_id": key,
                "key": one,
                "before": as_columns(answer),
                "after": blank,
                "saved_at": at,
                "saved_by_id": by.id,
            }
            for one, answer in taken.items()
        ]
        session.execute(insert(AnswerRevision), rows)
        session.execute(delete(AnswerRow).where(col(AnswerRow.reading_id) == key))
    let_go(session, reading_id=key, public_id=reading.public_id, by=by, at=at)
    reading.state = ReadingState.ASSIGNED
    reading.started_at = reading.saved_at = reading.begun_by_id = None
    reading.reopened_reason = ""
    session.add(reading)
    session.flush()
