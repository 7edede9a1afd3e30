"""The morning briefing: what the readers of an inspection should talk over, question by question, before they go on.

Two things are to be talked over: ratings of one case that lie two or more points apart or on both sides of good, until
they are settled; and answers that their reader marked *discuss*, until that is resolved or the reading signed off.
Nothing of a case is told while anybody still has it to read, since whoever does may sit in the room.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from casereader import moderation
from casereader.inspections import Place
from casereader.instrument import Answers, Instrument, Part, evidence_of
from casereader.models import Account, DrawRecord, Query, Reading, SampleCase
from casereader.readings import Opened, answers_of_many
from casereader.vocabulary import QueryKind, QueryState, ReadingKind, ReadingState

DONE_WITH = (ReadingState.SETTLED, ReadingState.LOCKED)


@dataclass(frozen=True, order=True)
class Note:
    """What a reader noted; `under` is the question it stands under where the one talked over has no note of its own."""

    text: str
    under: str = ""


@dataclass(frozen=True)
class Point:
    """One case under one question: why it is to be talked over, and what its readers noted. No rating and no name."""

    case_ref: str
    reading_id: str  # the public one of a reading of the case
    is_far_apart: bool
    is_across_good: bool
    is_marked: bool
    notes: tuple[Note, ...]  # in an order that says nothing of who wrote which
    since: datetime  # when the last of its readings was submitted

    @property
    def is_dispute(self) -> bool:
        """Whether two readings differ by so much."""
        return self.is_far_apart or self.is_across_good


@dataclass(frozen=True)
class Talk:
    """One question, and the cases to talk over under it."""

    part: Part
    points: tuple[Point, ...]


def to_talk_over(
    session: Session, *, place: Place, instrument: Instrument, account: Account, since: datetime | None = None
) -> list[Talk]:
    """What the account may prepare for the readers, in the instrument's order; `since`: only what came in from then."""
    cases = _cases(session, place, account)
    answers = answers_of_many(session, [opened.key for case in cases for opened in case])
    resolved = _resolved(session, list(answers))
    found: dict[str, list[Point]] = {}
    for case in cases:
        if since is None or _since(case) >= since:
            for key, point in _points(instrument, case, [answers[one.key] for one in case], resolved):
                found.setdefault(key, []).append(point)
    return [
        Talk(instrument.part(key), tuple(sorted(found[key], key=lambda one: (not one.is_dispute, one.case_ref))))
        for key in instrument.parts
        if key in found
    ]


def _cases(session: Session, place: Place, account: Account) -> list[list[Opened]]:
    """The first and the second reading, or the only one, of each case of which no reading is still to come."""
    still_read = set(
        session.exec(
            select(Reading.sample_case_id)
            .join(SampleCase, col(SampleCase.id) == Reading.sample_case_id)
            .join(DrawRecord, col(DrawRecord.id) == SampleCase.draw_id)
            .where(DrawRecord.inspection_id == place.inspection.id, col(Reading.submitted_at).is_(None))
        )
    )
    found: dict[int, list[Opened]] = {}
    for opened in moderation.readings_in(session, place=place, account=account):
        reading = opened.reading
        if reading.kind is not ReadingKind.CONSENSUS and reading.sample_case_id not in still_read:
            found.setdefault(reading.sample_case_id, []).append(opened)
    return [sorted(case, key=lambda one: list(ReadingKind).index(one.reading.kind)) for case in found.values()]


def _resolved(session: Session, reading_ids: Sequence[int]) -> set[tuple[int, str]]:
    """The marks, by reading and key, whose last conversation is closed."""
    query = (
        select(Query.reading_id, Query.key, Query.state)
        .where(col(Query.reading_id).in_(reading_ids), Query.kind == QueryKind.DISCUSS)
        .order_by(col(Query.id))
    )
    last = {(reading_id, key): state for reading_id, key, state in session.exec(query)}
    return {one for one, state in last.items() if state is QueryState.RESOLVED}


def _points(
    instrument: Instrument, case: Sequence[Opened], answers: Sequence[Answers], resolved: set[tuple[int, str]]
) -> Iterator[tuple[str, Point]]:
    apart = _apart(instrument, case, answers)
    marked: dict[str, list[int]] = {}
    for place, (opened, given) in enumerate(zip(case, answers, strict=True)):
        if opened.reading.signed_off_at is None:
            for key, answer in given.items():
                if answer.discuss and instrument.has(key) and (opened.key, key) not in resolved:
                    marked.setdefault(key, []).append(place)
    for key in {**apart, **marked}:
        whose = range(len(case)) if key in apart else marked[key]
        far, across = apart.get(key, (False, False))
        notes = sorted(_note(instrument, answers[place], instrument.part(key)) for place in whose)
        yield (
            key,
            Point(
                case_ref=case[0].case_ref,
                reading_id=case[whose[0]].reading.public_id,
                is_far_apart=far,
                is_across_good=across,
                is_marked=key in marked,
                notes=tuple(notes),
                since=_since(case),
            ),
        )


def _note(instrument: Instrument, answers: Answers, part: Part) -> Note:
    """The note of an answer, else the one that its reader gave for the section as a whole."""
    if own := evidence_of(instrument, answers, part.key).note.strip():
        return Note(own)
    headline = instrument.headline(part.section)
    for key in (one.key for one in headline.parts) if headline else ():
        if of_section := evidence_of(instrument, answers, key).note.strip():
            return Note(of_section, under=key)
    return Note("")


def _apart(instrument: Instrument, case: Sequence[Opened], answers: Sequence[Answers]) -> dict[str, tuple[bool, bool]]:
    """The disputes of a case that was read twice and is not settled: how the two ratings lie apart, by key."""
    if len(case) < 2 or any(one.reading.state in DONE_WITH for one in case):
        return {}
    first, second = answers
    stratum = case[0].stratum(instrument)
    return {
        one.part.key: moderation.ways_apart(one.part, first[one.part.key].value, second[one.part.key].value)
        for one in moderation.differences(instrument, first, second, stratum=stratum)
        if one.disputed
    }


def _since(case: Sequence[Opened]) -> datetime:
    return max(one.reading.submitted_at for one in case if one.reading.submitted_at is not None)
