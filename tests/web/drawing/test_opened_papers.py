"""Seed, certificate and addendum: sealed from everybody while a reading is open, then open to all who took part."""

from __future__ import annotations

import hashlib

import pytest
from sqlmodel import select

from casereader.db import transaction
from casereader.models import DrawRecord, Reading
from casereader.vocabulary import ReadingKind, ReadingState
from tests.cast import SignIn
from tests.web.client import PageClient
from tests.web.reading_room import Room

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

TOOK_PART = ("reviewer", "local_reviewer", "moderator", "coordinator", "lead")


def submit(room: Room, *, but_second: bool) -> DrawRecord:
    """Every reading submitted, or all but one that is blind."""
    with transaction(room.app.extensions["casereader_engine"]) as session:
        every = session.exec(select(Reading)).all()
        left = next(one for one in every if one.kind is ReadingKind.SECOND)
        for reading in every:
            is_left = but_second and reading is left
            reading.state = ReadingState.IN_PROGRESS if is_left else ReadingState.SUBMITTED
            reading.submitted_at = reading.first_submitted_at = None if is_left else reading.assigned_at
            session.add(reading)
        return session.exec(select(DrawRecord)).one()


def test_the_papers_are_sealed_while_one_blind_reading_is_open_and_open_to_all_who_took_part_after_it(
    room: Room, sign_in: SignIn
) -> None:
    home = f"/inspections/{room.cast.place.inspection.public_id}"
    browsers: dict[str, PageClient] = {who: sign_in(getattr(room.cast, who)) for who in TOOK_PART}
    record = submit(room, but_second=True)
    for who, client in browsers.items():
        page = client.page(f"{home}/draw/opened").text
        assert "Not every reading is submitted yet" in page, who
        assert record.seed not in page and room.cast.second_reviewer.email not in page, who
        for path in ("addendum.json", "opened/certificate.json"):
            refused = client.get(f"{home}/draw/{path}")
            assert refused.status_code == 409 and record.seed not in refused.text, who

    submit(room, but_second=False)
    for who, client in browsers.items():
        page = client.page(f"{home}/draw/opened")
        assert record.seed in page.text and room.cast.second_reviewer.email in page.text, who
        sealed = client.get(f"{home}/draw/addendum.json")
        assert hashlib.sha256(sealed.data).hexdigest() == record.addendum_sha256, who
        assert client.get(f"{home}/draw/opened/certificate.json").json["digest"] == record.certificate_sha256, who
    for who in ("administrator", "deputy"):
        assert sign_in(getattr(room.cast, who)).get(f"{home}/draw/addendum.json").status_code == 403, who
    assert sign_in(room.cast.outsider).get(f"{home}/draw/opened").status_code == 403


def test_who_read_and_who_runs_the_inspection_are_led_to_them(room: Room, sign_in: SignIn) -> None:
    submit(room, but_second=False)
    home = f"/inspections/{room.cast.place.inspection.public_id}"
    assert f"{home}/draw/opened" in sign_in(room.cast.reviewer).page("/readings").links
    assert f"{home}/draw/opened" in sign_in(room.cast.moderator).page(home).links
