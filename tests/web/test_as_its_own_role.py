"""On PostgreSQL the program works as a role that owns nothing and cannot change the trail."""

import json
import re

import pytest
from flask import Flask
from sqlalchemy import text

from casereader import audit
from casereader.db import snapshot
from tests.web.client import PageClient
from tests.web.reading_room import Room, address


@pytest.fixture
def database_url(granted_url: str) -> str:
    """What the program is told: everything here, the draw and the sign-in too, happens as its role."""
    return granted_url


def test_people_sign_in_and_save_where_the_program_has_a_role_of_its_own(room: Room, reviewer: PageClient) -> None:
    opened = room.given(room.cast.reviewer)[0]
    headers = {"X-CSRFToken": reviewer.csrf_token("/readings"), "Accept": "application/json"}
    sent = {"version": 1, "idempotency_key": "0123456789abcdef", "answers": {"C9": {"value": "5"}}}

    saved = reviewer.post(
        address(opened, "/answers"), data=json.dumps(sent), content_type="application/json", headers=headers
    )

    assert saved.status_code == 200
    assert room.answers(opened)["C9"] == "5"
    with snapshot(room.app.extensions["casereader_engine"]) as session:
        assert session.execute(text("SELECT current_user")).scalar() == "casereader program"
        assert audit.verify(session) == []


def test_the_check_finds_nothing_to_mind_there(app: Flask) -> None:
    said = app.test_cli_runner().invoke(args=["database", "check"])

    assert said.exit_code == 0
    assert re.fullmatch(
        r"The database is up to date: schema \d{4} of casereader [0-9.]+\.\n"
        r"The secret key here is known by [0-9a-f]{16}: .*\n",
        said.output,
    )
