"""The agencies' records on their way into the room: what is asked for, what a mark may change, what A4 then says."""

import pytest
from sqlmodel import Session, select

from casereader import readings
from casereader.after_the_draw import stopping
from casereader.errors import AbsentError, ConflictError, RefusedError
from casereader.instrument import Instrument
from casereader.models import AuditEvent, DrawRecord, RecordRequest, SampleCase
from casereader.reading_week import records
from casereader.reading_week.records import Marked, TrackedCase
from casereader.readings import Change, Opened
from casereader.vocabulary import CaseStatus, RecordState, SampleRole
from tests import sampled
from tests.cast import Cast
from tests.reading import STARTED, again, given_to, save

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def look(session: Session, people: Cast, instrument: Instrument, *, reserves: int = 2) -> list[TrackedCase]:
    return records.tracked(session, inspection=people.place.inspection, instrument=instrument, reserves=reserves)


def mark(
    session: Session,
    people: Cast,
    instrument: Instrument,
    state: RecordState,
    *one_by_one: tuple[str, str],
    together: list[tuple[str, str]] | None = None,
    note: str = "",
) -> Marked:
    return records.mark(
        session,
        inspection=people.place.inspection,
        cases=look(session, people, instrument),
        one_by_one=one_by_one,
        together=together or [],
        state=state,
        note=note,
        by=people.coordinator,
        at=STARTED,
    )


def test_from_the_draw_on_every_case_to_be_read_is_asked_for_with_the_first_reserves_of_its_stratum(
    session: Session, people: Cast, instrument: Instrument
) -> None:
    assert look(session, people, instrument) == []
    drawn = sampled.draw(session, people, instrument)

    found = look(session, people, instrument)

    query = select(SampleCase).where(SampleCase.draw_id == drawn.id).order_by(SampleCase.stratum, "order")
    rows = session.exec(query).all()
    assert {one.key for one in found if not one.is_reserve} == {row.id for row in rows if row.role is SampleRole.MAIN}
    for stratum in {row.stratum for row in rows}:
        in_line = [row.id for row in rows if row.stratum == stratum and row.role is SampleRole.RESERVE]
        assert [one.key for one in found if one.stratum == stratum and one.is_reserve] == in_line[:2]
    assert not any(one.is_reserve for one in look(session, people, instrument, reserves=0))


def test_the_records_of_a_case_are_those_of_its_stratum_in_the_instrument_s_words(
    session: Session, people: Cast, instrument: Instrument, record: DrawRecord
) -> None:
    assert record.id
    found = look(session, people, instrument)

    for one in found:
        assert tuple(one.records) == instrument.records_expected(one.stratum)
    a, b = (next(one for one in found if one.stratum == stratum) for stratum in "ab")
    assert "scra" not in a.records and "scra" in b.records
    assert b.group == "On the child protection register"
    n = {one.agency: one.n for one in records.counts(found, instrument=instrument)}
    assert n["health"] == len(found) > n["scra"] > 0


def test_what_is_marked_together_never_goes_a_step_back_and_what_is_marked_alone_does_as_told(
    session: Session, people: Cast, instrument: Instrument, record: DrawRecord
) -> None:
    assert record.id
    cases = look(session, people, instrument)
    health = [(one.public_id, "health") for one in cases]

    assert mark(session, people, instrument, RecordState.REQUESTED, together=health) == Marked(len(cases), 0)
    assert mark(session, people, instrument, RecordState.SUPPLIED, *health[:3]) == Marked(3, 0)
    assert mark(session, people, instrument, RecordState.CHASED, together=health) == Marked(len(cases) - 3, 3)
    assert mark(session, people, instrument, RecordState.EXPECTED, health[0]) == Marked(1, 0)
    assert mark(session, people, instrument, RecordState.EXPECTED, health[0]) == Marked(0, 0)

    (count,) = [
        one
        for one in records.counts(look(session, people, instrument), instrument=instrument)
        if one.agency == "health"
    ]
    assert count.by_state[RecordState.SUPPLIED] == 2 and count.by_state[RecordState.EXPECTED] == 1
    assert count.n_missing == count.n - 2
    trail = session.exec(select(AuditEvent).where(AuditEvent.action == "records marked")).all()
    assert [event.body["state"] for event in trail] == ["requested", "supplied", "chased", "expected"]
    assert trail[1].body["records"] == {"health": sorted(case for case, _ in health[:3])}


