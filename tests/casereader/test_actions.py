"""Actions: recorded once, given with a date, followed to closure; who sees which, and what the partnership gets."""

import io
from datetime import date, timedelta
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from casereader import actions, readings
from casereader.actions import Step
from casereader.errors import AbsentError, ConflictError, FormError
from casereader.exports.actions import ActionRow, write_csv, write_workbook
from casereader.instrument import Instrument
from casereader.models import Account, Action, AuditEvent, DrawRecord
from casereader.programmes import inspections
from casereader.readings import Opened
from casereader.vocabulary import ActionState, Role
from tests.cast import EVERYBODY, Cast
from tests.reading import STARTED, complete, pair_of
from tests.trail import said

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
WHAT = "The plan has no contingency: add one."
DUE = date(2026, 9, 30)
LATER = STARTED + timedelta(days=200)


def note(session: Session, instrument: Instrument, opened: Opened, by: Account, **given: Any) -> Action:
    given = {"what": WHAT, "question": "", "at": STARTED} | given
    return actions.record(session, opened=opened, instrument=instrument, by=by, **given)


def step(session: Session, action: Action, to: ActionState, by: Account, **given: Any) -> actions.Followed:
    at = given.pop("at", STARTED)
    needed = {"given_to": "Team manager", "due_on": DUE} if to is ActionState.GIVEN else {"said": "Seen in the record."}
    return actions.follow(session, public_id=action.public_id, step=Step(to, **needed | given), by=by, at=at)


def sees(session: Session, people: Cast, action: Action) -> set[str]:
    """Who of the cast may see the action, the list and the single one alike."""
    found = set()
    for who in EVERYBODY:
        account = getattr(people, who)
        listed = actions.of_inspection(session, place=people.place, account=account, today=DUE)
        is_listed = action.id in {one.action.id for one in listed}
        try:
            actions.find(session, public_id=action.public_id, account=account)
        except AbsentError:
            assert not is_listed
        else:
            assert is_listed
            found.add(who)
    return found


def test_an_action_is_given_done_and_closed_and_every_step_is_kept(
    session: Session, people: Cast, instrument: Instrument, opened: Opened
) -> None:
    action = note(session, instrument, opened, people.reviewer, question="D4")
    step(session, action, ActionState.GIVEN, people.coordinator)
    step(session, action, ActionState.DONE, people.coordinator)
    step(session, action, ActionState.GIVEN, people.lead, given_to="Head of service", said="It was not done.")
    step(session, action, ActionState.CLOSED, people.lead)

    found = actions.find(session, public_id=action.public_id, account=people.lead)
    assert [one.row.state for one in found.steps] == ["given", "done", "given", "closed"]
    assert [one.who for one in found.steps] == [people.coordinator.name] * 2 + [people.lead.name] * 2
    assert (found.action.given_to, found.action.due_on, found.action.key) == ("Head of service", DUE, "D4")
    trail = select(AuditEvent).where(AuditEvent.object_kind == "action").order_by(col(AuditEvent.n))
    events = session.exec(trail).all()
    assert [one.action for one in events] == [
        "action recorded",
        *("action given", "action done", "action given", "action closed"),
    ]
    assert WHAT not in str([one.body for one in events]) and "Head" not in str([one.body for one in events])


def test_the_same_form_and_the_same_step_sent_twice_are_one(
    session: Session, people: Cast, instrument: Instrument, opened: Opened
) -> None:
    first, second = (note(session, instrument, opened, people.reviewer) for _ in range(2))
    assert first is second
    assert note(session, instrument, opened, people.reviewer, question="C1") is not first

    for to in (ActionState.GIVEN, ActionState.DONE, ActionState.CLOSED):
        for _ in range(2):
            step(session, first, to, people.lead)

    found = actions.find(session, public_id=first.public_id, account=people.lead)
    assert [one.row.state for one in found.steps] == ["given", "done", "closed"]


