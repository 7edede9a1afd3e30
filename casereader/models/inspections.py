"""Programmes, partnerships and inspections."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, String, UniqueConstraint
from sqlmodel import Field, SQLModel

from casereader.models.columns import moment, new_digest_key, public_id, word
from casereader.vocabulary import Coefficient, Comparability, DataKind


class Partnership(SQLModel, table=True):
    """The area body inspected."""

    __table_args__ = (CheckConstraint("length(name) BETWEEN 1 AND 100", name="name_length"),)

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(sa_type=String(100), unique=True)
    slug: str = Field(sa_type=String(110), unique=True)


class Programme(SQLModel, table=True):
    """A round of inspections under one instrument and one set of evaluated quality indicators."""

    __table_args__ = (
        CheckConstraint("length(name) BETWEEN 1 AND 100", name="name_length"),
        CheckConstraint("concern_minutes BETWEEN 1 AND 1440", name="concern_minutes_within_a_day"),
    )

    id: int | None = Field(default=None, primary_key=True)
    public_id: str = public_id()
    name: str = Field(sa_type=String(100), unique=True)
    slug: str = Field(sa_type=String(110), unique=True)
    instrument_id: str = Field(sa_type=String(40))
    instrument_version: str = Field(sa_type=String(20))
    evaluated_qis: list[str] = Field(default=[], sa_type=JSON)
    data_kind: DataKind = Field(default=DataKind.RECORDS, sa_type=word(DataKind, "data_kind"))
    stratum_order: list[str] = Field(default=[], sa_type=JSON)  # a child in two groups is drawn in the first
    comparison: dict[str, Any] | None = Field(default=None, sa_type=JSON)  # the group set against its peers
    concern_minutes: int = 30  # a matter of concern not received for so long is shown to all who run the inspection
    # a question is below the threshold where neither its coefficient nor its percent agreement comes up to it
    agreement_coefficient: Coefficient = Field(default=Coefficient.AC, sa_type=word(Coefficient, "coefficient"))
    least_coefficient: str = Field(default="0.75", sa_type=String(12))  # decimal text, 0 to 1, as the next
    least_agreement: str = Field(default="0.95", sa_type=String(12))
    created_at: datetime = moment()
    created_by_id: int | None = Field(default=None, foreign_key="account.id")


class PublishedInstrument(SQLModel, table=True):
    """A version of an instrument that a programme used, with the digest of all it said then."""

    __tablename__ = "published_instrument"
    __table_args__ = (
        UniqueConstraint("instrument_id", "version"),
        CheckConstraint("length(digest) = 64", name="digest_length"),
    )

    id: int | None = Field(default=None, primary_key=True)
    instrument_id: str = Field(sa_type=String(40))
    version: str = Field(sa_type=String(20))
    digest: str = Field(sa_type=String(64))
    published_at: datetime = moment()


class Inspection(SQLModel, table=True):
    """One partnership in one programme."""

    __table_args__ = (
        UniqueConstraint("programme_id", "partnership_id"),
        CheckConstraint("period_to >= period_from", name="period_in_order"),
        CheckConstraint("reading_ends >= reading_starts", name="reading_days_in_order"),
        CheckConstraint("(published_on IS NULL) = (published_by_id IS NULL)", name="published_when_and_who"),
        CheckConstraint("reader_idle_minutes BETWEEN 15 AND 720", name="reader_idle_within_a_day"),
        CheckConstraint("erased_at IS NULL OR digest_key IS NULL", name="erased_without_its_key"),
    )

    id: int | None = Field(default=None, primary_key=True)
    public_id: str = public_id()
    programme_id: int = Field(foreign_key="programme.id", index=True)
    partnership_id: int = Field(foreign_key="partnership.id", index=True)
    period_from: date  # the months whose practice is judged
    period_to: date
    reading_starts: date | None = None
    reading_ends: date | None = None
    notified_on: date | None = None  # week 1 of its calendar
    list_due_on: date | None = None
    panel_on: date | None = None
    publish_on: date | None = None
    published_on: date | None = None  # the day it was published, once it was
    published_by_id: int | None = Field(default=None, foreign_key="account.id")
    reader_idle_minutes: int = 240  # on reading days a reader may sit so long over one record
    readers_need_second_factor: bool = False
    retain_until: date | None = None  # the last day on which its content is kept
    erased_at: datetime | None = moment(nullable=True)
    digest_key: str | None = Field(default_factory=new_digest_key, sa_type=String(64))  # of its texts; gone once erased
    created_at: datetime = moment()


class EarlierFigure(SQLModel, table=True):
    """A figure published of the partnership before this inspection, as it stood there, and which question it meets."""

    __tablename__ = "earlier_figure"
    __table_args__ = (CheckConstraint("n IS NULL OR n >= 1", name="n_from_one"),)

    id: int | None = Field(default=None, primary_key=True)
    public_id: str = public_id()
    inspection_id: int = Field(foreign_key="inspection.id", index=True)
    source: str = Field(sa_type=String(300))
    published_on: date | None = None
    asked: str = Field(sa_type=String(300))  # the question in the words it was published in
    share: str = Field(sa_type=String(12))  # decimal text, 0 to 1, as published
    n: int | None = None  # records it was read from, where the source says
    question: str | None = Field(default=None, sa_type=String(40))  # the key of ours it is set beside
    comparability: Comparability = Field(sa_type=word(Comparability, "comparability"))
    entered_at: datetime = moment()
    entered_by_id: int = Field(foreign_key="account.id")
