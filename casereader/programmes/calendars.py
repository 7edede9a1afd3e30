"""The weeks of an inspection: when each step falls due, and what is late.

Week 1 is that of the notification; the list comes in week 3, records are read in week 8, the panel meets in week 17,
and the report is out in week 21. A date that was agreed otherwise stands in place of the usual one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime, timedelta
from itertools import pairwise

from sqlmodel import Session, col, select

from casereader import audit, dated
from casereader.errors import RefusedError
from casereader.models import Account, DrawRecord, Inspection, Reading, SampleCase
from casereader.vocabulary import Stage

WEEK = timedelta(weeks=1)
EARLIEST_YEAR, YEARS_AHEAD = 1990, 5
READING_DAYS = 3
WEEKS: Mapping[str, int] = {
    "notified_on": 1,
    "list_due_on": 3,
    "reading_starts": 8,
    "panel_on": 17,
    "publish_on": 21,
}
WORDS: Mapping[str, str] = {
    "notified_on": "Notification",
    "list_due_on": "List due",
    "reading_starts": "First reading day",
    "reading_ends": "Last reading day",
    "panel_on": "Panel",
    "publish_on": "Publication",
}


@dataclass(frozen=True)
class Calendar:
    """The dates of one inspection; None where none is agreed."""

    notified_on: date | None = None
    list_due_on: date | None = None
    reading_starts: date | None = None
    reading_ends: date | None = None
    panel_on: date | None = None
    publish_on: date | None = None

    @classmethod
    def of(cls, inspection: Inspection) -> Calendar:
        """The dates as they are agreed."""
        return cls(**{one.name: getattr(inspection, one.name) for one in fields(cls)})

    @property
    def dates(self) -> dict[str, date | None]:
        """Every date under the name of its column."""
        return asdict(self)

    def put_on(self, inspection: Inspection) -> None:
        """Agree these dates for the inspection, those that are blank included."""
        for name, value in self.dates.items():
            setattr(inspection, name, value)

    def completed(self) -> Calendar:
        """With the usual date wherever none is given, counted from the notification.

        >>> Calendar(notified_on=date(2026, 1, 5)).completed().panel_on
        datetime.date(2026, 4, 27)
        """
        if self.notified_on is None or self.notified_on.year == date.max.year:
            return self  # nothing follows on the last year there is, which is refused as mistyped
        usual = {name: self.notified_on + (week - 1) * WEEK for name, week in WEEKS.items()}
        given = {name: value for name, value in self.dates.items() if value is not None}
        found = {**usual, **given}
        found.setdefault("reading_ends", found["reading_starts"] + timedelta(days=READING_DAYS - 1))
        return Calendar(**found)

    def faults(self) -> list[str]:
        """Dates that do not follow on each other, in words."""
        known = [(WORDS[one.name], value) for one in fields(self) if (value := getattr(self, one.name)) is not None]
        return [
            f"{later} ({dated.day(on)}) comes before {earlier.lower()} ({dated.day(before)})."
            for (earlier, before), (later, on) in pairwise(known)
            if on < before
        ]

    def week(self, today: date) -> int | None:
        """The week that it is, from the notification or back from the reading days; None without both, and before.

        >>> Calendar(notified_on=date(2026, 1, 5)).week(date(2026, 2, 25))
        8
        """
        if self.notified_on is not None:
            week = 1 + (today - self.notified_on) // WEEK
        elif self.reading_starts is not None:
            monday = self.reading_starts - timedelta(days=self.reading_starts.weekday())
            week = WEEKS["reading_starts"] + (today - monday) // WEEK
        else:
            return None
        return week if week >= 1 else None


NO_DATES = Calendar()


def odd_days(days: Iterable[date | None], *, at: datetime) -> list[str]:
    """A year mistyped is found here: no inspection looks back so far, or is planned so far ahead."""
    latest = at.year + YEARS_AHEAD
    return [
        f"{dated.day(day)} is not a day of an inspection: the year lies between {EARLIEST_YEAR} and {latest}."
        for day in days
        if day is not None and not EARLIEST_YEAR <= day.year <= latest
    ]


def agree(
    session: Session,
    *,
    inspection: Inspection,
    period: tuple[date, date],
    calendar: Calendar,
    by: Account,
    at: datetime,
) -> None:
    """Agree the dates; the reading period stays as it is once a reading was begun under it.

    Raises RefusedError with every date that cannot be.
    """
    faults = [*odd_days((*period, *calendar.dates.values()), at=at), *calendar.faults()]
    if period[1] < period[0]:
        faults.append("The reading period ends before it begins.")
    if period != (inspection.period_from, inspection.period_to) and _is_begun(session, inspection):
        faults.append("A reading has begun under this reading period: it does not change any more.")
    if faults:
        raise RefusedError(*faults)
    before = _dates(inspection)
    inspection.period_from, inspection.period_to = period
    calendar.put_on(inspection)
    session.add(inspection)
    session.flush()
    after = _dates(inspection)
    if after == before:
        return
    audit.record_of_inspection(
        session,
        "dates agreed",
        inspection,
        by=by,
        at=at,
        body={name: [before[name], value] for name, value in after.items() if before[name] != value},
    )


def record_publication(
    session: Session, *, inspection: Inspection, stage: Stage, on: date, by: Account, at: datetime
) -> None:
    """Write down on which day the report came out; only of an inspection that is evaluated.

    Raises RefusedError before that, or where the day cannot be.
    """
    reasons = []
    if stage is not Stage.EVALUATED:
        reasons.append("Every quality indicator needs its final evaluation before the report is published.")
    if on > at.date():
        reasons.append("This day is still to come: say so once the report is out.")
    if inspection.reading_ends is not None and on < inspection.reading_ends:
        reasons.append("The report cannot have come out before the last reading day.")
    if reasons:
        raise RefusedError(*reasons)
    if on == inspection.published_on:
        return
    inspection.published_on, inspection.published_by_id = on, by.id
    session.add(inspection)
    session.flush()
    audit.record_of_inspection(
        session,
        "publication recorded",
        inspection,
        by=by,
        at=at,
        body={"published_on": on.isoformat()},
    )


def _is_begun(session: Session, inspection: Inspection) -> bool:
    query = (
        select(Reading.id)
        .join(SampleCase, col(SampleCase.id) == Reading.sample_case_id)
        .join(DrawRecord, col(DrawRecord.id) == SampleCase.draw_id)
        .where(DrawRecord.inspection_id == inspection.id, col(Reading.started_at).is_not(None))
        .limit(1)
    )
    return session.exec(query).first() is not None


def _dates(inspection: Inspection) -> dict[str, str | None]:
    names = ("period_from", "period_to", *(one.name for one in fields(Calendar)))
    return {name: value.isoformat() if (value := getattr(inspection, name)) else None for name in names}
