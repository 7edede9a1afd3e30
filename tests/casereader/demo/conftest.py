"""A small demonstration, made once a run: its first four partnerships, one of each kind."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from casereader import demo
from casereader.db import make_engine, snapshot, transaction
from casereader.instrument import Instrument, Library, load, load_all

CRR_1 = Path(__file__).resolve().parents[3] / "data" / "instruments" / "crr-1.toml"
SMALL = 4
AT = datetime(2026, 6, 10, 0, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Small:
    """The small demonstration, to be looked at and never changed."""

    session: Session
    made: demo.Seeded


@cache
def crr_1() -> Instrument:
    """The instrument of the demonstration."""
    return load(CRR_1)


@cache
def installed() -> Library:
    """Every instrument that is shipped."""
    return load_all(CRR_1.parent)


@pytest.fixture
def instrument() -> Instrument:
    """The instrument of the demonstration."""
    return crr_1()


def seed(engine: Engine, *, at: datetime = AT, partnerships: int = SMALL) -> demo.Seeded:
    """The first partnerships of the demonstration, in an empty database."""
    with transaction(engine) as session:
        return demo.seed(
            session,
            instrument=crr_1(),
            password_hash="no password",
            at=at,
            partnerships=partnerships,
            library=installed(),
        )


@pytest.fixture(scope="session")
def small(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Small]:
    """The small demonstration on SQLite."""
    engine = make_engine(f"sqlite:///{shutil.copy(migrated_sqlite, tmp_path_factory.mktemp('small'))}")
    made = seed(engine)
    with snapshot(engine) as session:
        yield Small(session, made)
    engine.dispose()
