"""A file of readings brought into the inspections it belongs to: all of it, or nothing with every reason."""

from datetime import UTC, date, datetime

import pytest
from sqlmodel import Session, col, func, select

from casereader import readings
from casereader.drawing import draws
from casereader.errors import RefusedError
from casereader.instrument import Answer, Instrument, Library
from casereader.models import AuditEvent, Case, DrawRecord, Reading, SampleCase
from casereader.programmes import adding, contacts, inspections, programmes
from casereader.programmes.inspections import Place
from casereader.readings import Brought, Opened
from casereader.readings.reading_file import COLUMNS
from casereader.vocabulary import CaseStatus, ReadingKind, ReadingState, Role, SampleRole
from tests import sampled
from tests.cast import EVALUATED, Cast
from tests.reading import given_to

AT = datetime(2026, 6, 10, 12, 0, tzinfo=UTC)
REVIEWER, SECOND, LOCAL = "ruaridh@cast.example", "shona@cast.example", "lachlan@cast.example"


def a_file(*rows: str) -> bytes:
    return "\n".join([",".join(COLUMNS), *rows, ""]).encode()


def row(ref: str, question: str = "C9", answer: str = "5", *, kind: str = "first", reader: str = REVIEWER) -> str:
    return f"{ref},{kind},{reader},{question},{answer},,,2026-06-09"


def bring_in(session: Session, people: Cast, instrument: Instrument, content: bytes, *places: Place) -> Brought:
    return readings.bring_in(
        session,
        content=content,
        places=places or [people.place],
        instruments=Library([instrument]),
        by=None,
        at=AT,
    )


def refused(session: Session, people: Cast, instrument: Instrument, content: bytes, *places: Place) -> list[str]:
    with pytest.raises(RefusedError) as error:
        bring_in(session, people, instrument, content, *places)
    return list(error.value.reasons)


@pytest.fixture
def every(session: Session, people: Cast, record: DrawRecord) -> list[Opened]:
    assert record.id
    return given_to(session, people.reviewer)


def test_readings_come_in_as_submitted_with_their_evidence_and_count(
    session: Session, people: Cast, instrument: Instrument, every: list[Opened]
) -> None:
    ref = every[0].case_ref
    content = a_file(
        f'{ref},first,{REVIEWER},c9,Weak,"Seen in March, and again in May.",Health record; police,2026-06-09',
        row(ref, "D11", "not applicable: the assessment rightly ended without a plan"),
        row(every[1].case_ref, "C9", "4"),
    )

    brought = bring_in(session, people, instrument, content)

    assert (brought.readings, brought.passed_over, brought.answers) == (2, 0, 3)
    assert brought.inspections == [people.place.name]
    session.expire_all()
    answers = readings.answers_of(session, every[0].key)
    assert answers["C9"] == Answer("2", "Seen in March, and again in May.", ("health", "police"))
    assert answers["D11"] == Answer("not_applicable", ground="no_plan_needed")
    assert every[0].reading.state is ReadingState.SUBMITTED
    assert every[0].reading.read_on == date(2026, 6, 9)
    counted = readings.counting(session, people.place.inspection.id or 0)
    assert {one.sample_case_id for one in counted} == {one.sample_case.id for one in every[:2]}


def test_a_case_without_an_answer_is_read_all_the_same(
    session: Session, people: Cast, instrument: Instrument, every: list[Opened]
) -> None:
    bring_in(session, people, instrument, a_file(row(every[0].case_ref, answer="")))

    session.expire_all()
    assert readings.answers_of(session, every[0].key) == {}
    assert every[0].sample_case.status is CaseStatus.READ


def test_the_same_file_again_changes_nothing_and_says_so(
    session: Session, people: Cast, instrument: Instrument, every: list[Opened]
) -> None:
    content = a_file(row(every[0].case_ref), row(every[1].case_ref))
    bring_in(session, people, instrument, content)
    events = session.exec(select(func.count(col(AuditEvent.n)))).one()

    again = bring_in(session, people, instrument, content)

    assert (again.readings, again.passed_over, again.answers) == (0, 2, 0)
    assert session.exec(select(func.count(col(AuditEvent.n)))).one() == events


