"""On which days of an inspection a reader reads, and how many records on one of them: their capacity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session, select

from casereader import audit
from casereader.errors import RefusedError
from casereader.models import Account, Inspection, ReaderDays

PER_DAY = 4
MOST_PER_DAY = 20
MOST_DAYS, FEW_DAYS = 31, 3
SATURDAY = 5


@dataclass(frozen=True)
class Given:
    """What was said of one reader: the days ticked, and the records on a day as it was typed."""

    account: Account
    days: Sequence[str]
    per_day: str
    reads: bool = False  # ticked where the inspection has no reading days yet


def days_of(inspection: Inspection) -> list[date]:
    """The reading days of the inspection, at most 31; none if none are set.

    Of three days or fewer every one was agreed as such; of a longer time the weekdays count.
    """
    first, last = inspection.reading_starts, inspection.reading_ends or inspection.reading_starts
    if first is None or last is None:
        return []
    every = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return every if len(every) <= FEW_DAYS else [day for day in every if day.weekday() < SATURDAY][:MOST_DAYS]


def of_inspection(session: Session, *, inspection: Inspection) -> dict[int, ReaderDays]:
    """What was said of each reader of the inspection, by account; whoever is not in it has not been asked."""
    query = select(ReaderDays).where(ReaderDays.inspection_id == inspection.id)
    return {row.account_id: row for row in session.exec(query)}


def days_taken(inspection: Inspection, row: ReaderDays | None) -> list[date]:
    """The reading days on which a reader reads; all of them where nothing else was said."""
    every = days_of(inspection)
    return every if row is None else [day for day in every if day.isoformat() in row.days]


def capacity(inspection: Inspection, row: ReaderDays | None) -> int:
    """How many records a reader can read; without reading days, as many as on one day."""
    per_day = row.per_day if row else PER_DAY
    return per_day * len(days_taken(inspection, row)) if days_of(inspection) else per_day


def take_away(
    session: Session, *, inspection: Inspection, account: Account, others: Sequence[Account], by: Account, at: datetime
) -> None:
    """Take a reader's days from that day on; where nobody was asked before, the `others` read on all of theirs."""
    stored = of_inspection(session, inspection=inspection)
    every = days_of(inspection)
    row = stored.get(account.id or 0)
    kept = [day.isoformat() for day in days_taken(inspection, row) if day < at.date()]
    if not stored.keys() - {account.id}:
        row = row or ReaderDays(inspection_id=inspection.id or 0, account_id=account.id or 0)
        for other in others:
            ticked = [day.isoformat() for day in every]
            session.add(ReaderDays(inspection_id=inspection.id or 0, account_id=other.id or 0, days=ticked))
    if row is not None and kept:
        row.days = kept
        session.add(row)
    elif row is not None and row.id is not None:
        session.delete(row)
    session.flush()
    audit.record(
        session,
        "remaining reading days taken away",
        by=by,
        at=at,
        kind="account",
        object_id=account.public_id,
        inspection_id=inspection.id,
        body={"kept": len(kept)},
    )


def set_days(
    session: Session, *, inspection: Inspection, given: Sequence[Given], by: Account, at: datetime
) -> Mapping[int, ReaderDays]:
    """Keep who reads on which days; whoever has none ticked does not take part. Whole or not at all.

    Raises RefusedError with every day and number that cannot be.
    """
    known = {day.isoformat() for day in days_of(inspection)}
    reasons = []
    for one in given:
        number = one.per_day.strip()
        if not (number.isascii() and number.isdigit() and len(number) < 4 and 1 <= int(number) <= MOST_PER_DAY):
            reasons.append(f"{one.account.name}: enter the records on a day, 1 to {MOST_PER_DAY}.")
        if set(one.days) - known:
            reasons.append(f"{one.account.name}: choose among the reading days shown.")
    if reasons:
        raise RefusedError(*reasons)
    stored = of_inspection(session, inspection=inspection)
    before = _said(stored)
    for one in given:
        row = stored.get(one.account.id or 0)
        if not (one.days or (one.reads and not known)):
            if row is not None:
                session.delete(row)
            continue
        row = row or ReaderDays(inspection_id=inspection.id or 0, account_id=one.account.id or 0)
        row.days, row.per_day = sorted(set(one.days)), int(one.per_day)
        session.add(row)
    session.flush()
    kept = of_inspection(session, inspection=inspection)
    if _said(kept) == before:
        return kept
    audit.record_of_inspection(
        session,
        "reading days set",
        inspection,
        by=by,
        at=at,
        body={"readers": len(kept), "records": sum(capacity(inspection, row) for row in kept.values())},
    )
    return kept


def _said(rows: Mapping[int, ReaderDays]) -> dict[int, tuple[list[str], int]]:
    return {account: (list(row.days), row.per_day) for account, row in rows.items()}