def test_an_action_that_need_not_be_done_is_closed_without_being_given_and_can_be_given_after_all(
    session: Session, people: Cast, instrument: Instrument, opened: Opened
) -> None:
    action = note(session, instrument, opened, people.reviewer)
    step(session, action, ActionState.CLOSED, people.lead, said="The order has ended.")
    with pytest.raises(ConflictError, match="closed by now"):
        step(session, action, ActionState.DONE, people.lead)

    step(session, action, ActionState.GIVEN, people.coordinator)

    assert action.state is ActionState.GIVEN


@ON_SQLITE
def test_every_gap_of_a_step_is_told_at_once(
    session: Session, people: Cast, instrument: Instrument, opened: Opened
) -> None:
    with pytest.raises(FormError) as refused:
        note(session, instrument, opened, people.reviewer, what=" ", question="Z9")
    assert set(refused.value.faults) == {"what", "question"}
    action = note(session, instrument, opened, people.reviewer)

    for due, says in ((None, "Enter the day"), (date(2026, 6, 7), "is past"), (date(3026, 1, 1), "year")):
        with pytest.raises(FormError) as refused:
            step(session, action, ActionState.GIVEN, people.lead, given_to=" ", due_on=due)
        assert set(refused.value.faults) == {"given_to", "due_on"} and says in refused.value.faults["due_on"]
    with pytest.raises(FormError, match="why it need not be done"):
        step(session, action, ActionState.CLOSED, people.lead, said=" ")
    assert action.state is ActionState.RECORDED


@ON_SQLITE
def test_a_text_that_looks_as_if_it_named_somebody_is_taken_only_after_a_look(
    session: Session, people: Cast, instrument: Instrument, opened: Opened
) -> None:
    named = "Ring Mrs Donaldson about the plan."
    with pytest.raises(FormError, match="This looks like"):
        note(session, instrument, opened, people.reviewer, what=named)
    action = note(session, instrument, opened, people.reviewer, what=named, looked=True)

    with pytest.raises(FormError) as refused:
        step(session, action, ActionState.GIVEN, people.lead, given_to="Mrs Donaldson", said=named)
    assert set(refused.value.faults) == {"given_to", "said"}


def test_only_coordinator_and_lead_take_a_step_or_the_export(
    session: Session, people: Cast, instrument: Instrument, opened: Opened
) -> None:
    action = note(session, instrument, opened, people.reviewer)

    for who in set(EVERYBODY) - {"coordinator", "lead"}:
        with pytest.raises(AbsentError):
            step(session, action, ActionState.GIVEN, getattr(people, who))
        with pytest.raises(AbsentError):
            actions.export(session, place=people.place, by=getattr(people, who), at=STARTED)
    assert action.state is ActionState.RECORDED


def test_an_action_of_an_open_reading_is_for_its_reader_and_for_those_who_run_the_inspection(
    session: Session, people: Cast, instrument: Instrument, opened: Opened
) -> None:
    action = note(session, instrument, opened, people.reviewer)
    assert sees(session, people, action) == {"coordinator", "lead", "reviewer"}

    complete(session, opened, instrument, by=people.reviewer)

    assert sees(session, people, action) == {"coordinator", "lead", "reviewer", "moderator"}


def test_nobody_with_a_reading_still_to_submit_sees_what_comes_from_the_other_one(
    session: Session, people: Cast, instrument: Instrument, record: DrawRecord
) -> None:
    """Not even who runs the inspection or looks readings over, where they read as well."""
    first, second = pair_of(session, record=record)
    reader, other = session.get_one(Account, first.reviewer_id), session.get_one(Account, second.reviewer_id)
    opened = readings.find(session, public_id=first.public_id, account=reader)
    complete(session, opened, instrument, by=reader)
    action = note(session, instrument, opened, reader)
    for role in (Role.MODERATOR, Role.LEAD):
        inspections.give_role(
            session,
            inspection=people.place.inspection,
            account=other,
            role=role,
            by=people.lead,
            at=STARTED,
        )

    with pytest.raises(AbsentError):
        actions.find(session, public_id=action.public_id, account=other)
    step(session, action, ActionState.GIVEN, people.coordinator)
    assert actions.late(session, account=other, today=LATER.date()) == []
    assert actions.export(session, place=people.place, by=other, at=LATER) == []
    own = readings.find(session, public_id=second.public_id, account=other)
    complete(session, own, instrument, by=other)

    assert actions.find(session, public_id=action.public_id, account=other).action.id == action.id
    assert actions.of_reading(session, reading_id=own.key, account=other) == []


