"""When things happen in an invented inspection: week 1 notified, 3 list in, 8 read, 17 panel."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
PERIOD_MONTHS = 15
OPENS_AT = time(9, 0)


@dataclass(frozen=True)
class Weeks:
    """The calendar of one inspection, from the moment of its notification."""

    notified: datetime

    def after(self, weeks: float) -> datetime:
        """The moment so many weeks after notification."""
        return self.notified + weeks * WEEK

    @property
    def list_in(self) -> datetime:
        """When the list came: in week 3."""
        return self.after(2.4)

    @property
    def fixed(self) -> datetime:
        """When list and plan were fixed."""
        return self.after(3.2)

    @property
    def confirmed(self) -> datetime:
        """When a second person confirmed them."""
        return self.after(3.5)

    @property
    def drawn(self) -> datetime:
        """When the sample was drawn."""
        return self.after(4.5)

    @property
    def assigned(self) -> datetime:
        """When the cases were dealt to readers."""
        return self.after(6.2)

    @property
    def reading_days(self) -> tuple[date, date]:
        """The first and the last of three consecutive days in week 8."""
        first = self.after(7).date()
        return first, first + 2 * DAY

    def on_reading_day(self, day: int, *, minutes: int = 0) -> datetime:
        """A moment on a reading day (0 to 2), so many minutes after the room opens."""
        opens = datetime.combine(self.reading_days[0] + day * DAY, OPENS_AT, tzinfo=self.notified.tzinfo)
        return opens + timedelta(minutes=minutes)

    @property
    def signed_off(self) -> datetime:
        """When a moderator had been through the readings."""
        return self.after(9)

    @property
    def settled(self) -> datetime:
        """When readings that differ were settled."""
        return self.after(9.4)

    @property
    def proposed(self) -> datetime:
        """When the team proposed its evaluations."""
        return self.after(13)

    @property
    def panel(self) -> datetime:
        """When the panel met: in week 17."""
        return self.after(16.4)

    @property
    def final(self) -> datetime:
        """When the evaluations became final."""
        return self.after(19)

    @property
    def published(self) -> datetime:
        """When the report came out: in week 21."""
        return self.after(20.6)


def period_before(moment: datetime) -> tuple[date, date]:
    """The months whose practice is judged: fifteen whole ones before the month of that moment."""
    last = moment.date().replace(day=1) - DAY
    months = last.year * 12 + last.month - PERIOD_MONTHS
    return date(months // 12, months % 12 + 1, 1), last
