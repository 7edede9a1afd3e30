"""Saving answers: once, never over another's, with every revision kept."""

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from casereader import readings
from casereader.errors import AbsentError, ConflictError, RefusedError
from casereader.instrument import Answer, Instrument
from casereader.models import AuditEvent, SavedReply
from casereader.readings import Opened, RefusedAnswersError, StaleError, TooOftenError
from casereader.readings.filling import measured_minutes, offered
from casereader.readings.replies import MOST_SAVES
from casereader.vocabulary import ReadingState
from tests.cast import Cast
from tests.reading import STARTED, again, save
from tests.trail import said


def test_the_first_save_starts_the_reading_and_raises_the_version_by_one(
    session: Session, people: Cast, instrument: Instrument, opened: Opened
) -> None:
    saved = save(session, opened, instrument, {"C9": {"value": " 5 ", "note": "One\r\nTwo\rThree"}}, by=people.reviewer)

    assert saved.reply["version"] == 2 == opened.reading.version
    assert saved.reply["saved_at"] == "2026-06-08T09:00:00.000Z"
    assert "C9" in saved.reply["open"] and saved.reply["sections"]["C"] == "in progress"
    assert opened.reading.state is ReadingState.IN_PROGRESS
    assert readings.answers_of(session, opened.key)["C9"] == Answer("5", "One\nTwo\nThree")


def test_two_saves_at_one_moment_make_two_versions(
    session: Session, people: Cast, instrument: Instrument, opened: Opened
) -> None:
    save(session, opened, instrument, {"C9": {"value": "5"}}, by=people.reviewer)
    second = save(session, opened, instrument, {"C9": {"value": "4"}}, by=people.reviewer)

    assert second.reply["version"] == 3


def test_what_a_save_leaves_out_stays(session: Session, people: Cast, instrument: Instrument, opened: Opened) -> None:
    save(
        session, opened, instrument, {"C9": {"value": "5", "note": "Kept.", "sources": ("health",)}}, by=people.reviewer
    )
    save(session, opened, instrument, {"C9": {"value": "4", "discuss": True}}, by=people.reviewer)

    assert readings.answers_of(session, opened.key)["C9"] == Answer("4", "Kept.", ("health",), None, True)


def test_the_list_s_facts_are_filled_in_with_the_first_save(
    session: Session, people: Cast, instrument: Instrument, opened: Opened
) -> None:
    save(session, opened, instrument, {"C9": {"value": "5"}}, by=people.reviewer)

    answers = readings.answers_of(session, opened.key)
    assert answers["A1"].value == instrument.stratum_code(opened.case.group)
    assert answers["A2"].value == opened.case.age_band
    assert (answers["A3"].value, answers["A3.living"].value) == ("none", opened.case.living)
    assert ("A4.scra" in answers) == ("scra" not in instrument.records_expected(opened.case.group))


def test_a_fact_that_the_instrument_does_not_offer_is_left_blank(instrument: Instrument) -> None:
    part = instrument.part("A2")

    assert [offered(part, text) for text in ("12–15", "0 to 4", "20-24", " ", None)] == [
        "12-15",
        "0-4",
        None,
        None,
        None,
    ]


def test_a_save_that_changes_nothing_makes_no_version_and_no_revision(
    session: Session, people: Cast, instrument: Instrument, opened: Opened
) -> None:
    first = save(session, opened, instrument, {"C9": {"value": "5", "note": "A\nB"}}, by=people.reviewer)
    later = STARTED + timedelta(minutes=5)
    again_ = save(session, opened, instrument, {"C9": {"value": "5", "note": "A\r\nB"}}, by=people.reviewer, at=later)

    assert again_.reply["version"] == first.reply["version"]
    assert again_.reply["saved_at"] == first.reply["saved_at"]
    assert again_.changed == ()
    assert len(readings.history(session, reading_id=opened.key, question_keys=["C9"])) == 1