def test_the_first_reading_of_an_inspection_waits_for_a_lead_and_a_deputy_to_tell(
    session: Session, people: Cast, instrument: Instrument
) -> None:
    inspection = people.place.inspection
    drawn = draws.sampled(session, draw_record=sampled.draw(session, people, instrument))
    refs = [case.case_ref for one, case in drawn if one.role is SampleRole.MAIN][:2]
    (deputy,) = inspections.members(session, inspection=inspection, account=people.deputy)
    number, deputy.telephone = deputy.telephone, ""
    session.flush()

    assert refused(session, people, instrument, a_file(row(refs[0]))) == [
        f"{people.place.name} is not open for reading. On its people page: "
        f"Give the telephone number of the deputy, {people.deputy.name}."
    ]
    assert session.exec(select(Reading.id)).first() is None

    deputy.telephone = number
    assert bring_in(session, people, instrument, a_file(row(refs[0]))).readings == 1
    deputy.telephone = ""
    assert bring_in(session, people, instrument, a_file(row(refs[1]))).readings == 1, "it is open by now"


def test_a_reading_that_is_there_is_never_written_over(
    session: Session, people: Cast, instrument: Instrument, every: list[Opened]
) -> None:
    ref = every[0].case_ref
    bring_in(session, people, instrument, a_file(row(ref, answer="5")))

    reasons = refused(session, people, instrument, a_file(row(ref, answer="1"), row(every[1].case_ref)))

    assert reasons == [
        f"row 2, column case_ref: {ref}: there is a first reading of it already (submitted). Take its lines out."
    ]
    session.expire_all()
    assert readings.answers_of(session, every[0].key)["C9"].value == "5"


def test_every_fault_is_told_at_once_and_nothing_is_written(
    session: Session, people: Cast, instrument: Instrument, every: list[Opened], record: DrawRecord
) -> None:
    ref, other = every[0].case_ref, every[1].case_ref
    drawn = session.exec(select(SampleCase.case_id).where(SampleCase.draw_id == record.id)).all()
    not_drawn = session.exec(select(Case.case_ref).where(col(Case.id).not_in(drawn)).limit(1)).one()
    reserve = session.exec(
        select(Case.case_ref).join(SampleCase).where(SampleCase.role == SampleRole.RESERVE).limit(1)
    ).one()
    content = a_file(
        row("T99999"),
        row(not_drawn),
        row(reserve),
        row(ref, "Z9"),
        row(ref, "C9", "7"),
        row(ref, "C10", "cannot be evaluated: no time"),
        row(ref, "C1", reader=SECOND),
        row(ref, "c1", "yes"),
        row(other, reader="nobody@x.org"),
        row(other, "C10", reader="nobody"),
        f"{ref},first,{REVIEWER},C4,yes,,gossip,2026-06-08",
    )

    reasons = refused(session, people, instrument, content)

    told = "\n".join(reasons)
    for part in (
        "row 2, column case_ref: “T99999” is on no list here",
        f"row 3, column case_ref: “{not_drawn}” is on the list of {people.place.name}, but not in its sample",
        f"row 4, column case_ref: {reserve} is a reserve that replaces no case",
        "row 5, column question: there is no question “Z9”",
        "row 6, column answer: C9: “7” is not an answer here",
        "row 7, column answer: C10: “no time” is not a ground",
        f"row 8, column reader: row 5 says that {REVIEWER} made this reading",
        "row 9, column question: C1 of this reading was answered in row 8 already",
        "row 10, column reader: there is no account for nobody@x.org",
        "row 11, column reader: “nobody” is not an e-mail address",
        "row 12, column sources: there is no source “gossip”",
        "row 12, column read_on: row 5 says 2026-06-09",
    ):
        assert part in told
    assert session.exec(select(Reading).where(col(Reading.imported_from).is_not(None))).all() == []


