"""Pair moderation: what is kept when the paired inspector countersigns, and what of it outlives a reopening."""

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from casereader import readings
from casereader.errors import RefusedError
from casereader.instrument import Instrument
from casereader.models import AuditEvent, DrawRecord, PairModeration
from casereader.readings import ChangedAnswer, NamingError, Opened
from casereader.vocabulary import ReadingState
from tests.cast import Cast
from tests.reading import STARTED, again, complete, given_to, save
from tests.trail import said

LATER = STARTED + timedelta(hours=1)


@pytest.fixture
def handed_in(session: Session, people: Cast, instrument: Instrument, record: DrawRecord) -> Opened:
    """A reading of the local reviewer's, handed in with C9 rated 5."""
    assert record.id
    opened = given_to(session, people.local_reviewer)[0]
    complete(session, opened, instrument, by=people.local_reviewer, overrides={"C9": "5"})
    return opened


def change(session: Session, people: Cast, instrument: Instrument, opened: Opened, **values: str) -> Opened:
    """The reading reopened, changed and handed in again, each a minute after the last change."""
    at = (opened.reading.saved_at or STARTED) + timedelta(minutes=1)
    local = people.local_reviewer
    readings.reopen(session, opened=opened, reason="We talked it over.", by=local, at=at)
    opened = again(session, opened, local)
    save(session, opened, instrument, {key: {"value": value} for key, value in values.items()}, by=local, at=at)
    readings.submit(session, opened=opened, instrument=instrument, declared=True, by=local, at=at)
    return again(session, opened, local)


def test_what_was_changed_since_first_handing_in_is_kept_with_what_was_talked_over(
    session: Session, people: Cast, instrument: Instrument, handed_in: Opened
) -> None:
    assert readings.changed_since_handed_in(session, handed_in.reading) == []
    opened = change(session, people, instrument, handed_in, C9="3", C10="5")
    opened = change(session, people, instrument, opened, C9="4", C10="4")
    changed = [ChangedAnswer("C9", "5", "4", also=[])]
    assert readings.changed_since_handed_in(session, opened.reading) == changed, "C10 is as it was handed in"

    readings.countersign(
        session,
        public_id=opened.reading.public_id,
        talked_over=" What outweighs what in the assessment.\r\nThe chronology. ",
        by=people.reviewer,
        at=LATER,
    )

    (row,) = session.exec(select(PairModeration))
    assert (row.reading_id, row.by_id, row.at) == (opened.key, people.reviewer.id, LATER)
    assert row.talked_over == "What outweighs what in the assessment.\nThe chronology."
    assert row.changed == [{"key": "C9", "before": "5", "after": "4", "also": []}]
    event = session.exec(select(AuditEvent).where(AuditEvent.action == readings.COUNTERSIGNED)).one()
    assert said(event) == {"changed": 1, "talked over": True}, "counts, never texts"


def test_a_note_that_was_changed_is_told_without_its_words(
    session: Session, people: Cast, instrument: Instrument, handed_in: Opened
) -> None:
    local, at = people.local_reviewer, STARTED + timedelta(minutes=1)
    readings.reopen(session, opened=handed_in, reason="We talked it over.", by=local, at=at)
    opened = again(session, handed_in, local)
    text = "The entries of June say so, with what was done after."
    save(session, opened, instrument, {"C9": {"value": "5", "note": text, "sources": ["police"]}}, by=local, at=at)
    readings.submit(session, opened=opened, instrument=instrument, declared=True, by=local, at=at)

    found = readings.changed_since_handed_in(session, opened.reading)

    assert found == [ChangedAnswer("C9", "5", "5", also=["note", "sources"])]


def test_every_pair_moderation_is_kept_when_the_reading_is_reopened(
    session: Session, people: Cast, instrument: Instrument, handed_in: Opened
) -> None:
    name = handed_in.reading.public_id
    readings.countersign(session, public_id=name, talked_over="Nothing to change.", by=people.reviewer, at=LATER)
    readings.countersign(session, public_id=name, talked_over="Pressed twice.", by=people.reviewer, at=LATER)
    opened = change(session, people, instrument, again(session, handed_in, people.local_reviewer), C9="2")
    assert opened.reading.state is ReadingState.SUBMITTED
    readings.countersign(session, public_id=name, by=people.reviewer, at=LATER + timedelta(hours=1))

    kept = readings.talked_over_of(session, opened.reading)

    assert [(one.who, one.talked_over) for one in kept] == [
        (people.reviewer.name, ""),
        (people.reviewer.name, "Nothing to change."),
    ]
    assert [list(one.changed) for one in kept] == [[ChangedAnswer("C9", "5", "2", also=[])], []]
    since = LATER + timedelta(minutes=1)
    assert len(readings.talked_over_of(session, opened.reading, since=since)) == 1


def test_a_text_that_looks_as_if_it_identified_somebody_stands_only_where_its_writer_says_that_they_looked(
    session: Session, people: Cast, handed_in: Opened
) -> None:
    name, text = handed_in.reading.public_id, "The child is known as Bibi."
    with pytest.raises(NamingError, match="looks like a name"):
        readings.countersign(session, public_id=name, talked_over=text, by=people.reviewer, at=LATER)
    with pytest.raises(RefusedError, match="at most 2,000"):
        readings.countersign(session, public_id=name, talked_over="x" * 2_001, by=people.reviewer, at=LATER)
    assert session.exec(select(PairModeration)).all() == []

    readings.countersign(session, public_id=name, talked_over=text, keep_signs=True, by=people.reviewer, at=LATER)

    assert session.exec(select(PairModeration.talked_over)).all() == [text]
