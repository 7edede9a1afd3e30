"""Matters of concern: whole or refused, for lead and deputy, followed to closure; who may know what of them."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, col, select

from casereader import assignments, concerns, readings
from casereader.concerns import Told
from casereader.errors import AbsentError, ConflictError, FormError, RefusedError
from casereader.instrument import Instrument
from casereader.models import Account, AuditEvent, Concern
from casereader.people import sessions
from casereader.programmes import contacts, inspections
from casereader.readings import Opened
from casereader.vocabulary import ConcernKind, ConcernState, Role, ToldHow
from tests import sampled
from tests.cast import EVERYBODY, Cast
from tests.published import another, readings_of
from tests.reading import STARTED, given_to

SEEN = "Bruises in three entries."


def raise_one(
    session: Session,
    people: Cast,
    instrument: Instrument,
    opened: Opened,
    *,
    told: Told | None = None,
    kind: ConcernKind | None = ConcernKind.PROLONGED,
    seen: str = SEEN,
    needed: str = "A check.",
    by: Account | None = None,
    at: datetime = STARTED,
) -> Concern:
    return concerns.raise_concern(
        session,
        opened=opened,
        instrument=instrument,
        told=told or Told(people.lead.name, ToldHow.IN_PERSON, "at once"),
        kind=kind,
        seen=seen,
        needed=needed,
        by=by or people.reviewer,
        at=at,
    )


def step(
    session: Session, raised: Concern, to: ConcernState, *, by: Account, done: str = "Done.", ref: str = "SW-77"
) -> None:
    concerns.follow(session, public_id=raised.public_id, to=to, done=done, partnership_ref=ref, by=by, at=STARTED)


def test_every_gap_of_the_form_is_told_at_once(
    session: Session, people: Cast, instrument: Instrument, opened: Opened
) -> None:
    with pytest.raises(FormError) as refused:
        raise_one(session, people, instrument, opened, told=Told(" ", None, ""), kind=None, seen="", needed="x" * 2001)

    assert set(refused.value.faults) == {"told_whom", "told_how", "told_when", "kind", "seen", "needed"}
    assert concerns.of_inspection(session, place=people.place, account=people.lead) == []


def test_the_same_form_and_the_same_step_sent_twice_are_one(
    session: Session, people: Cast, instrument: Instrument, opened: Opened
) -> None:
    first, second = (raise_one(session, people, instrument, opened) for _ in range(2))
    assert first is second
    assert raise_one(session, people, instrument, opened, seen="Something else.") is not first
    concerns.receive(session, public_id=first.public_id, by=people.lead, at=STARTED)

    for state in (ConcernState.PASSED_ON, ConcernState.CLOSED):
        for _ in range(2):
            step(session, first, state, by=people.lead)

    found = concerns.find(session, public_id=first.public_id, account=people.lead)
    assert [one.state for one in found.steps] == [
        ConcernState.RECEIVED,
        ConcernState.PASSED_ON,
        ConcernState.CLOSED,
    ]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_whom_how_and_when_they_told_after_all_is_recorded_beside_what_they_wrote_first(
    session: Session, people: Cast, instrument: Instrument, opened: Opened
) -> None:
    lead = people.lead.name
    every = (
        Told(people.lead.name, ToldHow.NOBODY, "tried at 10.40"),
        Told(lead, ToldHow.IN_PERSON, "tried at 10.40"),
        Told(lead, ToldHow.TELEPHONE, "tried at 10.40"),
        Told(lead, ToldHow.IN_PERSON, "at 11.00"),
        Told(people.deputy.name, ToldHow.IN_PERSON, "at 11.00"),
    )

    raised = [raise_one(session, people, instrument, opened, told=told) for told in every for _ in range(2)]

    assert len({one.public_id for one in raised}) == len(every)
    assert [(one.told_whom, one.told_how, one.told_when) for one in raised[::2]] == [
        (told.whom, told.how, told.when) for told in every
    ]
    first, second = raised[0], raised[2]
    concerns.receive(session, public_id=first.public_id, by=people.lead, at=STARTED)
    assert concerns.overdue(session, account=people.lead, at=STARTED) == [], "the others have told somebody"
    assert second.state is ConcernState.RAISED


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_same_step_with_the_partnership_s_reference_added_keeps_the_reference(
    session: Session, people: Cast, instrument: Instrument, opened: Opened
) -> None:
    raised = raise_one(session, people, instrument, opened)
    concerns.receive(session, public_id=raised.public_id, by=people.lead, at=STARTED)
    done = "Rang their lead.\r\nThey look into it."

    for ref in ("", "", " SW-77 ", "SW-77", "", "SW-78"):
        step(session, raised, ConcernState.PASSED_ON, by=people.lead, done=done, ref=ref)

    found = concerns.find(session, public_id=raised.public_id, account=people.lead)
    assert found.concern.partnership_ref == "SW-78"
    assert [one.state for one in found.steps] == [ConcernState.RECEIVED, *[ConcernState.PASSED_ON] * 3]
    step(session, raised, ConcernState.CLOSED, by=people.lead, done="Over.", ref="SW-78")
    with pytest.raises(ConflictError, match="closed by now"):
        step(session, raised, ConcernState.CLOSED, by=people.lead, done="Over.", ref="SW-79")


def test_one_of_which_nobody_could_be_told_is_recorded_all_the_same_and_shown_at_once(
    session: Session, people: Cast, instrument: Instrument, opened: Opened
) -> None:
    raise_one(session, people, instrument, opened, told=Told(people.lead.name, ToldHow.NOBODY, "tried at 10.40"))

    (late,) = concerns.overdue(session, account=people.coordinator, at=STARTED)
    assert (late.n, late.minutes, late.n_unanswered) == (1, 0, 1)


def test_a_reading_under_way_says_that_one_was_raised_without_a_new_version(
    session: Session, people: Cast, instrument: Instrument, opened: Opened
) -> None:
    readings.begin(session, opened=opened, instrument=instrument, by=people.reviewer, at=STARTED)
    version = opened.reading.version

    raise_one(session, people, instrument, opened)

    assert readings.answers_of(session, opened.key)["J7"].value == "yes"
    assert opened.reading.version == version
    assert len(readings.history(session, reading_id=opened.key, question_keys=["J7"])) == 1
    assert concerns.raised_on(session, reading_id=opened.key) == 1


@pytest.mark.parametrize("who", ["lead", "deputy"])
def test_it_is_received_taken_to_the_partnership_and_closed_with_their_reference(
    session: Session, people: Cast, instrument: Instrument, opened: Opened, who: str
) -> None:
    by: Account = getattr(people, who)
    raised = raise_one(session, people, instrument, opened)
    with pytest.raises(ConflictError, match="raised by now"):
        step(session, raised, ConcernState.PASSED_ON, by=by)
    for _ in range(2):
        concerns.receive(session, public_id=raised.public_id, by=by, at=STARTED)
    with pytest.raises(ConflictError):
        step(session, raised, ConcernState.CLOSED, by=by)

    step(session, raised, ConcernState.PASSED_ON, by=by, done="Rang their lead.", ref="")
    step(session, raised, ConcernState.PASSED_ON, by=by, done="They saw the child.", ref="")
    with pytest.raises(FormError) as refused:
        step(session, raised, ConcernState.CLOSED, by=by, done=" ", ref=" ")
    assert set(refused.value.faults) == {"done", "partnership_ref"}
    step(session, raised, ConcernState.CLOSED, by=by, done="Answered in writing.", ref=" SW-77 ")
    step(session, raised, ConcernState.PASSED_ON, by=by, done="It happened again.", ref="SW-77")
    step(session, raised, ConcernState.CLOSED, by=by, done="Over.", ref="SW-77")

    found = concerns.find(session, public_id=raised.public_id, account=by)
    assert [(one.state, one.said, one.who) for one in found.steps] == [
        (ConcernState.RECEIVED, "", by.name),
        (ConcernState.PASSED_ON, "Rang their lead.", by.name),
        (ConcernState.PASSED_ON, "They saw the child.", by.name),
        (ConcernState.CLOSED, "Answered in writing.", by.name),
        (ConcernState.PASSED_ON, "It happened again.", by.name),
        (ConcernState.CLOSED, "Over.", by.name),
    ]
    assert (found.concern.state, found.concern.partnership_ref) == (ConcernState.CLOSED, "SW-77")
    events = session.exec(
        select(AuditEvent).where(AuditEvent.object_id == raised.public_id).order_by(col(AuditEvent.n))
    )
    told = list(events)
    assert [event.action for event in told] == [
        "concern raised",
        "concern received",
        "concern with the partnership",
        "concern with the partnership",
        "concern closed",
        "concern with the partnership",
        "concern closed",
    ]
    assert not any("child" in str(event.body) or "Bruises" in str(event.body) for event in told)


def test_nobody_receives_their_own(session: Session, people: Cast, instrument: Instrument, opened: Opened) -> None:
    inspections.give_role(
        session,
        inspection=people.place.inspection,
        account=people.reviewer,
        role=Role.DEPUTY,
        by=people.coordinator,
        at=STARTED,
    )
    raised = raise_one(session, people, instrument, opened)

    with pytest.raises(RefusedError, match="raised this yourself"):
        concerns.receive(session, public_id=raised.public_id, by=people.reviewer, at=STARTED)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_it_is_whole_for_lead_deputy_and_whoever_raised_it_and_only_the_first_two_follow_it(
    session: Session, people: Cast, instrument: Instrument, opened: Opened
) -> None:
    raised = raise_one(session, people, instrument, opened)

    for name in EVERYBODY:
        account: Account = getattr(people, name)
        if name in ("lead", "deputy", "reviewer"):
            assert concerns.find(session, public_id=raised.public_id, account=account).concern.seen == SEEN
        else:
            with pytest.raises(AbsentError):
                concerns.find(session, public_id=raised.public_id, account=account)
        listed = concerns.of_inspection(session, place=people.place, account=account)
        assert len(listed) == (name in ("lead", "deputy")), name
        if name not in ("lead", "deputy"):
            with pytest.raises(AbsentError):
                concerns.receive(session, public_id=raised.public_id, by=account, at=STARTED)
            with pytest.raises(AbsentError):
                step(session, raised, ConcernState.PASSED_ON, by=account)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_one_not_received_in_time_is_told_to_all_who_run_the_inspection_and_whole_to_two(
    session: Session, people: Cast, instrument: Instrument, opened: Opened
) -> None:
    raised = raise_one(session, people, instrument, opened)
    late = STARTED + timedelta(minutes=30)

    for name in EVERYBODY:
        account: Account = getattr(people, name)
        assert concerns.overdue(session, account=account, at=late - timedelta(seconds=1)) == []
        found = concerns.overdue(session, account=account, at=late)
        assert len(found) == (name in ("lead", "deputy", "moderator", "coordinator")), name
        for one in found:
            is_whole = name in ("lead", "deputy")
            assert (one.is_whole, one.public_id) == (is_whole, raised.public_id if is_whole else "")
            assert [contact.telephone for contact in one.contacts] == ["01632 960010", "x4512"]
            assert one.minutes == 30

    concerns.receive(session, public_id=raised.public_id, by=people.deputy, at=late)
    for name in EVERYBODY:
        assert concerns.overdue(session, account=getattr(people, name), at=late + timedelta(days=1)) == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_once_one_is_late_those_of_other_inspections_that_still_have_time_are_counted_beside_it(
    session: Session, people: Cast, instrument: Instrument, opened: Opened
) -> None:
    raise_one(session, people, instrument, opened)
    place = another(session, people)
    other = readings_of(session, place)[0]
    reader = session.get_one(Account, other.reviewer_id)
    inspections.give_role(
        session, inspection=place.inspection, account=reader, role=Role.REVIEWER, by=people.coordinator, at=STARTED
    )
    theirs = readings.find(session, public_id=other.public_id, account=reader)
    raise_one(session, people, instrument, theirs, by=reader, at=STARTED + timedelta(minutes=10))

    for minutes, expected in ((29, []), (30, [(1, 1), (1, 0)]), (40, [(1, 1), (1, 1)])):
        found = concerns.overdue(session, account=people.lead, at=STARTED + timedelta(minutes=minutes))
        assert [(one.n, one.n_late) for one in found] == expected


def test_one_raised_while_the_clock_ran_ahead_is_overdue_once_it_is_set_back(
    session: Session, people: Cast, instrument: Instrument, opened: Opened
) -> None:
    raise_one(session, people, instrument, opened, at=STARTED + timedelta(days=365))

    overdue = concerns.overdue(session, account=people.lead, at=STARTED)

    assert [(one.n_late, one.minutes) for one in overdue] == [(1, 0)]


def test_the_time_is_the_programme_s_own(
    session: Session, people: Cast, instrument: Instrument, opened: Opened
) -> None:
    raise_one(session, people, instrument, opened)
    contacts.set_concern_minutes(
        session, programme=people.place.programme, minutes=45, by=people.coordinator, at=STARTED
    )

    for minutes, expected in ((44, 0), (45, 1)):
        at = STARTED + timedelta(minutes=minutes)
        assert len(concerns.overdue(session, account=people.lead, at=at)) == expected
    for wrong in (0, 1441):
        with pytest.raises(RefusedError):
            contacts.set_concern_minutes(
                session, programme=people.place.programme, minutes=wrong, by=people.coordinator, at=STARTED
            )


def test_no_case_is_given_out_before_lead_and_deputy_are_named_with_their_telephones(
    session: Session, people: Cast, instrument: Instrument
) -> None:
    sampled.draw(session, people, instrument)
    place = people.place
    for entry in inspections.members(session, inspection=place.inspection, account=people.deputy):
        session.delete(entry)
    for entry in inspections.members(session, inspection=place.inspection, account=people.lead):
        entry.telephone = ""
    session.flush()

    with pytest.raises(RefusedError) as refused:
        assignments.assign(
            session,
            inspection=place.inspection,
            instrument=(instrument.id, instrument.version),
            chosen=[people.reviewer],
            by=people.coordinator,
            at=STARTED,
        )

    assert list(refused.value.reasons) == contacts.lacking(session, inspection=place.inspection, at=STARTED)
    assert len(refused.value.reasons) == 2
    assert given_to(session, people.reviewer) == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_lead_or_deputy_whose_account_has_stopped_is_told_to_nobody_and_another_is_asked_for(
    session: Session, people: Cast, instrument: Instrument, opened: Opened
) -> None:
    inspection, late = people.place.inspection, STARTED + timedelta(days=1)
    sessions.disable(session, account=people.deputy, by=people.administrator, at=STARTED)
    people.lead.ends_on = STARTED.date()
    raise_one(session, people, instrument, opened)

    def told(at: datetime) -> list[str]:
        return [one.name for one in contacts.contacts(session, inspection=inspection, at=at)]

    assert told(STARTED) == [people.lead.name], "the last day is still a day"
    assert [one.name for one in contacts.stopped(session, inspection=inspection, at=STARTED)] == [people.deputy.name]
    assert [says[:13] for says in contacts.lacking(session, inspection=inspection, at=STARTED)] == ["Name a deputy"]
    assert told(late) == []
    assert len(contacts.lacking(session, inspection=inspection, at=late)) == 2
    (waiting,) = concerns.overdue(session, account=people.moderator, at=late)
    assert waiting.contacts == []


def test_lead_and_deputy_are_two_people_and_neither_goes_without_another(session: Session, people: Cast) -> None:
    inspection = people.place.inspection
    for account, role in ((people.lead, Role.DEPUTY), (people.deputy, Role.LEAD)):
        with pytest.raises(RefusedError, match="stands in"):
            inspections.give_role(
                session, inspection=inspection, account=account, role=role, by=people.coordinator, at=STARTED
            )
        (entry,) = inspections.members(session, inspection=inspection, account=account)
        with pytest.raises(RefusedError, match="keeps a"):
            inspections.take_role(session, inspection=inspection, entry=entry, by=people.coordinator, at=STARTED)


@pytest.mark.parametrize("number", ["0131 496 0100", "+44 (0)131 496 0100", "x4512", "  101  "])
def test_a_telephone_number_is_kept_tidy(number: str) -> None:
    assert contacts.telephone_number(number) == number.strip()


@pytest.mark.parametrize("number", ["", "12", "ring reception", "0" * 31, "０１３１", "01\x00234"])
def test_what_is_no_telephone_number_is_refused(number: str) -> None:
    with pytest.raises(RefusedError):
        contacts.telephone_number(number)


def test_only_lead_and_deputy_have_a_number(session: Session, people: Cast) -> None:
    inspection = people.place.inspection
    at = datetime(2026, 6, 3, 9, 0, tzinfo=UTC)
    with pytest.raises(AbsentError):
        contacts.set_telephone(
            session, inspection=inspection, account=people.moderator, telephone="x1234", by=people.lead, at=at
        )
    with pytest.raises(RefusedError, match="Only a lead or a deputy"):
        contacts.give_role(
            session,
            inspection=inspection,
            account=people.outsider,
            role=Role.REVIEWER,
            telephone="x1234",
            by=people.lead,
            at=at,
        )
    assert inspections.members(session, inspection=inspection, account=people.outsider) == []
