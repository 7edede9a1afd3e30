"""Replacing ineligible cases: proposed with a listed reason, confirmed by another, by the next reserve and no other."""

import json
from collections.abc import Callable

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from casereader import assignments, readings
from casereader.after_the_draw import extending, replacements, reserves
from casereader.after_the_draw.reserves import Line
from casereader.db import snapshot, transaction
from casereader.errors import AbsentError, ConflictError, RefusedError
from casereader.instrument import Instrument
from casereader.models import Account, AuditEvent, DrawRecord, Reading, Replacement, SampleCase
from casereader.readings import Change
from casereader.vocabulary import INELIGIBLE_REASONS, CaseStatus, ReadingKind, ReadingState, SampleRole
from tests import sampled
from tests.at_once import at_once
from tests.cast import Cast, gather
from tests.reading import STARTED, again, complete, given_to, save

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
WHY = INELIGIBLE_REASONS[0]


def propose(session: Session, people: Cast, case: SampleCase, *, by: Account | None = None) -> Replacement:
    return replacements.propose(
        session,
        inspection=people.place.inspection,
        public_id=case.public_id,
        reason=WHY,
        by=by or people.coordinator,
        at=STARTED,
    )


def confirm(
    session: Session, people: Cast, proposed: Replacement, *, reserve_id: str | None = None
) -> SampleCase | None:
    return replacements.confirm(
        session,
        inspection=people.place.inspection,
        replacement=proposed,
        by=people.moderator,
        at=STARTED,
        reserve_id=reserve_id,
    )


def drawn(session: Session, stratum: str, role: SampleRole = SampleRole.MAIN) -> list[SampleCase]:
    query = select(SampleCase).where(SampleCase.stratum == stratum, SampleCase.role == role)
    return list(session.exec(query.order_by(col(SampleCase.order))))


def line(session: Session, people: Cast, stratum: str) -> Line:
    key = people.place.inspection.id or 0
    return reserves.lines(session, [key])[key, stratum]


@ON_SQLITE
def test_a_coordinator_proposes_a_case_that_is_begun_and_its_reading_is_held_until_a_second_person_confirms(
    session: Session, people: Cast, instrument: Instrument, record: DrawRecord
) -> None:
    opened = given_to(session, people.reviewer)[0]
    readings.begin(session, opened=opened, instrument=instrument, by=people.reviewer, at=STARTED)
    case = opened.sample_case
    first, *_ = drawn(session, case.stratum, SampleRole.RESERVE)

    proposed = propose(session, people, case)
    held = again(session, opened, people.reviewer)
    with pytest.raises(ConflictError, match="not read"):
        save(session, held, instrument, {"C1": Change(value="yes")}, by=people.reviewer)
    reserve = confirm(session, people, proposed, reserve_id=first.public_id)

    assert reserve is not None and reserve.id == first.id and reserve.called_on
    assert (case.status, case.reason) == (CaseStatus.INELIGIBLE, WHY)
    (taken,) = session.exec(select(Reading).where(Reading.sample_case_id == first.id)).all()
    assert (taken.reviewer_id, taken.kind) == (people.reviewer.id, ReadingKind.FIRST)
    (told,) = reserves.replaced(session, draw_record=record)
    assert (told.case_ref, told.reason) == (opened.case_ref, WHY)
    assert (told.proposed_by, told.confirmed_by) == (people.coordinator.name, people.moderator.name)
    trail = session.exec(select(AuditEvent.action).order_by(col(AuditEvent.n))).all()
    assert [one for one in trail if one.startswith("replacement")] == ["replacement proposed", "replacement confirmed"]


@ON_SQLITE
def test_b32_a_reserve_asked_for_without_a_listed_reason_or_out_of_order_is_refused(
    session: Session, people: Cast, record: DrawRecord
) -> None:
    assert record.id
    case, *_ = drawn(session, "b")
    _, second, *_ = drawn(session, "b", SampleRole.RESERVE)
    for reason in ("", "The child is known to us", WHY.lower()):
        with pytest.raises(RefusedError, match="listed reasons"):
            replacements.propose(
                session,
                inspection=people.place.inspection,
                public_id=case.public_id,
                reason=reason,
                by=people.coordinator,
                at=STARTED,
            )
    proposed = propose(session, people, case)
    for wrong in (second.public_id, "", "A" * 22):
        with pytest.raises(ConflictError, match="not the next in ticket order"):
            confirm(session, people, proposed, reserve_id=wrong)
    assert case.status is CaseStatus.WAITING and not any(
        one.called_on for one in drawn(session, "b", SampleRole.RESERVE)
    )


@ON_SQLITE
def test_what_cannot_be_replaced_is_refused_with_what_to_do(
    session: Session, people: Cast, instrument: Instrument
) -> None:
    sampled.draw(session, people, instrument)
    case, *_ = drawn(session, "b")
    with pytest.raises(ConflictError, match="Assign them first"):
        propose(session, people, case)


