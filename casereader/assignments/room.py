"""How many readings each reader has open, and how many their days from today on allow: one rule for all pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from casereader.assignments import availability
from casereader.assignments.seats import Seat, seats
from casereader.models import Account, DrawRecord, Inspection, Reading, SampleCase
from casereader.readings import given_out
from casereader.vocabulary import OPEN_STATES


@dataclass(frozen=True)
class Room:
    """One reader's open readings, second ones among them, and what they can read; None without reading days."""

    account: Account
    n_open: int
    can_read: int | None

    @property
    def n_over(self) -> int:
        """How many more they have than their days allow."""
        return 0 if self.can_read is None else max(0, self.n_open - self.can_read)


def rooms(session: Session, *, inspection: Inspection, today: date) -> list[Room]:
    """Every reader of the inspection, by name."""
    query = (
        select(Reading)
        .join(SampleCase, col(SampleCase.id) == Reading.sample_case_id)
        .join(DrawRecord, col(DrawRecord.id) == SampleCase.draw_id)
        .where(*given_out(inspection))
    )
    n_open: Counter[int] = Counter()
    n_today: Counter[int] = Counter()
    for reading in session.exec(query):
        n_open[reading.reviewer_id] += reading.state in OPEN_STATES
        n_today[reading.reviewer_id] += reading.submitted_at is not None and reading.submitted_at.date() == today
    every = seats(session, inspection=inspection)
    has_days = bool(availability.days_of(inspection))
    return [
        Room(
            seat.account,
            n_open[seat.key],
            _can_read(seat, every, today, n_today[seat.key]) if has_days else None,
        )
        for seat in every
    ]


def reading_days(session: Session, *, inspection: Inspection) -> list[date]:
    """The days of the inspection on which somebody reads; all of them where nobody was asked."""
    every = seats(session, inspection=inspection)
    return [day for day in availability.days_of(inspection) if any(day in days_of(seat, every) for seat in every)]


def days_of(seat: Seat, every: Sequence[Seat]) -> tuple[date, ...]:
    """The days on which a reader reads: none if others were asked and they have none ticked."""
    return seat.days if seat.takes_part or not any(one.takes_part for one in every) else ()


def _can_read(seat: Seat, every: Sequence[Seat], today: date, n_today: int) -> int:
    days = days_of(seat, every)
    return sum(seat.per_day for day in days if day > today) + max(0, seat.per_day * (today in days) - n_today)
