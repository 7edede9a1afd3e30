"""Two people are two: no role given to oneself, no lead made by oneself, and nobody's own account as second person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlmodel import Session

from casereader.after_the_draw import extending, replacements, voiding
from casereader.drawing import draws, plans
from casereader.errors import RefusedError
from casereader.instrument import Instrument
from casereader.models import Account, SampleCase
from casereader.people import accounts
from casereader.programmes import inspections, who_leads
from casereader.vocabulary import INELIGIBLE_REASONS, Role, SampleRole
from tests import sampled
from tests.cast import Cast
from tests.sampled import AT

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def made_by(session: Session, maker: Account, *, name: str = "Slip Somebody") -> Account:
    return accounts.create(session, email=f"{name.split()[0].lower()}@cast.example", name=name, by=maker, at=AT)


def give(session: Session, people: Cast, account: Account, role: Role, *, by: Account) -> None:
    inspections.give_role(session, inspection=people.place.inspection, account=account, role=role, by=by, at=AT)


@pytest.mark.parametrize("role", [Role.LEAD, Role.MODERATOR, Role.REVIEWER])
def test_nobody_gives_a_role_to_themselves(session: Session, people: Cast, role: Role) -> None:
    with pytest.raises(RefusedError, match="to yourself"):
        give(session, people, people.coordinator, role, by=people.coordinator)
    give(session, people, people.coordinator, role, by=people.lead)


@pytest.mark.parametrize("role", [Role.LEAD, Role.DEPUTY])
def test_a_lead_is_named_by_a_lead_or_by_whoever_began_the_programme_but_not_an_account_they_made(
    session: Session, people: Cast, role: Role
) -> None:
    theirs = made_by(session, people.coordinator)
    give(session, people, people.outsider, Role.COORDINATOR, by=people.coordinator)

    with pytest.raises(RefusedError, match="You made the account"):
        give(session, people, theirs, role, by=people.coordinator)
    with pytest.raises(RefusedError, match="whoever began the programme"):
        give(session, people, people.reviewer, role, by=people.outsider)
    for by in (people.coordinator, people.lead):
        with pytest.raises(RefusedError, match="so of a partnership"):
            give(session, people, people.local_reviewer, role, by=by)
    give(session, people, people.reviewer, role, by=people.coordinator)
    give(session, people, theirs, role, by=people.lead)
    leads, others = who_leads.offered(session, by=people.coordinator, at=AT)
    assert people.lead in leads and theirs not in others
    assert not {people.coordinator.id, people.local_reviewer.id} & {one.id for one in [*leads, *others]}


def _fix(session: Session, people: Cast, instrument: Instrument) -> None:
    sampled.fix(session, people, sampled.receive(session, people, instrument))


@pytest.fixture
def second(session: Session, people: Cast) -> Account:
    """A lead and moderator whose account the coordinator made."""
    account = made_by(session, people.coordinator)
    give(session, people, account, Role.LEAD, by=people.lead)
    give(session, people, account, Role.MODERATOR, by=people.lead)
    return account


def test_list_and_plan_are_not_confirmed_by_an_account_that_whoever_fixed_them_made(
    session: Session, people: Cast, instrument: Instrument, second: Account
) -> None:
    _fix(session, people, instrument)
    inspection = people.place.inspection
    plan = plans.current(session, inspection=inspection)
    assert plan is not None

    with pytest.raises(RefusedError, match="do not count as two people"):
        plans.confirm(session, inspection=inspection, by=second, at=AT)
    assert plans.confirmers(session, inspection=inspection, plan=plan) == [people.lead]
    plans.confirm(session, inspection=inspection, by=people.lead, at=AT)


def _extension(session: Session, people: Cast) -> Callable[[Account], object]:
    given = {"inspection": people.place.inspection, "at": AT}
    extending.ask(session, sizes={"a": 6}, reason="Time for more", by=people.coordinator, **given)
    return lambda by: extending.agree(session, by=by, **given)


def _voiding(session: Session, people: Cast) -> Callable[[Account], object]:
    given = {"inspection": people.place.inspection, "at": AT}
    voiding.ask(session, reason="A ward was left out", by=people.coordinator, **given)
    return lambda by: voiding.agree(session, by=by, **given)


def _replacement(session: Session, people: Cast) -> Callable[[Account], object]:
    given = {"inspection": people.place.inspection, "at": AT}
    record = draws.current(session, inspection=people.place.inspection)
    assert record is not None
    cases: list[SampleCase] = [drawn for drawn, _ in draws.sampled(session, draw_record=record)]
    main = next(case for case in cases if case.role is SampleRole.MAIN)
    found = replacements.propose(
        session, public_id=main.public_id, reason=INELIGIBLE_REASONS[0], by=people.coordinator, **given
    )
    return lambda by: replacements.confirm(session, replacement=found, by=by, **given)


@pytest.mark.parametrize("ask", [_extension, _voiding, _replacement])
def test_no_deed_of_two_is_done_by_an_account_that_whoever_asked_made(
    session: Session,
    people: Cast,
    instrument: Instrument,
    second: Account,
    ask: Callable[[Session, Cast], Callable[[Account], object]],
) -> None:
    sampled.assign(session, people, instrument)
    agree = ask(session, people)

    with pytest.raises(RefusedError, match="do not count as two people"):
        agree(second)
    agree(people.lead)


@pytest.mark.parametrize("ask", [_extension, _voiding, _replacement])
def test_nor_by_two_accounts_of_which_one_person_was_handed_the_links(
    session: Session,
    people: Cast,
    instrument: Instrument,
    ask: Callable[[Session, Cast], Callable[[Account], object]],
) -> None:
    """Whoever made both could be both; an administrator, who makes most accounts, holds no role to use them with."""
    pair = [made_by(session, people.outsider, name=name) for name in ("Ann Other", "Bea Other")]
    for account in pair:
        give(session, people, account, Role.COORDINATOR, by=people.lead)
        give(session, people, account, Role.LEAD, by=people.lead)
    sampled.assign(session, people, instrument)
    agree = ask(session, replace(people, coordinator=pair[0]))

    with pytest.raises(RefusedError, match="Outsider made the accounts of both"):
        agree(pair[1])
    people.outsider.is_administrator = True
    agree(pair[1])


def test_nor_the_other_way_round_by_whoever_made_the_account_that_asked(
    session: Session, people: Cast, instrument: Instrument
) -> None:
    theirs = made_by(session, people.lead)
    give(session, people, theirs, Role.COORDINATOR, by=people.coordinator)
    sampled.assign(session, people, instrument)
    voiding.ask(session, inspection=people.place.inspection, reason="A ward was left out", by=theirs, at=AT)

    with pytest.raises(RefusedError, match="do not count as two people"):
        voiding.agree(session, inspection=people.place.inspection, by=people.lead, at=AT)
