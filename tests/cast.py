"""The cast: one person for each role in one inspection, one who was given nothing, and nobody signed in.

They act in the web tests. Who is who never changes: tests say what somebody may do, not how they came to it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from functools import cache

import pytest
from argon2 import PasswordHasher
from flask import Flask
from sqlmodel import Session

from casereader.db import transaction
from casereader.instrument import Instrument
from casereader.models import Account
from casereader.people import accounts
from casereader.programmes import adding, contacts, inspections, programmes
from casereader.programmes.inspections import Place
from casereader.vocabulary import Role
from tests.second_steps import give_sheets
from tests.web.client import PageClient

PASSWORD = "four unrelated words"
BEGAN = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
LAST_DAY = date(2126, 6, 1)  # whenever the tests are run, it is to come
EVALUATED = ("2.1", "5.1", "5.2", "5.3", "5.4")


@dataclass(frozen=True)
class Cast:
    """The people, and the inspection they are in; all but the administrator and the outsider hold a role there."""

    coordinator: Account
    reviewer: Account
    second_reviewer: Account
    local_reviewer: Account  # paired with the reviewer
    moderator: Account
    lead: Account
    deputy: Account
    administrator: Account
    outsider: Account
    place: Place


EVERYBODY = tuple(field.name for field in fields(Cast) if field.name != "place")
SignIn = Callable[[Account | None], PageClient]


def gather(
    session: Session, *, instrument: Instrument, at: datetime = BEGAN, evaluated: Sequence[str] = EVALUATED
) -> Cast:
    """Make the cast and their inspection: a programme on `instrument` with one partnership and nothing done yet."""
    coordinator = _person(session, "Catriona Coordinator", at=at, may_begin_programmes=True)
    reviewer, second = _person(session, "Ruaridh Reviewer", at=at), _person(session, "Shona Second", at=at)
    local = _person(session, "Lachlan Local", at=at, ends_on=LAST_DAY)
    lead = _person(session, "Leslie Lead", at=at)
    moderator, deputy = _person(session, "Morag Moderator", at=at), _person(session, "Dolina Deputy", at=at)
    programme = programmes.begin(
        session,
        name="Programme 2026",
        instrument=instrument,
        evaluated_qis=evaluated,
        by=coordinator,
        at=at,
    )
    inspection = adding.add_partnership(
        session,
        programme=programme,
        name="Glen Test",
        period_from=date(2025, 1, 1),
        period_to=date(2026, 3, 31),
        lead=lead,
        by=coordinator,
        at=at,
    )
    roles = (
        (reviewer, Role.REVIEWER),
        (second, Role.REVIEWER),
        (moderator, Role.MODERATOR),
        (deputy, Role.DEPUTY),
    )
    for account, role in roles:
        inspections.give_role(session, inspection=inspection, account=account, role=role, by=coordinator, at=at)
    for account, telephone in ((lead, "01632 960010"), (deputy, "x4512")):
        contacts.set_telephone(
            session, inspection=inspection, account=account, telephone=telephone, by=coordinator, at=at
        )
    inspections.give_role(
        session,
        inspection=inspection,
        account=local,
        role=Role.LOCAL_REVIEWER,
        paired_with=reviewer,
        by=coordinator,
        at=at,
    )
    administrator = _person(session, "Ada Administrator", at=at, is_administrator=True)
    outsider = _person(session, "Olive Outsider", at=at)
    give_sheets(session, coordinator, moderator, lead, deputy, administrator, outsider, at=at)
    return Cast(
        coordinator=coordinator,
        reviewer=reviewer,
        second_reviewer=second,
        local_reviewer=local,
        moderator=moderator,
        lead=lead,
        deputy=deputy,
        administrator=administrator,
        outsider=outsider,
        place=inspections.place_of(session, inspection_id=inspection.id or 0),
    )


@pytest.fixture
def cast(app: Flask) -> Cast:
    """The cast, in the database of `app`."""
    with transaction(app.extensions["casereader_engine"]) as session:
        return gather(session, instrument=app.extensions["casereader_instruments"]["CRR-1"])


@pytest.fixture
def sign_in(app: Flask) -> SignIn:
    """Give a person of the cast a browser of their own, signed in; without a person it belongs to nobody."""

    def give(account: Account | None) -> PageClient:
        client = app.test_client()
        assert isinstance(client, PageClient)
        if account is not None:
            client.sit_down(account)
        return client

    return give


@cache
def password_hash() -> str:
    """A cheap hash: checking it costs what the hash says, and hundreds of tests sign in."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


def _person(
    session: Session,
    name: str,
    *,
    at: datetime,
    is_administrator: bool = False,
    may_begin_programmes: bool = False,
    ends_on: date | None = None,
) -> Account:
    return accounts.create(
        session,
        email=f"{name.split()[0].lower()}@cast.example",
        name=name,
        by=None,
        at=at,
        is_administrator=is_administrator,
        may_begin_programmes=may_begin_programmes,
        password_hash=password_hash(),
        ends_on=ends_on,
    )
