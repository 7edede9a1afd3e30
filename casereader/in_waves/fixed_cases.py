"""The cases that stay in a sample read in waves, whatever comes: of a wave that was seen, and those once handed in."""

from __future__ import annotations

from sqlmodel import Session

from casereader.in_waves import looks, waves
from casereader.in_waves.handed_in import ever_handed_in
from casereader.models import Inspection
from casereader.vocabulary import ReadingKind

WHY_FIXED = (
    "in a sample that is read in waves a case stays in it once its reading was handed in, or the figures of its wave "
    "were seen. Let it be read to its end, or say what became of its record."
)


def fixed_cases(session: Session, *, inspection: Inspection) -> set[int]:
    """Of every wave up to the last that was looked at, and those once handed in, by key; none without waves."""
    of_draw = waves.of_inspection(session, inspection=inspection)
    if not of_draw:
        return set()
    last = looks.last_wave(session, inspection=inspection)
    seen = {case.id for wave in of_draw if wave.number <= last for case in wave.cases}
    return seen | ever_handed_in(session, [inspection.id or 0], kind=ReadingKind.FIRST)
