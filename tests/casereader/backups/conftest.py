"""An inspection with a planted name in it, its backup, and an empty database to restore it into, on each kind."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from casereader.backups import making, restoring
from casereader.backups.making import Made
from casereader.backups.restoring import Found, Wanted
from casereader.db import make_engine, transaction
from casereader.instrument import Instrument
from casereader.sealed_files import RECIPIENT_ENDING, Key, read_key, write_key
from tests import sampled
from tests.beginnings import begin
from tests.cast import Cast
from tests.databases import address_of, not_waiting
from tests.postgres import PostgresCluster
from tests.reading import STARTED, given_to
from tests.trail import story

AT = STARTED + timedelta(days=2)
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

    def make(self, target: Path, *, key: Key | None, keep: int | None = None) -> Made:
        """A backup at any path, with any key or none."""
        (self.folder / "data").mkdir(exist_ok=True)
        return making.make(
            self.engine,
            target,
            key=key,
            data_folder=self.folder / "data",
            installation=INSTALLATION,
            at=AT,
            tell=silent,
            keep=keep,
        )

    def restore(self, into: Engine, file: Path, *, key: Key | None = None, wanted: Wanted = WANTED) -> Found:
        """Restore a backup by the secret half."""
        return restoring.restore(
            into,
            file,
            key=key or self.whole,
            data_folder=self.folder / "data",
            wanted=wanted,
            at=AT + timedelta(days=1),
            tell=silent,
        )

    def left(self) -> list[str]:
        """What lies in the folders of backups and of data, but the keys and the database."""
        kept = ("key", "casereader.sqlite3", "emptied")
        found = (path for folder in (self.folder, self.folder / "data") for path in folder.iterdir())
        return sorted(path.name for path in found if not path.name.startswith(kept) and path.name != "data")


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
