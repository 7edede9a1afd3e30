"""Invented readings written in bulk: the rows that a week of saving, submitting and signing off would leave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, update
from sqlmodel import Session

from casereader.instrument import Answer
from casereader.models import Account, AnswerRevision, AnswerRow, Reading
from casereader.readings.saving import as_columns
from casereader.vocabulary import ReadingState


@dataclass(frozen=True)
class Written:
    """What is to stand of one reading. The moments of later steps are blank where it has not come so far."""

    reading: Reading
    answers: Mapping[str, Answer]
    started_at: datetime
    saved_at: datetime
    submitted_at: datetime | None = None
    minutes: int | None = None
    needs_countersigning: bool = False
    countersigned_at: datetime | None = None
    countersigned_by: Account | None = None
    signed_off_at: datetime | None = None
    signed_off_by: Account | None = None

    @property
    def state(self) -> ReadingState:
        """How far the reading has come."""
        if self.signed_off_at is not None:
            return ReadingState.SIGNED_OFF
        if self.countersigned_at is not None:
            return ReadingState.COUNTERSIGNED
        return ReadingState.IN_PROGRESS if self.submitted_at is None else ReadingState.SUBMITTED


def write(session: Session, readings: Sequence[Written]) -> int:
    """Write the readings with every answer and its revision; how many answers there are."""
    if not readings:
        return 0
    table: Any = Reading.__table__  # type: ignore[attr-defined]
    columns = [_columns(one) for one in readings]
    names = [name for name in columns[0] if name != "key"]
    statement = update(table).where(table.c.id == bindparam("key")).values({name: bindparam(name) for name in names})
    session.connection().execute(statement, columns)
    answers, revisions = [], []
    for one in readings:
        for key, answer in one.answers.items():
            content = as_columns(answer)
            owner = {"reading_id": one.reading.id, "key": key, "saved_at": one.saved_at}
            answers.append({**owner, **content})
            revisions.append({**owner, "before": None, "after": content, "saved_by_id": one.reading.reviewer_id})
    tables: tuple[Any, Any] = (AnswerRow.__table__, AnswerRevision.__table__)  # type: ignore[attr-defined]
    for filled, rows in zip(tables, (answers, revisions), strict=True):
        session.connection().execute(insert(filled), rows)
    session.expire_all()
    return len(answers)


def _columns(one: Written) -> dict[str, object]:
    return {
        "key": one.reading.id,
        "state": one.state,
        "version": 1 + len(one.answers),
        "started_at": one.started_at,
        "saved_at": one.saved_at,
        "submitted_at": one.submitted_at,
        "first_submitted_at": one.submitted_at,
        "needs_countersigning": one.needs_countersigning,
        "countersigned_at": one.countersigned_at,
        "countersigned_by_id": one.countersigned_by.id if one.countersigned_by else None,
        "signed_off_at": one.signed_off_at,
        "signed_off_by_id": one.signed_off_by.id if one.signed_off_by else None,
        "minutes": one.minutes,
        "read_on": one.submitted_at.date() if one.submitted_at else None,
    }
