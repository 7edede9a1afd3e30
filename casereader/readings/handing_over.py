"""When a reading that was not begun goes to somebody else: what its reader kept beside it does not go with it."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import delete
from sqlmodel import Session, col

from casereader.models import ActiveMinute
from casereader.readings import notes


def forget_reader(session: Session, *, reading_ids: Collection[int]) -> None:
    """Erase the running notes, the child's story and the minutes of whoever had these readings."""
    notes.erase(session, reading_ids=reading_ids)
    session.execute(delete(ActiveMinute).where(col(ActiveMinute.reading_id).in_(reading_ids)))
