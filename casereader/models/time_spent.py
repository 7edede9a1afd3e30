"""When a reader was at work on a reading: the minutes in which the page was used, and nothing of what was done."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from casereader.models.columns import moment


class ActiveMinute(SQLModel, table=True):
    """One minute in which the reader used a page of the reading."""

    __tablename__ = "active_minute"
    __table_args__ = (UniqueConstraint("reading_id", "minute"),)

    id: int | None = Field(default=None, primary_key=True)
    reading_id: int = Field(foreign_key="reading.id", index=True, ondelete="CASCADE")
    minute: datetime = moment()
