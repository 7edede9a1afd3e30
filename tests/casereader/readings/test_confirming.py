"""What a reader must say they know of before a complete reading is handed in: marks left, texts that seem to name."""

from collections.abc import Sequence

import pytest
from sqlmodel import Session, select

from casereader import readings
from casereader.instrument import Instrument
from casereader.models import AuditEvent
from casereader.readings import Change, IncompleteError, Opened
from casereader.vocabulary import ReadingState
from tests.cast import Cast
from tests.reading import NOTE, STARTED, full_answers, save


def filled(session: Session, people: Cast, instrument: Instrument, opened: Opened, changes: dict[str, Change]) -> None:
    everything: dict[str, Change] = {
        key: {"value": answer.value, "note": answer.note, "sources": answer.sources, "ground": answer.ground}
        for key, answer in full_answers(instrument, opened).items()
    }
    for key, change in changes.items():
        everything[key] = {**everything[key], **change}
    save(session, opened, instrument, everything, by=people.reviewer)


def submit(
    session: Session,
    people: Cast,
    instrument: Instrument,
    opened: Opened,
    *,
    marks: bool = False,
    signs: bool = False,
    declared: bool = True,
    faults: Sequence[str] = (),
) -> ReadingState:
    return readings.submit(
        session,
        opened=opened,
        instrument=instrument,
        declared=declared,
        by=people.reviewer,
        at=STARTED,
        keep_marks=marks,
        keep_signs=signs,
        faults=faults,
    ).state


def test_a_mark_is_cleared_or_left_knowingly_and_then_the_moderator_finds_it(
    session: Session, people: Cast, instrument: Instrument, opened: Opened
) -> None:
    filled(session, people, instrument, opened, {"C9": {"discuss": True}})
    with pytest.raises(IncompleteError) as refused:
        submit(session, people, instrument, opened, signs=True)
    assert [(one.key, one.is_mark) for one in refused.value.marks] == [("C9", True)]
    assert opened.reading.state is ReadingState.IN_PROGRESS

    assert refused.value.missing == []
    assert submit(session, people, instrument, opened, marks=True) is ReadingState.SUBMITTED
    assert readings.answers_of(session, opened.key)["C9"].discuss
    (event,) = session.exec(select(AuditEvent).where(AuditEvent.action == "reading submitted"))
    assert (event.body["marks"], event.body["signs"]) == (1, 0)


def test_a_text_that_seems_to_name_somebody_is_asked_about_once(
    session: Session, people: Cast, instrument: Instrument, opened: Opened
) -> None:
    filled(
        session,
        people,
        instrument,
        opened,
        {"C9": {"note": "J\u200back’s teacher wrote this in May.", "discuss": True}},
    )
    with pytest.raises(IncompleteError) as refused:
        submit(session, people, instrument, opened)
    assert [one.key for one in refused.value.marks] == ["C9"]
    assert [(one.key, one.says) for one in refused.value.signs] == [("C9", "this looks like a name.")]
    with pytest.raises(IncompleteError):
        submit(session, people, instrument, opened, marks=True)

    assert submit(session, people, instrument, opened, marks=True, signs=True) is ReadingState.SUBMITTED


def test_everything_that_stands_in_the_way_is_said_at_once(
    session: Session, people: Cast, instrument: Instrument, opened: Opened
) -> None:
    named = "Jack’s teacher wrote this in May."
    filled(session, people, instrument, opened, {"C9": {"note": named, "discuss": True}, "C1": {"value": None}})

    with pytest.raises(IncompleteError) as refused:
        submit(session, people, instrument, opened, declared=False, faults=["Give the minutes."])

    error = refused.value
    assert "C1" in {one.key for one in error.missing}
    assert ([one.key for one in error.marks], [one.key for one in error.signs]) == (["C9"], ["C9"])
    assert error.reasons[:2] == ("Confirm the declaration before you submit.", "Give the minutes.")


def test_leaving_marks_does_not_let_a_gap_through(
    session: Session, people: Cast, instrument: Instrument, opened: Opened
) -> None:
    filled(session, people, instrument, opened, {"C9": {"value": None, "discuss": True}})

    with pytest.raises(IncompleteError) as refused:
        submit(session, people, instrument, opened, marks=True, signs=True)

    assert "C9" in {one.key for one in refused.value.missing}


def test_one_note_serves_several_questions_by_pointing_to_it(
    session: Session, people: Cast, instrument: Instrument, opened: Opened
) -> None:
    no: Change = {"value": "no", "note": "see C9", "sources": ()}
    filled(
        session,
        people,
        instrument,
        opened,
        {"C9": {"note": NOTE, "sources": ("health",)}, "C1": no, "C2": no, "D3": no},
    )

    assert submit(session, people, instrument, opened) is ReadingState.SUBMITTED


@pytest.mark.parametrize("note", ["see C3", "see C1", "see Z9"])
def test_a_pointer_that_leads_to_no_note_is_missing_one(
    session: Session, people: Cast, instrument: Instrument, opened: Opened, note: str
) -> None:
    filled(
        session, people, instrument, opened, {"C1": {"value": "no", "note": note}, "C3": {"note": "", "sources": ()}}
    )

    with pytest.raises(IncompleteError) as refused:
        submit(session, people, instrument, opened)

    assert any(one.key == "C1" and "which has no such note" in one.says for one in refused.value.missing)