@ON_SQLITE
def test_a_case_handed_in_said_before_or_not_called_on_is_not_proposed(
    session: Session, people: Cast, instrument: Instrument, record: DrawRecord
) -> None:
    assert record.id
    mine = given_to(session, people.second_reviewer)
    alone = next(
        one
        for one in mine
        if len(session.exec(select(Reading).where(Reading.sample_case_id == one.sample_case.id)).all()) == 1
    )
    complete(session, alone, instrument, by=people.second_reviewer)
    with pytest.raises(ConflictError, match="reopens the reading first"):
        propose(session, people, alone.sample_case)
    other = next(one.sample_case for one in mine if one.reading.id != alone.reading.id)
    proposed = propose(session, people, other)
    with pytest.raises(ConflictError, match="waits to be confirmed"):
        propose(session, people, other)
    with pytest.raises(RefusedError, match="somebody else"):
        replacements.confirm(
            session,
            inspection=people.place.inspection,
            replacement=proposed,
            by=people.coordinator,
            at=STARTED,
        )
    confirm(session, people, proposed)
    with pytest.raises(ConflictError, match="ineligible already"):
        propose(session, people, other)
    for absent in (drawn(session, "b", SampleRole.RESERVE)[-1].public_id, "A" * 22):
        with pytest.raises(AbsentError):
            replacements.find_case(session, inspection=people.place.inspection, public_id=absent)


@ON_SQLITE
def test_it_is_said_before_the_reserves_of_a_stratum_run_out(
    session: Session, people: Cast, record: DrawRecord
) -> None:
    key = people.place.inspection.id or 0
    cases, left = drawn(session, "b"), drawn(session, "b", SampleRole.RESERVE)
    assert len(cases) > len(left) > 1
    waiting = []
    for n, case in enumerate(cases[: len(left) + 1], start=1):
        assert line(session, people, "b").is_out == (n > len(left))
        waiting.append(propose(session, people, case))
    assert line(session, people, "b").says("b: On the register") == (
        f"Stratum b: On the register. {len(waiting)} cases said to be ineligible wait to be confirmed, "
        f"and {len(left)} reserves are left: 1 would not be replaced."
    )
    assert [
        one.stratum for one in reserves.running_out(reserves.lines(session, [key]), inspection=people.place.inspection)
    ] == ["b"]

    called = [confirm(session, people, one) for one in waiting]

    assert [one.id if one else None for one in called] == [*(one.id for one in left), None]
    assert "No reserve is left: a further" in line(session, people, "b").says("b")
    assert [one.reserve for one in reserves.replaced(session, draw_record=record)][-1] == ""


def _proposed(engine: Engine, instrument: Instrument, *, cases: int) -> tuple[Cast, list[str]]:
    with transaction(engine) as session:
        people = gather(session, instrument=instrument)
        sampled.assign(session, people, instrument)
        return people, [propose(session, people, case).public_id for case in drawn(session, "b")[:cases]]


def _confirming(people: Cast, public_id: str, by: Account) -> Callable[[Session], object]:
    def deed(session: Session) -> None:
        inspection = people.place.inspection
        found = replacements.find(session, inspection=inspection, public_id=public_id, to_change=True)
        replacements.confirm(session, inspection=inspection, replacement=found, by=by, at=STARTED)

    return deed


def test_two_confirmations_of_one_case_at_once_make_one_replacement(engine: Engine, instrument: Instrument) -> None:
    people, (one,) = _proposed(engine, instrument, cases=1)

    refused = at_once(engine, _confirming(people, one, people.moderator), _confirming(people, one, people.lead))

    assert "confirmed already" in str(refused)
    with snapshot(engine) as session:
        called = [case for case in drawn(session, "b", SampleRole.RESERVE) if case.called_on]
        assert [case.order for case in called] == [drawn(session, "b")[-1].order + 1]
        (kept,) = session.exec(select(Replacement)).all()
        assert (kept.reserve_id, kept.confirmed_by_id) == (called[0].id, people.moderator.id)


def test_two_cases_of_a_stratum_confirmed_at_once_get_two_reserves_in_their_order(
    engine: Engine, instrument: Instrument
) -> None:
    people, (one, other) = _proposed(engine, instrument, cases=2)

    assert at_once(engine, _confirming(people, one, people.moderator), _confirming(people, other, people.lead)) is None

    with snapshot(engine) as session:
        line_of_b = drawn(session, "b", SampleRole.RESERVE)
        kept = {row.public_id: row.reserve_id for row in session.exec(select(Replacement))}
        assert [kept[one], kept[other]] == [line_of_b[0].id, line_of_b[1].id]
        assert sum(row.state is ReadingState.ASSIGNED for row in _of(session, line_of_b)) == 2


def test_a_sample_extended_while_a_replacement_is_confirmed_keeps_nobody_waiting_for_ever(
    engine: Engine, instrument: Instrument
) -> None:
    people, (one,) = _proposed(engine, instrument, cases=1)
    of = {"inspection": people.place.inspection, "at": STARTED}
    with transaction(engine) as session:
        n = len(drawn(session, "b"))
        extending.ask(session, sizes={"b": n + 2}, reason="Time for more", by=people.coordinator, **of)

    def extend(session: Session) -> None:
        extending.agree(session, by=people.lead, **of)

    def assign(session: Session) -> None:
        assignments.assign_added(
            session, instrument=(instrument.id, instrument.version), reason="Extended", by=people.lead, **of
        )

    assert at_once(engine, extend, _confirming(people, one, people.moderator), then=assign) is None
    with snapshot(engine) as session:
        (called,) = [case for case in drawn(session, "b", SampleRole.RESERVE) if case.called_on]
        assert called.order == n + 3, "the first reserve of the longer sample"
        record = session.exec(select(DrawRecord)).one()
        sealed = json.loads(record.addendum or "")
        assert sealed["replacements"][0]["before"] != sealed["added"][0]["before"]


def _of(session: Session, cases: list[SampleCase]) -> list[Reading]:
    query = select(Reading).where(col(Reading.sample_case_id).in_([case.id for case in cases]))
    return list(session.exec(query))
