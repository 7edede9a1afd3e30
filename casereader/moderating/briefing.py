"""The morning briefing: what the readers of an inspection should talk over, question by question, before they go on.

Disputes are for the room: ratings of one case that lie two or more points apart or on both sides of good, until they
are settled. Nothing of a case is among them while anybody still has it to read, nor what a conflict of interest of any
reader covers, since whoever that is may sit there. Marks are for whoever prepares: answers that their reader marked
*discuss*, until that is resolved or the reading signed off. Which marks stand in a room would tell readers which cases
are read twice, so they are never shown there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from casereader.instrument import Answers, Instrument, Part, evidence_of
from casereader.models import Account, Case, DrawRecord, Inspection, Membership, Reading, SampleCase
from casereader.moderating import moderation
from casereader.people import conflicts
from casereader.programmes.inspections import Place
from casereader.readings import Opened, answers_of_many, open_marks
from casereader.vocabulary import READER_ROLES, ReadingKind, ReadingState

DONE_WITH = (ReadingState.SETTLED, ReadingState.LOCKED)


@dataclass(frozen=True, order=True)
class Note:
    """What a reader noted; `under` is the question it stands under where the one talked over has no note of its own."""

    text: str
    under: str = ""


@dataclass(frozen=True)
class Point:
    """One case under one question: what its readers noted, and how two ratings lie apart. No rating and no name."""

    case_ref: str
    reading_id: str  # the public one of a reading of the case
    notes: tuple[Note, ...]  # in an order that says nothing of who wrote which
    is_far_apart: bool = False
    is_across_good: bool = False


@dataclass(frozen=True)
class Talk:
    """One question, and the cases to talk over under it."""

    part: Part
    points: tuple[Point, ...]


def disputes(
    session: Session, *, place: Place, instrument: Instrument, account: Account, since: datetime | None = None
) -> list[Talk]:
    """What may be laid before the readers, in the instrument's order; `since`: only what came in from then."""
    cases = _for_the_room(session, place, _cases(session, place, account))
    answers = answers_of_many(session, [opened.key for case in cases for opened in case])
    found: dict[str, list[Point]] = {}
    for case in cases:
        if since is None or _since(case) >= since:
            for key, point in _disputed(instrument, case, [answers[one.key] for one in case]):
                found.setdefault(key, []).append(point)
    return _in_order(instrument, found)


def marks(
    session: Session, *, place: Place, instrument: Instrument, account: Account, since: datetime | None = None
) -> list[Talk]:
    """The marks *discuss* on readings that the account may see, for nobody else's eyes; otherwise as `disputes`."""
    opened = [one for case in _cases(session, place, account) for one in case if one.reading.signed_off_at is None]
    answers = answers_of_many(session, [one.key for one in opened])
    marked = open_marks(session, list(answers))
    found: dict[str, list[Point]] = {}
    for one in opened:
        if since is not None and _since([one]) < since:
            continue
        for key in answers[one.key]:
            if (one.key, key) in marked and instrument.has(key):
                note = _note(instrument, answers[one.key], instrument.part(key))
                found.setdefault(key, []).append(Point(one.case_ref, one.reading.public_id, (note,)))
    return _in_order(instrument, found)


def _in_order(instrument: Instrument, found: Mapping[str, list[Point]]) -> list[Talk]:
    return [
        Talk(instrument.part(key), tuple(sorted(found[key], key=lambda one: one.case_ref)))
        for key in instrument.parts
        if key in found
    ]


def _cases(session: Session, place: Place, account: Account) -> list[list[Opened]]:
    """The readings of each case that the account may see, the first before the second."""
    found: dict[int, list[Opened]] = {}
    for opened in moderation.readings_in(session, place=place, account=account):
        if opened.reading.kind is not ReadingKind.CONSENSUS:
            found.setdefault(opened.reading.sample_case_id, []).append(opened)
    return [sorted(case, key=lambda one: list(ReadingKind).index(one.reading.kind)) for case in found.values()]


def _for_the_room(session: Session, place: Place, cases: Sequence[list[Opened]]) -> list[list[Opened]]:
    """Those read twice and not settled, without any that somebody who may sit there must not hear of."""
    of_inspection: Any = (
        select(SampleCase.id)
        .join(DrawRecord, col(DrawRecord.id) == SampleCase.draw_id)
        .join(Inspection, col(Inspection.id) == DrawRecord.inspection_id)
        .where(Inspection.id == place.inspection.id)
    )
    still_read = of_inspection.join(Reading, col(Reading.sample_case_id) == SampleCase.id).where(
        col(Reading.submitted_at).is_(None)
    )
    barred = (
        of_inspection.join(Case, col(Case.id) == SampleCase.case_id)
        .join(Membership, col(Membership.inspection_id) == Inspection.id)
        .where(col(Membership.role).in_(READER_ROLES), conflicts.covered(col(Membership.account_id)))
    )
    not_for_all = {*session.exec(still_read), *session.exec(barred)}
    return [
        case
        for case in cases
        if len(case) == 2
        and case[0].sample_case.id not in not_for_all
        and not any(one.reading.state in DONE_WITH for one in case)
    ]


def _disputed(
    instrument: Instrument, case: Sequence[Opened], answers: Sequence[Answers]
) -> Iterator[tuple[str, Point]]:
    """The disputes of a case, by key."""
    first, second = answers
    for one in moderation.differences(instrument, first, second, stratum=case[0].stratum(instrument)):
        if one.disputed:
            key = one.part.key
            far, across = moderation.ways_apart(one.part, first[key].value, second[key].value)
            notes = sorted(_note(instrument, given, one.part) for given in answers)
            yield key, Point(case[0].case_ref, case[0].reading.public_id, tuple(notes), far, across)


def _note(instrument: Instrument, answers: Answers, part: Part) -> Note:
    """The note of an answer, else the one that its reader gave for the section as a whole."""
    if own := evidence_of(instrument, answers, part.key).note.strip():
        return Note(own)
    headline = instrument.headline(part.section)
    for key in (one.key for one in headline.parts) if headline else ():
        if of_section := evidence_of(instrument, answers, key).note.strip():
            return Note(of_section, under=key)
    return Note("")


def _since(case: Sequence[Opened]) -> datetime:
    return max(one.reading.submitted_at for one in case if one.reading.submitted_at is not None)
