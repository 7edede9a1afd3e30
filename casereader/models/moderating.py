"""What is said about readings: pair moderation, queries, how two readings are settled, and what is unlocked again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, String, Text, text
from sqlmodel import Field, SQLModel

from casereader.models.columns import moment, public_id, word
from casereader.vocabulary import QueryKind, QueryState


class PairModeration(SQLModel, table=True):
    """A local reviewer's reading talked over with the paired inspector, who countersigned it then."""

    __tablename__ = "pair_moderation"

    id: int | None = Field(default=None, primary_key=True)
    reading_id: int = Field(foreign_key="reading.id", index=True, ondelete="CASCADE")
    by_id: int = Field(foreign_key="account.id")
    at: datetime = moment()
    talked_over: str = Field(default="", sa_type=Text)
    # what the local reviewer changed between first handing it in and this: key, before and after, values only
    changed: list[dict[str, Any]] = Field(default=[], sa_type=JSON)


class Query(SQLModel, table=True):
    """A conversation about one answer, begun by a moderator's question or by the reader's own mark *discuss*."""

    __table_args__ = (
        CheckConstraint("(state = 'resolved') = (resolved_at IS NOT NULL)", name="resolved_when"),
        CheckConstraint("(resolved_at IS NULL) = (resolved_by_id IS NULL)", name="resolved_when_and_who"),
        Index(
            "uq_query_one_at_a_time",
            "reading_id",
            "key",
            unique=True,
            sqlite_where=text("state <> 'resolved'"),
            postgresql_where=text("state <> 'resolved'"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    public_id: str = public_id()
    reading_id: int = Field(foreign_key="reading.id", index=True, ondelete="CASCADE")
    key: str = Field(sa_type=String(40))
    kind: QueryKind = Field(sa_type=word(QueryKind, "query_kind"))
    state: QueryState = Field(default=QueryState.OPEN, sa_type=word(QueryState, "query_state"))
    raised_at: datetime = moment()
    raised_by_id: int = Field(foreign_key="account.id")
    resolved_at: datetime | None = moment(nullable=True)
    resolved_by_id: int | None = Field(default=None, foreign_key="account.id")


class QueryMessage(SQLModel, table=True):
    """One thing said in a query, and what became of the answer with it."""

    __tablename__ = "query_message"
    __table_args__ = (CheckConstraint("length(said) <= 2000", name="said_length"),)

    id: int | None = Field(default=None, primary_key=True)
    query_id: int = Field(foreign_key="query.id", index=True, ondelete="CASCADE")
    at: datetime = moment()
    by_id: int = Field(foreign_key="account.id")
    said: str = Field(default="", sa_type=Text)
    before: str | None = Field(default=None, sa_type=Text)  # the value that the reader changed, and to what
    after: str | None = Field(default=None, sa_type=Text)


class Settlement(SQLModel, table=True):
    """How the two readings of one case are settled: proposed by a reader and agreed by the other, or by a moderator."""

    __table_args__ = (
        CheckConstraint("(agreed_at IS NULL) = (agreed_by_id IS NULL)", name="agreed_when_and_who"),
        CheckConstraint("agreed_by_id <> proposed_by_id", name="agreed_by_the_other"),
        CheckConstraint("(settled_at IS NULL) = (settled_by_id IS NULL)", name="settled_when_and_who"),
        CheckConstraint("(undone_at IS NULL) = (undone_by_id IS NULL)", name="undone_when_and_who"),
        CheckConstraint("undone_at IS NULL OR settled_at IS NOT NULL", name="undone_once_settled"),
        Index(
            "uq_settlement_one_that_stands",
            "sample_case_id",
            unique=True,
            sqlite_where=text("undone_at IS NULL"),
            postgresql_where=text("undone_at IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    sample_case_id: int = Field(foreign_key="sample_case.id", index=True)
    chosen: dict[str, Any] = Field(default={}, sa_type=JSON)  # by key: whose, value, ground, reason
    answers: dict[str, Any] = Field(default={}, sa_type=JSON)  # the consensus as it was settled
    # proposals that others took the place of, whole: chosen, by whom and when, and who set it aside when
    earlier: list[dict[str, Any]] = Field(default=[], sa_type=JSON)
    proposed_at: datetime = moment()
    proposed_by_id: int = Field(foreign_key="account.id")
    first_version: int  # of the two readings as they were proposed from
    second_version: int
    agreed_at: datetime | None = moment(nullable=True)
    agreed_by_id: int | None = Field(default=None, foreign_key="account.id")
    settled_at: datetime | None = moment(nullable=True)
    settled_by_id: int | None = Field(default=None, foreign_key="account.id")
    undone_at: datetime | None = moment(nullable=True)
    undone_by_id: int | None = Field(default=None, foreign_key="account.id")


class Unlock(SQLModel, table=True):
    """A signed-off reading that somebody asks to have opened again, and what another person decided."""

    __table_args__ = (
        CheckConstraint("decided_by_id <> asked_by_id", name="decided_by_another"),
        CheckConstraint("(decided_at IS NULL) = (decided_by_id IS NULL)", name="decided_when_and_who"),
        CheckConstraint("(decided_at IS NULL) = (is_granted IS NULL)", name="decided_what"),
        CheckConstraint("decided_at IS NULL OR taken_back_at IS NULL", name="decided_or_taken_back"),
        Index(
            "uq_unlock_one_asked",
            "reading_id",
            unique=True,
            sqlite_where=text("decided_at IS NULL AND taken_back_at IS NULL"),
            postgresql_where=text("decided_at IS NULL AND taken_back_at IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    public_id: str = public_id()
    reading_id: int = Field(foreign_key="reading.id", index=True, ondelete="CASCADE")
    asked_at: datetime = moment()
    asked_by_id: int = Field(foreign_key="account.id")
    reason: str = Field(sa_type=Text)
    decided_at: datetime | None = moment(nullable=True)
    decided_by_id: int | None = Field(default=None, foreign_key="account.id")
    is_granted: bool | None = None
    answer: str = Field(default="", sa_type=Text)
    taken_back_at: datetime | None = moment(nullable=True)  # by whoever asked

    @property
    def waits(self) -> bool:
        """Whether it is neither decided nor taken back."""
        return self.decided_at is None and self.taken_back_at is None
