"""Many readers with a reading each, for the harnesses that let them all save at the same time."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from math import ceil

from flask import Flask
from sqlmodel import Session, col, select

from casereader import assignments
from casereader.db import transaction
from casereader.drawing.choices import Choices
from casereader.models import Account, Programme
from casereader.people import accounts, sessions
from casereader.programmes import adding, inspections
from casereader.vocabulary import Factor, Role
from casereader.web.signed_in import FULLY, TOKEN
from tests import sampled
from tests.cast import Cast, gather, password_hash
from tests.lists import GROUPS
from tests.reading import given_to

HOST_OF_EMAIL = "@readers.example"
ENOUGH_FOR = 60  # readers, a list as it usually is


@dataclass(frozen=True)
class Seat:
    """One reader's browser: its cookie, and the reading on its page with the version that the page was given."""

    cookie: str
    reading: str
    version: int
    email: str = ""


def prepare(app: Flask, n: int) -> Cast:
    """Draw a sample for `n` new reviewers, and give each of them a record; whoever else is there."""
    instrument, at = app.extensions["casereader_instruments"]["CRR-1"], datetime.now(UTC)
    with transaction(app.extensions["casereader_engine"]) as session:
        cast = gather(session, instrument=instrument)
        chosen = [_reviewer(session, cast, number, at) for number in range(n)]
        longer = {group: of_it * ceil(n / ENOUGH_FOR) for group, of_it in GROUPS.items()}
        sampled.draw(session, cast, instrument, choices=Choices(size=n + 10, minimum=2), groups=longer)
        assignments.assign(
            session,
            inspection=cast.place.inspection,
            instrument=(instrument.id, instrument.version),
            chosen=chosen,
            by=cast.coordinator,
            at=at,
        )
    return cast


def seats(app: Flask) -> list[Seat]:
    """Sign every one of the readers in."""
    with transaction(app.extensions["casereader_engine"]) as session:
        return [_seat(app, session, account) for account in everybody(session)]


def _seat(app: Flask, session: Session, account: Account) -> Seat:
    token = sessions.begin(session, account=account, at=datetime.now(UTC))
    reading = given_to(session, account)[0].reading
    return Seat(cookie_of(app, token), reading.public_id, reading.version, account.email)


def coordinator(app: Flask) -> tuple[str, str]:
    """Sign the coordinator in: the cookie, and the number of a new inspection that has no list yet."""
    at = datetime.now(UTC)
    with transaction(app.extensions["casereader_engine"]) as session:
        account = session.exec(select(Account).where(col(Account.name).startswith("Catriona"))).one()
        lead = session.exec(select(Account).where(col(Account.name).startswith("Leslie"))).one()
        inspection = adding.add_partnership(
            session,
            programme=session.exec(select(Programme)).one(),
            name="Glen Fault",
            period_from=date(2025, 1, 1),
            period_to=date(2026, 3, 31),
            lead=lead,
            by=account,
            at=at,
        )
        token = sessions.begin(session, account=account, at=at, factor=Factor.RECOVERY_CODE)
        return cookie_of(app, token), inspection.public_id


def everybody(session: Session) -> Sequence[Account]:
    """The readers, in the order in which they came."""
    return session.exec(
        select(Account).where(col(Account.email).endswith(HOST_OF_EMAIL)).order_by(col(Account.id))
    ).all()


def _reviewer(session: Session, cast: Cast, number: int, at: datetime) -> Account:
    email = f"reader{number}{HOST_OF_EMAIL}"
    account = accounts.create(
        session, email=email, name=f"Reader {number}", by=None, at=at, password_hash=password_hash()
    )
    inspections.give_role(
        session, inspection=cast.place.inspection, account=account, role=Role.REVIEWER, by=cast.coordinator, at=at
    )
    return account


def cookie_of(app: Flask, token: str) -> str:
    """What the browser keeps of somebody who showed all that signing in asks for."""
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie[TOKEN], cookie[FULLY] = token, int(time.time())
    name = app.config["SESSION_COOKIE_NAME"]
    kept = client.get_cookie(name)
    return f"{name}={kept.value if kept else ''}"
