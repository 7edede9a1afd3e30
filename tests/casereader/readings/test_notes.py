"""The notes pane: saved like answers, never one of them, and gone once the reading is locked."""

import pytest
from sqlmodel import Session, select

from casereader import readings
from casereader.errors import ConflictError
from casereader.instrument import Instrument
from casereader.models import AnswerRevision, AuditEvent, DrawRecord, RunningNotes
from casereader.moderating import moderation
from casereader.readings import NOTES, STORY, Notes, Opened, RefusedAnswersError, StaleError
from casereader.vocabulary import CaseStatus, ReadingState
from tests.cast import Cast
from tests.reading import STARTED, again, complete, save
from tests.trail import said


def test_notes_are_saved_with_the_answers_and_are_none_of_them(
    session: Session, people: Cast, instrument: Instrument, opened: Opened
) -> None:
    changes = {NOTES: {"value": "Seen alone.\r\nMay."}, STORY: {"value": "Moved twice."}, "C9": {"value": "5"}}

    saved = save(session, opened, instrument, changes, by=people.reviewer)

    assert saved.reply["version"] == 2
    assert readings.notes_of(session, opened.key) == Notes("Seen alone.\nMay.", "Moved twice.")
    assert not {NOTES, STORY} & readings.answers_of(session, opened.key).keys()
    assert not {NOTES, STORY} & set(session.exec(select(AnswerRevision.key)))
    written = [str(event.body) for event in session.exec(select(AuditEvent))]
    assert not any("Seen alone" in body or "Moved twice" in body for body in written)


def test_notes_alone_raise_the_version_but_start_no_reading(
    session: Session, people: Cast, instrument: Instrument, opened: Opened
) -> None:
    save(session, opened, instrument, {NOTES: {"value": "First look."}}, by=people.reviewer)

    now = again(session, opened, people.reviewer).reading
    assert (now.version, now.state, now.started_at) == (2, ReadingState.ASSIGNED, None)
    save(session, opened, instrument, {NOTES: {"value": "First look."}}, by=people.reviewer)
    assert now.version == 2, "a save that changes nothing makes no version"


def test_a_second_tab_never_writes_over_the_notes(
    session: Session, people: Cast, instrument: Instrument, opened: Opened
) -> None:
    save(session, opened, instrument, {NOTES: {"value": "From the first tab."}}, by=people.reviewer)

    with pytest.raises(StaleError):
        save(session, opened, instrument, {NOTES: {"value": "From the second."}}, by=people.reviewer, version=1)
    assert readings.notes_of(session, opened.key).notes == "From the first tab."


@pytest.mark.parametrize(
    ("key", "change", "says"),
    [
        (NOTES, {"value": "x" * 20_001}, "20,001 characters"),
        (STORY, {"value": "x" * 2_001}, "2,001 characters"),
        (NOTES, {"value": "a\0b"}, "NUL"),
        (STORY, {"value": "\ud800"}, "half a character"),
        (NOTES, {"note": "words"}, "has no note"),
    ],
)
def test_notes_that_cannot_be_kept_are_refused_with_the_reason(
    session: Session, people: Cast, instrument: Instrument, opened: Opened, key: str, change: object, says: str
) -> None:
    with pytest.raises(RefusedAnswersError) as refused:
        save(session, opened, instrument, {key: change, "C9": {"value": "5"}}, by=people.reviewer)  # type: ignore[dict-item]

    assert says in refused.value.faults[key][0]
    assert readings.answers_of(session, opened.key) == {}


def test_locking_erases_the_notes_of_what_is_signed_off_and_of_nothing_else(
    session: Session, people: Cast, instrument: Instrument, opened: Opened
) -> None:
    other = readings.mine(session, account=people.second_reviewer)[0]
    for one, account in ((opened, people.reviewer), (other, people.second_reviewer)):
        save(session, one, instrument, {NOTES: {"value": "Words."}}, by=account)
    complete(session, again(session, opened, people.reviewer), instrument, by=people.reviewer)
    moderation.sign_off(
        session, place=people.place, public_id=opened.reading.public_id, by=people.moderator, at=STARTED
    )

    assert readings.lock_all(session, place=people.place, by=people.lead, at=STARTED) == 1

    now = again(session, opened, people.reviewer)
    assert now.reading.state is ReadingState.LOCKED
    assert [row.reading_id for row in session.exec(select(RunningNotes))] == [other.key]
    assert readings.answers_of(session, opened.key)["C9"].value == "4", "the answers stay"
    assert readings.lock_all(session, place=people.place, by=people.lead, at=STARTED) == 0
    with pytest.raises(ConflictError):
        save(session, now, instrument, {NOTES: {"value": "Late."}}, by=people.reviewer)


@pytest.mark.parametrize("status", [CaseStatus.NOT_PRODUCED, CaseStatus.INELIGIBLE, CaseStatus.NOT_REACHED, None])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_locking_erases_the_notes_of_what_will_never_be_locked(
    session: Session,
    people: Cast,
    instrument: Instrument,
    opened: Opened,
    record: DrawRecord,
    status: CaseStatus | None,
) -> None:
    other = readings.mine(session, account=people.second_reviewer)[0]
    for one, account in ((opened, people.reviewer), (other, people.second_reviewer)):
        save(session, one, instrument, {STORY: {"value": "Moved twice."}}, by=account)
    if status is None:
        record.voided_at, record.void_reason = STARTED, "A wrong list."
        record.voided_by_id, record.void_confirmed_by_id = people.coordinator.id, people.lead.id
    else:
        opened.sample_case.status, opened.sample_case.reason = status, "Lost in a move."
    session.flush()

    assert readings.lock_all(session, place=people.place, by=people.lead, at=STARTED) == 0

    left = [] if status is None else [other.key]
    assert list(session.exec(select(RunningNotes.reading_id))) == left
    (event,) = session.exec(select(AuditEvent).where(AuditEvent.action == "notes erased"))
    assert said(event) == {"readings": 2 - len(left)}
