"""Long work that a process of its own does, and how far it has come."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, String
from sqlmodel import Field, SQLModel

from casereader.models.columns import moment, public_id, word
from casereader.vocabulary import JobState


class Job(SQLModel, table=True):
    """One piece of long work. `asked` and `result` hold keys, counts and faults, never the content of a file."""

    __table_args__ = (
        CheckConstraint("progress BETWEEN 0 AND 100", name="progress_in_per_cent"),
        CheckConstraint("(ended_at IS NULL) = (state IN ('waiting', 'running'))", name="ended_when"),
    )

    id: int | None = Field(default=None, primary_key=True)
    public_id: str = public_id()
    kind: str = Field(sa_type=String(40))
    inspection_id: int | None = Field(default=None, foreign_key="inspection.id", index=True)
    state: JobState = Field(default=JobState.WAITING, sa_type=word(JobState, "job_state"))
    progress: int = 0
    says: str = Field(default="", sa_type=String(300))  # what it is doing, or why it failed
    asked: dict[str, Any] = Field(default={}, sa_type=JSON)
    result: dict[str, Any] = Field(default={}, sa_type=JSON)
    process: int | None = None  # the id of its process while it runs
    made_at: datetime = moment()
    made_by_id: int = Field(foreign_key="account.id")
    started_at: datetime | None = moment(nullable=True)
    ended_at: datetime | None = moment(nullable=True)
