"""The two sides of an offline week: an office with a sample dealt out, an empty laptop, and files between them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from casereader import audit, concerns, packing, readings, schema
from casereader.concerns import Told
from casereader.db import make_engine, open_session, snapshot, transaction
from casereader.instrument import Instrument, Library
from casereader.models import Account, AnswerRow, Inspection, Reading, SampleCase
from casereader.packing import Content, Taken
from casereader.programmes import inspections
from casereader.programmes.inspections import Place
from casereader.readings import Change
from casereader.vocabulary import ConcernKind, ToldHow
from tests import sampled
from tests.beginnings import begin
from tests.databases import address_of, not_waiting
from tests.reading import STARTED, complete, save

PACKED_AT = STARTED - timedelta(days=1)


@dataclass(frozen=True)
class Installation:
    """One side: its database, and what people do there."""

    engine: Engine
    instrument: Instrument

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A transaction."""
        with transaction(self.engine) as session:
            yield session

    @contextmanager
    def looking(self) -> Iterator[Session]:
        """One state."""
        with snapshot(self.engine) as session:
            yield session

    def place(self, session: Session) -> Place:
        """The one inspection."""
        (key,) = session.exec(select(Inspection.id)).all()
        return inspections.place_of(session, inspection_id=key or 0)

    def person(self, session: Session, email: str) -> Account:
        """Somebody by their address."""
        return session.exec(select(Account).where(Account.email == email)).one()

    def save(
        self, reading: str, changes: Mapping[str, Change], *, at: datetime = STARTED, by: str | None = None
    ) -> None:
        """Save answers of a reading, as its reader."""
        with self.writing() as session:
            row = session.exec(select(Reading).where(Reading.public_id == reading)).one()
            account = self.person(session, by) if by else session.get_one(Account, row.reviewer_id)
            opened = readings.find(session, public_id=reading, account=account, to_change=True)
            save(session, opened, self.instrument, changes, by=account, at=at)

    def hand_in(self, reading: str, *, at: datetime = STARTED) -> None:
        """Answer a reading in full and submit it."""
        with self.writing() as session:
            row = session.exec(select(Reading).where(Reading.public_id == reading)).one()
            account = session.get_one(Account, row.reviewer_id)
            opened = readings.find(session, public_id=reading, account=account, to_change=True)
            complete(session, opened, self.instrument, by=account, at=at)

    def pack(self, *, is_last: bool = False, at: datetime = PACKED_AT) -> bytes:
        """A packed file, not sealed."""
        with self.writing() as session:
            number = packing.begin(session, place=self.place(session), is_last=is_last, at=at).number
        with self.looking() as session:
            return b"".join(
                packing.prepare(
                    session,
                    place=self.place(session),
                    number=number,
                    instrument=self.instrument,
                    schema=schema.newest(),
                )
            )

    def unpack(self, file: bytes, *, at: datetime = PACKED_AT + timedelta(hours=1)) -> Taken:
        """What came of a packed file."""
        checked = packing.check(read(file), instruments=Library([self.instrument]), schema=schema.newest())
        with self.writing() as session:
            return packing.take(session, checked, at=at)

    def answers(self) -> dict[tuple[str, str], tuple[str | None, str]]:
        """Every answer that stands: value and note by reading and key."""
        with self.looking() as session:
            query = select(Reading.public_id, AnswerRow).join(AnswerRow, col(AnswerRow.reading_id) == Reading.id)
            return {(name, row.key): (row.value, row.note) for name, row in session.exec(query)}

    def readings(self) -> list[str]:
        """The first readings of the inspection by the order in which their cases were drawn."""
        with self.looking() as session:
            query = select(Reading.public_id).join(SampleCase, col(SampleCase.id) == Reading.sample_case_id)
            return list(session.exec(query.where(Reading.kind == "first").order_by(SampleCase.ticket)))

    def faults(self) -> list[str]:
        """What the trail finds wrong here."""
        with self.looking() as session:
            return [*audit.verify(session), *audit.compare(session)]

    def head(self) -> str:
        """The newest hash of the trail."""
        with self.looking() as session:
            return audit.head(session)


@dataclass(frozen=True)
class Week:
    """Both sides, once the laptop took the office's first file."""

    office: Installation
    laptop: Installation

    def back(self, *, at: datetime, is_last: bool = False) -> Taken:
        """What comes of a file from the laptop at the office."""
        return self.office.unpack(self.laptop.pack(at=at, is_last=is_last), at=at + timedelta(minutes=1))

    def there(self, *, at: datetime) -> Taken:
        """What comes of a file from the office on the laptop."""
        return self.laptop.unpack(self.office.pack(at=at), at=at + timedelta(minutes=1))


def read(file: bytes) -> Content:
    """What a packed file says."""
    return packing.read(BytesIO(file))


def raise_concern(side: Installation, reading: str, instrument: Instrument) -> None:
    """Its reader raises a matter of concern on a reading there."""
    with side.writing() as session:
        row = session.exec(select(Reading).where(Reading.public_id == reading)).one()
        reader = session.get_one(Account, row.reviewer_id)
        concerns.raise_concern(
            session,
            opened=readings.find(session, public_id=reading, account=reader, to_change=True),
            instrument=instrument,
            told=Told("Leslie Lead", ToldHow.IN_PERSON, "at once"),
            kind=ConcernKind.IMMEDIATE,
            seen="Bruises in three entries.",
            needed="A visit today.",
            by=reader,
            at=STARTED,
        )


def office_on(engine: Engine, instrument: Instrument) -> Installation:
    """An office with a sample dealt to its readers."""
    with open_session(engine, write=True) as session:
        begin(session, instrument, sampled.assign)
        session.commit()
    return Installation(engine, instrument)


def begun(folder: Path, migrated: Path, instrument: Instrument) -> None:
    """Both databases of a week that has begun, in a folder to copy from."""
    sides = (folder / "office.sqlite3", folder / "laptop.sqlite3")
    engines = [make_engine(address_of(shutil.copy(migrated, one))) for one in sides]
    Installation(engines[1], instrument).unpack(office_on(engines[0], instrument).pack())
    for engine in engines:
        engine.dispose()


def week_from(folder: Path, into: Path, instrument: Instrument) -> Week:
    """A week that has begun, in databases of its own."""
    copies = [shutil.copy(folder / name, into / name) for name in ("office.sqlite3", "laptop.sqlite3")]
    office, laptop = (Installation(not_waiting(make_engine(address_of(one))), instrument) for one in copies)
    return Week(office, laptop)


def laptop_in(folder: Path, migrated: Path, instrument: Instrument) -> Installation:
    """An empty laptop."""
    copy = shutil.copy(migrated, folder / "laptop.sqlite3")
    return Installation(not_waiting(make_engine(address_of(copy))), instrument)
