"""Records left with somebody who may not read here any more, so that they are not forgotten on a list of progress."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session, col, func, select

from casereader.models import Account, DrawRecord, Inspection, Membership, Reading, SampleCase
from casereader.vocabulary import NOT_TO_BE_READ, OPEN_STATES, READER_ROLES, ReadingKind


def left_behind(session: Session, *, inspection: Inspection) -> Sequence[tuple[Account, int]]:
    """Who holds open readings of the active draw without a role to read them, by name, and how many."""
    reads = select(Membership.account_id).where(
        Membership.inspection_id == inspection.id, col(Membership.role).in_(READER_ROLES)
    )
    query = (
        select(Account, func.count())
        .join(Reading, col(Reading.reviewer_id) == Account.id)
        .join(SampleCase, col(SampleCase.id) == Reading.sample_case_id)
        .join(DrawRecord, col(DrawRecord.id) == SampleCase.draw_id)
        .where(
            DrawRecord.inspection_id == inspection.id,
            col(DrawRecord.voided_at).is_(None),
            col(Reading.state).in_(OPEN_STATES),
            Reading.kind != ReadingKind.CONSENSUS,
            col(SampleCase.status).not_in(NOT_TO_BE_READ),
            col(Account.id).not_in(reads),
        )
        .group_by(col(Account.id))
        .order_by(Account.name)
    )
    return session.exec(query).all()
