"""The time left against the records left: what the days that have ended say of those to come."""

from datetime import date

import pytest

from casereader.charts import PaceColumn, pace_chart
from casereader.reading_week.pace import Pace, pace_of

FIRST, SECOND, THIRD = (date(2026, 6, day) for day in (8, 9, 10))


def pace(read: dict[date, int], today: date, *, n: int = 30) -> Pace:
    found = pace_of(
        [day for day, k in read.items() for _ in range(k)], n_to_read=n, planned=[FIRST, SECOND, THIRD], today=today
    )
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("read", "today", "by_the_end", "suffices"),
    [
        ({}, date(2026, 6, 1), 0, None),
        ({FIRST: 4}, FIRST, 4, None),
        ({FIRST: 10}, SECOND, 30, True),
        ({FIRST: 9}, SECOND, 27, False),
        ({FIRST: 9, SECOND: 12}, SECOND, 30, True),
        ({FIRST: 9, SECOND: 3}, THIRD, 18, False),
        ({FIRST: 9, SECOND: 3, THIRD: 8}, THIRD, 20, False),
        ({FIRST: 10, SECOND: 10, THIRD: 9}, date(2026, 6, 11), 29, False),
        ({FIRST: 30}, FIRST, 30, True),
    ],
)
def test_the_week_suffices_when_the_pace_of_the_days_that_ended_reaches_the_last_record(
    read: dict[date, int], today: date, by_the_end: int, suffices: bool | None
) -> None:
    found = pace(read, today)

    assert (found.by_the_end, found.suffices) == (by_the_end, suffices)


def test_each_day_stands_beside_what_is_needed_by_its_end_and_records_read_before_count_on_the_first() -> None:
    found = pace({date(2026, 6, 5): 2, FIRST: 3, SECOND: 1}, SECOND)

    assert [(day.read, day.so_far, day.needed) for day in found.days] == [(5, 5, 10), (1, 6, 20), (None, None, 30)]
    assert (found.left, found.days_left, found.needed_a_day, found.a_day) == (24, 2, 12, 5)


def test_without_reading_days_there_is_nothing_to_say_and_one_day_alone_is_a_day() -> None:
    assert pace_of([], n_to_read=3, planned=[], today=FIRST) is None
    one = pace_of([FIRST], n_to_read=3, planned=[FIRST], today=FIRST)
    assert one is not None and [day.needed for day in one.days] == [3]


def test_the_picture_says_its_finding_and_draws_no_column_for_a_day_to_come() -> None:
    columns = [PaceColumn("Mon 08", 4, 5), PaceColumn("Tue 09", None, 10)]
    svg = str(pace_chart("pace", "Day by day", columns, total=10, finding="6 of 10 are left <soon>."))

    assert "6 of 10 are left &lt;soon&gt;." in svg and 'role="img"' in svg
    assert svg.count("<rect") == 2  # the paper and one column
    assert svg.count("stroke-dasharray") == 2


def test_only_days_on_which_somebody_reads_count_and_one_on_which_somebody_did() -> None:
    monday = date(2026, 6, 15)
    weekend = date(2026, 6, 13)
    found = pace_of([FIRST, FIRST, weekend], n_to_read=8, planned=[FIRST, SECOND, monday], today=weekend)

    assert found is not None
    assert [day.on for day in found.days] == [FIRST, SECOND, weekend, monday]
    assert (found.days_left, found.a_day) == (2, 1)


def test_readings_beyond_what_their_readers_days_allow_are_warned_of_before_the_first_day() -> None:
    found = pace_of([], n_to_read=8, planned=[FIRST], today=date(2026, 6, 1), n_over=1)

    assert found is not None and found.suffices is False
