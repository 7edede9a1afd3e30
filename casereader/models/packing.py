"""Offline weeks: an inspection that a laptop serves in the reading room, and the files it travels in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, String, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from casereader.models.columns import moment, public_id, word
from casereader.vocabulary import Side


class OfflineWeek(SQLModel, table=True):
    """An inspection that is with a laptop: one row on either side, from the first file to the last."""

    __tablename__ = "offline_week"
    __table_args__ = (
        CheckConstraint("length(office) = 64", name="office_length"),
        CheckConstraint("laptop IS NULL OR length(laptop) = 64", name="laptop_length"),
        CheckConstraint("ended_at IS NOT NULL OR ended_reason = ''", name="ended_with_reason"),
        Index(
            "uq_offline_week_one_at_a_time",
            "inspection_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    public_id: str = public_id()
    inspection_id: int = Field(foreign_key="inspection.id", index=True)
    side: Side = Field(sa_type=word(Side, "side"))  # which of the two this installation is
    office: str = Field(sa_type=String(64))  # the hash of the first event of its trail: no two installations share it
    laptop: str | None = Field(default=None, sa_type=String(64))  # likewise; the office learns it from the first file
    begun_at: datetime = moment()
    ended_at: datetime | None = moment(nullable=True)
    ended_by_id: int | None = Field(default=None, foreign_key="account.id")  # blank: with the laptop's last file
    ended_reason: str = Field(default="", sa_type=Text)  # why without that file


class PackedFile(SQLModel, table=True):
    """A file that was packed here, or taken in: which of this side's files it knew, and up to where its trail went."""

    __tablename__ = "packed_file"
    __table_args__ = (
        UniqueConstraint("week_id", "is_ours", "number"),
        CheckConstraint("number >= 1", name="number_from_one"),
        CheckConstraint("length(head) = 64", name="head_length"),
        CheckConstraint("is_ours OR length(digest) = 64", name="taken_with_its_digest"),
    )

    id: int | None = Field(default=None, primary_key=True)
    public_id: str = public_id()
    week_id: int = Field(foreign_key="offline_week.id", index=True)
    is_ours: bool  # packed here; otherwise it came from the other side
    number: int  # of that side's files
    knows: int  # the number of the other side's file that was taken in last before it was packed; 0: none
    is_last: bool = False
    head: str = Field(sa_type=String(64))  # of the packing side's trail
    digest: str = Field(default="", sa_type=String(64))  # of what the file says, of one that came
    counts: dict[str, int] = Field(default={}, sa_type=JSON)
    # digests of all that the other side held, by table, row and part: what it changed since is seen by them
    held: dict[str, Any] = Field(default={}, sa_type=JSON)
    also_named: dict[str, str] = Field(default={}, sa_type=JSON)  # queries of the same answer, theirs to ours
    at: datetime = moment()


class AnswerConflict(SQLModel, table=True):
    """An answer that was changed at the office and on the laptop: one of the two stands until somebody chose."""

    __tablename__ = "answer_conflict"
    __table_args__ = (
        CheckConstraint("(settled_at IS NULL) = (settled_by_id IS NULL)", name="settled_when_and_who"),
        CheckConstraint("(settled_at IS NULL) = (chosen IS NULL)", name="settled_which"),
        Index(
            "uq_answer_conflict_one_that_waits",
            "reading_id",
            "key",
            unique=True,
            sqlite_where=text("settled_at IS NULL"),
            postgresql_where=text("settled_at IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    public_id: str = public_id()
    file_id: int = Field(foreign_key="packed_file.id", index=True)
    reading_id: int = Field(foreign_key="reading.id", index=True, ondelete="CASCADE")
    key: str = Field(sa_type=String(40))
    office: dict[str, Any] = Field(default={}, sa_type=JSON)  # value, note, sources, ground, discuss
    laptop: dict[str, Any] = Field(default={}, sa_type=JSON)
    office_at: datetime | None = moment(nullable=True)  # when each was saved last, and by whom
    office_by_id: int | None = Field(default=None, foreign_key="account.id")
    laptop_at: datetime | None = moment(nullable=True)
    laptop_by_id: int | None = Field(default=None, foreign_key="account.id")
    stands: Side = Field(sa_type=word(Side, "stands"))
    earlier: list[dict[str, Any]] = Field(default=[], sa_type=JSON)  # further texts of the laptop, until then
    found_at: datetime = moment()
    settled_at: datetime | None = moment(nullable=True)
    settled_by_id: int | None = Field(default=None, foreign_key="account.id")
    chosen: Side | None = Field(default=None, sa_type=word(Side, "chosen"))


class CarriedEvent(SQLModel, table=True):
    """One event of a laptop's own trail, as it stood there: kept here, since a laptop is wiped after its week."""

    __tablename__ = "carried_event"
    __table_args__ = (
        UniqueConstraint("laptop", "n"),
        CheckConstraint("n >= 1", name="n_from_one"),
    )

    id: int | None = Field(default=None, primary_key=True)
    laptop: str = Field(sa_type=String(64))  # the hash of its first event
    n: int
    at: str = Field(sa_type=String(40))  # as it is hashed
    actor_id: int | None = None  # a key of the laptop's, which is hashed
    actor_email: str = Field(default="", sa_type=String(254))
    action: str = Field(sa_type=String(60))
    object_kind: str = Field(sa_type=String(40))
    object_id: str = Field(sa_type=String(64), index=True)
    inspection_there: int | None = None  # a key of the laptop's, too
    body: str = Field(sa_type=Text)  # canonical JSON; it names texts by keyed digests alone
    previous: str = Field(sa_type=String(64))
    hash: str = Field(sa_type=String(64), index=True)
