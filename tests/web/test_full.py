"""A disk without room: said so in plain words, reading goes on, and saving works again once there is room."""

from __future__ import annotations

import json
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, event
from sqlalchemy.engine import make_url
from werkzeug.test import TestResponse

from tests.web.client import PageClient, page_of
from tests.web.reading_room import Room, address

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
LONG = "Words that fill it. " * 1000


@contextmanager
def no_page_more(engine: Engine) -> Iterator[None]:
    """SQLite may not make its file larger: it says so while a row is written."""

    def hold(connection: Any, _record: object) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count={pages}")

    event.listen(engine, "connect", hold)
    engine.dispose()
    yield
    event.remove(engine, "connect", hold)
    engine.dispose()


@contextmanager
def no_byte_more(engine: Engine) -> Iterator[None]:
    """The system refuses to make files longer, as a quota does: SQLite only finds out when it commits."""
    log = Path(f"{make_url(engine.url).database}-wal")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (log.stat().st_size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@pytest.mark.parametrize("full", [no_page_more, no_byte_more])
def test_e14_a_save_on_a_full_disk_is_told_so_reads_go_on_and_the_same_save_is_taken_once_there_is_room(
    app: Flask, room: Room, reviewer: PageClient, full: Any
) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = False  # as it is served
    opened = room.given(room.cast.reviewer)[0]
    token = reviewer.csrf_token(address(opened))
    notes = {key: {"note": LONG} for key in ("C1", "C2", "C3", "C4", "C9", "C10", "D1", "D2")}
    sent = {"version": 1, "idempotency_key": "0123456789abcdef", "answers": notes}

    def save() -> TestResponse:
        reply: TestResponse = reviewer.post(
            address(opened, "/answers"),
            data=json.dumps(sent),
            content_type="application/json",
            headers={"X-CSRFToken": token, "Accept": "application/json"},
        )
        return reply

    with full(app.extensions["casereader_engine"]):
        refused = save()
        form = reviewer.post(
            address(opened, "/C"), data={"csrf_token": token, "version": "1", "C9__note": LONG, "C10__note": LONG}
        )
        reviewer.page(address(opened, "/C"))
    assert refused.status_code == 507
    assert refused.json and refused.json["error"] == "No room left to save"
    assert "disk is full" in refused.json["says"][0]
    assert form.status_code == 507
    assert page_of(form).heading == "No room left to save"
    assert room.cast.reviewer.name in page_of(form).text  # still signed in
    assert room.stored(opened) == {} and room.now(opened).reading.version == 1

    assert save().status_code == 200
    assert room.stored(opened)["D2"].note == LONG
