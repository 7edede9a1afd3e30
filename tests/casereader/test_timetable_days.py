"""The two readings of a case on different days: by changing places, so that everybody reads as much on each day."""

from __future__ import annotations

from datetime import date

from casereader import timetable
from casereader.models import Reading
from casereader.timetable import Planned
from casereader.vocabulary import ReadingKind


def test_a_reading_changes_places_with_the_nearest_that_clashes_with_nothing() -> None:
    one, two = date(2026, 6, 11), date(2026, 6, 12)

    def row(ref: str, day: date) -> Planned:
        return Planned(Reading(sample_case_id=0, kind=ReadingKind.FIRST), ref, "a", day)

    plan = {1: [row("A", one), row("B", one), row("C", two)], 2: [row("A", one), row("C", two), row("D", two)]}

    timetable.set_apart(plan)

    days = {key: {found.case_ref: found.day for found in rows} for key, rows in plan.items()}
    assert all(days[1][ref] != days[2][ref] for ref in ("A", "C"))
    assert sorted(found.day for found in plan[1] if found.day) == [one, one, two]
    assert sorted(found.day for found in plan[2] if found.day) == [one, two, two]
