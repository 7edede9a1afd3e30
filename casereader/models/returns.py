"""A partnership's return on its way to a list: what was sent, how it is read, and what was changed in the open."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, String, Text, text
from sqlmodel import Field, SQLModel

from casereader.models.columns import moment, public_id, word
from casereader.vocabulary import ReturnState


class PartnershipReturn(SQLModel, table=True):
    """A file that a partnership sent. The file itself is kept only until it became the list, was dropped or ran out."""

    __tablename__ = "partnership_return"
    __table_args__ = (
        Index(
            "uq_partnership_return_open",
            "inspection_id",
            unique=True,
            sqlite_where=text("state = 'received'"),
            postgresql_where=text("state = 'received'"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    public_id: str = public_id()
    inspection_id: int = Field(foreign_key="inspection.id", index=True)
    state: ReturnState = Field(default=ReturnState.RECEIVED, sa_type=word(ReturnState, "return_state"))
    filename: str = Field(sa_type=String(200))
    file_sha256: str = Field(sa_type=String(64))
    file_bytes: int
    layout: dict[str, Any] = Field(default={}, sa_type=JSON)  # tabs, headings, values; emptied with the file
    mapping: dict[str, Any] = Field(default={}, sa_type=JSON)  # tabs chosen, columns and values to codes
    received_at: datetime = moment()
    received_by_id: int = Field(foreign_key="account.id")
    expires_at: datetime = moment()
    ended_at: datetime | None = moment(nullable=True)


class ReturnMapping(SQLModel, table=True):
    """How the last return of a partnership was checked: offered again with its next one, also with a mended one."""

    __tablename__ = "return_mapping"

    id: int | None = Field(default=None, primary_key=True)
    partnership_id: int = Field(foreign_key="partnership.id", unique=True)
    mapping: dict[str, Any] = Field(default={}, sa_type=JSON)
    saved_at: datetime = moment()
    saved_by_id: int = Field(foreign_key="account.id")


class ListChange(SQLModel, table=True):
    """One value of a list corrected, or one row left out, before the list was fixed: told on the certificate."""

    __tablename__ = "list_change"
    __table_args__ = (
        CheckConstraint("reason <> ''", name="has_reason"),
        CheckConstraint("is_exclusion = (list_column IS NULL)", name="a_value_or_a_row"),
    )

    id: int | None = Field(default=None, primary_key=True)
    public_id: str = public_id()
    return_id: int | None = Field(default=None, foreign_key="partnership_return.id", index=True)
    frame_id: int | None = Field(default=None, foreign_key="sampling_frame.id", index=True)
    tab: str | None = Field(default=None, sa_type=String(100))
    row: int
    case_ref: str | None = Field(default=None, sa_type=String(40))  # blank where the reference itself could not stand
    list_column: str | None = Field(default=None, sa_type=String(100))
    is_exclusion: bool = False
    before: str = Field(default="", sa_type=Text)  # blank where it seemed to identify a child
    after: str = Field(default="", sa_type=Text)
    reason: str = Field(sa_type=Text)
    made_at: datetime = moment()
    made_by_id: int = Field(foreign_key="account.id")
