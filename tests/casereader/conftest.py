"""A drawn and assigned inspection for the tests of its readings, and one that is packed for an offline week."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from sqlmodel import Session

from casereader.instrument import Instrument, load
from casereader.models import DrawRecord
from casereader.readings import Opened
from tests import sampled
from tests.beginnings import Deal, begin, record_of
from tests.cast import Cast
from tests.offline import Week, begun, week_from
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
def cast(session: Session, instrument: Instrument) -> Cast:
    """The cast with their inspection, and nothing done yet."""
    return begin(session, instrument)


@pytest.fixture
def deal() -> Deal:
    """How the sample is dealt: to the two reviewers and the local reviewer."""
    return sampled.assign


@pytest.fixture
def people(session: Session, instrument: Instrument, deal: Deal, request: pytest.FixtureRequest) -> Cast:
    """The cast with their inspection; where a test asks for the `record` too, with their sample dealt."""
    return begin(session, instrument, deal if "record" in request.fixturenames else None)


@pytest.fixture
def record(session: Session, people: Cast) -> DrawRecord:
    """Their sample."""
    assert people
    return record_of(session)


@pytest.fixture
def opened(session: Session, people: Cast, record: DrawRecord) -> Opened:
    """A first reading of the reviewer, not started."""
    assert record.id
    return given_to(session, people.reviewer)[0]


@pytest.fixture(scope="session")
def begun_week(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The two databases of an offline week that has begun, to copy."""
    folder = tmp_path_factory.mktemp("week")
    begun(folder, migrated_sqlite, _crr_1())
    return folder


@pytest.fixture
def week(begun_week: Path, tmp_path: Path, instrument: Instrument) -> Iterator[Week]:
    """An office and a laptop to which it packed its inspection."""
    made = week_from(begun_week, tmp_path, instrument)
    yield made
    for side in (made.office, made.laptop):
        side.engine.dispose()
