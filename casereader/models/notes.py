"""What a reader writes beside the answers: kept apart from them, and erased when the reading is locked."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Text
from sqlmodel import Field, SQLModel

from casereader.models.columns import moment


class RunningNotes(SQLModel, table=True):
    """The running notes of one reading and the child's story in short; no earlier wording of either is kept."""

    __tablename__ = "running_notes"
    __table_args__ = (
        CheckConstraint("length(notes) <= 20000", name="notes_length"),
        CheckConstraint("length(story) <= 2000", name="story_length"),
    )

    reading_id: int = Field(foreign_key="reading.id", primary_key=True, ondelete="CASCADE")
    notes: str = Field(default="", sa_type=Text)
    story: str = Field(default="", sa_type=Text)
    saved_at: datetime = moment()
