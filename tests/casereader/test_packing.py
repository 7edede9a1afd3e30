"""Offline weeks: packed at the office, read on the laptop, brought together without loss, doubling or silence."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from casereader.instrument import Instrument
from tests.offline import Installation, laptop_in, office_on
from tests.reading import STARTED


@pytest.fixture
def office(engine: Engine, instrument: Instrument) -> Installation:
    return office_on(engine, instrument)


@pytest.fixture
def laptop(migrated_sqlite: Path, tmp_path: Path, instrument: Instrument) -> Iterator[Installation]:
    (tmp_path / "room").mkdir()
    made = laptop_in(tmp_path / "room", migrated_sqlite, instrument)
    yield made
    made.engine.dispose()


def test_what_each_side_wrote_is_on_both_after_the_week_and_nothing_twice(
    office: Installation, laptop: Installation
) -> None:
    laptop.unpack(office.pack())
    first, second, third = office.readings()[:3]
    assert laptop.readings() == office.readings()
    laptop.hand_in(first)
    laptop.save(second, {"C1": {"value": "yes"}})
    office.save(second, {"C2": {"value": "no", "note": "Two agencies only, in the record."}})
    office.save(third, {"C1": {"value": "yes"}})
    here, there = office.answers(), laptop.answers()

    file = laptop.pack(at=STARTED + timedelta(days=1))
    taken = office.unpack(file, at=STARTED + timedelta(days=2))

    assert taken.conflicts == 0
    assert office.answers() == here | there
    assert office.faults() == [] == laptop.faults()
    assert not office.unpack(file, at=STARTED + timedelta(days=3)).is_new
    assert office.answers() == here | there
