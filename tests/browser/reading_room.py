"""The real app with a sample to read, for people in real browsers."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flask import Flask

from casereader.db import snapshot, transaction
from casereader.instrument import Instrument
from casereader.models import Account, Reading
from casereader.readings import Opened, answers_of
from casereader.vocabulary import ReadingState
from tests import sampled
from tests.beginnings import begin
from tests.browser.harness import Browsing, Visitor
from tests.browser.server import Server, serving
from tests.cast import PASSWORD, Cast
from tests.reading import given_to


@dataclass
class ReadingRoom:
    """The served app, its cast, and a look at what is stored."""

    app: Flask
    cast: Cast
    instrument: Instrument
    server: Server
    browsing: Browsing

    @property
    def address(self) -> str:
        """Where the app is."""
        return self.server.address

    def person(self, account: Account, **options: object) -> Visitor:
        """Somebody signed in at a browser of their own."""
        visitor = self.browsing(self.address, **options)
        visitor.sign_in(account.email, PASSWORD)
        return visitor

    def given(self, account: Account) -> list[Opened]:
        """The first readings the account was given."""
        with snapshot(self.app.extensions["casereader_engine"]) as session:
            return given_to(session, account)

    def stored(self, opened: Opened) -> dict[str, str | None]:
        """The values stored for a reading."""
        with snapshot(self.app.extensions["casereader_engine"]) as session:
            return {key: answer.value for key, answer in answers_of(session, opened.key).items()}

    def state(self, opened: Opened) -> ReadingState:
        """How far the reading is now."""
        with snapshot(self.app.extensions["casereader_engine"]) as session:
            return session.get_one(Reading, opened.key).state


def close(visitor: Visitor) -> None:
    """Close the page for good: its last try to save, for which no network is cut any more, comes from nobody."""
    visitor.context.clear_cookies()
    visitor.page.close(run_before_unload=False)


@contextmanager
def reading_room(app: Flask, browsing: Browsing) -> Iterator[ReadingRoom]:
    """Serve `app` with the cast's sample dealt to its reviewers."""
    instrument: Instrument = app.extensions["casereader_instruments"]["CRR-1"]
    with transaction(app.extensions["casereader_engine"]) as session:
        cast = begin(session, instrument, sampled.assign)
    with serving(app, browsing) as server:
        yield ReadingRoom(app, cast, instrument, server, browsing)
