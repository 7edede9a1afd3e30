"""Which readings count in a roll-up, and so which cases are read: one rule, written once.

Per sampled case the consensus counts if there is one, else the first reading; never a second one. It is submitted or
further, and a local reviewer's is countersigned. Readings of a voided draw count for nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, exists, or_
from sqlalchemy import select as select_columns
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select, update

from casereader.models import Account, DrawRecord, Reading, SampleCase
from casereader.vocabulary import CaseStatus, ReadingKind

AT_ONCE = 500  # keys in one query: well under what SQLite takes


@dataclass(frozen=True, slots=True)
class Counted:
    """What figures need to know of a reading that counts, besides its answers."""

    id: int
    sample_case_id: int
    kind: ReadingKind
    reviewer_id: int
    saved_at: datetime | None
    submitted_at: datetime | None
    countersigned_at: datetime | None


def counting(session: Session, inspection_id: int) -> Sequence[Reading]:
    """The readings of one inspection that count in its roll-up, at most one per sampled case."""
    found: Sequence[Reading] = session.exec(_counting(select(Reading), [inspection_id])).all()
    return found


def counting_of(session: Session, inspection_ids: Collection[int]) -> list[Counted]:
    """The readings of these inspections that count, in one query."""
    columns = select_columns(*(col(getattr(Reading, one.name)) for one in fields(Counted)))
    return [Counted(*row) for row in session.execute(_counting(columns, inspection_ids))]


def _counting(columns: Any, inspection_ids: Collection[int]) -> Any:
    return (
        columns.select_from(Reading)
        .join(SampleCase, col(SampleCase.id) == Reading.sample_case_id)
        .join(DrawRecord, col(DrawRecord.id) == SampleCase.draw_id)
        .where(
            col(DrawRecord.inspection_id).in_(inspection_ids),
            col(DrawRecord.voided_at).is_(None),
            _counts(),
        )
        .order_by(col(Reading.sample_case_id))
    )


def settle_statuses(session: Session, *, sample_case_ids: Sequence[int], by: Account | None, at: datetime) -> None:
    """Say of each sampled case whether it is read: a case with a counting reading is, and one that lost it waits again.

    A case that was decided otherwise (not produced, ineligible, not reached) stays so.
    """
    session.flush()
    for start in range(0, len(sample_case_ids), AT_ONCE):
        keys = sample_case_ids[start : start + AT_ONCE]
        read = select(Reading.sample_case_id).where(col(Reading.sample_case_id).in_(keys), _counts())
        _mark(session, keys, CaseStatus.WAITING, col(SampleCase.id).in_(read), CaseStatus.READ, at, by)
        _mark(session, keys, CaseStatus.READ, col(SampleCase.id).not_in(read), CaseStatus.WAITING, None, None)


def _mark(
    session: Session,
    keys: Sequence[int],
    was: CaseStatus,
    where: ColumnElement[bool],
    becomes: CaseStatus,
    at: datetime | None,
    by: Account | None,
) -> None:
    session.exec(
        update(SampleCase)
        .where(col(SampleCase.id).in_(keys), col(SampleCase.status) == was, where)
        .values(status=becomes, decided_at=at, decided_by_id=by.id if by else None)
        .execution_options(synchronize_session="fetch")
    )


@cache
def _counts() -> ColumnElement[bool]:
    consensus = aliased(Reading)
    settled = exists(
        select(consensus.id).where(
            consensus.sample_case_id == Reading.sample_case_id,
            consensus.kind == ReadingKind.CONSENSUS,
            col(consensus.submitted_at).is_not(None),
        )
    )
    is_in = col(Reading.submitted_at).is_not(None) & or_(
        col(Reading.needs_countersigning).is_(False), col(Reading.countersigned_at).is_not(None)
    )
    is_chosen = (col(Reading.kind) == ReadingKind.CONSENSUS) | ((col(Reading.kind) == ReadingKind.FIRST) & ~settled)
    return is_in & is_chosen
