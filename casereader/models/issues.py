"""What is published: frozen issues, the partnership's challenges before them, and topics the lead gave another name."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, String, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from casereader.models.columns import moment, public_id


class Issue(SQLModel, table=True):
    """Findings frozen for publication, of one inspection or of a programme: prepared by one person, issued by another.

    `content` is what is published and nothing else, `withheld` what is not and why, `proof` what an attack on this and
    all earlier issues can find out. The rest says what it can be rebuilt from.
    """

    __table_args__ = (
        UniqueConstraint("inspection_id", "number"),
        UniqueConstraint("programme_id", "number"),
        CheckConstraint("(inspection_id IS NULL) <> (programme_id IS NULL)", name="of_one_or_the_other"),
        CheckConstraint("number >= 1", name="number_from_one"),
        CheckConstraint("(issued_at IS NULL) = (issued_by_id IS NULL)", name="issued_when_and_who"),
        CheckConstraint("issued_by_id <> prepared_by_id", name="issued_by_another"),
        CheckConstraint("(dropped_at IS NULL) = (dropped_by_id IS NULL)", name="dropped_when_and_who"),
        CheckConstraint("issued_at IS NULL OR dropped_at IS NULL", name="issued_or_dropped"),
        CheckConstraint("(replaces_id IS NULL) = (correction = '')", name="replaced_with_a_note"),
        CheckConstraint("length(data_digest) = 64", name="data_digest_length"),
    )

    id: int | None = Field(default=None, primary_key=True)
    public_id: str = public_id()
    inspection_id: int | None = Field(default=None, foreign_key="inspection.id", index=True)
    programme_id: int | None = Field(default=None, foreign_key="programme.id", index=True)
    number: int
    content: dict[str, Any] = Field(sa_type=JSON)
    withheld: list[dict[str, Any]] = Field(default=[], sa_type=JSON)
    proof: dict[str, Any] = Field(sa_type=JSON)
    policy: dict[str, Any] = Field(sa_type=JSON)  # threshold, base, and which policy
    data_digest: str = Field(sa_type=String(64))
    data_time: datetime = moment()
    instrument_id: str = Field(sa_type=String(40))
    instrument_version: str = Field(sa_type=String(20))
    certificates: dict[str, Any] = Field(default={}, sa_type=JSON)  # SHA-256 by inspection
    software: str = Field(sa_type=String(40))
    audit_head: str = Field(sa_type=String(64))
    replaces_id: int | None = Field(default=None, foreign_key="issue.id")
    correction: str = Field(default="", sa_type=Text)  # what was wrong before, where it replaces another
    prepared_at: datetime = moment()
    prepared_by_id: int = Field(foreign_key="account.id")
    issued_at: datetime | None = moment(nullable=True)
    issued_by_id: int | None = Field(default=None, foreign_key="account.id")
    dropped_at: datetime | None = moment(nullable=True)
    dropped_by_id: int | None = Field(default=None, foreign_key="account.id")


class Challenge(SQLModel, table=True):
    """What the partnership says is wrong in the findings before they are published, and what came of it."""

    __table_args__ = (
        CheckConstraint("(answered_at IS NULL) = (answered_by_id IS NULL)", name="answered_when_and_who"),
        CheckConstraint("(answered_at IS NULL) = (figure_changed IS NULL)", name="answered_whether_changed"),
        CheckConstraint("answered_at IS NULL OR length(answer) >= 1", name="answered_in_words"),
    )

    id: int | None = Field(default=None, primary_key=True)
    public_id: str = public_id()
    inspection_id: int = Field(foreign_key="inspection.id", index=True)
    qi: str | None = Field(default=None, sa_type=String(10))
    raised_by: str = Field(sa_type=String(200))  # the post of whoever in the partnership raised it
    says: str = Field(sa_type=Text)
    evidence: str = Field(default="", sa_type=Text)
    entered_at: datetime = moment()
    entered_by_id: int = Field(foreign_key="account.id")
    answer: str = Field(default="", sa_type=Text)
    figure_changed: bool | None = None
    answered_at: datetime | None = moment(nullable=True)
    answered_by_id: int | None = Field(default=None, foreign_key="account.id")


class TopicRecode(SQLModel, table=True):
    """A topic of a strength or an area for development that the lead gave another name; the answer stays as it was."""

    __tablename__ = "topic_recode"

    id: int | None = Field(default=None, primary_key=True)
    reading_id: int = Field(foreign_key="reading.id", index=True, ondelete="CASCADE")
    key: str = Field(sa_type=String(40))
    before: str = Field(sa_type=Text)
    after: str = Field(sa_type=Text)
    at: datetime = moment()
    by_id: int = Field(foreign_key="account.id")


class PartnershipAnswer(SQLModel, table=True):
    """The lead's present answer to one part of the partnership's own instrument.

    The audit keeps each judgement and its sources before and after, never the words.
    """

    __tablename__ = "partnership_answer"
    __table_args__ = (UniqueConstraint("inspection_id", "key"),)

    id: int | None = Field(default=None, primary_key=True)
    inspection_id: int = Field(foreign_key="inspection.id", index=True)
    instrument_id: str = Field(sa_type=String(40))
    instrument_version: str = Field(sa_type=String(20))
    key: str = Field(sa_type=String(40))
    value: str | None = Field(default=None, sa_type=Text)
    note: str = Field(default="", sa_type=Text)
    sources: list[str] = Field(default=[], sa_type=JSON)
    saved_at: datetime = moment()
    saved_by_id: int = Field(foreign_key="account.id")
