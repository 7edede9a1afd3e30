"""Actions: what a reading showed must be put right, and every step until it is."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, String, Text
from sqlmodel import Field, SQLModel

from casereader.models.columns import moment, public_id, word
from casereader.vocabulary import ActionState


class Action(SQLModel, table=True):
    """Something that a reading showed must be put right: given to somebody with a date, followed to closure."""

    __table_args__ = (
        CheckConstraint("length(what) BETWEEN 1 AND 4000", name="what_length"),
        CheckConstraint(
            "state IN ('recorded', 'closed') OR (given_to <> '' AND due_on IS NOT NULL)", name="given_with_a_date"
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    public_id: str = public_id()
    inspection_id: int = Field(foreign_key="inspection.id", index=True)
    reading_id: int = Field(foreign_key="reading.id", index=True)
    key: str | None = Field(default=None, sa_type=String(40))  # the question it came from
    what: str = Field(sa_type=Text)
    state: ActionState = Field(default=ActionState.RECORDED, sa_type=word(ActionState, "action_state"))
    given_to: str = Field(default="", sa_type=String(200))  # whoever is to do it, by post rather than by name
    due_on: date | None = None
    raised_at: datetime = moment()
    raised_by_id: int = Field(foreign_key="account.id")


class ActionStep(SQLModel, table=True):
    """One step taken with an action after it was recorded: who, when, what was said, and to whom it is given since."""

    __tablename__ = "action_step"

    id: int | None = Field(default=None, primary_key=True)
    action_id: int = Field(foreign_key="action.id", index=True)
    state: ActionState = Field(sa_type=word(ActionState, "action_state"))
    said: str = Field(default="", sa_type=Text)
    given_to: str = Field(default="", sa_type=String(200))
    due_on: date | None = None
    at: datetime = moment()
    by_id: int = Field(foreign_key="account.id")
