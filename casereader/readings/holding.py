"""Taking turns at a case: whoever changes it, or a reading of it, holds its row until their transaction ends.

Two people may read one case. What one of them finds of the case must still be so when it is written, so the row is held
before anything is looked up. Always the case before its readings, several cases in one order, and the draw last: nobody
then waits for somebody who waits for them. A reserve that is not called on is held by nobody: whoever holds the draw
may write it. SQLite has one writer at a time, and needs none of this.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlmodel import Session, col, select

from casereader.models import DrawRecord, Inspection, Reading, SampleCase
from casereader.vocabulary import SampleRole


def hold_cases(session: Session, where: Any) -> None:
    """Hold the sampled cases that `where` names, once nobody else does; later queries see what the others wrote."""
    if session.get_bind().dialect.name == "sqlite":
        return
    query = select(SampleCase.id).where(where).order_by(col(SampleCase.id)).with_for_update(key_share=True)
    session.exec(query).all()


def hold_cases_of(session: Session, public_ids: Collection[str]) -> None:
    """Hold the cases of these readings."""
    of_readings = select(Reading.sample_case_id).where(col(Reading.public_id).in_(public_ids))
    hold_cases(session, col(SampleCase.id).in_(of_readings))


def hold_draw(session: Session, *, inspection: Inspection) -> DrawRecord | None:
    """The inspection's active draw, held: what is done to many cases, or to the line of reserves, is done in turn.

    It is as the others left it, whatever was loaded before.
    """
    query = (
        select(DrawRecord)
        .where(DrawRecord.inspection_id == inspection.id, col(DrawRecord.voided_at).is_(None))
        .with_for_update(key_share=True)
    )
    return session.exec(query.execution_options(populate_existing=True)).first()


def hold_draw_with_cases(session: Session, *, inspection: Inspection) -> DrawRecord | None:
    """The same with every case that is to be read held before it: no reading of it is handed in meanwhile."""
    record = select(DrawRecord.id).where(DrawRecord.inspection_id == inspection.id, col(DrawRecord.voided_at).is_(None))
    to_read = (col(SampleCase.role) == SampleRole.MAIN) | col(SampleCase.called_on).is_(True)
    hold_cases(session, col(SampleCase.draw_id).in_(record) & to_read)
    return hold_draw(session, inspection=inspection)