def test_a_problem_needs_its_note_and_the_note_goes_when_the_problem_does(
    session: Session, people: Cast, instrument: Instrument, record: DrawRecord
) -> None:
    assert record.id
    one = (look(session, people, instrument)[0].public_id, "police")

    with pytest.raises(RefusedError, match="Say in the note what the problem is"):
        mark(session, people, instrument, RecordState.PROBLEM, one)
    with pytest.raises(RefusedError) as refused:
        mark(session, people, instrument, RecordState.PROBLEM, note="x" * 501)
    assert len(refused.value.reasons) == 2
    mark(session, people, instrument, RecordState.PROBLEM, one, note="  Volume 2\nis missing. ")
    assert session.exec(select(RecordRequest.note)).all() == ["Volume 2 is missing."]
    mark(session, people, instrument, RecordState.SUPPLIED, one)
    assert session.exec(select(RecordRequest.note)).all() == [""]


def test_nothing_is_marked_of_a_case_or_an_agency_that_is_not_asked_or_before_the_draw(
    session: Session, people: Cast, instrument: Instrument
) -> None:
    with pytest.raises(ConflictError, match="not drawn yet"):
        mark(session, people, instrument, RecordState.REQUESTED, ("A" * 22, "health"))
    sampled.assign(session, people, instrument)
    a = next(one for one in look(session, people, instrument) if one.stratum == "a")
    for name in ((a.public_id, "scra"), (a.public_id, "nobody"), ("A" * 22, "health")):
        with pytest.raises(AbsentError):
            mark(session, people, instrument, RecordState.REQUESTED, (a.public_id, "health"), name)
    assert session.exec(select(RecordRequest)).all() == []


def test_ineligible_and_stopped_cases_are_asked_for_no_more_nor_reserves_that_nobody_will_read(
    session: Session, people: Cast, instrument: Instrument, record: DrawRecord
) -> None:
    before = look(session, people, instrument)
    gone = session.get_one(SampleCase, next(one.key for one in before if one.stratum == "b"))
    gone.status, gone.reason = CaseStatus.INELIGIBLE, "Outside the reading period"
    stopped = [one for one in stopping.drawn(session, inspection=people.place.inspection) if one.stratum == "c"][-1:]
    stopping.stop(
        session,
        inspection=people.place.inspection,
        public_ids=[one.public_id for one in stopped],
        reason="",
        by=people.coordinator,
        at=STARTED,
    )

    after = look(session, people, instrument)

    assert record.id
    named = {one.public_id for one in after}
    assert gone.public_id not in named and stopped[0].public_id not in named
    assert not any(one.is_reserve for one in after if one.stratum == "c")


def test_when_a_reading_begins_it_says_of_each_record_what_is_known_and_its_reader_may_change_it(
    session: Session, people: Cast, instrument: Instrument, record: DrawRecord
) -> None:
    assert record.id
    opened = next(one for one in given_to(session, people.reviewer) if one.case.group == "a")
    case = opened.sample_case.public_id
    for agency, state in (("health", "supplied"), ("police", "chased"), ("education", "problem")):
        mark(
            session, people, instrument, RecordState(state), (case, agency), note="Lost." if state == "problem" else ""
        )

    readings.begin(session, opened=opened, instrument=instrument, by=people.reviewer, at=STARTED)

    assert _a4(session, opened) == {
        "A4.health": "seen",
        "A4.police": "not_supplied",
        "A4.education": "not_supplied",
        "A4.scra": "not_expected",
    }
    opened = again(session, opened, people.reviewer)
    save(session, opened, instrument, {"A4.police": Change(value="seen")}, by=people.reviewer)
    mark(session, people, instrument, RecordState.PROBLEM, (case, "health"), note="Lost.")
    assert _a4(session, opened) == {
        "A4.health": "seen",
        "A4.police": "seen",
        "A4.education": "not_supplied",
        "A4.scra": "not_expected",
    }


def test_a_reading_that_begins_with_its_first_answer_is_filled_in_as_well(
    session: Session, people: Cast, instrument: Instrument, opened: Opened
) -> None:
    case = opened.sample_case.public_id
    mark(session, people, instrument, RecordState.SUPPLIED, (case, "social_work"), (case, "health"))

    save(session, opened, instrument, {"A4.health": Change(value="not_supplied")}, by=people.reviewer)

    found = _a4(session, opened)
    assert found["A4.social_work"] == "seen" and found["A4.health"] == "not_supplied" and "A4.police" not in found


def _a4(session: Session, opened: Opened) -> dict[str, str | None]:
    stored = readings.answers_of(session, opened.key)
    return {key: answer.value for key, answer in stored.items() if key.startswith("A4.")}
