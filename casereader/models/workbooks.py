"""Reading workbooks: what was given out for reading without a server, and what came back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, String
from sqlmodel import Field, SQLModel

from casereader.models.columns import moment, public_id


class ReadingWorkbook(SQLModel, table=True):
    """One workbook as it was issued. The file is not kept: it follows from this row and the revisions up to it."""

    __tablename__ = "reading_workbook"

    id: int | None = Field(default=None, primary_key=True)
    public_id: str = public_id()
    inspection_id: int = Field(foreign_key="inspection.id", index=True)
    reader_id: int = Field(foreign_key="account.id", index=True)
    facts: list[list[str]] = Field(default=[], sa_type=JSON)  # what its first sheet says, label and value
    cases: list[dict[str, Any]] = Field(default=[], sa_type=JSON)  # as issuing.issue makes them
    salt: str = Field(sa_type=String(64))  # in no file: without it nobody can work the mark out
    mark: str = Field(sa_type=String(64), unique=True)
    issued_at: datetime = moment()
    issued_by_id: int = Field(foreign_key="account.id")


class WorkbookReturn(SQLModel, table=True):
    """A workbook that came back without a fault: its answers wait for a choice, then only the receipt is kept."""

    __tablename__ = "workbook_return"
    __table_args__ = (
        CheckConstraint("taken_at IS NULL OR dropped_at IS NULL", name="taken_or_dropped"),
        CheckConstraint("(taken_at IS NULL) = (taken_by_id IS NULL)", name="taken_when_and_who"),
    )

    id: int | None = Field(default=None, primary_key=True)
    public_id: str = public_id()
    workbook_id: int = Field(foreign_key="reading_workbook.id", index=True)
    file_sha256: str = Field(sa_type=String(64))
    answers: dict[str, Any] = Field(default={}, sa_type=JSON)  # by reading and key; emptied once decided
    notes: list[str] = Field(default=[], sa_type=JSON)  # what was worth a look in the file; emptied too
    receipts: list[dict[str, Any]] = Field(default=[], sa_type=JSON)  # one for each case taken in
    received_at: datetime = moment()
    received_by_id: int = Field(foreign_key="account.id")
    taken_at: datetime | None = moment(nullable=True)
    taken_by_id: int | None = Field(default=None, foreign_key="account.id")
    dropped_at: datetime | None = moment(nullable=True)