def test_a_second_reading_needs_another_reader(
    session: Session, people: Cast, instrument: Instrument, every: list[Opened]
) -> None:
    ref = every[0].case_ref
    both = (row(ref), row(ref, kind="second", reader=REVIEWER))

    assert "The two must be independent" in refused(session, people, instrument, a_file(*both))[0]
    brought = bring_in(session, people, instrument, a_file(row(ref), row(ref, kind="second", reader=SECOND)))

    assert brought.readings == 2
    kinds = session.exec(select(Reading.kind).where(Reading.sample_case_id == every[0].sample_case.id))
    assert sorted(kinds) == [ReadingKind.FIRST, ReadingKind.SECOND]


def test_the_reading_of_a_local_reviewer_waits_for_the_paired_inspector(
    session: Session, people: Cast, instrument: Instrument, every: list[Opened]
) -> None:
    brought = bring_in(session, people, instrument, a_file(row(every[0].case_ref, reader=LOCAL)))

    assert any("countersigns" in warning for warning in brought.warnings)
    assert readings.counting(session, people.place.inspection.id or 0) == []


def test_a_case_handed_back_can_be_filled(
    session: Session, people: Cast, instrument: Instrument, every: list[Opened]
) -> None:
    readings.hand_back(session, opened=every[0], reason="I know the family.", by=people.reviewer, at=AT)

    bring_in(session, people, instrument, a_file(row(every[0].case_ref, reader=SECOND)))

    session.refresh(every[0].reading)
    assert every[0].reading.reviewer_id == people.second_reviewer.id
    assert every[0].reading.handed_back_at is None


def test_what_lacks_answers_is_brought_in_and_pointed_out(
    session: Session, people: Cast, instrument: Instrument, every: list[Opened]
) -> None:
    brought = bring_in(session, people, instrument, a_file(row(every[0].case_ref, reader="morag@cast.example")))

    assert f"morag@cast.example is no reviewer of {people.place.name}." in brought.warnings
    assert any("1 readings lack answers" in warning for warning in brought.warnings)


def test_a_reference_in_two_samples_needs_the_inspection_named(
    session: Session, people: Cast, instrument: Instrument, every: list[Opened]
) -> None:
    later = programmes.begin(
        session, name="Programme 2028", instrument=instrument, evaluated_qis=EVALUATED, by=people.coordinator, at=AT
    )
    inspection = adding.add_partnership(
        session,
        programme=later,
        name="Glen Test",
        period_from=date(2027, 1, 1),
        period_to=date(2027, 12, 31),
        lead=people.lead,
        by=people.coordinator,
        at=AT,
    )
    place = inspections.place_of(session, inspection_id=inspection.id or 0)
    given = {"inspection": inspection, "by": people.coordinator, "at": AT}
    contacts.set_telephone(session, account=people.lead, telephone="x4511", **given)
    contacts.give_role(session, account=people.deputy, role=Role.DEPUTY, telephone="x4512", **given)
    other = Cast(**{**vars(people), "place": place})
    sampled.draw(session, other, instrument)
    shared = session.exec(
        select(Case.case_ref)
        .join(SampleCase)
        .where(SampleCase.role == SampleRole.MAIN)
        .group_by(Case.case_ref)
        .having(func.count() == 2)
    ).all()
    ref = next(one.case_ref for one in every if one.case_ref in shared)
    content = a_file(row(ref))

    (reason,) = refused(session, people, instrument, content, people.place, place)

    assert reason == (
        f"row 2, column case_ref: “{ref}” is in the sample of programme-2026/glen-test and of "
        "programme-2028/glen-test. Say which with --inspection PROGRAMME/PARTNERSHIP."
    )
    assert bring_in(session, people, instrument, content, place).readings == 1
