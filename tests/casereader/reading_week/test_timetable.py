"""The timetable: a reader’s cases in ticket order over their days, with second readings not told apart."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlmodel import Session

from casereader import assignments, readings
from casereader.assignments import availability
from casereader.assignments.availability import Given
from casereader.drawing.wave_rule import Rule
from casereader.errors import RefusedError
from casereader.in_waves import waves
from casereader.instrument import Instrument
from casereader.models import DrawRecord
from casereader.reading_week import timetable
from tests import sampled
from tests.cast import Cast
from tests.sampled import AT

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def days(people: Cast, record: DrawRecord) -> list[date]:
    """Three reading days over a weekend, which is left out."""
    assert record.id
    people.place.inspection.reading_starts = date(2026, 6, 11)  # a Thursday
    people.place.inspection.reading_ends = date(2026, 6, 15)
    return availability.days_of(people.place.inspection)


def test_cases_stand_in_ticket_order_so_many_on_each_day_and_the_reader_sees_the_same(
    session: Session, people: Cast, days: list[date]
) -> None:
    assert [day.day for day in days] == [11, 12, 15]
    mondays = [day.isoformat() for day in days[1:]]
    given = [Given(people.reviewer, mondays, "2")]
    availability.set_days(session, inspection=people.place.inspection, given=given, by=people.coordinator, at=AT)

    sheets = timetable.by_pair(session, inspection=people.place.inspection)
    (pair,) = [sheet for sheet in sheets if sheet.inspector.id == people.reviewer.id]
    by_reader = {seat.account.id: planned for seat, planned in pair.planned}
    planned = by_reader[people.reviewer.id]

    assert set(by_reader) == {people.reviewer.id, people.local_reviewer.id}
    assert [one.day for one in planned][:5] == [days[1], days[1], days[2], days[2], None]
    mine = readings.mine(session, account=people.reviewer)
    tickets = {one.key: one.sample_case.ticket for one in mine}
    assert [tickets[one.reading.id or 0] for one in planned] == sorted(tickets.values())
    seen = timetable.days_of_mine(session, mine=mine, account=people.reviewer)
    assert seen == {one.reading.id: one.day for one in planned if one.day}


def test_the_two_readings_of_a_case_are_planned_on_different_days_and_every_reader_reads_as_many_on_each(
    session: Session, people: Cast, days: list[date]
) -> None:
    given = [
        Given(person, [day.isoformat() for day in days], "7")
        for person in (people.reviewer, people.local_reviewer, people.second_reviewer)
    ]
    availability.set_days(session, inspection=people.place.inspection, given=given, by=people.coordinator, at=AT)

    every: dict[str, list[date | None]] = {}
    sizes = []
    for sheet in timetable.by_pair(session, inspection=people.place.inspection):
        for _, planned in sheet.planned:
            counts = [sum(one.day == day for one in planned) for day in days]
            sizes.append(counts)
            assert [one.day for one in planned] == sorted(one.day for one in planned if one.day)
            for one in planned:
                every.setdefault(one.case_ref, []).append(one.day)

    twice = [found for found in every.values() if len(found) == 2]
    assert len(twice) == 2
    assert all(first != second for first, second in twice)
    assert all(max(counts) <= 7 for counts in sizes)


def test_days_and_numbers_out_of_bounds_are_refused_by_name(session: Session, people: Cast, days: list[date]) -> None:
    given = [Given(people.reviewer, ["2026-06-13"], "0"), Given(people.second_reviewer, [days[0].isoformat()], "many")]

    with pytest.raises(RefusedError) as refused:
        availability.set_days(session, inspection=people.place.inspection, given=given, by=people.coordinator, at=AT)

    assert len(refused.value.reasons) == 3
    assert availability.of_inspection(session, inspection=people.place.inspection) == {}


def test_in_waves_a_reader_s_cases_stand_wave_by_wave_and_within_a_wave_by_ticket(
    session: Session, people: Cast, instrument: Instrument
) -> None:
    people.place.inspection.reading_starts = date(2026, 6, 8)
    people.place.inspection.reading_ends = date(2026, 6, 10)
    rule = Rule(n_waves=3, questions=("C9",))
    record = sampled.draw(session, people, instrument, choices=replace(sampled.CHOICES, waves=rule, second_share="0"))
    days = [day.isoformat() for day in availability.days_of(people.place.inspection)]
    readers = [people.reviewer, people.second_reviewer]
    given = [Given(person, days, "4", reads=True) for person in readers]
    inspection, of = people.place.inspection, (instrument.id, instrument.version)
    availability.set_days(session, inspection=inspection, given=given, by=people.coordinator, at=AT)
    assignments.assign(session, inspection=inspection, instrument=of, chosen=readers, by=people.coordinator, at=AT)
    number = waves.wave_of_cases(session, draw_record=record)

    for sheet in timetable.by_pair(session, inspection=inspection):
        for seat, planned in sheet.planned:
            mine = readings.mine(session, account=seat.account)
            cases = {one.key: one.sample_case for one in mine}
            order = [cases[one.reading.id or 0] for one in planned]
            assert [one.wave for one in planned] == [number[case.id or 0] for case in order]
            assert [one.wave for one in planned] == sorted(one.wave for one in planned)
            assert {1, 2, 3} == {one.wave for one in planned}
            assert [one.day for one in planned if one.day] == sorted(one.day for one in planned if one.day)
            assert timetable.waves_of_mine(session, mine=mine) == {one.reading.id: one.wave for one in planned}
