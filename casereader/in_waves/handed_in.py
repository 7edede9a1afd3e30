"""Which sampled cases were ever handed in, be the reading open again, or with another reader since.

Who takes a reading over begins it as their own: the reading itself then tells no more that it was in. The trail does.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlmodel import Session, col, exists, or_, select

from casereader.models import AuditEvent, CarriedEvent, DrawRecord, Reading, SampleCase
from casereader.vocabulary import ReadingKind

OPENED_AGAIN = ("reading reopened", "reading unlocked")  # what is done only to one that was in


def ever_handed_in(session: Session, inspection_ids: Collection[int], *, kind: ReadingKind | None = None) -> set[int]:
    """The cases of the active draws of these inspections of which a reading (of this kind) was once handed in."""
    if not inspection_ids:
        return set()
    again = or_(
        *(
            exists().where(col(trail.object_id) == col(Reading.public_id), col(trail.action).in_(OPENED_AGAIN))
            for trail in (AuditEvent, CarriedEvent)
        )
    )
    query = (
        select(Reading.sample_case_id)
        .join(SampleCase, col(SampleCase.id) == Reading.sample_case_id)
        .join(DrawRecord, col(DrawRecord.id) == SampleCase.draw_id)
        .where(
            col(DrawRecord.inspection_id).in_(inspection_ids),
            col(DrawRecord.voided_at).is_(None),
            or_(col(Reading.first_submitted_at).is_not(None), again),
            *([] if kind is None else [Reading.kind == kind]),
        )
    )
    return set(session.exec(query))
