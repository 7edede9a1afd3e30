"""Practice: what people answered on invented cases. Tied to no case, draw or inspection, so that it can never count."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, String, UniqueConstraint
from sqlmodel import Field, SQLModel

from casereader.models.columns import moment


class PracticeReading(SQLModel, table=True):
    """One person's answers to one practice case."""

    __tablename__ = "practice_reading"
    __table_args__ = (
        UniqueConstraint("account_id", "case_id"),
        CheckConstraint("version >= 1", name="version_from_one"),
        CheckConstraint("(first_answers IS NULL) = (first_submitted_at IS NULL)", name="first_when_and_what"),
    )

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id", index=True, ondelete="CASCADE")
    case_id: str = Field(sa_type=String(40))  # of a file in data/practice
    version: int = 1
    answers: dict[str, Any] = Field(default={}, sa_type=JSON)  # by key, as a reading's are kept
    saved_at: datetime = moment()
    submitted_at: datetime | None = moment(nullable=True)
    # as first handed in, before the model answers were seen: what readers are compared on, however often they practise
    first_answers: dict[str, Any] | None = Field(default=None, sa_type=JSON(none_as_null=True))
    first_submitted_at: datetime | None = moment(nullable=True)
