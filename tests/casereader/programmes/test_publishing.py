"""What programmes use never changes: the digest kept at first use, and text fixes taken."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlmodel import Session, select

from casereader.db import transaction
from casereader.errors import ConflictError, RefusedError
from casereader.instrument import Instrument, Library, load, loads
from casereader.models import AuditEvent, Programme, PublishedInstrument
from casereader.programmes import programmes, publishing
from tests.casereader.instrument.files import FOLDER
from tests.cast import BEGAN
from tests.web.app import make_app

TEXT = (FOLDER / "crr-1.toml").read_text(encoding="utf-8")
CRR_1 = load(FOLDER / "crr-1.toml")


def other(version: str, old: str, new: str) -> Instrument:
    """CRR-1 under another number, with something replaced."""
    assert old in TEXT
    text = TEXT.replace('version = "1.0"', f'version = "{version}"').replace(old, new)
    return loads(text.encode(), name="crr-1.toml")


FIXED = other("1.1", "How good is the assessment of risk and need?", "How good is the assessment, all in all?")


@pytest.fixture
def app(sqlite_url: str, tmp_path: Path) -> Iterator[Flask]:
    """An application on SQLite with CRR-1 in two versions."""
    made = make_app(sqlite_url, tmp_path)
    made.extensions["casereader_instruments"] = Library([CRR_1, FIXED])
    yield made
    made.extensions["casereader_engine"].dispose()


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    with transaction(app.extensions["casereader_engine"]) as opened:
        yield opened


def begin(session: Session, instrument: Instrument, name: str = "Round") -> Programme:
    return programmes.begin(session, name=name, instrument=instrument, evaluated_qis=[], by=None, at=BEGAN)


def test_the_digest_is_kept_when_a_programme_first_uses_a_version_and_never_again(session: Session) -> None:
    begin(session, CRR_1, "First")
    begin(session, CRR_1, "Second")

    (kept,) = session.exec(select(PublishedInstrument)).all()
    assert (kept.instrument_id, kept.version, kept.digest) == ("CRR-1", "1.0", CRR_1.digest)
    begun = session.exec(select(AuditEvent).where(AuditEvent.action == "programme begun")).all()
    assert {event.body["digest"] for event in begun} == {CRR_1.digest}


def test_no_programme_begins_on_a_version_that_says_something_else_than_it_did(session: Session) -> None:
    begin(session, CRR_1)

    with pytest.raises(ConflictError, match=r"CRR-1 1\.0 is in use since 1 June 2026, and its file was changed\."):
        begin(session, other("1.0", "How good is the chronology?", "Is the chronology good?"), "Another")


def test_what_was_changed_and_what_is_missing_is_told_with_the_remedy(session: Session) -> None:
    begin(session, CRR_1)

    assert publishing.changed(session, Library([CRR_1, FIXED])) == []
    assert publishing.missing(session, Library([CRR_1])) == []
    (says,) = publishing.changed(session, Library([other("1.0", "y = 1", "y = 0")]))
    assert says.endswith("What was changed is the next version: 1.1 where only wording was, 2.0 otherwise.")
    (lacks,) = publishing.missing(session, Library([FIXED]))
    assert lacks.startswith("CRR-1 1.0 is in use, but its file is not in data/instruments: put it back")


def test_no_programme_begins_on_an_example(session: Session) -> None:
    with pytest.raises(RefusedError, match="BANDS-EXAMPLE is an example"):
        begin(session, load(FOLDER / "bands-example.toml"))


def test_a_programme_takes_a_text_fix_of_its_own_instrument_only(session: Session) -> None:
    programme = begin(session, CRR_1)
    library = Library([CRR_1, FIXED, other("2.0", "y = 1", "y = 0")])

    assert programmes.text_fix(library, programme) == FIXED
    for wrong in (other("2.0", "y = 1", "y = 0"), load(FOLDER / "services-1.toml"), CRR_1):
        with pytest.raises(RefusedError):
            programmes.take_text_fix(session, programme=programme, instrument=wrong, by=None, at=BEGAN)
    programmes.take_text_fix(session, programme=programme, instrument=FIXED, by=None, at=BEGAN)

    assert programme.instrument_version == "1.1"
    assert programmes.text_fix(library, programme) is None
    assert {one.version for one in session.exec(select(PublishedInstrument))} == {"1.0", "1.1"}
