"""Days and moments in words, the same on every page, in every file and at the command line: 8 June 2026, 14:02 UTC.

No nought before a day, the month in full unless there is no room for it, and moments always in UTC and with its name:
people in different places look at the same page. What programs read is ISO 8601 and is not made here.
"""

from __future__ import annotations

from datetime import UTC, date, datetime


def day(on: date | None) -> str:
    """A day, of a moment the one in UTC; blank where there is none.

    >>> day(date(2026, 6, 8))
    '8 June 2026'
    """
    return f"{on.day} {on:%B %Y}" if on else ""


def moment(at: datetime | None) -> str:
    """A moment to the minute, blank where there is none; one without a zone is in UTC, as the database holds it.

    >>> moment(datetime(2026, 6, 8, 14, 2, tzinfo=UTC))
    '8 June 2026, 14:02 UTC'
    """
    if at is None:
        return ""
    if at.tzinfo is not None:
        at = at.astimezone(UTC)
    return f"{day(at)}, {at:%H:%M} UTC"


def moment_of(text: str) -> str:
    """The same of a moment as programs write it, ISO 8601 with its zone."""
    return moment(datetime.fromisoformat(text))


def clock(at: datetime) -> str:
    """The time of day, for a page that is looked at again and again."""
    return f"{at:%H:%M} UTC"


def period(first: date, last: date) -> str:
    """From a day to a day, both of them in it.

    >>> period(date(2025, 1, 1), date(2026, 3, 31))
    '1 January 2025 to 31 March 2026'
    """
    return f"{day(first)} to {day(last)}"


def months(first: date, last: date) -> str:
    """From a month to a month: June 2025 to March 2026."""
    return f"{first:%B %Y} to {last:%B %Y}"


def weekday(on: date) -> str:
    """A day to plan by: Monday 8 June 2026."""
    return f"{on:%A} {day(on)}"


def short(on: date) -> str:
    """A day in a narrow column: 8 Jun 2026."""
    return f"{on.day} {on:%b %Y}"


def short_weekday(on: date) -> str:
    """A day in a narrow column of a table or a chart of one week, whose year stands beside it: Mon 8 Jun."""
    return f"{on:%a} {on.day} {on:%b}"


def short_month(on: date) -> str:
    """A month on an axis: Jun 2026."""
    return f"{on:%b %Y}"


FILTERS = {one.__name__: one for one in (clock, day, moment, moment_of, period)}
"""What templates may call, by the same names."""
