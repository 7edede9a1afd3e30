"""How long the office's writers wait while a whole week of an offline laptop is taken over: 110 full readings at once.

With SQLite nobody else writes from the beginning of that transaction to its end, and waits for six seconds at most.
"""

from __future__ import annotations

import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlmodel import select

from bench.timing import Compared
from casereader import assignments, packing, schema
from casereader.db import make_engine
from casereader.drawing.choices import Choices
from casereader.instrument import Instrument, Library, load_all
from casereader.models import Reading
from tests import sampled
from tests.cast import gather
from tests.databases import address_of
from tests.offline import Installation, read
from tests.reading import STARTED
from tests.source import ROOT

LISTED, SAMPLED = {"CPR": 100, "CPI": 100, "VYP": 100, "CARM": 100}, 100
BACK = STARTED + timedelta(days=5)
SAID = '{"value": "yes", "note": "The record shows this in entries of March and May.", "sources": ["social_work"]}'
MOST = 4.0  # seconds of processor: a writer waits six for another


def run() -> Iterator[Compared]:
    """A week in which all was read on the laptop; then a later file of the same, of which nothing is new."""
    instrument = load_all(ROOT / "data" / "instruments")["CRR-1"]
    with tempfile.TemporaryDirectory() as name:
        office, laptop = (_side(Path(name), side, instrument) for side in ("office", "laptop"))
        _deal(office)
        laptop.unpack(office.pack())
        with laptop.looking() as session:
            readings = list(session.exec(select(Reading.public_id)))
        for n, reading in enumerate(readings):
            laptop.hand_in(reading, at=STARTED + timedelta(minutes=n))
        for days, what in enumerate(("brought back", "brought again, nothing new")):
            yield _taken(office, laptop, f"{len(readings)} readings {what}", BACK + timedelta(days=days))
        for side in (office, laptop):
            side.engine.dispose()


def _side(folder: Path, name: str, instrument: Instrument) -> Installation:
    url = address_of(folder / f"{name}.sqlite3")
    schema.upgrade(url, at=datetime.now(UTC))
    return Installation(make_engine(url), instrument)


def _deal(office: Installation) -> None:
    with office.writing() as session:
        cast = gather(session, instrument=office.instrument)
        sampled.draw(session, cast, office.instrument, choices=Choices(size=SAMPLED, minimum=2), groups=LISTED)
        assignments.assign(
            session,
            inspection=cast.place.inspection,
            instrument=(office.instrument.id, office.instrument.version),
            chosen=[cast.reviewer, cast.second_reviewer, cast.local_reviewer],
            by=cast.coordinator,
            at=sampled.AT + timedelta(hours=4),
        )


def _taken(office: Installation, laptop: Installation, what: str, at: datetime) -> Compared:
    """The time from the beginning of the transaction to its end: what is done before it keeps nobody waiting."""
    content = read(laptop.pack(at=at))
    checked = packing.check(content, instruments=Library([office.instrument]), schema=schema.newest())
    start, used = time.perf_counter(), time.process_time()
    with office.writing() as session:
        taken = packing.take(session, checked, at=at)
    ours, processor = time.perf_counter() - start, time.process_time() - used
    errors = () if taken.conflicts == 0 else (f"{taken.conflicts} answers differ that nobody changed twice",)
    n = sum(len(content.rows[table]) for table in ("answer", "answer_revision"))
    floor = _floor(n)
    says = f"{n:,} rows inserted plainly"
    return Compared(what, ours, floor, says, errors=errors, processor=processor, most_processor=MOST)


def _floor(n: int) -> float:
    with tempfile.TemporaryDirectory() as name, closing(sqlite3.connect(Path(name) / "plain.sqlite3")) as connection:
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("CREATE TABLE plain (id INTEGER PRIMARY KEY, reading INT, key TEXT, said TEXT, at TEXT)")
        rows = [(at % 110, f"C{at % 98}", SAID, STARTED.isoformat()) for at in range(n)]
        start = time.perf_counter()
        connection.executemany("INSERT INTO plain (reading, key, said, at) VALUES (?, ?, ?, ?)", rows)
        connection.commit()
        return time.perf_counter() - start
