"""The weeks of an inspection: usual dates from the notification, what is late, and what may still change."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import Session, select

from casereader import readings
from casereader.errors import RefusedError
from casereader.instrument import Instrument
from casereader.models import AuditEvent
from casereader.programmes import calendars
from casereader.programmes.calendars import Calendar
from casereader.stages import due, stages
from casereader.stages.stages import Standing
from casereader.vocabulary import Stage
from tests import sampled
from tests.cast import BEGAN, gather
from tests.reading import STARTED, given_to

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

MONDAY = date(2026, 1, 5)
USUAL = Calendar(notified_on=MONDAY).completed()
PERIOD = (date(2025, 1, 1), date(2026, 3, 31))


def test_the_usual_dates_are_those_of_weeks_3_8_17_and_21() -> None:
    weeks = {name: (day - MONDAY).days // 7 + 1 for name, day in USUAL.dates.items() if day is not None}

    assert weeks == {
        "notified_on": 1,
        "list_due_on": 3,
        "reading_starts": 8,
        "reading_ends": 8,
        "panel_on": 17,
        "publish_on": 21,
    }
    assert USUAL.reading_ends == (USUAL.reading_starts or MONDAY) + timedelta(days=2), "three consecutive days"


def test_a_date_that_was_agreed_stands_in_place_of_the_usual_one() -> None:
    agreed = Calendar(notified_on=MONDAY, reading_starts=date(2026, 3, 9)).completed()

    assert (agreed.reading_starts, agreed.reading_ends) == (date(2026, 3, 9), date(2026, 3, 11))
    assert agreed.panel_on == USUAL.panel_on


def test_without_a_notification_nothing_is_filled_in() -> None:
    assert Calendar().completed() == Calendar()


def test_dates_out_of_order_are_all_named() -> None:
    faults = Calendar(MONDAY, date(2026, 1, 1), date(2026, 2, 23), date(2026, 2, 20)).faults()

    assert [fault.split(" (")[0] for fault in faults] == ["List due", "Last reading day"]


@pytest.mark.parametrize(
    ("stage", "today", "late"),
    [
        (Stage.LIST_AWAITED, date(2026, 1, 19), []),  # the day itself is not late
        (Stage.LIST_AWAITED, date(2026, 1, 20), ["the list"]),
        (Stage.CHECKED, date(2026, 1, 20), []),
        (Stage.DRAWN, date(2026, 2, 26), ["the start of the reading", "the end of the reading"]),
        (Stage.READING, date(2026, 2, 25), []),
        (Stage.READING, date(2026, 2, 26), ["the end of the reading"]),
        (Stage.EVALUATING, date(2026, 4, 28), ["the evaluation for the panel"]),
        (Stage.EVALUATED, date(2026, 5, 26), ["publication"]),
        (Stage.PUBLISHED, date(2027, 1, 1), []),
    ],
)
def test_late_is_what_should_be_done_by_now(stage: Stage, today: date, late: list[str]) -> None:
    assert [one.what for one in due.late(USUAL, Standing(stage=stage), today=today)] == late


def test_a_panel_that_has_met_is_not_late_though_the_evaluation_is_not_final() -> None:
    met = Standing(stage=Stage.EVALUATING, panel_met=True)

    assert due.late(USUAL, met, today=date(2026, 4, 28)) == []


@pytest.mark.parametrize(
    ("notified", "starts", "today", "week"),
    [
        (None, None, date(2026, 6, 1), None),
        (date(2026, 6, 1), None, date(2026, 6, 1), 1),
        (date(2026, 6, 1), None, date(2026, 6, 8), 2),
        (date(2026, 6, 1), date(2026, 9, 1), date(2026, 7, 20), 8),
        (date(2026, 6, 1), None, date(2026, 5, 31), None),
        (None, date(2026, 7, 22), date(2026, 7, 20), 8),
        (None, date(2026, 7, 22), date(2026, 7, 19), 7),
        (None, date(2026, 7, 22), date(2026, 6, 22), 4),
        (None, date(2026, 7, 22), date(2026, 5, 1), None),
    ],
)
def test_the_week_is_told_from_the_notification_or_back_from_the_reading_days(
    notified: date | None, starts: date | None, today: date, week: int | None
) -> None:
    assert Calendar(notified_on=notified, reading_starts=starts).week(today) == week


def test_the_next_date_is_the_first_that_is_not_past() -> None:
    assert due.following(USUAL, Standing(stage=Stage.CHECKED), today=date(2026, 1, 20)) == (
        "First reading day",
        date(2026, 2, 23),
    )
    assert due.following(USUAL, Standing(stage=Stage.PUBLISHED), today=MONDAY) is None


@ON_SQLITE
def test_dates_are_kept_and_told_in_the_trail(session: Session, instrument: Instrument) -> None:
    cast = gather(session, instrument=instrument)

    calendars.agree(
        session, inspection=cast.place.inspection, period=PERIOD, calendar=USUAL, by=cast.coordinator, at=BEGAN
    )

    assert Calendar.of(cast.place.inspection) == USUAL
    (event,) = session.exec(select(AuditEvent).where(AuditEvent.action == "dates agreed")).all()
    assert event.body["panel_on"] == [None, "2026-04-27"]
    assert "period_from" not in event.body, "what did not change is not told"


@ON_SQLITE
def test_the_reading_period_stays_once_a_reading_has_begun(session: Session, instrument: Instrument) -> None:
    cast = gather(session, instrument=instrument)
    sampled.assign(session, cast, instrument)
    inspection, other = cast.place.inspection, (date(2025, 2, 1), PERIOD[1])
    calendars.agree(session, inspection=inspection, period=other, calendar=USUAL, by=cast.lead, at=BEGAN)
    opened = given_to(session, cast.reviewer)[0]
    readings.begin(session, opened=opened, instrument=instrument, by=cast.reviewer, at=STARTED)

    with pytest.raises(RefusedError, match="does not change any more"):
        calendars.agree(session, inspection=inspection, period=PERIOD, calendar=USUAL, by=cast.lead, at=STARTED)

    assert inspection.period_from == date(2025, 2, 1)


@ON_SQLITE
def test_only_an_evaluated_inspection_is_published_and_not_on_a_day_to_come(
    session: Session, instrument: Instrument
) -> None:
    cast = gather(session, instrument=instrument)
    inspection, at = cast.place.inspection, datetime(2026, 6, 1, tzinfo=UTC)

    with pytest.raises(RefusedError) as refused:
        calendars.record_publication(
            session, inspection=inspection, stage=Stage.EVALUATING, on=date(2026, 6, 2), by=cast.lead, at=at
        )
    assert len(refused.value.reasons) == 2
    calendars.record_publication(
        session, inspection=inspection, stage=Stage.EVALUATED, on=date(2026, 5, 30), by=cast.lead, at=at
    )

    assert stages.standing(session, inspection).stage is Stage.PUBLISHED
