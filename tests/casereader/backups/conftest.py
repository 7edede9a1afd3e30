"""An inspection with a planted name in it, its backup, and an empty database to restore it into, on each kind."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from casereader import erasing, retention
from casereader.backups import making
from casereader.backups.making import Made
from casereader.db import make_engine, transaction
from casereader.instrument import Instrument
from casereader.models import Account
from casereader.programmes import inspections
from casereader.restoring import restoring
from casereader.restoring.restoring import Found, Wanted
from casereader.sealed_files import RECIPIENT_ENDING, Key, read_key, write_key
from casereader.vocabulary import RetentionReason
from tests import sampled
from tests.beginnings import begin
from tests.cast import Cast
from tests.databases import address_of, not_waiting
from tests.postgres import PostgresCluster
from tests.reading import STARTED, given_to
from tests.trail import story

AT = STARTED + timedelta(days=2)
LATER = datetime(2033, 1, 4, 10, 0, tzinfo=UTC)  # when the day is past until which content is kept
INSTALLATION = "0123456789abcdef"
WANTED = Wanted(installations=frozenset({INSTALLATION}))
_numbers = itertools.count(1)


def silent(_said: str) -> None:
    """Nobody to tell."""


@dataclass(frozen=True)
class Desk:
    """Where backups are made and restored: the service's database, its folder, and a key that it has half of."""

    engine: Engine
    folder: Path
    whole: Key
    public: Key
    people: Cast

    def back_up(self, name: str = "first.age", *, key: Key | None = None, keep: int | None = None) -> Made:
        """A backup sealed to the public half."""
        return self.make(self.folder / name, key=key or self.public, keep=keep)

    def make(
        self, target: Path, *, key: Key | None, keep: int | None = None, tell: Callable[[str], None] = silent
    ) -> Made:
        """A backup at any path, with any key or none."""
        (self.folder / "data").mkdir(exist_ok=True)
        return making.make(
            self.engine,
            target,
            key=key,
            data_folder=self.folder / "data",
            installation=INSTALLATION,
            at=AT,
            tell=tell,
            keep=keep,
        )

    def restore(
        self,
        into: Engine,
        file: Path,
        *,
        key: Key | None = None,
        wanted: Wanted = WANTED,
        tell: Callable[[str], None] = silent,
    ) -> Found:
        """Restore a backup by the secret half."""
        return restoring.restore(
            into,
            file,
            key=key or self.whole,
            data_folder=self.folder / "data",
            wanted=wanted,
            at=AT + timedelta(days=1),
            tell=tell,
        )

    def left(self) -> list[str]:
        """What lies in the folders of backups and of data, but the keys and the database."""
        kept = ("key", "casereader.sqlite3", "emptied")
        found = (path for folder in (self.folder, self.folder / "data") for path in folder.iterdir())
        return sorted(path.name for path in found if not path.name.startswith(kept) and path.name != "data")


def erase_inspection(desk: Desk) -> dict[str, Any]:
    """Have the inspection erased as its lead and an administrator do it; the receipt."""
    people, until = desk.people, date(2032, 12, 31)
    with transaction(desk.engine) as session:
        inspection = inspections.by_name(session, path=people.place.path).inspection
        why = RetentionReason.PROPOSED
        retention.agree(session, inspection=inspection, until=until, reason=why, by=people.lead, at=AT)
        erasing.ask(session, inspection=inspection, is_sooner=False, by=people.lead, at=LATER)
    with transaction(desk.engine) as session:
        place = inspections.by_name(session, path=people.place.path)
        administrator = session.get_one(Account, people.administrator.id)
        return erasing.erase(session, place=place, by=administrator, at=LATER)


@pytest.fixture
def desk(engine: Engine, tmp_path: Path, instrument: Instrument) -> Desk:
    with transaction(engine) as session:
        people = begin(session, instrument, sampled.assign)
        story(session, people, instrument, given_to(session, people.reviewer)[0])
    folder = tmp_path / "backups"
    (folder / "data").mkdir(parents=True)
    write_key(folder / "key")
    return Desk(engine, folder, read_key(folder / "key"), read_key(folder / f"key{RECIPIENT_ENDING}"), people)


@pytest.fixture
def emptied(engine: Engine, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Engine]:
    """A database without any table, of the same kind."""
    if engine.dialect.name == "sqlite":
        made = not_waiting(make_engine(address_of(tmp_path / "emptied.sqlite3")))
        yield made
        made.dispose()
        return
    cluster: PostgresCluster = request.getfixturevalue("postgres")
    name = f"emptied_{next(_numbers)}"
    made = make_engine(cluster.create(name))
    yield made
    made.dispose()
    cluster.drop(name)
