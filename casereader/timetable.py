"""Which case is planned for which day: a reader's cases in ticket order, so many on each of their days.

The days follow from who has which case, and are kept nowhere. First and second readings stand in one order.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from casereader import assignments, availability
from casereader.assignments import Seat
from casereader.models import Account, Case, DrawRecord, Inspection, Reading, SampleCase
from casereader.readings import Opened
from casereader.vocabulary import CaseStatus, ReadingKind

NOT_TO_BE_READ = (CaseStatus.NOT_PRODUCED, CaseStatus.INELIGIBLE, CaseStatus.NOT_REACHED)


@dataclass(frozen=True)
class Planned:
    """One reading of a reader, and the day on which it is planned; None where their days do not reach."""

    reading: Reading
    case_ref: str
    stratum: str
    day: date | None


@dataclass(frozen=True)
class PairSheet:
    """What the readers of one pair have, each by day and ticket order."""

    inspector: Account
    planned: list[tuple[Seat, list[Planned]]]


def by_pair(session: Session, *, inspection: Inspection) -> list[PairSheet]:
    """The whole timetable of the inspection, by inspector; pairs without a reading are left out."""
    query = (
        select(Reading, SampleCase, Case.case_ref)
        .join(SampleCase, col(SampleCase.id) == Reading.sample_case_id)
        .join(Case, col(Case.id) == SampleCase.case_id)
        .join(DrawRecord, col(DrawRecord.id) == SampleCase.draw_id)
        .where(
            DrawRecord.inspection_id == inspection.id,
            col(DrawRecord.voided_at).is_(None),
            Reading.kind != ReadingKind.CONSENSUS,
            col(Reading.handed_back_at).is_(None),
            col(SampleCase.status).not_in(NOT_TO_BE_READ),
        )
        .order_by(col(SampleCase.ticket), col(Case.case_ref))
    )
    of_reader: defaultdict[int, list[tuple[Reading, SampleCase, str]]] = defaultdict(list)
    for reading, drawn, case_ref in session.exec(query):
        of_reader[reading.reviewer_id].append((reading, drawn, case_ref))
    sheets: dict[int, PairSheet] = {}
    for seat in assignments.seats(session, inspection=inspection):
        rows = of_reader.get(seat.key, [])
        days = _days(seat.days, seat.per_day, len(rows))
        planned = [
            Planned(reading, ref, drawn.stratum, day) for (reading, drawn, ref), day in zip(rows, days, strict=True)
        ]
        if planned:
            sheet = sheets.setdefault(seat.inspector.id or 0, PairSheet(seat.inspector, []))
            sheet.planned.append((seat, planned))
    return sorted(sheets.values(), key=lambda sheet: sheet.inspector.name)


def days_of_mine(session: Session, *, mine: Sequence[Opened], account: Account) -> dict[int, date]:
    """The planned day of each reading of a reader that has one, by reading."""
    places = {one.place.inspection.id or 0: one.place.inspection for one in mine}
    found: dict[int, date] = {}
    for key, inspection in places.items():
        row = availability.of_inspection(session, inspection=inspection).get(account.id or 0)
        order = sorted(
            (one for one in mine if one.place.inspection.id == key and one.sample_case.status not in NOT_TO_BE_READ),
            key=lambda one: (one.sample_case.ticket, one.case_ref),
        )
        per_day = row.per_day if row else availability.PER_DAY
        days = _days(availability.days_taken(inspection, row), per_day, len(order))
        found |= {one.key: day for one, day in zip(order, days, strict=True) if day is not None}
    return found


def _days(days: Sequence[date], per_day: int, n: int) -> list[date | None]:
    return [days[place // per_day] if place // per_day < len(days) else None for place in range(n)]
