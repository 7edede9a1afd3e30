"""The reading room in web tests: the cast's sample dealt out, and what one may ask the database."""

from dataclasses import dataclass
from datetime import datetime

import pytest
from flask import Flask
from sqlmodel import select

from casereader import readings
from casereader.db import snapshot, transaction
from casereader.instrument import Answer, Instrument
from casereader.models import Account, Reading
from casereader.readings import Opened
from casereader.vocabulary import ReadingKind
from tests import sampled
from tests.beginnings import Deal, begin, record_of
from tests.cast import Cast, SignIn
from tests.reading import STARTED, complete, given_to, pair_of
from tests.web.client import PageClient


@dataclass
class Room:
    """The app, the cast, and a look at what is stored."""

    app: Flask
    cast: Cast
    instrument: Instrument
    pair: tuple[str, str]  # the two readings of one case

    def given(self, account: Account, *, kind: ReadingKind = ReadingKind.FIRST) -> list[Opened]:
        """The readings of one kind that the account was given."""
        with snapshot(self.app.extensions["casereader_engine"]) as session:
            return given_to(session, account, kind=kind)

    def now(self, opened: Opened) -> Opened:
        """The reading as it stands."""
        with snapshot(self.app.extensions["casereader_engine"]) as session:
            account = session.get_one(Account, opened.reading.reviewer_id)
            return readings.find(session, public_id=opened.reading.public_id, account=account)

    def stored(self, opened: Opened) -> dict[str, Answer]:
        """The answers stored for a reading."""
        with snapshot(self.app.extensions["casereader_engine"]) as session:
            return readings.answers_of(session, opened.key)

    def answers(self, opened: Opened) -> dict[str, str | None]:
        """The values stored for a reading."""
        return {key: answer.value for key, answer in self.stored(opened).items()}

    def complete(self, public_id: str, at: datetime = STARTED, **overrides: str) -> Account:
        """Have the reading's own reviewer complete and submit it; who that is."""
        with transaction(self.app.extensions["casereader_engine"]) as session:
            reading = session.exec(select(Reading).where(Reading.public_id == public_id)).one()
            account = session.get_one(Account, reading.reviewer_id)
            found = readings.find(session, public_id=public_id, account=account)
            complete(session, found, self.instrument, by=account, at=at, overrides=overrides)
            return account


@pytest.fixture
def deal() -> Deal:
    """How the sample is dealt: to the two reviewers and the local reviewer."""
    return sampled.assign


@pytest.fixture
def cast(app: Flask, deal: Deal, request: pytest.FixtureRequest) -> Cast:
    """The cast, in the database of `app`; where a test asks for the `room` too, with their sample dealt."""
    with transaction(app.extensions["casereader_engine"]) as session:
        instrument = app.extensions["casereader_instruments"]["CRR-1"]
        return begin(session, instrument, deal if "room" in request.fixturenames else None)


@pytest.fixture
def room(app: Flask, cast: Cast) -> Room:
    """The reading room, with nothing read yet."""
    instrument: Instrument = app.extensions["casereader_instruments"]["CRR-1"]
    with snapshot(app.extensions["casereader_engine"]) as session:
        first, second = pair_of(session, record=record_of(session))
        pair = first.public_id, second.public_id
    return Room(app, cast, instrument, pair)


@pytest.fixture
def reviewer(room: Room, sign_in: SignIn) -> PageClient:
    """The reviewer's browser."""
    return sign_in(room.cast.reviewer)


def address(opened: Opened, rest: str = "") -> str:
    """Where a page of the reading is."""
    return f"/readings/{opened.reading.public_id}{rest}"
