"""Readings, and their answers with every revision."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column, Index, Integer, String, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from casereader.models.columns import moment, public_id, word
from casereader.vocabulary import ReadingKind, ReadingState

_version = Column("version", Integer, nullable=False)


class Reading(SQLModel, table=True):
    """One reviewer's answers to the instrument for one case; exists from the moment the case is assigned."""

    __table_args__ = (
        UniqueConstraint("sample_case_id", "kind"),
        Index(
            "uq_reading_independent_readers",
            "sample_case_id",
            "reviewer_id",
            unique=True,
            sqlite_where=text("kind <> 'consensus'"),
            postgresql_where=text("kind <> 'consensus'"),
        ),
        CheckConstraint("(submitted_at IS NULL) = (state IN ('assigned', 'in progress'))", name="submitted_when"),
        CheckConstraint("submitted_at IS NULL OR first_submitted_at IS NOT NULL", name="first_submitted_before"),
        CheckConstraint(
            "(countersigned_at IS NULL) = (countersigned_by_id IS NULL)", name="countersigned_when_and_who"
        ),
        CheckConstraint("countersigned_by_id <> reviewer_id", name="countersigned_by_another"),
        CheckConstraint("(signed_off_at IS NULL) = (signed_off_by_id IS NULL)", name="signed_off_when_and_who"),
        CheckConstraint("kind = 'consensus' OR signed_off_by_id <> reviewer_id", name="signed_off_by_another"),
        CheckConstraint(
            "(signed_off_at IS NOT NULL) = (state IN ('signed off', 'settled', 'locked'))",
            name="signed_off_state",
        ),
        CheckConstraint("version >= 1", name="version_from_one"),
        CheckConstraint("minutes IS NULL OR minutes >= 0", name="minutes_not_negative"),
        CheckConstraint("handed_back_at IS NULL OR state = 'assigned'", name="handed_back_unread"),
    )
    # every save raises it by one, so that two tabs can never both win
    __mapper_args__ = {"version_id_col": _version}

    id: int | None = Field(default=None, primary_key=True)
    public_id: str = public_id()
    sample_case_id: int = Field(foreign_key="sample_case.id", index=True)
    kind: ReadingKind = Field(sa_type=word(ReadingKind, "reading_kind"))
    state: ReadingState = Field(default=ReadingState.ASSIGNED, sa_type=word(ReadingState, "reading_state"))
    reviewer_id: int = Field(foreign_key="account.id", index=True)
    instrument_id: str = Field(sa_type=String(40))
    instrument_version: str = Field(sa_type=String(20))
    version: int = Field(default=None, sa_column=_version)
    assigned_at: datetime = moment()
    assigned_by_id: int = Field(foreign_key="account.id")
    assigned_reason: str = Field(default="", sa_type=Text)
    begun_by_id: int | None = Field(default=None, foreign_key="account.id")  # whose answers it goes on with, taken over
    handed_back_at: datetime | None = moment(nullable=True)  # a conflict of interest: waits for another reviewer
    handed_back_reason: str = Field(default="", sa_type=Text)
    started_at: datetime | None = moment(nullable=True)
    saved_at: datetime | None = moment(nullable=True)
    submitted_at: datetime | None = moment(nullable=True)
    first_submitted_at: datetime | None = moment(nullable=True)  # by this reader: agreement is of the answers then
    needs_countersigning: bool = False  # submitted by a local reviewer
    countersigned_at: datetime | None = moment(nullable=True)
    countersigned_by_id: int | None = Field(default=None, foreign_key="account.id")
    signed_off_at: datetime | None = moment(nullable=True)
    signed_off_by_id: int | None = Field(default=None, foreign_key="account.id")
    reopened_reason: str = Field(default="", sa_type=Text)
    minutes: int | None = None
    read_on: date | None = None
    imported_from: str | None = Field(default=None, sa_type=String(64))  # digest of the file it came in


class AnswerRow(SQLModel, table=True):
    """The present answer to one part of the instrument."""

    __tablename__ = "answer"
    __table_args__ = (
        UniqueConstraint("reading_id", "key"),
        CheckConstraint("length(note) <= 20000", name="note_length"),
    )

    id: int | None = Field(default=None, primary_key=True)
    reading_id: int = Field(foreign_key="reading.id", index=True, ondelete="CASCADE")
    key: str = Field(sa_type=String(40))
    value: str | None = Field(default=None, sa_type=Text)
    note: str = Field(default="", sa_type=Text)
    sources: list[str] = Field(default=[], sa_type=JSON)
    ground: str | None = Field(default=None, sa_type=String(200))
    discuss: bool = False
    saved_at: datetime = moment()


class AnswerRevision(SQLModel, table=True):
    """What an answer was before a save, and after."""

    __tablename__ = "answer_revision"

    id: int | None = Field(default=None, primary_key=True)
    reading_id: int = Field(foreign_key="reading.id", index=True, ondelete="CASCADE")
    key: str = Field(sa_type=String(40))
    before: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    after: dict[str, Any] = Field(sa_type=JSON)
    saved_at: datetime = moment()
    saved_by_id: int = Field(foreign_key="account.id")


class SavedReply(SQLModel, table=True):
    """The reply to a save, so that the same save sent again gets the same reply and changes nothing."""

    __tablename__ = "saved_reply"
    __table_args__ = (
        UniqueConstraint("account_id", "idempotency_key"),
        Index("ix_saved_reply_reading_id_id", "reading_id", "id"),  # the newest of a reading are asked for
    )

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id")
    idempotency_key: str = Field(sa_type=String(64))
    reading_id: int = Field(foreign_key="reading.id", ondelete="CASCADE")
    body_sha256: str = Field(sa_type=String(64))
    reply: dict[str, Any] = Field(sa_type=JSON)
    saved_at: datetime = moment()
