"""What a reader first handed in stays known, whatever they or others change since."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import Session

from casereader import readings
from casereader.instrument import Instrument
from casereader.readings import Opened
from tests.cast import Cast
from tests.reading import STARTED, again, complete, save

LATER = STARTED + timedelta(hours=2)


def test_answers_changed_after_the_first_submission_are_as_they_were_then(
    session: Session, people: Cast, opened: Opened, instrument: Instrument
) -> None:
    complete(session, opened, instrument, by=people.reviewer, overrides={"C9": "4", "D11": "5"})
    readings.reopen(session, opened=opened, reason="A volume came late.", by=people.reviewer, at=LATER)
    for minute, rating in enumerate(("3", "5"), start=1):
        opened = again(session, opened, people.reviewer)
        change = {"C9": {"value": rating}}
        save(session, opened, instrument, change, by=people.reviewer, at=LATER + timedelta(minutes=minute))
    opened = again(session, opened, people.reviewer)
    readings.submit(
        session, opened=opened, instrument=instrument, declared=True, by=people.reviewer, at=LATER + timedelta(hours=1)
    )

    found = readings.values_as_submitted(session, [opened.key], keys=["C9", "D11"])

    assert found == {opened.key: {"C9": "4", "D11": "5"}}
    assert readings.answers_of(session, opened.key)["C9"].value == "5"


def test_an_answer_first_given_after_the_submission_was_not_there(
    session: Session, people: Cast, opened: Opened, instrument: Instrument
) -> None:
    complete(session, opened, instrument, by=people.reviewer)
    before = readings.values_as_submitted(session, [opened.key])
    readings.reopen(session, opened=opened, reason="Something to add.", by=people.reviewer, at=LATER)
    opened = again(session, opened, people.reviewer)
    key = next(key for key in instrument.parts if key not in before[opened.key] and instrument.part(key).choices)
    value = instrument.part(key).choices[0].value
    save(session, opened, instrument, {key: {"value": value}}, by=people.reviewer, at=LATER)

    assert readings.values_as_submitted(session, [opened.key]) == before


def test_a_reading_that_was_never_submitted_has_none(session: Session, opened: Opened) -> None:
    assert readings.values_as_submitted(session, [opened.key]) == {}
