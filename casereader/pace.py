"""The time that is left against the records that are left: what is read day by day beside what is needed. Pure."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

LONGEST = 60  # days that are shown


@dataclass(frozen=True)
class Day:
    """One reading day: records handed in on it and by its end, None while it is to come, and the number needed."""

    on: date
    read: int | None
    so_far: int | None
    needed: float


@dataclass(frozen=True)
class Pace:
    """How a reading week stands on a day: what is read of what is to be read, and what the days left would bring."""

    days: tuple[Day, ...]
    n_read: int
    n_to_read: int
    days_left: int  # today among them
    a_day: float | None  # records, on the days that have ended; None before the first has

    @property
    def left(self) -> int:
        """Records still to be read."""
        return self.n_to_read - self.n_read

    @property
    def needed_a_day(self) -> float | None:
        """Records a day that would be enough; None once no day is left."""
        return self.left / self.days_left if self.days_left else None

    @property
    def by_the_end(self) -> int:
        """Records that will be read when the days end, if they go on as they went."""
        if self.a_day is None or not self.days_left:
            return self.n_read
        ended = len(self.days) - self.days_left
        before = self.days[ended - 1].so_far or 0
        expected = max(before + self.a_day * self.days_left, self.n_read + self.a_day * (self.days_left - 1))
        return min(self.n_to_read, math.floor(expected + 1e-9))

    @property
    def suffices(self) -> bool | None:
        """Whether the days left will be enough; None while nobody can tell."""
        if not self.left:
            return True
        if not self.days_left:
            return False
        return None if self.a_day is None else self.by_the_end >= self.n_to_read


def pace_of(
    read_on: Collection[date], *, n_to_read: int, starts: date | None, ends: date | None, today: date
) -> Pace | None:
    """How the week stands; None without reading days. `read_on` holds the day of each record handed in."""
    if starts is None:
        return None
    last = min(ends or starts, starts + timedelta(days=LONGEST - 1))
    n_days = (last - starts).days + 1
    days = []
    for place in range(n_days):
        on = starts + timedelta(days=place)
        is_there = on <= today
        so_far = sum(day <= on for day in read_on) if is_there else None
        read = sum(day == on or (place == 0 and day < on) for day in read_on) if is_there else None
        days.append(Day(on, read, so_far, n_to_read * (place + 1) / n_days))
    ended = [day for day in days if day.on < today]
    return Pace(
        days=tuple(days),
        n_read=len(read_on),
        n_to_read=n_to_read,
        days_left=sum(day.on >= today for day in days),
        a_day=(ended[-1].so_far or 0) / len(ended) if ended else None,
    )
