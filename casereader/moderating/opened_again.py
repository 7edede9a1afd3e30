"""Signed-off readings that were opened again: by whom and why, which wait for their readers, and what was refused."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import bindparam
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from casereader.models import Account, Case, DrawRecord, Inspection, Reading, SampleCase, Settlement, Unlock
from casereader.vocabulary import ReadingKind, ReadingState


@dataclass(frozen=True)
class Granted:
    """One time that a reading was opened again."""

    at: datetime
    by: str
    asked_by: str
    reason: str


@dataclass(frozen=True)
class Refused:
    """What somebody asked and another refused, with their word."""

    unlock: Unlock
    case_ref: str
    inspection_id: str  # the public one
    by: str


def times(session: Session, reading: Reading) -> list[Granted]:
    """Every time that the reading was opened again for its present reader, the newest first."""
    asker, decider = aliased(Account), aliased(Account)
    query = (
        select(Unlock, asker.name, decider.name)
        .join(asker, col(asker.id) == Unlock.asked_by_id)
        .join(decider, col(decider.id) == Unlock.decided_by_id)
        .where(
            Unlock.reading_id == reading.id,
            col(Unlock.is_granted).is_(True),
            col(Unlock.decided_at) >= reading.assigned_at,
        )
        .order_by(col(Unlock.decided_at).desc())
    )
    return [
        Granted(unlock.decided_at, by, asked_by, unlock.reason)
        for unlock, asked_by, by in session.exec(query)
        if unlock.decided_at is not None
    ]


def standing(session: Session, reading: Reading) -> Granted | None:
    """Why the reading is open now, where that is because two people opened it again."""
    if reading.state is not ReadingState.IN_PROGRESS or not reading.reopened_reason:
        return None
    last = next(iter(times(session, reading)), None)
    return last if last is not None and last.reason == reading.reopened_reason else None


def waits_for(session: Session, *, inspection_ids: Collection[int]) -> dict[int, list[str]]:
    """The readers of first readings that were opened again and are not submitted since, by inspection."""
    found: dict[int, list[str]] = {}
    for key, name, _ in session.exec(_waiting(), params={"inspection_ids": list(inspection_ids)}):
        found.setdefault(key, []).append(name)
    return found


@cache
def _waiting() -> Any:
    """Built once: Home and the board ask it."""
    return (
        select(DrawRecord.inspection_id, Account.name, Reading.id)
        .join(SampleCase, col(SampleCase.draw_id) == DrawRecord.id)
        .join(Reading, col(Reading.sample_case_id) == SampleCase.id)
        .join(Account, col(Account.id) == Reading.reviewer_id)
        .join(Unlock, col(Unlock.reading_id) == Reading.id)
        .where(
            col(DrawRecord.inspection_id).in_(bindparam("inspection_ids", expanding=True)),
            col(DrawRecord.voided_at).is_(None),
            Reading.kind == ReadingKind.FIRST,
            Reading.state == ReadingState.IN_PROGRESS,
            col(Unlock.is_granted).is_(True),
            col(Unlock.reason) == Reading.reopened_reason,
        )
        .distinct()
        .order_by(Account.name)
    )


def refused(session: Session, *, account: Account, since: datetime) -> list[Refused]:
    """What the account asked and was refused from then on, the newest first."""
    asked = {"account_id": account.id, "since": since}
    return [Refused(*row) for row in session.exec(_refused(), params=asked)]


@cache
def _refused() -> Any:
    """Built once: Home asks it."""
    columns: Any = select(Unlock, Case.case_ref, Inspection.public_id, Account.name)
    return (
        columns.select_from(Unlock)
        .join(Reading, col(Reading.id) == Unlock.reading_id)
        .join(SampleCase, col(SampleCase.id) == Reading.sample_case_id)
        .join(Case, col(Case.id) == SampleCase.case_id)
        .join(DrawRecord, col(DrawRecord.id) == SampleCase.draw_id)
        .join(Inspection, col(Inspection.id) == DrawRecord.inspection_id)
        .join(Account, col(Account.id) == Unlock.decided_by_id)
        .where(
            Unlock.asked_by_id == bindparam("account_id"),
            col(Unlock.is_granted).is_(False),
            col(Unlock.decided_at) >= bindparam("since"),
            col(DrawRecord.voided_at).is_(None),
        )
        .order_by(col(Unlock.decided_at).desc())
    )


def was_settled_over(session: Session, own: Reading) -> bool:
    """Whether the reader of this reading has seen the other of its case: something was proposed while it was theirs."""
    query = select(Settlement.id).where(
        Settlement.sample_case_id == own.sample_case_id, col(Settlement.proposed_at) >= own.assigned_at
    )
    return session.exec(query).first() is not None
