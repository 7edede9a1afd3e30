"""What people concluded: evaluations per quality indicator, with the figures as they stood."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, String, Text
from sqlmodel import Field, SQLModel

from casereader.models.columns import moment, public_id, word
from casereader.vocabulary import EvaluationStage


class Evaluation(SQLModel, table=True):
    """A human rating of a partnership on one quality indicator; the newest row of a stage counts."""

    __table_args__ = (
        CheckConstraint("rating BETWEEN 1 AND 6", name="rating_on_scale"),
        CheckConstraint("length(reason) >= 1", name="has_reason"),
    )

    id: int | None = Field(default=None, primary_key=True)
    public_id: str = public_id()
    inspection_id: int = Field(foreign_key="inspection.id", index=True)
    qi: str = Field(sa_type=String(10))
    stage: EvaluationStage = Field(sa_type=word(EvaluationStage, "evaluation_stage"))
    rating: int
    reason: str = Field(sa_type=Text)
    figures: list[dict[str, Any]] = Field(default=[], sa_type=JSON)  # frozen at that moment
    made_at: datetime = moment()
    made_by_id: int = Field(foreign_key="account.id")
