"""Which case is planned for which day: a reader's cases in ticket order, so many on each of their days.

Where the sample is read in waves they stand wave by wave, and within a wave by ticket. Then no first reading changes
places with one of an earlier wave: its wave would be complete later. A second reading may.

The days follow from who has which case, and are kept nowhere. First and second readings stand in one order. There is
one paper record: where both readings of a case would fall on one day, one of them changes places with another of its
reader's, where that helps. Nobody sees it, since no reader sees a ticket.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlmodel import Session, col, select

from casereader import assignments
from casereader.assignments import Seat
from casereader.drawing import draws
from casereader.in_waves import waves
from casereader.models import Account, Case, DrawRecord, Inspection, Reading, SampleCase, SamplingPlan
from casereader.readings import Opened, given_out
from casereader.vocabulary import ReadingKind


@dataclass(frozen=True)
class Planned:
    """One reading of a reader, and the day on which it is planned; None where their days do not reach.

    `wave` is 0 where the sample is read as one.
    """

    reading: Reading
    case_ref: str
    stratum: str
    day: date | None
    wave: int = 0


@dataclass(frozen=True)
class PairSheet:
    """What the readers of one pair have, each by day and ticket order."""

    inspector: Account
    planned: list[tuple[Seat, list[Planned]]]


def by_pair(session: Session, *, inspection: Inspection) -> list[PairSheet]:
    """The whole timetable of the inspection, by inspector; pairs without a reading are left out."""
    sheets: dict[int, PairSheet] = {}
    for seat, planned in _planned(session, inspection):
        if planned:
            sheet = sheets.setdefault(seat.inspector.id or 0, PairSheet(seat.inspector, []))
            sheet.planned.append((seat, planned))
    return sorted(sheets.values(), key=lambda sheet: sheet.inspector.name)


def days_of_mine(session: Session, *, mine: Sequence[Opened], account: Account) -> dict[int, date]:
    """The planned day of each reading of a reader that has one, by reading."""
    places = {one.place.inspection.id or 0: one.place.inspection for one in mine}
    return {
        one.reading.id or 0: one.day
        for inspection in places.values()
        for seat, planned in _planned(session, inspection)
        for one in planned
        if seat.key == account.id and one.day is not None
    }


def waves_of_mine(session: Session, *, mine: Sequence[Opened]) -> dict[int, int]:
    """The wave of each reading of a reader, by reading; those of samples that are read as one are left out."""
    query = select(DrawRecord.id, SamplingPlan).join(SamplingPlan, col(SamplingPlan.id) == DrawRecord.plan_id)
    number: dict[int, int] = {}
    for key, plan in session.exec(query.where(col(DrawRecord.id).in_({one.sample_case.draw_id for one in mine}))):
        if waves.rule_of(plan) is not None:
            number |= waves.wave_of_cases(session, draw_record=session.get_one(DrawRecord, key))
    found = {one.key: number.get(one.sample_case.id or 0) for one in mine}
    return {key: wave for key, wave in found.items() if wave is not None}


def _planned(session: Session, inspection: Inspection) -> list[tuple[Seat, list[Planned]]]:
    """Every reader with their readings, by day and ticket."""
    query = (
        select(Reading, SampleCase, Case.case_ref)
        .join(SampleCase, col(SampleCase.id) == Reading.sample_case_id)
        .join(Case, col(Case.id) == SampleCase.case_id)
        .join(DrawRecord, col(DrawRecord.id) == SampleCase.draw_id)
        .where(*given_out(inspection))
        .order_by(col(SampleCase.ticket), col(Case.case_ref))
    )
    record = draws.current(session, inspection=inspection)
    number = waves.wave_of_cases(session, draw_record=record) if record is not None else {}
    of_reader: defaultdict[int, list[Planned]] = defaultdict(list)
    for reading, drawn, case_ref in sorted(session.exec(query), key=lambda row: number.get(row[1].id or 0, 0)):
        planned = Planned(reading, case_ref, drawn.stratum, None, number.get(drawn.id or 0, 0))
        of_reader[reading.reviewer_id].append(planned)
    seats = assignments.seats(session, inspection=inspection)
    plan = {
        seat.key: [
            replace(one, day=day)
            for one, day in zip(
                of_reader[seat.key],
                _days(seat.days, seat.per_day, len(of_reader[seat.key])),
                strict=True,
            )
        ]
        for seat in seats
    }
    set_apart(plan)
    found = []
    for seat in seats:
        rows = plan[seat.key]
        order = {one.reading.id: place for place, one in enumerate(of_reader[seat.key])}
        found.append((seat, sorted(rows, key=lambda one: (one.day or date.max, order[one.reading.id]))))
    return found


def set_apart(plan: dict[int, list[Planned]]) -> None:
    """Put the two readings of a case on different days, where one can change places with another of its reader's."""
    days = {(one.case_ref, key): one.day for key, rows in plan.items() for one in rows}
    planned = {(one.case_ref, key): one for key, rows in plan.items() for one in rows}
    readers: defaultdict[str, list[int]] = defaultdict(list)
    for ref, key in days:
        readers[ref].append(key)

    def clashes(ref: str, key: int, day: date | None) -> bool:
        return day is not None and any(days[ref, other] == day for other in readers[ref] if other != key)

    def partner(ref: str, key: int) -> str | None:
        """The nearest in the order with which the reading can change its day, so that neither clashes."""
        refs = [one.case_ref for one in plan[key]]
        here, day = refs.index(ref), days[ref, key]
        for other in sorted(refs, key=lambda one: abs(refs.index(one) - here)):
            there = days[other, key]
            if there in (None, day) or clashes(ref, key, there) or clashes(other, key, day):
                continue
            earlier, later = sorted((planned[ref, key], planned[other, key]), key=lambda one: one.wave)
            if earlier.wave == later.wave or earlier.reading.kind is ReadingKind.SECOND:
                return other
        return None

    for ref, keys in readers.items():
        for key in reversed(keys):
            if clashes(ref, key, days[ref, key]) and (other := partner(ref, key)) is not None:
                days[ref, key], days[other, key] = days[other, key], days[ref, key]
    for key, rows in plan.items():
        plan[key] = [replace(one, day=days[one.case_ref, key]) for one in rows]


def _days(days: Sequence[date], per_day: int, n: int) -> list[date | None]:
    return [days[place // per_day] if place // per_day < len(days) else None for place in range(n)]
