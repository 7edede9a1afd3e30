"""The agencies' records on their way into the reading room."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, UniqueConstraint
from sqlmodel import Field, SQLModel

from casereader.models.columns import moment, word
from casereader.vocabulary import RecordState


class RecordRequest(SQLModel, table=True):
    """One agency's record of one sampled case, and how far it has come."""

    __tablename__ = "record_request"
    __table_args__ = (UniqueConstraint("sample_case_id", "agency"),)

    id: int | None = Field(default=None, primary_key=True)
    sample_case_id: int = Field(foreign_key="sample_case.id", index=True)
    agency: str = Field(sa_type=String(40))
    state: RecordState = Field(default=RecordState.EXPECTED, sa_type=word(RecordState, "record_state"))
    note: str = Field(default="", sa_type=String(500))
    changed_at: datetime = moment()
    changed_by_id: int = Field(foreign_key="account.id")