def test_every_revision_is_kept_with_before_and_after_and_who(
    session: Session, people: Cast, instrument: Instrument, opened: Opened
) -> None:
    for value in ("5", "3", None):
        save(session, opened, instrument, {"C9": {"value": value}}, by=people.reviewer)

    revisions = readings.history(session, reading_id=opened.key, question_keys=["C9"])
    steps = [((one.row.before or {}).get("value"), one.row.after["value"]) for one in revisions]
    assert steps == [("3", None), ("5", "3"), (None, "5")]
    assert {one.who for one in revisions} == {people.reviewer.name}


def test_a_stale_version_is_refused_and_says_who_and_which_version_stands(
    session: Session, people: Cast, instrument: Instrument, opened: Opened
) -> None:
    save(session, opened, instrument, {"C9": {"value": "5"}}, by=people.reviewer)

    for version in (1, 3, 10**9):
        with pytest.raises(StaleError) as stale:
            save(session, opened, instrument, {"C9": {"value": "1"}}, by=people.reviewer, version=version)
        assert (stale.value.version, stale.value.who) == (2, people.reviewer.name)
    assert readings.answers_of(session, opened.key)["C9"].value == "5"


def test_the_same_key_again_gets_the_first_reply_and_changes_nothing(
    session: Session, people: Cast, instrument: Instrument, opened: Opened
) -> None:
    key = "k" * 16
    first = save(session, opened, instrument, {"C9": {"value": "5"}}, by=people.reviewer, version=1, key=key)
    save(session, opened, instrument, {"C9": {"value": "4"}}, by=people.reviewer)
    repeated = save(session, opened, instrument, {"C9": {"value": "5"}}, by=people.reviewer, version=1, key=key)

    assert repeated.reply == first.reply
    assert readings.answers_of(session, opened.key)["C9"].value == "4"
    with pytest.raises(RefusedError, match="used before"):
        save(session, opened, instrument, {"C9": {"value": "1"}}, by=people.reviewer, key=key, digest="1" * 64)


def test_keys_are_each_person_s_own(session: Session, people: Cast, instrument: Instrument, opened: Opened) -> None:
    key = "k" * 16
    save(session, opened, instrument, {"C9": {"value": "5"}}, by=people.reviewer, key=key)
    other = readings.mine(session, account=people.second_reviewer)[0]

    saved = save(
        session, other, instrument, {"C9": {"value": "2"}}, by=people.second_reviewer, key=key, digest="1" * 64
    )

    assert saved.changed
    assert len(session.exec(select(SavedReply).where(SavedReply.idempotency_key == key)).all()) == 2


def test_all_answers_are_refused_with_their_reasons_or_none(
    session: Session, people: Cast, instrument: Instrument, opened: Opened
) -> None:
    with pytest.raises(RefusedAnswersError) as refused:
        save(
            session,
            opened,
            instrument,
            {"C9": {"value": "7"}, "C1": {"value": "yes"}, "Z1": {"value": "x"}, "C10": {"note": "n" * 20_001}},
            by=people.reviewer,
        )

    assert set(refused.value.faults) == {"C9", "Z1", "C10"}
    assert "20,001" in refused.value.faults["C10"][0]
    assert readings.answers_of(session, opened.key) == {}
    assert opened.reading.version == 1


@pytest.mark.parametrize("value", ["0", "7", "-1", "3.5", "1e0", "0x3", "４", "5 4", "not_applicable 5"])
def test_a_rating_off_the_scale_is_refused(
    session: Session, people: Cast, instrument: Instrument, opened: Opened, value: str
) -> None:
    with pytest.raises(RefusedAnswersError):
        save(session, opened, instrument, {"C9": {"value": value}}, by=people.reviewer)


@pytest.mark.parametrize("note", ["a\0b", "half \ud800"])
def test_a_note_that_cannot_be_stored_is_refused(
    session: Session, people: Cast, instrument: Instrument, opened: Opened, note: str
) -> None:
    with pytest.raises(RefusedAnswersError):
        save(session, opened, instrument, {"C9": {"note": note}}, by=people.reviewer)


