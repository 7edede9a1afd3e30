"""Which readings are compared for agreement, and with which answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import Session, select

from casereader import readings
from casereader.figures import double_readings
from casereader.figures.double_readings import DoubleReadings
from casereader.instrument import Instrument, Library, load
from casereader.models import AnswerRevision, AnswerRow, DrawRecord, Reading, Replacement, SampleCase
from casereader.programmes import adding, inspections
from casereader.vocabulary import NOT_TO_BE_READ, CaseStatus, ReadingKind, ReadingState
from tests import read_twice, worked
from tests.cast import Cast, gather
from tests.source import ROOT
from tests.worked import People

CRR = load(ROOT / "data" / "instruments" / "crr-1.toml")
LIBRARY = Library([CRR])


@pytest.fixture
def instrument() -> Instrument:
    """CRR-1 as it is shipped."""
    return CRR


@pytest.fixture
def people(session: Session) -> Cast:
    """The cast, with nothing read yet."""
    return gather(session, instrument=CRR)


@pytest.fixture
def twice(session: Session, people: Cast) -> list[SampleCase]:
    """Their fourteen records, each read twice."""
    return read_twice.build(session, people.place, who_reads(people))


def who_reads(cast: Cast) -> People:
    return People(cast.reviewer, cast.second_reviewer, cast.local_reviewer, cast.lead)


def loaded(session: Session, cast: Cast, library: Library = LIBRARY) -> DoubleReadings:
    return double_readings.load(session, [cast.place.inspection.id or 0], CRR, library)


def reading_of(session: Session, case: SampleCase, kind: ReadingKind) -> Reading:
    return session.exec(select(Reading).where(Reading.sample_case_id == case.id, Reading.kind == kind)).one()


def is_over(session: Session, cast: Cast) -> bool:
    return bool(double_readings.over(session, [cast.place.inspection.id or 0]))


def test_a_pair_is_a_first_and_a_second_reading_of_one_case(
    session: Session, people: Cast, twice: list[SampleCase]
) -> None:
    found = loaded(session, people)

    assert [one.pair for one in found.pairs] == [one.id for one in twice]
    mine = found.answers[found.answers["key"] == "C9"]
    assert list(mine["first"]) == list(read_twice.FIRST)
    assert list(mine["second"]) == list(read_twice.SECOND)


def test_a_consensus_never_counts_and_the_originals_stay(session: Session, people: Cast) -> None:
    worked.build(session, people.place, who_reads(people))  # a01 is settled as 4 of 2 and 5, c01 read by a local

    found = loaded(session, people)

    assert [one.case_ref for one in found.pairs] == ["a01", "b01"]
    assert found.answers[found.answers["key"] == "C9"][["first", "second"]].to_numpy().tolist() == [
        ["2", "5"],
        ["5", "1"],
    ]


def test_what_was_changed_after_the_first_submission_does_not_count(
    session: Session, people: Cast, twice: list[SampleCase]
) -> None:
    reading = reading_of(session, twice[0], ReadingKind.FIRST)
    answer = session.exec(select(AnswerRow).where(AnswerRow.reading_id == reading.id, AnswerRow.key == "C9")).one()
    later = worked.READ + timedelta(hours=1)
    session.add(
        AnswerRevision(
            reading_id=reading.id or 0,
            key="C9",
            before={"value": "4"},
            after={"value": "1"},
            saved_at=later,
            saved_by_id=people.reviewer.id or 0,
        )
    )
    answer.value, answer.saved_at, reading.saved_at = "1", later, later
    session.flush()

    found = loaded(session, people).answers

    assert found[found["key"] == "C9"]["first"].iloc[0] == "4"
    assert readings.answers_of(session, reading.id or 0)["C9"].value == "1"


def test_a_reading_that_somebody_went_on_with_after_another_began_it_is_no_pair(
    session: Session, people: Cast, twice: list[SampleCase]
) -> None:
    for case, kind in ((twice[0], ReadingKind.FIRST), (twice[1], ReadingKind.SECOND)):
        reading = reading_of(session, case, kind)
        reading.begun_by_id = people.coordinator.id
        session.add(reading)
    session.flush()

    assert [one.pair for one in loaded(session, people).pairs] == [one.id for one in twice[2:]]


@pytest.mark.parametrize("status", NOT_TO_BE_READ)
def test_a_case_that_was_set_aside_is_no_pair(
    session: Session, people: Cast, twice: list[SampleCase], status: CaseStatus
) -> None:
    twice[0].status = status
    twice[0].reason = "Child of another partnership" if status is CaseStatus.INELIGIBLE else None
    session.flush()

    assert len(loaded(session, people).pairs) == 13


def test_a_case_that_is_said_to_be_ineligible_is_no_pair(
    session: Session, people: Cast, twice: list[SampleCase]
) -> None:
    session.add(
        Replacement(
            sample_case_id=twice[0].id or 0,
            reason="Child of another partnership",
            proposed_at=worked.READ,
            proposed_by_id=people.reviewer.id or 0,
        )
    )
    session.flush()

    assert len(loaded(session, people).pairs) == 13


def test_readings_of_a_voided_draw_are_no_pairs(session: Session, people: Cast, twice: list[SampleCase]) -> None:
    draw = session.get_one(DrawRecord, twice[0].draw_id)
    draw.voided_at, draw.void_reason = worked.READ, "The list was the wrong one"
    draw.voided_by_id, draw.void_confirmed_by_id = people.lead.id, people.reviewer.id
    session.flush()

    assert loaded(session, people).pairs == []
    assert not is_over(session, people)


def test_a_version_that_is_not_installed_here_gives_no_pair(
    session: Session, people: Cast, twice: list[SampleCase]
) -> None:
    reading_of(session, twice[0], ReadingKind.SECOND).instrument_version = "7.0"
    session.flush()

    assert len(loaded(session, people).pairs) == 13


def test_readings_begun_before_a_text_fix_are_compared_on_what_both_versions_ask(
    session: Session, people: Cast, twice: list[SampleCase]
) -> None:
    fixed = replace(CRR, version="1.1")
    reading_of(session, twice[0], ReadingKind.SECOND).instrument_version = "1.1"
    session.flush()

    found = double_readings.load(session, [people.place.inspection.id or 0], fixed, Library([CRR, fixed]))

    assert len(found.pairs) == 14
    assert list(found.answers[found.answers["key"] == "C9"]["second"]) == list(read_twice.SECOND)


def test_answers_that_skip_logic_closed_were_not_asked(session: Session, people: Cast, twice: list[SampleCase]) -> None:
    reading = reading_of(session, twice[0], ReadingKind.FIRST)
    session.add(AnswerRow(reading_id=reading.id or 0, key="A3", value="none", saved_at=worked.READ))
    session.add(AnswerRow(reading_id=reading.id or 0, key="I8", value="5", saved_at=worked.READ))
    session.flush()

    found = loaded(session, people).answers

    assert "I8" not in set(found["key"])


def test_reading_is_over_once_every_record_is_decided_and_every_reading_is_in(
    session: Session, people: Cast, twice: list[SampleCase]
) -> None:
    assert is_over(session, people)

    second = reading_of(session, twice[0], ReadingKind.SECOND)
    second.submitted_at, second.state = None, ReadingState.IN_PROGRESS
    session.flush()
    assert not is_over(session, people)

    second.submitted_at, second.state = worked.READ, ReadingState.SUBMITTED
    twice[1].status = CaseStatus.WAITING
    session.flush()
    assert not is_over(session, people)

    twice[1].status = CaseStatus.NOT_REACHED
    session.flush()
    assert is_over(session, people)


def test_reading_is_not_over_before_anything_is_read_or_while_a_local_reading_waits(
    session: Session, people: Cast
) -> None:
    assert not is_over(session, people)

    worked.build(session, people.place, who_reads(people))

    assert not is_over(session, people)


def test_the_number_of_queries_does_not_grow_with_the_inspections(
    session: Session, people: Cast, twice: list[SampleCase]
) -> None:
    added = adding.add_partnership(
        session,
        programme=people.place.programme,
        name="Second",
        period_from=people.place.inspection.period_from,
        period_to=people.place.inspection.period_to,
        lead=people.lead,
        by=people.coordinator,
        at=worked.DRAWN,
    )
    place = inspections.place_of(session, inspection_id=added.id or 0)
    read_twice.build(session, place, who_reads(people), pairs=3)
    assert len(twice) == 14
    one, both = [people.place.inspection.id or 0], [people.place.inspection.id or 0, added.id or 0]

    assert _queries(session, one) == _queries(session, both) <= 8
    found = double_readings.load(session, both, CRR, LIBRARY)
    assert (len(found.pairs), len(found.of(added.id or 0).pairs)) == (17, 3)
    assert set(found.of(added.id or 0).answers["pair"]) == {one.pair for one in found.of(added.id or 0).pairs}


def _queries(session: Session, ids: list[int]) -> int:
    asked: list[str] = []

    def count(*arguments: Any) -> None:
        asked.append(arguments[2])

    session.flush()
    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", count)
    try:
        over = double_readings.over(session, ids)
        double_readings.load(session, over, CRR, LIBRARY)
    finally:
        event.remove(engine, "before_cursor_execute", count)
    return len(asked)
