"""The trail of what was done: rows are added, each carrying the hash of the one before."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, String, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from casereader.models.columns import CanonicalJson, moment


class AuditEvent(SQLModel, table=True):
    """One deed. `body` names fields, counts and what changed, before and after; never a text but by its digest.

    The last of something is asked for on many pages: each index says with it in which order it was done, or
    PostgreSQL goes through all deeds from the newest back until it meets one.
    """

    __tablename__ = "audit_event"
    __table_args__ = (
        CheckConstraint("n >= 1", name="n_from_one"),
        Index("ix_audit_event_action_n", "action", "n"),
        Index("ix_audit_event_object_id_n", "object_id", "n"),
        Index("ix_audit_event_inspection_id_n", "inspection_id", "n"),
    )

    n: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: datetime = moment()
    actor_id: int | None = Field(default=None, foreign_key="account.id")  # blank: the command line
    action: str = Field(sa_type=String(60))
    object_kind: str = Field(sa_type=String(40))
    object_id: str = Field(sa_type=String(64))
    inspection_id: int | None = Field(default=None, foreign_key="inspection.id")
    body: dict[str, Any] = Field(default={}, sa_type=CanonicalJson)
    previous: str = Field(sa_type=String(64))
    hash: str = Field(sa_type=String(64), unique=True)


class TextVersion(SQLModel, table=True):
    """A text as it once stood, under the keyed digest by which the trail names it. Erasure removes the row alone."""

    __tablename__ = "text_version"
    __table_args__ = (
        UniqueConstraint("inspection_id", "digest"),
        CheckConstraint("length(digest) = 64", name="digest_length"),
    )

    id: int | None = Field(default=None, primary_key=True)
    inspection_id: int | None = Field(default=None, foreign_key="inspection.id", index=True)
    digest: str = Field(sa_type=String(64), index=True)
    text: str = Field(sa_type=Text)
    kept_at: datetime = moment()
