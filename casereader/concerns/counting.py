"""How many matters of concern an inspection has: the number alone, for whoever follows the reading week."""

from __future__ import annotations

from sqlmodel import Session, col, func, select

from casereader.models import Concern, DrawRecord, Inspection, Reading, SampleCase


def n_raised(session: Session, *, inspection: Inspection) -> int:
    """Raised in the inspection so far, closed ones too."""
    query = (
        select(func.count(col(Concern.id)))
        .join(Reading, col(Reading.id) == Concern.reading_id)
        .join(SampleCase, col(SampleCase.id) == Reading.sample_case_id)
        .join(DrawRecord, col(DrawRecord.id) == SampleCase.draw_id)
        .where(DrawRecord.inspection_id == inspection.id)
    )
    return session.exec(query).one()
