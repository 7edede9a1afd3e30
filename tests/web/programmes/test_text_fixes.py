"""A text fix while readings are under way: those given out keep their version, later ones begin with the fix."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlmodel import select

from casereader import assignments
from casereader.db import snapshot, transaction
from casereader.instrument import Library, load, loads
from casereader.models import Programme
from casereader.programmes import programmes
from tests import sampled
from tests.cast import SignIn, gather
from tests.web.app import make_app
from tests.web.reading_room import Room, address

FILE = Path(__file__).resolve().parents[3] / "data" / "instruments" / "crr-1.toml"
CRR_1 = load(FILE)
REWORDED = (
    FILE.read_text(encoding="utf-8")
    .replace('version = "1.0"', 'version = "1.1"')
    .replace("How good is the assessment of risk and need?", "How good is the assessment, all in all?")
)
FIXED = loads(REWORDED.encode(), name="crr-1-1.toml")


@pytest.fixture
def app(sqlite_url: str, tmp_path: Path) -> Iterator[Flask]:
    """An application on SQLite with CRR-1 in two versions."""
    made = make_app(sqlite_url, tmp_path)
    made.extensions["casereader_instruments"] = Library([CRR_1, FIXED])
    yield made
    made.extensions["casereader_engine"].dispose()


def test_a_reading_keeps_the_version_it_was_given_out_with(app: Flask, sign_in: SignIn) -> None:
    engine = app.extensions["casereader_engine"]
    with transaction(engine) as session:
        cast = gather(session, instrument=CRR_1)
        sampled.assign(session, cast, CRR_1)
    room = Room(app, cast, CRR_1, ("", ""))
    first = room.given(cast.reviewer)[0]
    coordinator = sign_in(cast.coordinator)
    page = coordinator.page("/programmes")
    assert "Version 1.1 of the instrument changes its wording only." in page.text
    action = f"/programmes/{cast.place.programme.public_id}/text-fix"
    assert coordinator.submit("/programmes", {}, action=action).status_code == 303

    assert "How good is the assessment of risk and need?" in sign_in(cast.reviewer).page(address(first, "/C")).text
    with snapshot(engine) as session:
        programme = session.exec(select(Programme)).one()
        assert programme.instrument_version == "1.1"
    assert "changes its wording only" not in coordinator.page("/programmes").text
    assert coordinator.post(action, data={"csrf_token": coordinator.csrf_token("/programmes")}).status_code == 409


def test_a_reading_given_out_after_a_text_fix_begins_with_it(app: Flask, sign_in: SignIn) -> None:
    with transaction(app.extensions["casereader_engine"]) as session:
        cast = gather(session, instrument=CRR_1)
        sampled.draw(session, cast, CRR_1)
        at = sampled.AT + timedelta(hours=4)
        programme = session.get_one(Programme, cast.place.programme.id)
        programmes.take_text_fix(session, programme=programme, instrument=FIXED, by=cast.coordinator, at=at)
        assignments.assign(
            session,
            inspection=cast.place.inspection,
            instrument=(programme.instrument_id, programme.instrument_version),
            chosen=[cast.reviewer, cast.second_reviewer],
            by=cast.coordinator,
            at=at,
        )
    room = Room(app, cast, FIXED, ("", ""))

    text = sign_in(cast.reviewer).page(address(room.given(cast.reviewer)[0], "/C")).text

    assert "How good is the assessment, all in all?" in text
