"""Severity from the database, worked by hand on `tests/severe.py`: who is in it, who is shown, what would move.

Good or better, of the readings of the reviewer, the second reviewer and the moderator: in Glen 1/2, 1 and 1, in Strath,
where every rating is a point lower, none, 1/2 and none.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import Engine, event
from sqlmodel import Session, select

from casereader import audit, readings
from casereader.figures import reader_severity, results
from casereader.figures.reader_severity import Found
from casereader.instrument import Instrument, Library, load
from casereader.instrument.logic import Mapped
from casereader.models import Account, AnswerRevision, AnswerRow, AuditEvent, Reading, SampleCase
from casereader.programmes import inspections
from casereader.programmes.inspections import Place
from casereader.vocabulary import CaseStatus, ReadingKind, ReadingState, Role
from tests import severe, worked
from tests.cast import LAST_DAY, Cast, gather
from tests.source import ROOT

CRR = load(ROOT / "data" / "instruments" / "crr-1.toml")
LIBRARY = Library([CRR])


@pytest.fixture
def instrument() -> Instrument:
    """CRR-1 as it is shipped."""
    return CRR


@pytest.fixture
def cast(session: Session) -> Cast:
    """The cast, with both inspections read."""
    made = gather(session, instrument=CRR)
    severe.build(session, made)
    return made


def looked_at(session: Session, account: Account) -> Found:
    """What the account would be shown."""
    places = inspections.all_places(session, account=account, roles=reader_severity.SEES)
    return reader_severity.of_readers(session, places, CRR, LIBRARY, by=account)


def points(found: Found) -> dict[str, float]:
    """Severity in points by name, as it is in order."""
    return {one.name: one.severity.points.estimate for one in found.readers if one.severity.points is not None}


def test_the_lead_sees_readers_in_order_beside_colleagues_of_the_same_partnership(session: Session, cast: Cast) -> None:
    found = looked_at(session, cast.lead)

    assert list(points(found)) == [cast.reviewer.name, cast.moderator.name, cast.second_reviewer.name]
    assert list(points(found).values()) == pytest.approx([-0.5, 0, 0.5], abs=1e-12)
    assert [one.severity.n_readings for one in found.readers] == [40, 30, 40]
    assert [one.severity.stands_apart for one in found.readers] == [True, False, True]
    assert (found.n_readings, found.n_too_few, found.n_local, found.is_reader) == (145, 1, 1, False)


def test_a_moderator_who_reads_sees_the_others_and_nothing_from_which_their_own_follows(
    session: Session, cast: Cast
) -> None:
    found = looked_at(session, cast.moderator)

    assert points(found) == pytest.approx({cast.reviewer.name: -0.5, cast.second_reviewer.name: 0.5})
    assert found.is_reader
    assert {one.n_moved for one in found.moves} == {40}  # not the records that they read themselves


def test_a_share_would_move_as_its_readers_are_severe(session: Session, cast: Cast) -> None:
    found = looked_at(session, cast.lead)
    shares = {one.name: one.severity.share.estimate for one in found.readers if one.severity.share is not None}
    by_place = {one.partnership: one for one in found.moves}
    glen, strath = by_place["programme-2026/glen-test"], by_place["programme-2026/strath-test"]
    reviewer, second, moderator = (shares[one.name] for one in (cast.reviewer, cast.second_reviewer, cast.moderator))

    assert 40 * reviewer + 40 * second + 30 * moderator == pytest.approx(0)
    assert reviewer < moderator < second
    assert (glen.question, glen.n, glen.n_moved) == ("C9", 55, 50)
    assert (strath.n, strath.n_moved) == (90, 60)
    assert glen.share == pytest.approx(35 / 55)
    assert glen.by is not None
    assert glen.by.estimate == pytest.approx(-(30 * reviewer + 10 * second + 10 * moderator) / 55)
    assert strath.by is not None
    assert strath.by.estimate == pytest.approx(-(10 * reviewer + 30 * second + 20 * moderator) / 90)


def test_the_share_as_it_is_is_that_of_the_roll_up(session: Session, cast: Cast) -> None:
    found = looked_at(session, cast.lead)
    rolled = results.results_for(session, found.places, CRR).figures.questions
    whole = rolled[(rolled["domain"] == "all") & (rolled["question"] == "C9")]

    assert {one.partnership: one.share for one in found.moves} == pytest.approx(
        dict(zip(whole["inspection"], whole["share"], strict=True))
    )


def test_an_inspection_comes_in_when_its_reading_is_over(session: Session, cast: Cast) -> None:
    reading = session.exec(select(Reading).where(Reading.reviewer_id == cast.local_reviewer.id)).all()[-1]
    reading.state, reading.submitted_at = ReadingState.IN_PROGRESS, None
    session.get_one(SampleCase, reading.sample_case_id).status = CaseStatus.WAITING
    session.flush()

    found = looked_at(session, cast.lead)

    assert [place.partnership.name for place in found.places] == ["Glen Test"]
    assert found.n_readings == 55
    assert list(found.readers) == [one for one in found.readers if one.severity.n_readings == 30]
    assert {one.partnership for one in found.moves} == {"programme-2026/glen-test"}


def test_whoever_leads_one_of_them_sees_that_one_alone(session: Session, cast: Cast) -> None:
    inspections.give_role(
        session, inspection=cast.place.inspection, account=cast.outsider, role=Role.MODERATOR, by=None, at=worked.READ
    )

    assert [place.partnership.name for place in looked_at(session, cast.outsider).places] == ["Glen Test"]


def test_answers_count_as_they_were_first_submitted(session: Session, cast: Cast) -> None:
    before = points(looked_at(session, cast.lead))
    reading = session.exec(select(Reading).where(Reading.reviewer_id == cast.reviewer.id)).all()[0]
    answer = session.exec(select(AnswerRow).where(AnswerRow.reading_id == reading.id)).one()
    session.add(
        AnswerRevision(
            reading_id=reading.id or 0,
            key="C9",
            before={"value": answer.value},
            after={"value": "6"},
            saved_at=worked.READ.replace(day=20),
            saved_by_id=cast.reviewer.id or 0,
        )
    )
    answer.value, reading.saved_at = "6", worked.READ.replace(day=20)
    session.flush()

    assert points(looked_at(session, cast.lead)) == pytest.approx(before)


def test_a_settled_record_stays_as_it_is(session: Session, cast: Cast) -> None:
    reading = session.exec(select(Reading).where(Reading.reviewer_id == cast.reviewer.id)).all()[0]
    sample = session.get_one(SampleCase, reading.sample_case_id)
    worked.read(session, sample, cast.second_reviewer, {"C9": "5"}, kind=ReadingKind.SECOND)
    worked.read(session, sample, cast.lead, {"C9": "4"}, kind=ReadingKind.CONSENSUS)
    session.flush()

    found = looked_at(session, cast.lead)

    assert found.n_readings == 146  # the second reading is measured, the consensus is nobody's
    assert {one.partnership: one.n_moved for one in found.moves}["programme-2026/glen-test"] == 49


def test_a_second_look_works_nothing_out_until_something_was_done_to_a_reading_or_a_reader(
    session: Session, cast: Cast
) -> None:
    asked: list[str] = []
    event.listen(session.get_bind(), "before_cursor_execute", lambda _c, _u, said, *_: asked.append(said))

    def looks_anew() -> bool:
        asked.clear()
        looked_at(session, cast.lead)
        return any("FROM answer" in said for said in asked)

    assert [looks_anew(), looks_anew()] == [True, False]
    cast.reviewer.name = "Ruaridh Renamed"
    session.add(cast.reviewer)
    session.flush()
    assert looked_at(session, cast.lead).readers[0].name == "Ruaridh Renamed"
    reading = session.exec(select(Reading).where(Reading.reviewer_id == cast.reviewer.id)).all()[0]
    reading.version += 1
    session.flush()
    assert [looks_anew(), looks_anew()] == [True, False]
    elsewhere = looked_at(session, cast.lead).places[1].inspection
    cast.second_reviewer.ends_on = LAST_DAY
    inspections.give_role(
        session,
        inspection=elsewhere,
        account=cast.second_reviewer,
        role=Role.LOCAL_REVIEWER,
        paired_with=cast.reviewer,
        by=None,
        at=worked.READ,
    )
    assert looks_anew()
    assert cast.second_reviewer.name not in points(looked_at(session, cast.lead))


def test_a_rating_that_cannot_be_evaluated_is_none(session: Session, cast: Cast) -> None:
    reading = session.exec(select(Reading).where(Reading.reviewer_id == cast.moderator.id)).all()[0]
    session.exec(select(AnswerRow).where(AnswerRow.reading_id == reading.id)).one().value = "cannot_be_evaluated"
    session.flush()

    found = looked_at(session, cast.lead)

    assert cast.moderator.name not in points(found)  # 29 readings with a rating
    assert found.n_too_few == 2


def test_readings_begun_before_a_text_fix_count_in_what_both_versions_ask(session: Session, cast: Cast) -> None:
    before = points(looked_at(session, cast.lead))
    fixed = replace(CRR, version="1.1")
    places = inspections.all_places(session, account=cast.lead, roles=reader_severity.SEES)

    found = reader_severity.of_readers(session, places, fixed, Library([CRR, fixed]), by=cast.lead)

    assert points(found) == before
    assert found.n_readings == 145


def test_a_reading_counts_in_the_question_that_its_own_version_calls_by_another_name(
    session: Session, cast: Cast
) -> None:
    """Of a later whole version C9 is what E7 was: readings begun on the version before answered E7 and count as C9."""
    before = points(looked_at(session, cast.lead))
    mapping = (Mapped(version=CRR.version, was="E7", now="C9", relation="same"),)
    later = replace(CRR, version="2.0", mapping=mapping)
    places = inspections.all_places(session, account=cast.lead, roles=reader_severity.SEES)
    for answer in session.exec(select(AnswerRow).where(AnswerRow.key == "C9")).all():
        answer.key = "E7"
    session.flush()

    found = reader_severity.of_readers(session, places, later, Library([CRR, later]), by=cast.lead)

    assert points(found) == before


def test_a_reading_on_a_version_that_is_not_installed_is_not_measured(session: Session, cast: Cast) -> None:
    for reading in session.exec(select(Reading).where(Reading.reviewer_id == cast.reviewer.id)).all()[:11]:
        reading.instrument_version = "7.0"
    session.flush()

    found = looked_at(session, cast.lead)

    assert found.n_readings == 145 - 11
    assert cast.reviewer.name not in points(found)  # 29 readings of theirs can be read here


def test_nothing_is_read_yet_and_nobody_is_shown(session: Session, cast: Cast) -> None:
    found = reader_severity.of_readers(session, [], CRR, LIBRARY, by=cast.lead)

    assert (found.readers, found.moves, found.places) == ([], [], [])


def test_the_queries_do_not_depend_on_how_many_readings_there_are(session: Session, cast: Cast, engine: Engine) -> None:
    asked: list[str] = []
    places: list[Place] = inspections.all_places(session, account=cast.lead, roles=reader_severity.SEES)
    event.listen(engine, "before_cursor_execute", lambda *args: asked.append(args[2]))

    reader_severity.of_readers(session, places, CRR, LIBRARY, by=cast.lead)

    assert 0 < len(asked) <= 20
    assert readings.values_as_submitted(session, []) == {}


def test_that_somebody_looked_is_in_the_trail(session: Session, cast: Cast) -> None:
    reader_severity.note_looked(session, programme=cast.place.programme, by=cast.lead, at=worked.READ)

    (looked,) = session.exec(select(AuditEvent).where(AuditEvent.action == "severity looked at"))
    assert (looked.actor_id, looked.object_id) == (cast.lead.id, cast.place.programme.public_id)
    assert audit.verify(session) == []
