"""Who can read on which days, and what they must not read."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from casereader.models.columns import moment, public_id


class ReaderDays(SQLModel, table=True):
    """The days on which a reader reads in an inspection, and how many records on one of them."""

    __tablename__ = "reader_days"
    __table_args__ = (
        UniqueConstraint("inspection_id", "account_id"),
        CheckConstraint("per_day BETWEEN 1 AND 20", name="per_day_possible"),
    )

    id: int | None = Field(default=None, primary_key=True)
    inspection_id: int = Field(foreign_key="inspection.id", index=True)
    account_id: int = Field(foreign_key="account.id", index=True)
    days: list[str] = Field(default=[], sa_type=JSON)  # ISO dates, in order
    per_day: int = 4


class ConflictOfInterest(SQLModel, table=True):
    """A partnership, or one case of its list, that a person must not read."""

    __tablename__ = "conflict_of_interest"
    __table_args__ = (
        CheckConstraint("(partnership_id IS NULL) <> (case_id IS NULL)", name="a_partnership_or_a_case"),
        CheckConstraint("reason <> ''", name="has_reason"),
    )

    id: int | None = Field(default=None, primary_key=True)
    public_id: str = public_id()
    account_id: int = Field(foreign_key="account.id", index=True)
    partnership_id: int | None = Field(default=None, foreign_key="partnership.id", index=True)
    case_id: int | None = Field(default=None, foreign_key="frame_case.id", index=True)
    reason: str = Field(sa_type=Text)
    declared_at: datetime = moment()
    declared_by_id: int = Field(foreign_key="account.id")
    ended_at: datetime | None = moment(nullable=True)
