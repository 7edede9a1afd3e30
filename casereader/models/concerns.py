"""Matters of concern, and every step taken with one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, String, Text
from sqlmodel import Field, SQLModel

from casereader.models.columns import moment, public_id, word
from casereader.vocabulary import ConcernKind, ConcernState, ToldHow


class Concern(SQLModel, table=True):
    """A matter of concern about the case of a reading: what was seen, and how far it has come."""

    __table_args__ = (
        CheckConstraint("told_how = 'nobody answered' OR told_whom <> ''", name="told_somebody"),
        CheckConstraint("state <> 'closed' OR partnership_ref <> ''", name="closed_with_a_reference"),
    )

    id: int | None = Field(default=None, primary_key=True)
    public_id: str = public_id()
    reading_id: int = Field(foreign_key="reading.id", index=True)
    kind: ConcernKind = Field(sa_type=word(ConcernKind, "concern_kind"))
    told_whom: str = Field(sa_type=String(200))
    told_how: ToldHow = Field(sa_type=word(ToldHow, "told_how"))
    told_when: str = Field(sa_type=String(100))  # in the words of whoever raised it
    seen: str = Field(sa_type=Text)
    needed: str = Field(sa_type=Text)
    raised_at: datetime = moment()
    raised_by_id: int = Field(foreign_key="account.id")
    state: ConcernState = Field(default=ConcernState.RAISED, sa_type=word(ConcernState, "concern_state"))
    partnership_ref: str = Field(default="", sa_type=String(100))  # the partnership's own, when it has given one


class ConcernStep(SQLModel, table=True):
    """One step taken with a matter of concern after it was raised: who, when, and what was done."""

    __tablename__ = "concern_step"
    __table_args__ = (CheckConstraint("state <> 'raised'", name="after_it_was_raised"),)

    id: int | None = Field(default=None, primary_key=True)
    concern_id: int = Field(foreign_key="concern.id", index=True)
    state: ConcernState = Field(sa_type=word(ConcernState, "concern_state"))
    said: str = Field(default="", sa_type=Text)
    at: datetime = moment()
    by_id: int = Field(foreign_key="account.id")
