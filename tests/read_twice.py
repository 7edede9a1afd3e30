"""The worked inspection with every one of its fourteen records read by two people who know nothing of each other."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session, col, select

from casereader.models import DrawRecord, SampleCase
from casereader.programmes.inspections import Place
from casereader.vocabulary import CaseStatus, ReadingKind, SampleRole
from tests import worked
from tests.worked import READ, People

FIRST = ("4", "4", "4", "5", "5", "3", "3", "2", "4", "3", "6", "4", "4", "cannot_be_evaluated")
SECOND = ("4", "4", "4", "5", "5", "3", "3", "2", "3", "4", "5", "2", "4", "4")
"""C9 of the two readers: 13 pairs rated by both, 9 alike, 12 within one point, 10 on the same side of good."""
CHRONOLOGY = ("yes", "no") * 7
"""C1 of the second reader; the first always says yes."""


def build(session: Session, place: Place, people: People, *, pairs: int = 14) -> list[SampleCase]:
    """Read every record, and of so many, in the order of the sample, a second time."""
    worked.build_drawn(session, place, people)
    sampled = sampled_cases(session, place)
    for sample, first, second, told in zip(sampled, FIRST, SECOND, CHRONOLOGY, strict=True):
        sample.status, sample.decided_at, sample.decided_by_id = CaseStatus.READ, READ, people.reader.id
        worked.read(session, sample, people.reader, {"C9": first, "C1": "yes"})
        if sample in sampled[:pairs]:
            worked.read(session, sample, people.second, {"C9": second, "C1": told}, kind=ReadingKind.SECOND)
    session.flush()
    return list(sampled)


def sampled_cases(session: Session, place: Place) -> Sequence[SampleCase]:
    """The main cases of the draw that stands, in the order of its strata."""
    query = (
        select(SampleCase)
        .join(DrawRecord)
        .where(
            DrawRecord.inspection_id == place.inspection.id,
            col(DrawRecord.voided_at).is_(None),
            SampleCase.role == SampleRole.MAIN,
        )
        .order_by(SampleCase.stratum, SampleCase.order)
    )
    return session.exec(query).all()
