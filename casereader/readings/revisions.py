"""Every change of a reading's answers, and who made it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import takewhile

from sqlmodel import Session, col, select

from casereader.models import Account, AnswerRevision

ANEW = "anew"  # marks the revision in which an answer was taken away for whoever starts the reading anew


@dataclass(frozen=True)
class Revision:
    """One change of one answer, and who made it."""

    row: AnswerRevision
    who: str


def history(session: Session, *, reading_id: int, question_keys: Iterable[str] | None = None) -> list[Revision]:
    """Every revision of the reading's answers (of these keys), newest first; none from before it was started anew."""
    query = (
        select(AnswerRevision, Account.name)
        .join(Account, col(Account.id) == AnswerRevision.saved_by_id)
        .where(AnswerRevision.reading_id == reading_id)
        .order_by(col(AnswerRevision.id).desc())
    )
    if question_keys is not None:
        query = query.where(col(AnswerRevision.key).in_(list(question_keys)))
    found = [Revision(row, who) for row, who in session.exec(query)]
    return list(takewhile(lambda one: not one.row.after.get(ANEW), found))