def test_a_note_of_20_000_marks_and_of_markup_is_stored_as_typed(
    session: Session, people: Cast, instrument: Instrument, opened: Opened
) -> None:
    marks, markup = "a" + "\u0301" * 19_999, "=1+1 <script>alert(1)</script> {{7*7}} ]]> \u202e"
    save(session, opened, instrument, {"C9": {"note": marks}, "C10": {"note": markup}}, by=people.reviewer)

    answers = readings.answers_of(session, opened.key)
    assert (answers["C9"].note, answers["C10"].note) == (marks, markup)


def test_a_ground_goes_with_the_answer_it_was_given_for(
    session: Session, people: Cast, instrument: Instrument, opened: Opened
) -> None:
    part = instrument.part("C9")
    ground = part.cbe_grounds[0].value
    save(session, opened, instrument, {"C9": {"value": "cannot_be_evaluated", "ground": ground}}, by=people.reviewer)
    assert readings.answers_of(session, opened.key)["C9"].ground == ground

    save(session, opened, instrument, {"C9": {"value": "4"}}, by=people.reviewer)

    assert readings.answers_of(session, opened.key)["C9"] == Answer("4")


def test_nobody_else_finds_the_reading(session: Session, people: Cast, opened: Opened) -> None:
    others = (people.second_reviewer, people.local_reviewer, people.moderator, people.lead, people.outsider)
    for account in others:
        with pytest.raises(AbsentError):
            readings.find(session, public_id=opened.reading.public_id, account=account)
    for name in ("0", "-1", "\0", "x" * 22, "é" * 22, "A" * 10_000):
        with pytest.raises(AbsentError):
            readings.find(session, public_id=name, account=people.reviewer)


def test_more_saves_than_a_person_makes_are_held_back(
    session: Session, people: Cast, instrument: Instrument, opened: Opened
) -> None:
    session.add_all(
        SavedReply(
            account_id=people.reviewer.id or 0,
            idempotency_key=f"{number:016}",
            reading_id=opened.key,
            body_sha256="0" * 64,
            reply={},
            saved_at=STARTED,
        )
        for number in range(MOST_SAVES)
    )
    session.flush()
    with pytest.raises(TooOftenError):
        save(session, opened, instrument, {"C9": {"value": "5"}}, by=people.reviewer, at=STARTED + timedelta(seconds=9))

    saved = save(
        session, opened, instrument, {"C9": {"value": "5"}}, by=people.reviewer, at=STARTED + timedelta(seconds=10)
    )

    assert saved.changed
    back = STARTED - timedelta(hours=1)
    again = save(session, opened, instrument, {"C9": {"value": "4"}}, by=people.reviewer, at=back)
    assert again.changed, "a clock that was set back holds nobody up until it is where it was"


def test_the_trail_names_the_questions_and_never_the_words(
    session: Session, people: Cast, instrument: Instrument, opened: Opened
) -> None:
    readings.begin(session, opened=opened, instrument=instrument, by=people.reviewer, at=STARTED)
    save(session, opened, instrument, {"C9": {"note": "Secret words."}}, by=people.reviewer)

    event = session.exec(select(AuditEvent).where(AuditEvent.action == "answers saved")).one()
    assert said(event) == {"questions": ["C9"]}


def test_starting_twice_changes_nothing(session: Session, people: Cast, instrument: Instrument, opened: Opened) -> None:
    for _ in range(2):
        readings.begin(session, opened=opened, instrument=instrument, by=people.reviewer, at=STARTED)

    assert opened.reading.version == 2
    assert readings.answers_of(session, opened.key)["A1"].value


def test_a_closed_reading_takes_no_answers_and_says_why(
    session: Session, people: Cast, instrument: Instrument, opened: Opened
) -> None:
    readings.say_not_produced(session, opened=opened, reason="Lost.", by=people.reviewer, at=STARTED)

    with pytest.raises(ConflictError, match="turned up"):
        save(session, again(session, opened, people.reviewer), instrument, {"C9": {"value": "5"}}, by=people.reviewer)


def test_minutes_are_those_between_saves_without_the_long_pauses() -> None:
    moments = [STARTED + timedelta(minutes=minute) for minute in (0, 10, 25, 60, 61)]

    assert measured_minutes(moments) == 10 + 15 + 1
    assert measured_minutes([]) == 0
