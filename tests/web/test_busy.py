"""A database that somebody else is writing to for longer than we wait: said so, nothing changed, and then it works."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, event

from casereader.db import open_session
from tests.web.client import PageClient, page_of
from tests.web.reading_room import Room, address

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@contextmanager
def held_by_another(engine: Engine) -> Iterator[None]:
    """Somebody else writes, and we wait for a twentieth of a second only."""
    event.listen(engine, "connect", _wait_shortly)
    engine.dispose()
    with open_session(engine, write=True) as session:
        session.connection()
        yield
    event.remove(engine, "connect", _wait_shortly)


def _wait_shortly(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA busy_timeout=50")


def test_a_save_meets_a_busy_database_with_503_and_is_taken_when_it_is_sent_again(
    app: Flask, room: Room, reviewer: PageClient
) -> None:
    opened = room.given(room.cast.reviewer)[0]
    token = reviewer.csrf_token(address(opened))
    sent = {"version": 1, "idempotency_key": "0123456789abcdef", "answers": {"C9": {"value": "5"}}}

    def save() -> Any:
        return reviewer.post(
            address(opened, "/answers"),
            data=json.dumps(sent),
            content_type="application/json",
            headers={"X-CSRFToken": token, "Accept": "application/json"},
        )

    with held_by_another(app.extensions["casereader_engine"]):
        refused = save()
    assert refused.status_code == 503
    assert refused.headers["Retry-After"] == "5"
    assert "busy" in refused.json["says"][0]
    assert room.stored(opened) == {}

    assert save().status_code == 200
    assert room.answers(opened)["C9"] == "5"


def test_a_form_meets_a_busy_database_with_a_page_that_says_what_to_do(
    app: Flask, room: Room, reviewer: PageClient
) -> None:
    opened = room.given(room.cast.reviewer)[0]
    token = reviewer.csrf_token(address(opened))

    with held_by_another(app.extensions["casereader_engine"]):
        refused = reviewer.post(address(opened, "/start"), data={"csrf_token": token})

    assert refused.status_code == 503
    assert page_of(refused).heading == "Busy"
    assert room.cast.reviewer.name in page_of(refused).text  # still signed in: reading goes on
    assert "Nothing was changed: try again in a minute." in page_of(refused).text
    assert room.now(opened).reading.started_at is None
