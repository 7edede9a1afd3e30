"""Matters of concern: whole or refused, for the lead, received once."""

import pytest
from sqlmodel import Session

from casereader import concerns, readings
from casereader.errors import AbsentError, RefusedError
from casereader.instrument import Instrument
from casereader.models import Concern
from casereader.readings import Opened
from casereader.vocabulary import ConcernKind
from tests.cast import Cast
from tests.reading import STARTED


def raise_one(session: Session, people: Cast, instrument: Instrument, opened: Opened, **texts: str) -> Concern:
    given = {"told_whom": "The lead, in person", "seen": "Bruises in three entries.", "needed": "A check.", **texts}
    return concerns.raise_concern(
        session,
        opened=opened,
        instrument=instrument,
        kind=ConcernKind.PROLONGED,
        by=people.reviewer,
        at=STARTED,
        **given,
    )


def test_every_gap_of_the_form_is_told_at_once(
    session: Session, people: Cast, instrument: Instrument, opened: Opened
) -> None:
    with pytest.raises(RefusedError) as refused:
        raise_one(session, people, instrument, opened, told_whom=" ", seen="", needed="x" * 2001)

    assert len(refused.value.reasons) == 3
    assert concerns.of_inspection(session, place=people.place) == []


def test_a_concern_waits_for_the_lead_until_it_is_received(
    session: Session, people: Cast, instrument: Instrument, opened: Opened
) -> None:
    raised = raise_one(session, people, instrument, opened)
    key = people.place.inspection.id or 0
    assert concerns.not_received(session, inspection_ids=[key]) == {key: 1}
    assert concerns.leads(session, place=people.place) == [people.lead]

    for _ in range(2):
        concerns.receive(session, place=people.place, public_id=raised.public_id, by=people.lead, at=STARTED)

    assert concerns.not_received(session, inspection_ids=[key]) == {key: 0}
    (listed,) = concerns.of_inspection(session, place=people.place)
    assert (listed.case_ref, listed.raised_by, listed.received_by) == (
        opened.case_ref,
        people.reviewer.name,
        people.lead.name,
    )
    assert concerns.raised_on(session, reading_id=opened.key) == 1
    with pytest.raises(AbsentError):
        concerns.receive(session, place=people.place, public_id="x" * 22, by=people.lead, at=STARTED)


def test_a_reading_under_way_says_that_one_was_raised_without_a_new_version(
    session: Session, people: Cast, instrument: Instrument, opened: Opened
) -> None:
    readings.begin(session, opened=opened, instrument=instrument, by=people.reviewer, at=STARTED)
    version = opened.reading.version

    raise_one(session, people, instrument, opened)

    assert readings.answers_of(session, opened.key)["J7"].value == "yes"
    assert opened.reading.version == version
    assert len(readings.history(session, reading_id=opened.key, question_keys=["J7"])) == 1