@ON_SQLITE
def test_an_action_stays_when_its_reading_goes_to_somebody_else_who_starts_anew_without_it(
    session: Session, people: Cast, instrument: Instrument, opened: Opened
) -> None:
    action = note(session, instrument, opened, people.reviewer)
    reading = opened.reading
    reading.reviewer_id, reading.assigned_at = people.second_reviewer.id or 0, STARTED + timedelta(hours=1)
    session.add(reading)
    session.flush()

    assert sees(session, people, action) == {"coordinator", "lead"}

    reading.begun_by_id = people.reviewer.id
    session.add(reading)
    session.flush()
    assert sees(session, people, action) == {"coordinator", "lead", "second_reviewer"}, "it goes on with the answers"


@ON_SQLITE
def test_late_ones_are_counted_from_the_day_after_their_date_and_come_first(
    session: Session, people: Cast, instrument: Instrument, opened: Opened
) -> None:
    recorded = note(session, instrument, opened, people.reviewer)
    given = note(session, instrument, opened, people.reviewer, what="Bring the chronology up to date.")
    step(session, given, ActionState.GIVEN, people.lead)
    assert actions.late(session, account=people.lead, today=DUE) == []

    (here,) = actions.late(session, account=people.coordinator, today=DUE + timedelta(days=1))

    assert (here.n, here.since, here.place.name) == (1, DUE, people.place.name)
    for account in (people.reviewer, people.moderator):
        assert actions.late(session, account=account, today=LATER.date()) == []
    listed = [
        [one.action.id for one in actions.of_inspection(session, place=people.place, account=people.lead, today=day)]
        for day in (DUE, DUE + timedelta(days=1))
    ]
    assert listed == [[recorded.id, given.id], [given.id, recorded.id]]


@ON_SQLITE
def test_the_database_refuses_a_given_action_without_a_date(
    session: Session, people: Cast, instrument: Instrument, opened: Opened
) -> None:
    action = note(session, instrument, opened, people.reviewer)
    action.state = ActionState.GIVEN
    session.add(action)
    with pytest.raises(IntegrityError, match="given_with_a_date"):
        session.flush()
    session.rollback()


@ON_SQLITE
def test_the_export_is_told_in_the_trail(
    session: Session, people: Cast, instrument: Instrument, opened: Opened
) -> None:
    note(session, instrument, opened, people.reviewer)

    assert len(actions.export(session, place=people.place, by=people.lead, at=STARTED)) == 1

    event = session.exec(select(AuditEvent).where(AuditEvent.action == "actions exported")).one()
    assert (said(event), event.actor_id) == ({"actions": 1}, people.lead.id)


def test_what_looks_like_a_formula_stays_a_text_in_both_files() -> None:
    row = ActionRow("GT-0001", "=1+1", "@SUM(A1)", "2026-09-30", "Given, late", "-2", "2026-06-08")
    book, text = io.BytesIO(), io.StringIO()

    write_workbook(book, [row], title="Actions", data_time=STARTED, banner="Invented.")
    write_csv(text, [row], banner="Invented.")

    sheet = load_workbook(io.BytesIO(book.getvalue())).active
    assert sheet is not None and sheet["A2"].value == "Invented."
    cells = [cell for cell in sheet[5] if cell.value is not None]
    assert [(cell.value, cell.data_type) for cell in cells][1:3] == [("=1+1", "s"), ("@SUM(A1)", "s")]
    lines = text.getvalue().splitlines()
    assert lines[0] == "case_ref,what,given_to,due,state,last_step,last_step_on,about"
    assert lines[1] == "GT-0001,'=1+1,'@SUM(A1),2026-09-30,\"Given, late\",'-2,2026-06-08,Invented."
