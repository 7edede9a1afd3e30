"""Conflicts of interest: whoever has one is given nothing that it covers, and opens nothing that they had before."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from casereader import assignments, readings
from casereader.after_the_draw import replacements
from casereader.drawing import draws
from casereader.errors import AbsentError, RefusedError
from casereader.instrument import Instrument
from casereader.models import Account, ConflictOfInterest, DrawRecord, Reading, Replacement
from casereader.moderating import moderation
from casereader.people import conflicts
from casereader.programmes import inspections
from casereader.readings import Opened
from casereader.stages import stages
from casereader.vocabulary import ReadingKind, ReadingState, Role, SampleRole
from tests import sampled
from tests.cast import Cast
from tests.reading import STARTED, complete, given_to, save

ONLY_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def declare(session: Session, people: Cast, account: Account, ref: str = "") -> ConflictOfInterest:
    return conflicts.declare(
        session,
        inspection=people.place.inspection,
        account=account,
        case_ref=ref,
        with_all=not ref,
        reason="Worked in the team.",
        by=people.coordinator,
        at=sampled.AT,
    )


def give(session: Session, people: Cast, reading: Reading, to: Account) -> None:
    assignments.give(
        session,
        inspection=people.place.inspection,
        reading=reading,
        to=to,
        reason="Illness.",
        by=people.coordinator,
        at=STARTED,
    )


def test_d20_a_case_of_ones_own_caseload_goes_back_and_cannot_be_opened(
    session: Session, people: Cast, record: DrawRecord
) -> None:
    mine, other = given_to(session, people.local_reviewer)[:2]
    assert record.id

    declare(session, people, people.local_reviewer, mine.case_ref)

    assert mine.reading.handed_back_at is not None
    assert mine.case_ref not in {one.case_ref for one in readings.mine(session, account=people.local_reviewer)}
    with pytest.raises(AbsentError):
        readings.find(session, public_id=mine.reading.public_id, account=people.local_reviewer)
    assert readings.find(session, public_id=other.reading.public_id, account=people.local_reviewer)
    with pytest.raises(RefusedError, match="conflict of interest"):
        give(session, people, mine.reading, people.local_reviewer)


@ONLY_SQLITE
def test_a_reading_begun_is_closed_to_its_reader_too_and_named_to_the_coordinator(
    session: Session, people: Cast, instrument: Instrument, opened: Opened
) -> None:
    save(session, opened, instrument, {"C9": {"value": "4"}}, by=people.reviewer)

    declare(session, people, people.reviewer)

    with pytest.raises(AbsentError):
        readings.find(session, public_id=opened.reading.public_id, account=people.reviewer)
    assert held(session, people, people.reviewer)[opened.case_ref].reading.state is ReadingState.IN_PROGRESS
    assert stages.standing(session, people.place.inspection).n_conflicts > 0


@ONLY_SQLITE
def test_a_case_handed_back_is_kept_as_a_conflict(session: Session, people: Cast, opened: Opened) -> None:
    readings.hand_back(session, opened=opened, reason="I taught the child.", by=people.reviewer, at=STARTED)

    (found,) = conflicts.of_inspection(session, inspection=people.place.inspection)
    assert (found.account.id, found.case_ref) == (people.reviewer.id, opened.case_ref)
    assert found.conflict.reason == "I taught the child."


@ONLY_SQLITE
def test_the_rule_gives_nobody_what_they_must_not_read_nor_their_local_reviewer(
    session: Session, people: Cast, instrument: Instrument
) -> None:
    record = sampled.draw(session, people, instrument)
    refs = [
        case.case_ref for drawn, case in draws.sampled(session, draw_record=record) if drawn.role is SampleRole.MAIN
    ]
    declare(session, people, people.reviewer, refs[0])
    proposal = assignments.propose(
        session,
        inspection=people.place.inspection,
        at=sampled.AT,
        chosen=[people.reviewer, people.second_reviewer, people.local_reviewer],
    )

    assert proposal.dealt.first[refs[0]] == people.second_reviewer.email
    declare(session, people, people.second_reviewer, refs[0])
    again = assignments.propose(
        session,
        inspection=people.place.inspection,
        at=sampled.AT,
        chosen=[people.reviewer, people.second_reviewer, people.local_reviewer],
    )
    assert any(refs[0] in reason and "leave nobody" in reason for reason in again.reasons)


@ONLY_SQLITE
def test_whoever_has_one_with_the_partnership_takes_part_in_nothing(
    session: Session, people: Cast, instrument: Instrument
) -> None:
    sampled.draw(session, people, instrument)
    declare(session, people, people.second_reviewer)

    with pytest.raises(RefusedError, match="reads nothing of it"):
        assignments.assign(
            session,
            inspection=people.place.inspection,
            instrument=(instrument.id, instrument.version),
            chosen=[people.reviewer, people.second_reviewer],
            by=people.coordinator,
            at=sampled.AT,
        )


@ONLY_SQLITE
def test_a_reserve_goes_past_whoever_must_not_read_it(session: Session, people: Cast, record: DrawRecord) -> None:
    rows = [(drawn, case) for drawn, case in draws.sampled(session, draw_record=record) if drawn.stratum == "a"]
    first = next(drawn for drawn, _ in rows)
    reserve, case = next((drawn, case) for drawn, case in rows if drawn.role is SampleRole.RESERVE)
    reader = assignments.first_reader(session, sample_case=first)
    assert reader is not None
    declare(session, people, reader, case.case_ref)
    proposal = Replacement(
        sample_case_id=first.id or 0, reason="Moved", proposed_at=STARTED, proposed_by_id=people.coordinator.id or 0
    )
    session.add(proposal)
    session.flush()

    called = replacements.confirm(
        session, inspection=people.place.inspection, replacement=proposal, by=people.lead, at=STARTED
    )

    assert called is reserve
    now_with = assignments.first_reader(session, sample_case=reserve)
    assert now_with is not None and now_with.id != reader.id


@ONLY_SQLITE
def test_all_that_is_wrong_with_a_declaration_is_said_at_once(
    session: Session, people: Cast, record: DrawRecord
) -> None:
    assert record.id
    declare(session, people, people.reviewer)
    with pytest.raises(RefusedError) as refused:
        conflicts.declare(
            session,
            inspection=people.place.inspection,
            account=people.reviewer,
            case_ref="NEVER-1",
            with_all=False,
            reason=" ",
            by=people.coordinator,
            at=STARTED,
        )

    assert len(refused.value.reasons) == 3


@ONLY_SQLITE
def test_a_conflict_that_is_ended_bars_nobody_and_nobody_ends_their_own(
    session: Session, people: Cast, opened: Opened
) -> None:
    inspection = people.place.inspection
    kept = declare(session, people, people.reviewer)
    with pytest.raises(RefusedError, match="your own"):
        conflicts.end(session, inspection=inspection, public_id=kept.public_id, by=people.reviewer, at=STARTED)

    conflicts.end(session, inspection=inspection, public_id=kept.public_id, by=people.coordinator, at=STARTED)

    assert conflicts.of_inspection(session, inspection=inspection) == []
    opened.reading.handed_back_at = None
    session.flush()
    assert readings.find(session, public_id=opened.reading.public_id, account=people.reviewer)


@pytest.mark.parametrize("wrong", [{"partnership_id": None}, {"reason": ""}])
def test_the_database_holds_that_a_conflict_is_with_something_and_has_a_reason(
    session: Session, people: Cast, wrong: dict[str, object]
) -> None:
    row = {
        "account_id": people.reviewer.id,
        "partnership_id": people.place.partnership.id,
        "reason": "Kin.",
        "declared_at": STARTED,
        "declared_by_id": people.coordinator.id,
    }
    session.add(ConflictOfInterest(**{**row, **wrong}))

    with pytest.raises(IntegrityError):
        session.flush()


@ONLY_SQLITE
def test_a_second_reading_goes_to_no_inspector_with_a_conflict_nor_of_the_first_reader_s_pair(
    session: Session, people: Cast, record: DrawRecord
) -> None:
    assert record.id
    third = people.outsider
    inspections.give_role(
        session,
        inspection=people.place.inspection,
        account=third,
        role=Role.REVIEWER,
        by=people.coordinator,
        at=STARTED,
    )
    second = session.exec(select(Reading).where(Reading.kind == ReadingKind.SECOND)).first()
    assert second is not None
    may = {"inspection": people.place.inspection, "reading": second}
    assert third in assignments.may_take(session, **may)

    _, ref = assignments.find(session, inspection=people.place.inspection, public_id=second.public_id)
    declare(session, people, third, ref)

    assert third not in assignments.may_take(session, **may)


def held(session: Session, people: Cast, account: Account) -> dict[str, conflicts.Held]:
    """What the conflicts of the account reach, by reference."""
    found = conflicts.still_holds(session, inspection_ids=[people.place.inspection.id or 0])
    return {one.case_ref: one for one in found if one.account.id == account.id}


@pytest.mark.parametrize("declared_first", [True, False])
@ONLY_SQLITE
def test_a_reading_whose_inspector_has_a_conflict_is_named_and_countersigned_by_another_inspector(
    session: Session, people: Cast, instrument: Instrument, record: DrawRecord, declared_first: bool
) -> None:
    assert record.id
    inspection = people.place.inspection
    opened = given_to(session, people.local_reviewer)[0]
    if declared_first:
        declare(session, people, people.reviewer, opened.case_ref)
        assert held(session, people, people.reviewer)[opened.case_ref].is_of_pair
    complete(session, opened, instrument, by=people.local_reviewer)
    if not declared_first:
        declare(session, people, people.reviewer, opened.case_ref)

    assert readings.to_countersign(session, account=people.reviewer) == []
    found = held(session, people, people.reviewer)[opened.case_ref]
    assert (found.reader.id, found.is_of_pair, found.stands_still) == (people.local_reviewer.id, True, True)
    assert stages.standing(session, inspection).n_conflicts == 1

    (entry,) = inspections.members(session, inspection=inspection, account=people.local_reviewer)
    inspections.take_role(session, inspection=inspection, entry=entry, by=people.coordinator, at=STARTED)
    inspections.give_role(
        session,
        inspection=inspection,
        account=people.local_reviewer,
        role=Role.LOCAL_REVIEWER,
        paired_with=people.second_reviewer,
        by=people.coordinator,
        at=STARTED,
    )

    assert held(session, people, people.reviewer) == {}
    assert stages.standing(session, inspection).n_conflicts == 0
    for second in given_to(session, people.second_reviewer, kind=ReadingKind.SECOND):
        complete(session, second, instrument, by=people.second_reviewer)  # until then its twin is kept from them
    (waits,) = readings.to_countersign(session, account=people.second_reviewer)
    assert waits.case_ref == opened.case_ref
    readings.countersign(session, public_id=opened.reading.public_id, by=people.second_reviewer, at=STARTED)
    assert opened.reading in readings.counting(session, inspection.id or 0)


@ONLY_SQLITE
def test_a_reading_submitted_before_its_reader_declared_is_for_the_moderator_to_weigh(
    session: Session, people: Cast, instrument: Instrument, opened: Opened
) -> None:
    complete(session, opened, instrument, by=people.reviewer)
    declare(session, people, people.reviewer, opened.case_ref)
    place, name = people.place, opened.reading.public_id

    found = held(session, people, people.reviewer)[opened.case_ref]
    assert (found.is_of_pair, found.stands_still) == (False, False)
    assert stages.standing(session, place.inspection).n_conflicts == 0, "the coordinator can do nothing about it"
    assert moderation.find(session, place=place, public_id=name, account=people.moderator).is_in_conflict

    moderation.sign_off(session, place=place, public_id=name, by=people.moderator, at=STARTED)

    assert held(session, people, people.reviewer) == {}


@ONLY_SQLITE
def test_t09_a_moderator_moderates_nothing_that_a_conflict_of_theirs_covers(
    session: Session, people: Cast, instrument: Instrument, opened: Opened
) -> None:
    complete(session, opened, instrument, by=people.reviewer)
    place, name = people.place, opened.reading.public_id
    declare(session, people, people.moderator, opened.case_ref)

    assert moderation.submitted(session, place=place, instrument=instrument, account=people.moderator) == []
    with pytest.raises(AbsentError):
        moderation.find(session, place=place, public_id=name, account=people.moderator)
    with pytest.raises(AbsentError):
        moderation.sign_off(session, place=place, public_id=name, by=people.moderator, at=STARTED)
    assert moderation.find(session, place=place, public_id=name, account=people.lead)
