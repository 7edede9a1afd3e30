"""When the seal of a draw is opened: seed, certificate and addendum, once no reading of the inspection is open.

Until then an addendum would tell who reads a case a second time, and a seed in which order the reserves follow.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session, col, select

from casereader.drawing import draws
from casereader.errors import ConflictError
from casereader.models import DrawRecord, Inspection, Reading, SampleCase
from casereader.vocabulary import NOT_TO_BE_READ, OPEN_STATES, ReadingKind

# no number: readers see it too, and it would count what is read a second time
NOT_ALL_IN = "Not every reading is submitted yet. The papers are opened once every one is."


@dataclass(frozen=True)
class Seal:
    """The draw, if there is one, and what keeps its papers sealed; blank where they are open."""

    record: DrawRecord | None
    why: str


def seal_of(session: Session, *, inspection: Inspection) -> Seal:
    """Whether the papers of the inspection's draw are open."""
    record = draws.current(session, inspection=inspection)
    if record is None:
        return Seal(None, "The sample is not drawn yet.")
    if record.addendum is None:
        return Seal(record, "The cases are not assigned yet.")
    query = (
        select(Reading.id)
        .join(SampleCase, col(SampleCase.id) == Reading.sample_case_id)
        .where(
            SampleCase.draw_id == record.id,
            col(SampleCase.status).not_in(NOT_TO_BE_READ),
            col(Reading.state).in_(OPEN_STATES),
            Reading.kind != ReadingKind.CONSENSUS,
        )
    )
    found = session.exec(query).first()
    return Seal(record, NOT_ALL_IN if found is not None else "")


def opened(session: Session, *, inspection: Inspection) -> DrawRecord:
    """The draw, its papers open; ConflictError saying what is waited for otherwise."""
    seal = seal_of(session, inspection=inspection)
    if seal.record is None or seal.why:
        raise ConflictError(seal.why)
    return seal.record
