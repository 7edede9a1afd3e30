"""The two readings of a case on different days: by changing places, so that everybody reads as much on each day."""

from __future__ import annotations

from datetime import date

from casereader.models import Reading
from casereader.reading_week import timetable
from casereader.reading_week.timetable import Planned
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


def test_across_waves_a_second_reading_changes_places_and_a_first_one_never_waits_for_a_later_wave() -> None:
    one, two = date(2026, 6, 11), date(2026, 6, 12)

    def row(ref: str, wave: int, kind: ReadingKind = ReadingKind.FIRST) -> Planned:
        return Planned(Reading(sample_case_id=0, kind=kind), ref, "a", (one, two)[wave - 1], wave)

    second = row("A", 1, ReadingKind.SECOND)
    plan = {1: [row("A", 1), row("C", 2)], 2: [second, row("D", 2)], 3: [row("B", 1), row("E", 2)]}
    plan[4] = [row("B", 1), row("F", 2)]  # as if both were first readings: then they stay where they are

    timetable.set_apart(plan)

    days = {(key, found.case_ref): found.day for key, rows in plan.items() for found in rows}
    assert (days[1, "A"], days[2, "A"], days[2, "D"]) == (one, two, one)
    assert [days[key] for key in ((1, "C"), (3, "B"), (4, "B"), (3, "E"), (4, "F"))] == [two, one, one, two, two]
