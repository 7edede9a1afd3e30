"""The demonstration as it stands in the pictures: the same today and next year, down to every number that chance makes.

A process that takes pictures does nothing else, so it may stop the clock of the pages, and have chance begin at the
same place.
"""

from __future__ import annotations

import base64
import random
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, tzinfo
from pathlib import Path

from flask import Flask

from casereader import create_app, demo
from casereader.db import transaction
from casereader.people import passwords
from casereader.schema import upgrade
from casereader.web import clock

MOMENT = datetime(2026, 9, 16, 10, 30, tzinfo=UTC)  # a Wednesday
PASSWORD = "four unrelated words"  # of a throw-away demonstration that only this machine reaches
PARTNERSHIPS = demo.MOST


class _Stopped(datetime):
    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        """The moment of the pictures, whenever it is asked."""
        return MOMENT.astimezone(tz)


def _urlsafe(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


@contextmanager
def demonstration(folder: Path, *, partnerships: int = PARTNERSHIPS) -> Iterator[Flask]:
    """The demonstration in a folder, at its moment."""
    chance = random.Random("the pictures of the guides")
    secrets.token_hex = lambda nbytes=32: chance.randbytes(nbytes or 32).hex()
    secrets.token_urlsafe = lambda nbytes=16: _urlsafe(chance.randbytes(nbytes or 16))
    clock.datetime = _Stopped  # type: ignore[misc]
    url = f"sqlite:///{folder / 'casereader.sqlite3'}"
    upgrade(url, at=MOMENT)
    app = create_app({"DATABASE_URL": url, "CASEREADER_DATA": folder / "data", "CASEREADER_DEMO_PASSWORD": PASSWORD})
    library = app.extensions["casereader_instruments"]
    with transaction(app.extensions["casereader_engine"]) as session:
        demo.seed(
            session,
            instrument=library["CRR-1"],
            password_hash=passwords.hash_demo_password(PASSWORD),
            at=MOMENT,
            partnerships=partnerships,
            practice=app.extensions["casereader_practice"],
            library=library,
        )
    yield app
    app.extensions["casereader_engine"].dispose()
