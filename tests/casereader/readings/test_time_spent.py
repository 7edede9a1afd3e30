"""How long a record took: minutes of use and saves together, each once; told only as the spread of an inspection."""

from datetime import timedelta

import pytest
from sqlmodel import Session

from casereader import readings
from casereader.instrument import Instrument
from casereader.models import DrawRecord
from casereader.readings import Opened
from tests.cast import Cast
from tests.reading import STARTED, complete, given_to, save

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def used(session: Session, opened: Opened, *minutes_ago: int, minute: int = 0) -> int:
    """Report minutes of use at so many minutes after the start."""
    at = STARTED + timedelta(minutes=minute, seconds=30)
    return readings.note_active(session, opened=opened, minutes_ago=minutes_ago, at=at)


def test_minutes_of_use_and_saves_count_together_and_each_only_once(
    session: Session, people: Cast, instrument: Instrument, opened: Opened
) -> None:
    assert used(session, opened, 0) == 0
    assert used(session, opened, 0, 1, 2, minute=3) == 3
    assert used(session, opened, 0, 1, 2, 2, minute=3) == 3
    save(session, opened, instrument, {"C9": {"value": "4"}}, by=people.reviewer, at=STARTED + timedelta(minutes=10))
    assert readings.minutes_so_far(session, reading_id=opened.key) == 10


def test_a_pause_of_a_quarter_hour_is_reading_and_a_longer_one_is_not(session: Session, opened: Opened) -> None:
    used(session, opened, 0)
    assert used(session, opened, 0, minute=15) == 15
    assert used(session, opened, 0, minute=31) == 15
    assert used(session, opened, 0, minute=41) == 25


def test_minutes_that_waited_for_the_network_count_when_they_come(session: Session, opened: Opened) -> None:
    assert used(session, opened, *range(20), minute=60) == 19


def test_nothing_counts_from_before_the_reading_was_given_or_after_it_was_submitted(
    session: Session, people: Cast, instrument: Instrument, opened: Opened
) -> None:
    late = opened.reading.assigned_at + timedelta(minutes=5)
    assert readings.note_active(session, opened=opened, minutes_ago=range(60), at=late) == 5
    complete(session, opened, instrument, by=people.reviewer)
    before = readings.minutes_so_far(session, reading_id=opened.key)

    assert used(session, opened, 0, minute=5) == before


def test_the_minutes_a_reader_gives_on_submission_stand_in_place_of_those_measured(
    session: Session, people: Cast, instrument: Instrument, opened: Opened
) -> None:
    used(session, opened, 0)
    reading = complete(session, opened, instrument, by=people.reviewer, at=STARTED + timedelta(minutes=12))
    assert reading.minutes == 12

    readings.reopen(session, opened=opened, reason="The minutes are wrong", by=people.reviewer, at=STARTED)
    corrected = readings.submit(
        session, opened=opened, instrument=instrument, declared=True, minutes=95, by=people.reviewer, at=STARTED
    )
    assert corrected.minutes == 95


def test_only_the_spread_of_five_readings_or_more_is_told(
    session: Session, people: Cast, instrument: Instrument, record: DrawRecord
) -> None:
    assert record.id
    inspection = people.place.inspection
    for number, opened in enumerate(given_to(session, people.reviewer)[:5], start=1):
        assert readings.spread(session, inspection=inspection) is None
        complete(session, opened, instrument, by=people.reviewer)
        opened.reading.minutes = number * 20
        session.flush()

    found = readings.spread(session, inspection=inspection)
    assert found is not None
    assert (found.n, found.quarter, found.half, found.three_quarters) == (5, 40, 60, 80)
