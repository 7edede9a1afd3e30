"""A drawn and assigned inspection for the tests of its readings."""

from functools import cache
from pathlib import Path

import pytest
from sqlmodel import Session

from casereader.instrument import Instrument, load
from casereader.models import DrawRecord
from casereader.readings import Opened
from tests import sampled
from tests.cast import Cast, gather
from tests.reading import given_to

CRR_1 = Path(__file__).resolve().parents[2] / "data" / "instruments" / "crr-1.toml"


@cache
def _crr_1() -> Instrument:
    return load(CRR_1)


@pytest.fixture
def instrument() -> Instrument:
    """The default instrument."""
    return _crr_1()


@pytest.fixture
def people(session: Session, instrument: Instrument) -> Cast:
    """The cast with their inspection."""
    return gather(session, instrument=instrument)


@pytest.fixture
def record(session: Session, people: Cast, instrument: Instrument) -> DrawRecord:
    """Their sample, dealt to the two reviewers and the local reviewer."""
    return sampled.assign(session, people, instrument)


@pytest.fixture
def opened(session: Session, people: Cast, record: DrawRecord) -> Opened:
    """A first reading of the reviewer, not started."""
    assert record.id
    return given_to(session, people.reviewer)[0]
