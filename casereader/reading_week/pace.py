"""The time that is left against the records that are left: what is read day by day beside what is needed. Pure."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date


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
    n_over: int = 0  # readings beyond what their readers' days allow

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
        if not self.days_left or self.n_over:
            return False
        return None if self.a_day is None else self.by_the_end >= self.n_to_read


def pace_of(
    read_on: Collection[date], *, n_to_read: int, planned: Collection[date], today: date, n_over: int = 0
) -> Pace | None:
    """How the week stands; None without reading days. `read_on` holds the day of each record handed in.

    `planned` are the days on which somebody reads. A day between them on which something was read is one as well.
    `n_over` readings are more than their readers' days from today on allow.
    """
    if not planned:
        return None
    first, last = min(planned), max(planned)
    every = sorted({*planned, *(day for day in read_on if first <= day <= min(last, today))})
    days: list[Day] = []
    before = 0
    for place, on in enumerate(every, start=1):
        is_there = on <= today
        so_far = sum(day <= on for day in read_on)
        days.append(
            Day(on, so_far - before if is_there else None, so_far if is_there else None, n_to_read * place / len(every))
        )
        before = so_far
    ended = [day for day in days if day.on < today]
    return Pace(
        days=tuple(days),
        n_read=len(read_on),
        n_to_read=n_to_read,
        days_left=sum(day.on >= today for day in days),
        a_day=(ended[-1].so_far or 0) / len(ended) if ended else None,
        n_over=n_over,
    )
